//! What is retried, how often and after how long, and what is reported at the end.

use std::num::NonZeroU32;
use std::time::Duration;

use http::StatusCode;
use pinning_keys_core::{Effect, Error, ErrorKind, KeyName, Operation};
use pinning_keys_http::{Answer, Failure, Reach, TlsFault, TransportErrorKind};
use tokio::time::Instant;

use crate::support::{
    ALL, Script, Step, answer, answer_of, builder, call, client, error_of, status,
};

/// Effect and number of requests.
type Expected = (Effect, usize);

/// For each failure: kind; effect and number of requests for issue, for revoke, for list and
/// verify.
#[rustfmt::skip]
fn expectations() -> Vec<(&'static str, Step, ErrorKind, [Expected; 3])> {
    use Effect::{NotSent, Rejected, Unknown};
    use ErrorKind as K;
    use TransportErrorKind::{BodyTooLarge, Closed, Connect, Other, Timeout, Tls};
    let fail = Step::Fail;
    let answered = |code| Reach::Answered(StatusCode::from_u16(code).unwrap());
    let login = answer(302, &[("location", "/login")], "");
    vec![
        ("refused connection",    fail(Connect, Reach::NotSent),       K::Connection,       [(NotSent, 4),  (NotSent, 4),  (NotSent, 4)]),
        ("certificate",           fail(Tls(TlsFault::Expired), Reach::NotSent), K::Tls,     [(NotSent, 1),  (NotSent, 1),  (NotSent, 1)]),
        ("connect timeout",       fail(Timeout, Reach::NotSent),       K::Timeout,          [(NotSent, 4),  (NotSent, 4),  (NotSent, 4)]),
        ("timeout",               fail(Timeout, Reach::MaybeSent),     K::Timeout,          [(Unknown, 1),  (Unknown, 4),  (Unknown, 4)]),
        ("closed",                fail(Closed, Reach::MaybeSent),      K::Connection,       [(Unknown, 1),  (Unknown, 4),  (Unknown, 4)]),
        ("other",                 fail(Other, Reach::MaybeSent),       K::Connection,       [(Unknown, 1),  (Unknown, 4),  (Unknown, 4)]),
        ("truncated answer",      fail(Closed, answered(200)),         K::Connection,       [(Unknown, 1),  (Unknown, 4),  (Rejected, 4)]),
        ("unreadable answer",     fail(Other, answered(200)),          K::Connection,       [(Unknown, 1),  (Unknown, 4),  (Rejected, 4)]),
        ("timeout in the answer", fail(Timeout, answered(200)),        K::Timeout,          [(Unknown, 1),  (Unknown, 4),  (Rejected, 4)]),
        ("too long an answer",    fail(BodyTooLarge, answered(200)),   K::UnreadableAnswer, [(Unknown, 1),  (Unknown, 1),  (Rejected, 1)]),
        ("too long a 404",        fail(BodyTooLarge, answered(404)),   K::NotFound,         [(Rejected, 1), (Rejected, 1), (Rejected, 1)]),
        ("too long a 500",        fail(BodyTooLarge, answered(500)),   K::Unavailable,      [(Unknown, 1),  (Unknown, 1),  (Rejected, 1)]),
        ("truncated 301",         fail(Closed, answered(301)),         K::Redirected,       [(Unknown, 1),  (Unknown, 1),  (Rejected, 1)]),
        ("truncated 307",         fail(Closed, answered(307)),         K::Redirected,       [(Unknown, 1),  (Unknown, 1),  (Rejected, 1)]),
        ("truncated 400",         fail(Closed, answered(400)),         K::Refused,          [(Rejected, 1), (Rejected, 1), (Rejected, 1)]),
        ("truncated 429",         fail(Closed, answered(429)),         K::RateLimited,      [(Rejected, 1), (Rejected, 4), (Rejected, 4)]),
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
        ("600",                   status(600),                         K::UnreadableAnswer, [(Unknown, 1),  (Unknown, 1),  (Rejected, 1)]),
    ]
}

#[tokio::test(start_paused = true)]
async fn each_failure_has_its_effect_and_retries() {
    for (name, step, kind, [issue, revoke, reading]) in expectations() {
        for operation in ALL {
            let (effect, requests) = match operation {
                Operation::Issue => issue,
                Operation::Revoke => revoke,
                _ => reading,
            };
            let script = Script::repeating([step.clone()]);
            let error = client(&script).call(call(operation)).await.unwrap_err();
            let what = format!("{operation}, {name}: {error}");
            assert_eq!(error.kind(), kind, "{what}");
            assert_eq!(error.effect(), effect, "{what}");
            assert_eq!(script.count(), requests, "{what}");
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
async fn create_reports_why_it_was_not_retried() {
    let closed = Step::Fail(TransportErrorKind::Closed, Reach::MaybeSent);
    let stopped = Some("a create is not retried");
    for (step, stopped) in
        [(status(429), stopped), (status(503), stopped), (closed, stopped), (status(400), None)]
    {
        let error = error_of(step, Operation::Issue).await;
        assert_eq!(error.attempts().unwrap().stopped(), stopped);
    }
}

#[tokio::test(start_paused = true)]
async fn retry_that_succeeds_is_a_success() {
    let not_sent = Step::Fail(TransportErrorKind::Connect, Reach::NotSent);
    let script = Script::repeating([not_sent.clone(), not_sent, answer(200, &[], "made")]);
    let answered = client(&script).call(call(Operation::Issue)).await.unwrap();
    assert_eq!(answered.body(), "made");
    let [first, _, third] = &script.requests()[..] else { panic!("three requests") };
    assert_eq!(first.headers(), third.headers());
    assert_eq!((first.uri(), first.body()), (third.uri(), third.body()));
}

#[tokio::test(start_paused = true)]
async fn least_certain_effect_of_all_attempts_counts() {
    let unsent = Step::Fail(TransportErrorKind::Connect, Reach::NotSent);
    let lost = Step::Fail(TransportErrorKind::Closed, Reach::MaybeSent);
    for (steps, kind, effect) in [
        ([lost.clone(), status(404)], ErrorKind::NotFound, Effect::Unknown),
        ([status(429), unsent.clone()], ErrorKind::Connection, Effect::Rejected),
        ([unsent, lost], ErrorKind::Connection, Effect::Unknown),
    ] {
        let script = Script::repeating(steps);
        let error = client(&script).call(call(Operation::Revoke)).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (kind, effect));
    }
}

#[tokio::test(start_paused = true)]
async fn pauses_between_attempts_grow() {
    let began = Instant::now();
    error_of(status(500), Operation::List).await;
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(1400) && took <= Duration::from_millis(2810), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn number_of_attempts_is_as_set() {
    for attempts in [1, 2, 7].map(|count| NonZeroU32::new(count).unwrap()) {
        let script = Script::repeating([status(500)]);
        let client = builder().max_attempts(attempts).transport(script.clone()).build().unwrap();
        client.call(call(Operation::List)).await.unwrap_err();
        assert_eq!(script.count(), attempts.get() as usize);
    }
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_added_to_the_pause() {
    let date = httpdate(Duration::from_secs(8));
    for (text, least, most) in
        [("3", 3.2, 3.41), (&date, 6.5, 8.5), ("soon", 0.2, 0.41), ("0", 0.2, 0.41)]
    {
        for code in [429, 503] {
            let began = Instant::now();
            let script =
                Script::repeating([answer(code, &[("retry-after", text)], ""), status(200)]);
            client(&script).call(call(Operation::List)).await.unwrap();
            let took = began.elapsed().as_secs_f64();
            assert!(took >= least && took <= most, "{code}, {text}: {took}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn retry_after_beyond_the_deadline_ends_the_call() {
    for (text, least, most) in [
        ("60", 60, 60),
        (&*httpdate(Duration::from_secs(90)), 85, 90),
        ("18446744073709551615", 365 * 86_400, 365 * 86_400),
    ] {
        let began = Instant::now();
        let error = error_of(answer(429, &[("retry-after", text)], ""), Operation::List).await;
        let asked = error.retry_after().unwrap().as_secs();
        assert!(asked >= least && asked <= most, "{asked}");
        assert_eq!(began.elapsed(), Duration::ZERO);
        let stopped = error.attempts().unwrap().stopped();
        assert_eq!(stopped, Some("the requested wait exceeds the deadline"));
    }
}

#[tokio::test(start_paused = true)]
async fn error_of_a_create_has_retry_after() {
    let error = error_of(answer(429, &[("retry-after", "2")], ""), Operation::Issue).await;
    assert_eq!(error.retry_after(), Some(Duration::from_secs(2)));
}

#[tokio::test]
async fn adapter_reads_the_failure() {
    fn read(answer: &Answer) -> Failure {
        assert_eq!(answer.body(), "the body");
        Failure::new()
            .with_kind(ErrorKind::PermissionDenied)
            .with_code("NO_SCOPES_FOUND")
            .with_message("This key does not have\r\nthe required scopes")
            .with_next_step("use an admin key")
    }
    let error = read_error(answer(401, &[], "the body"), read).await;
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert_eq!(error.provider_code(), Some("NO_SCOPES_FOUND"));
    let shown = error.to_string();
    assert!(shown.contains("\"This key does not have  the required scopes\""), "{shown}");
    assert!(shown.contains("HTTP 401"), "{shown}");
    assert_eq!(error.next_step(), Some("use an admin key".into()));
}

#[tokio::test]
async fn long_text_of_the_provider_is_cut() {
    let read =
        |_: &Answer| Failure::new().with_code("c ".repeat(500)).with_message("m ".repeat(500));
    let error = read_error(status(400), read).await;
    assert!(error.provider_code().unwrap().chars().count() <= 65);
    assert!(error.to_string().chars().count() < 500, "{error}");
}

/// A body may tell more than the status, by which nobody would know whether a key was made.
#[tokio::test]
async fn effect_that_the_adapter_reads_counts() {
    let read =
        |_: &Answer| Failure::new().with_kind(ErrorKind::NameTaken).with_effect(Effect::Rejected);
    let error = read_error(status(502), read).await;
    assert_eq!((error.kind(), error.effect()), (ErrorKind::NameTaken, Effect::Rejected));
    assert_eq!(error.attempts().unwrap().count(), 1);
    assert!(error.to_string().contains("another key has this name"), "{error}");
}

/// The error of a create, whose failure is read by this function.
async fn read_error(step: Step, read: fn(&Answer) -> Failure) -> Error {
    let client = builder().failure_reader(read).transport(Script::repeating([step]));
    client.build().unwrap().call(call(Operation::Issue)).await.unwrap_err()
}

#[tokio::test]
async fn unreadable_answer_leaves_a_change_in_doubt() {
    for (operation, effect) in [
        (Operation::Issue, Effect::Unknown),
        (Operation::Revoke, Effect::Unknown),
        (Operation::List, Effect::Rejected),
        (Operation::Verify, Effect::Rejected),
    ] {
        let page = answer(200, &[("content-type", "text/html; charset=utf-8")], "<p>s3cret</p>");
        let answered = answer_of(page, operation).await;
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
async fn headers_are_those_of_the_call() {
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
