use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::response::Parts;
use http::{HeaderValue, Method, StatusCode};
use tokio::time::sleep;

use super::counted::Counted;
use super::drip::Drip;
use super::fault::{BodyFault, Cut, Fault, RetryAfter, Stage};
use super::late::LateRequest;
use super::lists::Distortion;
use super::name_limit::NameLimit;
use super::odd_body::{self, OddBody};
use super::page;
use super::plan::{Due, Faults, Happening};
use super::redirects;
use super::tally::FaultTally;
use super::whole_request::WholeRequest;
use crate::answer::Answer;
use crate::body;
use crate::counters::Counters;
use crate::date_header::{DateHeader, http_date};
use crate::propagation::Delays;
use crate::rate_limit::RateLimits;

const HTML: HeaderValue = HeaderValue::from_static("text/html");

/// Valid JSON of a shape that no provider answers.
const WRONG_SHAPE: &str = r#"[{"unexpected":[null,0,"",{}]}]"#;

/// Marks a response that is never sent: what the TCP server or the in-memory transport does to
/// the connection instead.
#[derive(Clone, Copy)]
pub(crate) enum NoAnswer {
    /// The connection is refused.
    Refused,
    /// The connection is cut.
    Cut,
}

/// What every request passes before it reaches a provider.
#[derive(Clone)]
pub(crate) struct Entrance {
    pub(crate) counters: Arc<Counters>,
    pub(crate) rate_limits: RateLimits,
    pub(crate) faults: Faults,
    pub(crate) date_header: DateHeader,
}

impl Entrance {
    /// Counts a request, and carries out the late requests that waited for it.
    async fn arrive(&self, method: &Method, path: &str) {
        self.counters.count(method, path);
        self.faults.carry_out_due().await;
    }
}

/// Dates the response to every request, even if a fault answers it.
pub(crate) async fn enter(
    State(entrance): State<Entrance>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = respond(&entrance, request, next).await;
    entrance.date_header.write(response.headers_mut());
    response
}

/// Counts a request as it arrives, then applies the plan. A request beyond a rate limit is refused
/// before the plan sees it.
async fn respond(entrance: &Entrance, request: Request, next: Next) -> Response {
    let (method, path) = (request.method(), request.uri().path());
    if let Some(refusal) = entrance.rate_limits.refuse(path) {
        entrance.arrive(method, path).await;
        body::discard(request.into_body());
        return refusal.into_response();
    }
    let Due { before_commit, after_commit, fault } = entrance.faults.due(method, path);
    if !matches!(fault, Some(Happening { fault: Fault::RefuseConnection, .. })) {
        entrance.arrive(method, path).await;
    }
    wait(before_commit).await;
    let inside = Inside { faults: &entrance.faults, next };
    let response = match fault {
        Some(happening) => inject(&happening, request, inside).await,
        None => inside.answer(request).await,
    };
    wait(after_commit).await;
    response
}

/// The providers, behind the entrance.
struct Inside<'a> {
    faults: &'a Faults,
    next: Next,
}

impl Inside<'_> {
    /// Carries a request out.
    async fn answer(self, request: Request) -> Response {
        let request = self.at_its_original(request);
        self.next.run(request).await
    }

    /// Carries a request out twice.
    async fn answer_twice(self, request: Request) -> Response {
        let Some(request) = WholeRequest::read(self.at_its_original(request)).await else {
            return no_answer(NoAnswer::Cut);
        };
        self.next.clone().run(request.to_request()).await;
        self.next.run(request.to_request()).await
    }

    /// Lets a request be carried out after this many others, and cuts its connection.
    async fn answer_late(self, request: Request, requests: u32) -> Response {
        if let Some(request) = WholeRequest::read(self.at_its_original(request)).await {
            let late = LateRequest::new(request, self.next, requests);
            match requests {
                0 => late.carry_out().await,
                _ => self.faults.hold_back(late),
            }
        }
        no_answer(NoAnswer::Cut)
    }

    /// The request at the original path if a redirect pointed to this one.
    fn at_its_original(&self, mut request: Request) -> Request {
        if let Some(uri) = redirects::original(self.faults, request.uri()) {
            *request.uri_mut() = uri;
        }
        request
    }
}

/// Skips a zero sleep, which would still take the clock a tick.
async fn wait(time: Duration) {
    if !time.is_zero() {
        sleep(time).await;
    }
}

async fn inject(
    Happening { fault, tally, seed }: &Happening,
    mut request: Request,
    inside: Inside<'_>,
) -> Response {
    match fault {
        Fault::RefuseConnection => no_answer(NoAnswer::Refused),
        Fault::CutConnection(Cut::BeforeRead) => no_answer(NoAnswer::Cut),
        Fault::CutConnection(Cut::AfterCommit) => {
            inside.answer(request).await;
            no_answer(NoAnswer::Cut)
        }
        Fault::CutConnection(Cut::MidBody) => {
            let (parts, body) = inside.answer(request).await.into_parts();
            let whole = odd_body::whole(body).await;
            counted(parts, Body::new(OddBody::broken_off(&whole)), tally)
        }
        Fault::Status { code, retry_after, stage } => {
            match stage {
                Stage::BeforeCommit => body::discard(request.into_body()),
                Stage::AfterCommit => drop(inside.answer(request).await),
            }
            status(*code, retry_after).into_response()
        }
        Fault::Late { requests } => inside.answer_late(request, *requests).await,
        Fault::Twice => inside.answer_twice(request).await,
        Fault::Body(fault) => with_body(inside.answer(request).await, fault, tally).await,
        Fault::Redirect { code, to } => {
            let answer = redirects::redirect(inside.faults, request.uri(), *code, to);
            body::discard(request.into_body());
            answer.into_response()
        }
        Fault::List(fault) => {
            request.extensions_mut().insert(Distortion { fault: *fault, seed: *seed });
            inside.answer(request).await
        }
        Fault::LateKey { requests } => {
            let delays = Delays { new_key_refusals: *requests, ..Delays::default() };
            request.extensions_mut().insert(delays);
            inside.answer(request).await
        }
        Fault::LingeringKey { requests } => {
            let delays = Delays { honour_revoked: *requests, ..Delays::default() };
            request.extensions_mut().insert(delays);
            inside.answer(request).await
        }
        Fault::TruncatedName { chars } => {
            request.extensions_mut().insert(NameLimit { chars: *chars });
            inside.answer(request).await
        }
        // The caller waits.
        Fault::Latency { .. } => inside.answer(request).await,
    }
}

fn no_answer(instead: NoAnswer) -> Response {
    let mut response = Response::default();
    response.extensions_mut().insert(instead);
    response
}

fn status(code: StatusCode, retry_after: &RetryAfter) -> Answer {
    let code = if code.is_informational() { StatusCode::INTERNAL_SERVER_ERROR } else { code };
    let is_error = code.is_client_error() || code.is_server_error();
    let answer = if is_error { page::html(code) } else { Answer::empty(code) };
    let value = match retry_after {
        RetryAfter::Absent => None,
        RetryAfter::Seconds(seconds) => Some(HeaderValue::from(*seconds)),
        RetryAfter::DateIn(seconds) => HeaderValue::try_from(date_in(*seconds)).ok(),
        RetryAfter::Text(text) => HeaderValue::from_str(text).ok(),
    };
    match value {
        Some(value) => answer.with_header(RETRY_AFTER, value),
        None => answer,
    }
}

/// The date this many seconds from now, clamped to the years that an HTTP date can express.
fn date_in(seconds: i64) -> String {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    let distance = Duration::from_secs(seconds.unsigned_abs());
    http_date(if seconds < 0 { now.saturating_sub(distance) } else { now.saturating_add(distance) })
}

async fn with_body(response: Response, fault: &BodyFault, tally: &FaultTally) -> Response {
    let (mut parts, body) = response.into_parts();
    let whole = odd_body::whole(body).await;
    let body = match fault {
        BodyFault::Truncated => odd_body::first_half(&whole).into(),
        BodyFault::Endless => Body::new(OddBody::endless(whole)),
        BodyFault::Drip => Body::new(Drip::new(whole)),
        BodyFault::Empty => Body::empty(),
        BodyFault::Html => {
            parts.headers.insert(CONTENT_TYPE, HTML);
            page::html_text(parts.status).into()
        }
        BodyFault::WrongShape => Bytes::from_static(WRONG_SHAPE.as_bytes()).into(),
        BodyFault::NotUtf8 => odd_body::not_utf8(&whole).into(),
        BodyFault::Text(text) => text.clone().into(),
    };
    counted(parts, body, tally)
}

fn counted(parts: Parts, body: Body, tally: &FaultTally) -> Response {
    Response::from_parts(parts, Body::new(Counted::new(body, tally.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_is_clamped_to_its_range() {
        assert_eq!(date_in(i64::MIN), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(date_in(i64::MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
        let soon = httpdate::parse_http_date(&date_in(60)).unwrap();
        let distance = soon.duration_since(SystemTime::now()).unwrap();
        assert!((55..=60).contains(&distance.as_secs()), "{distance:?}");
    }
}
