//! What is repeated, how often, after how long, and what is said when it ends.

use std::num::NonZeroU32;
use std::time::Duration;

use http::StatusCode;
use pinning_keys_core::{Effect, ErrorKind, KeyName, Operation};
use pinning_keys_http::{Answer, Failure, Reach, TransportErrorKind};
use tokio::time::Instant;

use crate::support::{ALL, Script, Step, answer, builder, call, client, status};

/// Effect and number of requests.
type Expected = (Effect, usize);

/// For each failure: kind; effect and number of requests for issue, for revoke, for list and
/// verify.
#[rustfmt::skip]
fn expectations() -> Vec<(&'static str, Step, ErrorKind, [Expected; 3])> {
    use Effect::{NotSent, Rejected, Unknown};
    use ErrorKind as K;
    use TransportErrorKind::{BodyTooLarge, Closed, Connect, Other, Timeout};
    let fail = Step::Fail;
    let answered = |code| Reach::Answered(StatusCode::from_u16(code).unwrap());
    let login = answer(302, &[("location", "/login")], "");
    vec![
        ("refused connection",    fail(Connect, Reach::NotSent),       K::Connection,       [(NotSent, 4),  (NotSent, 4),  (NotSent, 4)]),
        ("connect timeout",       fail(Timeout, Reach::NotSent),       K::Timeout,          [(NotSent, 4),  (NotSent, 4),  (NotSent, 4)]),
        ("timeout",               fail(Timeout, Reach::MaybeSent),     K::Timeout,          [(Unknown, 1),  (Unknown, 4),  (Unknown, 4)]),
        ("closed",                fail(Closed, Reach::MaybeSent),      K::Connection,       [(Unknown, 1),  (Unknown, 4),  (Unknown, 4)]),
        ("other",                 fail(Other, Reach::MaybeSent),       K::Connection,       [(Unknown, 1),  (Unknown, 4),  (Unknown, 4)]),
        ("truncated answer",      fail(Closed, answered(200)),         K::Connection,       [(Unknown, 1),  (Unknown, 4),  (Rejected, 4)]),
        ("unreadable answer",     fail(Other, answered(200)),          K::Connection,       [(Unknown, 1),  (Unknown, 4),  (Rejected, 4)]),
        ("timeout in the answer", fail(Timeout, answered(200)),        K::Timeout,          [(Unknown, 1),  (Unknown, 4),  (Rejected, 4)]),
        ("too long an answer",    fail(BodyTooLarge, answered(200)),   K::UnreadableAnswer, [(Unknown, 1),  (Unknown, 1),  (Rejected, 1)]),
        ("truncated 400",         fail(Closed, answered(400)),         K::Refused,          [(Rejected, 1), (Rejected, 1), (Rejected, 1)]),
        ("truncated 503",         fail(Closed, answered(503)),         K::Unavailable,      [(Unknown, 1),  (Unknown, 4),  (Rejected, 4)]),
        ("302",                   login,                               K::Redirected,       [(Unknown, 1),  (Unknown, 1),  (Rejected, 1)]),
        ("400",                   status(400),                         K::Refused,          [(Rejected, 1), (Rejected, 1), (Rejected, 1)]),
        ("401",                   status(401),                         K::Unauthenticated,  [(Rejected, 1), (Rejected, 1), (Rejected, 1)]),
        ("403",                   status(403),                         K::PermissionDenied, [(Rejected, 1), (Rejected, 1), (Rejected, 1)]),
        ("404",                   status(404),                         K::NotFound,         [(Rejected, 1), (Rejected, 1), (Rejected, 1)]),
        ("409",                   status(409),                         K::Conflict,         [(Rejected, 1), (Rejected, 1), (Rejected, 1)]),
        ("410",                   status(410),                         K::NotFound,         [(Rejected, 1), (Rejected, 1), (Rejected, 1)]),
        ("418",                   status(418),                         K::Refused,          [(Rejected, 1), (Rejected, 1), (Rejected, 1)]),
        ("429",                   status(429),                         K::RateLimited,      [(Rejected, 1), (Rejected, 4), (Rejected, 4)]),
        ("500",                   status(500),                         K::Unavailable,      [(Unknown, 1),  (Unknown, 4),  (Rejected, 4)]),
        ("503",                   status(503),                         K::Unavailable,      [(Unknown, 1),  (Unknown, 4),  (Rejected, 4)]),
    ]
}

#[tokio::test(start_paused = true)]
async fn every_failure_by_operation() {
    for (name, step, kind, [issue, revoke, reading]) in expectations() {
        for operation in ALL {
            let (effect, requests) = match operation {
                Operation::Issue => issue,
                Operation::Revoke => revoke,
                _ => reading,
            };
            let transport = Script::repeating([step.clone()]);
            let error = client(&transport).call(call(operation)).await.unwrap_err();
            let what = format!("{operation}, {name}: {error}");
            assert_eq!(error.kind(), kind, "{what}");
            assert_eq!(error.effect(), effect, "{what}");
            assert_eq!(transport.count(), requests, "{what}");
            let attempts = error.attempts().unwrap();
            assert_eq!(attempts.count() as usize, requests, "{what}");
            assert_eq!((error.provider(), error.operation()), (Some("example"), Some(operation)));
            let named = error.key_name().map(KeyName::as_str);
            assert_eq!(named, (operation == Operation::Issue).then_some("user-42"));
            if requests > 1 {
                assert_eq!(attempts.stopped(), Some("attempt limit reached"), "{what}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_says_why_it_was_sent_once() {
    for step in [status(429), status(503), Step::Fail(TransportErrorKind::Closed, Reach::MaybeSent)]
    {
        let error =
            client(&Script::repeating([step])).call(call(Operation::Issue)).await.unwrap_err();
        assert_eq!(error.attempts().unwrap().stopped(), Some("a create is not retried"));
    }
    let error =
        client(&Script::repeating([status(400)])).call(call(Operation::Issue)).await.unwrap_err();
    assert_eq!(error.attempts().unwrap().stopped(), None);
}

#[tokio::test(start_paused = true)]
async fn a_repeat_that_succeeds_is_a_success() {
    let not_sent = Step::Fail(TransportErrorKind::Connect, Reach::NotSent);
    let transport = Script::repeating([not_sent.clone(), not_sent, answer(200, &[], "made")]);
    let answered = client(&transport).call(call(Operation::Issue)).await.unwrap();
    assert_eq!(answered.body(), "made");
    assert_eq!(transport.count(), 3);
    let [first, _, third] = &transport.requests()[..] else { panic!("three requests") };
    assert_eq!(first.headers(), third.headers());
    assert_eq!((first.uri(), first.body()), (third.uri(), third.body()));
}

#[tokio::test(start_paused = true)]
async fn doubt_of_an_early_attempt_stays() {
    let lost = Step::Fail(TransportErrorKind::Closed, Reach::MaybeSent);
    let transport = Script::repeating([lost, status(404)]);
    let error = client(&transport).call(call(Operation::Revoke)).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::NotFound, Effect::Unknown));
}

#[tokio::test(start_paused = true)]
async fn pauses_grow() {
    let began = Instant::now();
    let transport = Script::repeating([status(500)]);
    client(&transport).call(call(Operation::List)).await.unwrap_err();
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(1400) && took <= Duration::from_millis(2810), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn the_number_of_attempts_can_be_set() {
    for allowed in [1, 2, 7] {
        let transport = Script::repeating([status(500)]);
        let client = builder()
            .max_attempts(NonZeroU32::new(allowed).unwrap())
            .transport(transport.clone())
            .build()
            .unwrap();
        client.call(call(Operation::List)).await.unwrap_err();
        assert_eq!(transport.count(), allowed as usize);
    }
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_waited_for() {
    let date = httpdate(Duration::from_secs(8));
    for (text, least, most) in
        [("3", 3.2, 3.41), (&date, 6.5, 8.5), ("soon", 0.2, 0.41), ("0", 0.2, 0.41)]
    {
        for code in [429, 503] {
            let began = Instant::now();
            let transport =
                Script::repeating([answer(code, &[("retry-after", text)], ""), status(200)]);
            client(&transport).call(call(Operation::List)).await.unwrap();
            let took = began.elapsed().as_secs_f64();
            assert!(took >= least && took <= most, "{code}, {text}: {took}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_beyond_the_deadline_returns_at_once() {
    for (text, least, most) in [
        ("60", 60, 60),
        (&*httpdate(Duration::from_secs(90)), 85, 90),
        ("18446744073709551615", 365 * 86_400, 365 * 86_400),
    ] {
        let began = Instant::now();
        let transport = Script::repeating([answer(429, &[("retry-after", text)], "")]);
        let error = client(&transport).call(call(Operation::List)).await.unwrap_err();
        let asked = error.retry_after().unwrap().as_secs();
        assert!(asked >= least && asked <= most, "{asked}");
        assert_eq!(began.elapsed(), Duration::ZERO);
        let stopped = error.attempts().unwrap().stopped();
        assert_eq!(stopped, Some("the requested wait exceeds the deadline"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_carries_retry_after_too() {
    let transport = Script::repeating([answer(429, &[("retry-after", "2")], "")]);
    let error = client(&transport).call(call(Operation::Issue)).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(2)));
    assert_eq!((error.effect(), transport.count()), (Effect::Rejected, 1));
}

#[tokio::test]
async fn the_adapter_reads_failures() {
    fn read(answer: &Answer) -> Failure {
        assert_eq!(answer.body(), "the body");
        Failure::new()
            .with_kind(ErrorKind::PermissionDenied)
            .with_code("NO_SCOPES_FOUND")
            .with_message("This key does not have\r\nthe required scopes")
            .with_next_step("use an admin key")
    }
    let transport = Script::repeating([answer(401, &[], "the body")]);
    let client = builder().failure_reader(read).transport(transport).build().unwrap();
    let error = client.call(call(Operation::Issue)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert_eq!(error.provider_code(), Some("NO_SCOPES_FOUND"));
    let shown = error.to_string();
    assert!(shown.contains("\"This key does not have  the required scopes\""), "{shown}");
    assert!(shown.contains("HTTP 401"), "{shown}");
    assert_eq!(error.next_step(), Some("use an admin key".into()));
}

#[tokio::test]
async fn long_words_of_the_provider_are_cut() {
    fn read(_: &Answer) -> Failure {
        Failure::new().with_code("c ".repeat(500)).with_message("m ".repeat(500))
    }
    let transport = Script::repeating([status(400)]);
    let client = builder().failure_reader(read).transport(transport).build().unwrap();
    let error = client.call(call(Operation::List)).await.unwrap_err();
    assert!(error.provider_code().unwrap().chars().count() <= 65);
    assert!(error.to_string().chars().count() < 500, "{error}");
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_leaves_a_change_in_doubt() {
    for (operation, effect) in [
        (Operation::Issue, Effect::Unknown),
        (Operation::Revoke, Effect::Unknown),
        (Operation::List, Effect::Rejected),
        (Operation::Verify, Effect::Rejected),
    ] {
        let page = answer(200, &[("content-type", "text/html; charset=utf-8")], "<p>s3cret</p>");
        let answered = client(&Script::repeating([page])).call(call(operation)).await.unwrap();
        let error = answered.unreadable("a JSON object");
        assert_eq!((error.kind(), error.effect()), (ErrorKind::UnreadableAnswer, effect));
        assert_eq!(error.status(), Some(StatusCode::OK));
        assert_eq!(error.attempts().unwrap().count(), 1);
        assert_eq!((error.provider(), error.operation()), (Some("example"), Some(operation)));
        let shown = format!("{error} {error:?} {answered:?}");
        assert!(shown.contains("expected a JSON object, but received a web page"), "{shown}");
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}

#[tokio::test]
async fn an_answer_of_success_can_tell_of_a_failure() {
    let answered =
        client(&Script::repeating([status(200)])).call(call(Operation::Issue)).await.unwrap();
    let error = answered.rejected(Failure::new().with_message("name is taken"));
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Refused, Effect::Rejected));
    assert!(error.to_string().contains("name is taken"));
}

#[tokio::test]
async fn headers_are_as_the_call_says() {
    let transport = Script::repeating([status(200)]);
    let client = client(&transport);
    client.call(call(Operation::Issue)).await.unwrap();
    client.call(call(Operation::List)).await.unwrap();
    let [issue, list] = &transport.requests()[..] else { panic!("two requests") };
    assert_eq!(issue.headers()["content-type"], "application/json");
    assert_eq!(issue.headers()["authorization"], "Bearer account-token");
    assert!(issue.headers()["authorization"].is_sensitive());
    assert!(issue.headers()["user-agent"].to_str().unwrap().starts_with("pinning-keys/"));
    assert!(list.headers().get("content-type").is_none() && list.body().is_empty());
}

/// The date so far from now, as in a header.
fn httpdate(ahead: Duration) -> String {
    httpdate::fmt_http_date(std::time::SystemTime::now() + ahead)
}
