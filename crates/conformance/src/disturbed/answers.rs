//! What an adapter gets instead of the provider's answer.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderValue, Request, Response, StatusCode};
use pinning_keys_http::{Limits, Reach, TransportError, TransportErrorKind};
use serde_json::json;

use crate::disturbance::{CANARY, Disturbance};

/// A host that cannot exist, where redirects lead.
const ELSEWHERE: &str = "elsewhere.invalid";

pub(super) type Ended = Result<Response<Bytes>, TransportError>;

/// The end of a request that the provider never gets, if the disturbance is of this kind.
pub(super) fn instead(disturbance: Disturbance) -> Option<Ended> {
    use Disturbance as D;
    Some(match disturbance {
        D::RefuseConnection => Err(unsent()),
        // Nobody can know how much of a request was read before its connection broke.
        D::CutBeforeRead => Err(closed(Reach::MaybeSent)),
        D::ErrorBefore(code) => Ok(proxy_page(status(code))),
        D::RateLimit(wait) => {
            let page = proxy_page(StatusCode::TOO_MANY_REQUESTS);
            Ok(with_header(page, RETRY_AFTER, HeaderValue::from(wait.as_secs())))
        }
        D::Html(code) => Ok(canary_page(status(code))),
        D::WrongShapeBefore => Ok(wrong_shape(StatusCode::OK)),
        D::RedirectElsewhere => {
            let location = HeaderValue::from_static("https://elsewhere.invalid/");
            Ok(with_header(
                answer(StatusCode::TEMPORARY_REDIRECT, "text/plain", ""),
                LOCATION,
                location,
            ))
        }
        _ => return None,
    })
}

/// What becomes of the provider's answer to a request that was carried out.
pub(super) fn afterwards(disturbance: Disturbance, real: Response<Bytes>) -> Ended {
    use Disturbance as D;
    let code = real.status();
    match disturbance {
        D::LoseAnswer => Err(closed(Reach::MaybeSent)),
        D::Truncated => Err(closed(Reach::Answered(code))),
        D::ErrorAfter(other) => Ok(proxy_page(status(other))),
        D::Empty => Ok(answer(code, "application/json", "")),
        D::HtmlAfter => Ok(canary_page(code)),
        D::WrongShape => Ok(wrong_shape(code)),
        D::NotUtf8 => Ok(answer(code, "application/json", &b"\xff\xfe\x00\x80"[..])),
        _ => Ok(real),
    }
}

/// Whether a request follows a redirect of [`Disturbance::RedirectElsewhere`].
pub(super) fn strays(request: &Request<Bytes>) -> bool {
    request.uri().host() == Some(ELSEWHERE)
}

/// An answer that fits the limits, as a transport would read it.
pub(super) fn within(limits: Limits, answer: Response<Bytes>) -> Ended {
    if answer.body().len() <= limits.max_body_bytes {
        return Ok(answer);
    }
    Err(TransportError::new(TransportErrorKind::BodyTooLarge, Reach::Answered(answer.status())))
}

pub(super) fn answer(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Response<Bytes> {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = status;
    with_header(answer, CONTENT_TYPE, HeaderValue::from_static(content_type))
}

pub(super) fn unsent() -> TransportError {
    TransportError::new(TransportErrorKind::Connect, Reach::NotSent)
}

fn closed(reach: Reach) -> TransportError {
    TransportError::new(TransportErrorKind::Closed, reach)
}

/// The page of a proxy in between, in no provider's format.
fn proxy_page(status: StatusCode) -> Response<Bytes> {
    answer(status, "text/html", format!("<html><body><h1>{status}</h1></body></html>"))
}

fn canary_page(status: StatusCode) -> Response<Bytes> {
    answer(status, "text/html", format!("<html><body>{CANARY}</body></html>"))
}

fn wrong_shape(status: StatusCode) -> Response<Bytes> {
    answer(status, "application/json", json!({ "result": CANARY }).to_string())
}

/// The suite asks for valid statuses only.
fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn with_header(
    mut answer: Response<Bytes>,
    name: http::HeaderName,
    value: HeaderValue,
) -> Response<Bytes> {
    answer.headers_mut().insert(name, value);
    answer
}
