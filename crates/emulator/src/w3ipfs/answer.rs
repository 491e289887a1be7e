use http::{HeaderValue, StatusCode, header::LOCATION};
use serde::Serialize;

pub(crate) use crate::answer::Answer;

#[derive(Serialize)]
struct Data<T> {
    data: T,
    status: &'static str,
}

#[derive(Serialize)]
struct Done<'a> {
    message: &'a str,
    status: &'static str,
}

/// The error shape: `message` is seen in clients [CODE], the rest is inferred [INF].
#[derive(Serialize)]
struct Failed<'a> {
    status: &'static str,
    message: &'a str,
}

/// 200 with this JSON, unwrapped.
pub(crate) fn plain(body: impl Serialize) -> Answer {
    Answer::json(StatusCode::OK, &body)
}

/// This JSON as the member `data` [DOC].
pub(crate) fn data(status: StatusCode, data: impl Serialize) -> Answer {
    Answer::json(status, &Data { data, status: "success" })
}

/// 200 with a message instead of data [DOC].
pub(crate) fn done(message: &str) -> Answer {
    plain(Done { message, status: "success" })
}

/// A refusal: `fail` for an error of the client, `error` for one of the server [INF].
pub(crate) fn failed(code: StatusCode, message: &str) -> Answer {
    let status = if code.is_server_error() { "error" } else { "fail" };
    Answer::json(code, &Failed { status, message })
}

/// No credential [CODE]; its status is inferred, as for all 401 here.
pub(crate) fn not_logged_in() -> Answer {
    failed(StatusCode::UNAUTHORIZED, "You are not logged in")
}

/// An invalid bearer token, with what is wrong with it.
pub(crate) fn bad_token(fault: &str) -> Answer {
    failed(StatusCode::UNAUTHORIZED, &format!("validate: {fault}"))
}

/// A key pair that is unknown or deleted. The text is made up.
pub(crate) fn unknown_pair() -> Answer {
    failed(StatusCode::UNAUTHORIZED, "Invalid API key or secret key")
}

/// No key, pin or NFT with this identifier. The text is that of the database library that the
/// server seems to use [INF].
pub(crate) fn record_not_found() -> Answer {
    failed(StatusCode::NOT_FOUND, "record not found")
}

/// An invalid request. The texts are made up to help a person.
pub(crate) fn bad_request(message: &str) -> Answer {
    failed(StatusCode::BAD_REQUEST, message)
}

/// The emulator knows this parameter of a list and does not honour it. To ignore it would return
/// too many rows, and a client may delete what it lists.
pub(crate) fn not_honoured(parameter: &str) -> Answer {
    let message = format!("the emulator does not honour {parameter}");
    failed(StatusCode::NOT_IMPLEMENTED, &message)
}

/// The status is documented [DOC]; clients use nothing else.
pub(crate) fn too_many_requests() -> Answer {
    failed(StatusCode::TOO_MANY_REQUESTS, "Too many requests")
}

pub(crate) fn too_large() -> Answer {
    failed(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large for the emulator")
}

/// No route with this path and method, in the words of the framework Gin [INF].
pub(crate) fn no_route() -> Answer {
    Answer::text(StatusCode::NOT_FOUND, "text/plain", "404 page not found")
}

/// Redirects to the same path with or without a slash, like Gin: with an HTML page for GET, as seen
/// by a client [CODE], and without a body for other methods, which are kept.
pub(crate) fn redirect(is_get: bool, location: &str) -> Answer {
    let answer = if is_get {
        let page = format!("<a href=\"{}\">Moved Permanently</a>.\n\n", escape(location));
        Answer::text(StatusCode::MOVED_PERMANENTLY, "text/html; charset=utf-8", &page)
    } else {
        Answer::empty(StatusCode::TEMPORARY_REDIRECT)
    };
    // It was the target of a request, so it can be a header.
    match HeaderValue::from_str(location) {
        Ok(location) => answer.with_header(LOCATION, location),
        Err(_) => answer,
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&#34;")
}
