//! The `tracing` events, and that they contain nothing else.

use std::cell::RefCell;
use std::num::NonZeroU32;
use std::sync::{Arc, Once};
use std::time::Duration;

use http::{Method, StatusCode};
use pinning_keys_core::{Error, Operation};
use pinning_keys_http::credentials::{AccountCredential, Login};
use pinning_keys_http::{ApiClient, BaseUrl, Call, Reach, TransportErrorKind};
use tracing::field::{Field, Visit};
use tracing::span;

use crate::support::{
    ALL, Script, Step, answer, builder, builder_with, call, client, error_of, status,
};

/// Keeps each event as a line, for the thread that emitted it.
///
/// It is set for the whole process: with one for each thread, the thread that reaches an event
/// first would decide whether it is wanted at all.
struct Lines;

thread_local! {
    static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn capture() {
    static SET: Once = Once::new();
    SET.call_once(|| {
        tracing::subscriber::set_global_default(Lines).unwrap();
        tracing::callsite::rebuild_interest_cache();
    });
}

/// The lines of this thread since the last time.
fn captured() -> Vec<String> {
    LINES.take()
}

impl tracing::Subscriber for Lines {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = Line(format!("{} {}", event.metadata().level(), event.metadata().target()));
        event.record(&mut line);
        LINES.with_borrow_mut(|lines| lines.push(line.0));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0 = format!("{} {}={value:?}", self.0, field.name());
    }
}

fn attempt(rest: &str) -> String {
    format!("DEBUG pinning_keys::attempt provider=\"example\" operation={rest}")
}

fn over(level: &str, rest: &str) -> String {
    format!("{level} pinning_keys::call provider=\"example\" operation={rest}")
}

#[tokio::test(start_paused = true)]
async fn each_attempt_and_each_call_has_an_event() {
    capture();
    let script = Script::repeating([
        Step::FailAfter(Duration::from_millis(70), TransportErrorKind::Connect, Reach::NotSent),
        answer(200, &[], "{}"),
    ]);
    let answer = client(&script).call(call(Operation::Issue)).await.unwrap();
    let first = attempt("\"issue\" attempt=1 effect=\"not sent\" duration=70");
    let second = attempt("\"issue\" attempt=2 status=200 effect=\"done\" duration=0");
    assert_eq!(captured(), [first, second]);
    // A call ends when the adapter has read the answer.
    drop(answer);
    let told = captured().concat();
    let expected = over("DEBUG", "\"issue\" attempt=2 status=200 effect=\"done\" duration=");
    assert!(told.starts_with(&expected), "{told}");
    let duration: u64 = told[expected.len()..].parse().unwrap();
    // The pause between the attempts counts.
    assert!((270..=480).contains(&duration), "{told}");
}

#[tokio::test(start_paused = true)]
async fn unknown_effect_is_a_warning() {
    capture();
    let closed = Step::Fail(TransportErrorKind::Closed, Reach::MaybeSent);
    let lost = "\"issue\" attempt=1 effect=\"unknown\" duration=0";
    error_of(closed, Operation::Issue).await;
    assert_eq!(captured(), [attempt(lost), over("WARN", lost)]);

    let odd = "\"issue\" attempt=1 status=200 effect=";
    let answer =
        client(&Script::repeating([status(200)])).call(call(Operation::Issue)).await.unwrap();
    let _ = (answer.unreadable("a key"), answer.unreadable("once more"));
    drop(answer);
    let done = attempt(&format!("{odd}\"done\" duration=0"));
    assert_eq!(captured(), [done, over("WARN", &format!("{odd}\"unknown\" duration=0"))]);

    let broken = "\"revoke\" attempt=1 status=200 effect=\"unknown\" duration=0";
    let reach = Reach::Answered(StatusCode::OK);
    let script = Script::repeating([Step::Fail(TransportErrorKind::Closed, reach)]);
    let client = builder().transport(script).max_attempts(NonZeroU32::MIN).build().unwrap();
    client.call(call(Operation::Revoke)).await.unwrap_err();
    assert_eq!(captured(), [attempt(broken), over("WARN", broken)]);
}

#[tokio::test(start_paused = true)]
async fn dropped_or_late_create_has_events() {
    capture();
    let client = client(&Script::repeating([Step::Hang]));
    let given_up = client.call(call(Operation::Issue));
    tokio::time::timeout(Duration::from_secs(2), given_up).await.unwrap_err();
    let told = "\"issue\" attempt=1 effect=\"unknown\" duration=2000";
    assert_eq!(captured(), [attempt(told), over("WARN", told)]);

    client.call(call(Operation::Issue)).await.unwrap_err();
    let told = "\"issue\" attempt=1 effect=\"unknown\" duration=30000";
    assert_eq!(captured(), [attempt(told), over("WARN", told)]);
}

#[tokio::test(start_paused = true)]
async fn refused_or_unsent_call_is_no_warning() {
    capture();
    error_of(status(403), Operation::Issue).await;
    let refused = "\"issue\" attempt=1 status=403 effect=\"rejected\" duration=0";
    assert_eq!(captured(), [attempt(refused), over("DEBUG", refused)]);

    let client = client(&Script::repeating([status(200)]));
    client.call(call(Operation::Revoke).segment("..")).await.unwrap_err();
    let unsent = "\"revoke\" attempt=0 effect=\"not sent\" duration=0";
    assert_eq!(captured(), [over("DEBUG", unsent)]);

    let answer = client.call(call(Operation::Revoke)).await.unwrap();
    let _ = answer.rejected(pinning_keys_http::Failure::new());
    drop(answer);
    let told = captured().pop().unwrap();
    assert!(told.contains("status=200 effect=\"rejected\""), "{told}");
}

#[tokio::test(start_paused = true)]
async fn event_has_only_the_documented_fields() {
    capture();
    let canary = "canary-in-all-places";
    let base_url = BaseUrl::parse(&format!("https://{canary}.test/{canary}"), &[]).unwrap();
    let credential = Arc::new(AccountCredential::bearer(canary).unwrap());
    let headers = [("x-request", canary), ("retry-after", "1")];
    for code in [200, 302, 400, 401, 429, 503] {
        let script = Script::repeating([answer(code, &headers, canary)]);
        let client = ApiClient::builder("example", base_url.clone(), credential.clone());
        let client = client.transport(script).build().unwrap();
        for operation in ALL {
            let call = call(operation).segment(canary).query(canary, canary);
            let _ = client.call(call.json(canary)).await;
        }
    }
    let lines = captured();
    assert!(lines.len() >= 48, "{lines:#?}");
    for line in lines {
        assert!(!line.contains("canary"), "{line}");
        let fields = line.split(' ').filter_map(|part| Some(part.split_once('=')?.0));
        let known = ["provider", "operation", "attempt", "status", "effect", "duration"];
        assert!(fields.eq(known), "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn login_has_events_of_its_own_without_its_secrets() {
    struct Canary;

    #[async_trait::async_trait]
    impl Login for Canary {
        async fn log_in(&self, client: &ApiClient) -> Result<AccountCredential, Error> {
            client.call(Call::new(Operation::Login, Method::GET, "/login")).await?;
            Ok(AccountCredential::bearer("canary-token")?.with_fact("account", "canary-fact"))
        }
    }

    capture();
    let script = Script::repeating([answer(200, &[], "canary-body")]);
    let credential = AccountCredential::bearer("canary-login").unwrap();
    let builder = builder_with(Arc::new(credential)).transport(script.clone()).login(Canary);
    let client = builder.build().unwrap();
    let list = Call::new(Operation::List, Method::POST, "/v1/keys").with_fact("account");
    drop(client.call(list).await.unwrap());
    assert!(String::from_utf8_lossy(&script.last_body()).contains("canary-fact"));
    let lines = captured();
    let rest = "attempt=1 status=200 effect=\"done\" duration=0";
    let events = |operation: &str| {
        let rest = format!("{operation:?} {rest}");
        [attempt(&rest), over("DEBUG", &rest)]
    };
    assert_eq!(lines, [events("login"), events("list")].concat());
}
