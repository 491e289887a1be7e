//! A disturbed transport does to a request what each disturbance says, keeps the limits of the
//! exchange, and reports no more certainty than a real transport can have.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{Method, Request, Response, StatusCode};
use pinning_keys_conformance::{
    CANARY, Disturbance, DisturbedTransport, FaultSwitch as _, JsonPages, NotAvailable,
    STRANGE_KEY, ShortPages,
};
use pinning_keys_core::Operation;
use pinning_keys_http::{Limits, Reach, Transport, TransportError, TransportErrorKind};
use serde_json::{Value, json};
use tokio::time::Instant;

const PAGE: &str = r#"{"keys":[{"name":"a"},{"name":"b"}],"total":2}"#;

const TIMEOUT: Duration = Duration::from_secs(7);

fn limits(max_body_bytes: usize) -> Limits {
    Limits::new(TIMEOUT, max_body_bytes)
}

const SHORT_PAGE: &str = r#"{"keys":[{"name":"a"}],"total":2}"#;

/// A server that answers everything with a page, which is short if that is asked for, and keeps the
/// requests.
#[derive(Clone, Default)]
struct Server(Arc<Mutex<Vec<Request<Bytes>>>>);

impl Server {
    fn arrived(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    fn last(&self) -> Request<Bytes> {
        self.0.lock().unwrap().last().unwrap().clone()
    }
}

#[async_trait]
impl Transport for Server {
    async fn send(
        &self,
        request: Request<Bytes>,
        _limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        let asks = request.uri().query().is_some_and(|query| {
            query.split('&').any(|parameter| ["limit=1", "most=1"].contains(&parameter))
        });
        let is_short = asks || request.body() == r#"{"most":1}"#;
        self.0.lock().unwrap().push(request);
        Ok(Response::new(if is_short { SHORT_PAGE } else { PAGE }.into()))
    }
}

fn operation(request: &Request<Bytes>) -> Option<Operation> {
    match *request.method() {
        Method::POST => Some(Operation::Issue),
        Method::GET => Some(Operation::List),
        Method::DELETE => Some(Operation::Revoke),
        _ => None,
    }
}

fn stand() -> (Server, DisturbedTransport) {
    let server = Server::default();
    (server.clone(), DisturbedTransport::new(server, operation))
}

fn request(method: Method, token: &str, body: &str) -> Request<Bytes> {
    Request::builder()
        .method(method)
        .uri("https://api.example.com/keys?limit=100&offset=2")
        .header(AUTHORIZATION, token)
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap()
}

fn create() -> Request<Bytes> {
    request(Method::POST, "token", r#"{"name":"dashboard"}"#)
}

fn list() -> Request<Bytes> {
    request(Method::GET, "token", "")
}

/// How a disturbed create ends, and how many requests the server got.
async fn disturbed(by: Disturbance) -> (Result<Response<Bytes>, TransportError>, usize) {
    let (server, transport) = stand();
    transport.disturb(Operation::Issue, by).unwrap();
    let ended = transport.send(create(), limits(4096)).await;
    assert_eq!(transport.applied(), 1, "{by}");
    // Only the next request is disturbed.
    let after = server.arrived();
    assert_eq!(transport.send(create(), limits(4096)).await.unwrap().body(), PAGE, "{by}");
    (ended, after)
}

#[tokio::test(start_paused = true)]
async fn broken_connections_are_no_more_certain_than_real_ones() {
    use TransportErrorKind::{BodyTooLarge, Closed, Connect, Timeout};
    let answered = Reach::Answered(StatusCode::OK);
    for (by, kind, reach, arrived) in [
        (Disturbance::RefuseConnection, Connect, Reach::NotSent, 0),
        (Disturbance::CutBeforeRead, Closed, Reach::MaybeSent, 0),
        (Disturbance::LoseAnswer, Closed, Reach::MaybeSent, 1),
        (Disturbance::Hang, Timeout, Reach::MaybeSent, 1),
        (Disturbance::Drip, Timeout, answered, 1),
        (Disturbance::Truncated, Closed, answered, 1),
        (Disturbance::Endless, BodyTooLarge, answered, 1),
    ] {
        let (ended, got) = disturbed(by).await;
        let error = ended.unwrap_err();
        assert_eq!((error.kind(), error.reach(), got), (kind, reach, arrived), "{by}");
    }
}

#[tokio::test(start_paused = true)]
async fn answers_have_the_status_and_the_effect_of_the_disturbance() {
    for (by, status, content, arrived) in [
        (Disturbance::ErrorBefore(503), 503, "<html>", 0),
        (Disturbance::ErrorAfter(500), 500, "<html>", 1),
        (Disturbance::RateLimit(Duration::from_secs(9)), 429, "<html>", 0),
        (Disturbance::Empty, 200, "", 1),
        (Disturbance::Html(404), 404, CANARY, 0),
        (Disturbance::HtmlAfter, 200, CANARY, 1),
        (Disturbance::WrongShape, 200, CANARY, 1),
        (Disturbance::WrongShapeBefore, 200, CANARY, 0),
        (Disturbance::NotUtf8, 200, "", 1),
        (Disturbance::RedirectElsewhere, 307, "", 0),
    ] {
        let (ended, got) = disturbed(by).await;
        let answer = ended.unwrap();
        assert_eq!((answer.status().as_u16(), got), (status, arrived), "{by}");
        let text = String::from_utf8_lossy(answer.body());
        assert!(text.contains(content), "{by}: {text}");
        assert_eq!(std::str::from_utf8(answer.body()).is_err(), by == Disturbance::NotUtf8);
    }
}

#[tokio::test(start_paused = true)]
async fn limits_are_those_of_the_exchange() {
    for by in [Disturbance::Hang, Disturbance::Drip] {
        let (_, transport) = stand();
        transport.disturb(Operation::Issue, by).unwrap();
        let began = Instant::now();
        transport.send(create(), limits(4096)).await.unwrap_err();
        assert_eq!(began.elapsed(), TIMEOUT, "{by}");
    }
    let (_, transport) = stand();
    transport.disturb(Operation::Issue, Disturbance::Endless).unwrap();
    transport.send(create(), limits(4096)).await.unwrap_err();
    assert_eq!(transport.endless_bytes_taken(), Some(4097));
    // Without a limit, an endless body ends with the time, and is counted as one.
    transport.disturb(Operation::Issue, Disturbance::Endless).unwrap();
    let error = transport.send(create(), limits(usize::MAX)).await;
    assert_eq!(error.unwrap_err().kind(), TransportErrorKind::Timeout);
    assert!(transport.endless_bytes_taken() > Some(1024 * 1024 * 1024));
    // What the suite makes up is read within the limit, too.
    transport.disturb(Operation::Issue, Disturbance::HtmlAfter).unwrap();
    let error = transport.send(create(), limits(9)).await;
    assert_eq!(error.unwrap_err().kind(), TransportErrorKind::BodyTooLarge);
}

#[tokio::test]
async fn followed_redirect_is_counted_and_goes_nowhere() {
    let (server, transport) = stand();
    transport.disturb(Operation::Issue, Disturbance::RedirectElsewhere).unwrap();
    let answer = transport.send(create(), limits(4096)).await.unwrap();
    let mut followed = create();
    *followed.uri_mut() = answer.headers()["location"].to_str().unwrap().parse().unwrap();
    assert_eq!(transport.strayed(), 0);
    let error = transport.send(followed, limits(4096)).await.unwrap_err();
    assert_eq!((error.reach(), transport.strayed(), server.arrived()), (Reach::NotSent, 1, 0));
}

#[tokio::test]
async fn only_what_the_author_has_given_is_offered() {
    let (_, transport) = stand();
    let given = [Disturbance::Echo, Disturbance::ExpireAccount, Disturbance::StalePage];
    for by in given {
        assert_eq!(transport.disturb(Operation::List, by), Err(NotAvailable), "{by}");
    }
    let transport = transport
        .with_error_body(|message| json!({ "error": message }).to_string())
        .with_pages(JsonPages::new("/keys"))
        .with_expiry_refusal(AUTHORIZATION, StatusCode::UNAUTHORIZED, "{}");
    assert!(given.iter().all(|by| transport.offers(Operation::List, *by)));
    // Pages are those of a list, and holders' credentials do not expire with the account's.
    assert!(!transport.offers(Operation::Issue, Disturbance::StalePage));
    assert!(!transport.offers(Operation::Verify, Disturbance::ExpireAccount));
    for by in [Disturbance::ShortPage, Disturbance::WrongTotal, Disturbance::UnknownGrant] {
        assert!(!transport.offers(Operation::List, by), "{by}");
    }
}

#[tokio::test]
async fn echo_repeats_the_credential_and_the_body() {
    let (server, transport) = stand();
    let transport = transport.with_error_body(|message| json!({ "error": message }).to_string());
    transport.disturb(Operation::Issue, Disturbance::Echo).unwrap();
    let answer = transport.send(create(), limits(4096)).await.unwrap();
    let body: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(body, json!({ "error": r#"token {"name":"dashboard"}"# }));
    assert_eq!((answer.status(), server.arrived()), (StatusCode::BAD_REQUEST, 0));
}

#[tokio::test]
async fn expired_credential_stays_refused_and_another_one_works() {
    let (server, transport) = stand();
    let status = StatusCode::UNAUTHORIZED;
    let transport = transport.with_expiry_refusal(AUTHORIZATION, status, r#"{"code":"expired"}"#);
    let send = async |method, token| {
        transport.send(request(method, token, ""), limits(4096)).await.unwrap().status()
    };
    assert_eq!(send(Method::POST, "session-1-canary").await, StatusCode::OK);
    transport.disturb(Operation::Issue, Disturbance::ExpireAccount).unwrap();
    assert_eq!(send(Method::POST, "session-1-canary").await, status);
    transport.clear();
    // For every operation, and counted once: the other refusals are no disturbances.
    assert_eq!(send(Method::DELETE, "session-1-canary").await, status);
    assert_eq!((transport.applied(), server.arrived()), (1, 1));
    assert_eq!(send(Method::POST, "session-2-canary").await, StatusCode::OK);
    assert!(!format!("{transport:?} {transport:#?}").contains("canary"));
}

#[tokio::test]
async fn request_without_the_credential_expires_nothing() {
    let (server, transport) = stand();
    let status = StatusCode::UNAUTHORIZED;
    let transport = transport.with_expiry_refusal(AUTHORIZATION, status, "{}");
    transport.disturb(Operation::Issue, Disturbance::ExpireAccount).unwrap();
    let mut bare = create();
    bare.headers_mut().clear();
    assert_eq!(transport.send(bare, limits(4096)).await.unwrap().status(), StatusCode::OK);
    assert_eq!((transport.applied(), server.arrived()), (0, 1));
}

/// The page that the adapter gets instead of the second one.
async fn page_after(by: Disturbance) -> Value {
    let (_, transport) = stand();
    let pages = JsonPages::new("/keys")
        .with_total("/total")
        .with_short_pages(ShortPages::DropLastRow)
        .with_strange_row(|row| row["name"] = json!(STRANGE_KEY));
    let transport = transport.with_pages(pages);
    transport.send(list(), limits(4096)).await.unwrap();
    transport.disturb(Operation::List, by).unwrap();
    let page = transport.send(list(), limits(4096)).await.unwrap();
    assert_eq!(transport.applied(), 1, "{by}");
    serde_json::from_slice(page.body()).unwrap()
}

#[tokio::test]
async fn pages_of_the_usual_form_are_edited() {
    let (a, b) = (json!({"name": "a"}), json!({"name": "b"}));
    let strange = json!({"name": STRANGE_KEY, "colour": "blue"});
    for (by, rows, total) in [
        (Disturbance::ShortPage, json!([a]), 2),
        (Disturbance::RepeatedRow, json!([b, a, b]), 2),
        (Disturbance::StalePage, json!([]), 0),
        (Disturbance::WrongTotal, json!([a, b]), 3),
        (Disturbance::UnknownGrant, json!([a, b, strange]), 2),
        (Disturbance::UnreadableRow, json!([a, b, "not a key"]), 2),
        (Disturbance::ArrayRow, json!([a, b, [STRANGE_KEY]]), 2),
    ] {
        assert_eq!(page_after(by).await, json!({"keys": rows, "total": total}), "{by}");
    }
}

#[tokio::test]
async fn short_page_is_asked_for_so_that_cursors_lose_no_key() {
    for (short, query, body) in [
        (ShortPages::Parameter("limit"), "offset=2&limit=1", r#"{"most":100}"#),
        (ShortPages::Parameter("most"), "limit=100&offset=2&most=1", r#"{"most":100}"#),
        (ShortPages::Member("most"), "limit=100&offset=2", r#"{"most":1}"#),
    ] {
        let (server, transport) = stand();
        let transport = transport.with_pages(JsonPages::new("/keys").with_short_pages(short));
        transport.disturb(Operation::List, Disturbance::ShortPage).unwrap();
        let asked = request(Method::GET, "token", r#"{"most":100}"#);
        transport.send(asked, limits(4096)).await.unwrap();
        let sent = server.last();
        assert_eq!((sent.uri().query(), &sent.body()[..]), (Some(query), body.as_bytes()));
        assert_eq!(transport.applied(), 1);
    }
}

/// A run would otherwise pass although nothing was disturbed.
#[tokio::test]
async fn switch_that_does_nothing_does_not_count() {
    let (_, transport) = stand();
    let transport = transport.with_expiry_by(|| {});
    transport.disturb(Operation::Issue, Disturbance::ExpireAccount).unwrap();
    assert_eq!(transport.send(create(), limits(4096)).await.unwrap().status(), StatusCode::OK);
    assert_eq!(transport.applied(), 0);

    let (_, transport) = stand();
    let short = ShortPages::Parameter("nonsense");
    let transport = transport.with_pages(JsonPages::new("/keys").with_short_pages(short));
    transport.disturb(Operation::List, Disturbance::ShortPage).unwrap();
    assert_eq!(transport.send(list(), limits(4096)).await.unwrap().body(), PAGE);
    assert_eq!(transport.applied(), 0);
}

#[tokio::test]
async fn page_that_stays_as_it_is_does_not_count() {
    // There is no previous page, and no such total.
    for by in [Disturbance::RepeatedRow, Disturbance::WrongTotal] {
        let (_, transport) = stand();
        let transport = transport.with_pages(JsonPages::new("/keys").with_total("/count"));
        transport.disturb(Operation::List, by).unwrap();
        assert_eq!(transport.send(list(), limits(4096)).await.unwrap().body(), PAGE);
        assert_eq!(transport.applied(), 0, "{by}");
    }
}

#[tokio::test]
async fn requests_are_counted_and_creates_kept_by_name() {
    let (_, transport) = stand();
    transport.send(list(), limits(4096)).await.unwrap();
    transport.send(create(), limits(4096)).await.unwrap();
    transport.disturb(Operation::Issue, Disturbance::RefuseConnection).unwrap();
    transport.send(create(), limits(4096)).await.unwrap_err();
    assert_eq!((transport.requests(), transport.create_requests()), (2, 1));
    assert_eq!(transport.create_body("dashboard").unwrap(), r#"{"name":"dashboard"}"#);
    assert_eq!(transport.create_body("dash"), None);
}
