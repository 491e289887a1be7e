//! What errors say, and which of them may be tried again.

use std::collections::BTreeSet;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::StatusCode;
use pinning_keys_core::{
    Attempts, Effect, Error, ErrorKind, Grant, KeyName, NextStep, Operation, Permission,
    PermissionTable, ScopeError, ScopeRequest,
};
use static_assertions::assert_impl_all;

assert_impl_all!(Error: Send, Sync, StdError);

const OPERATIONS: [Operation; 4] =
    [Operation::Issue, Operation::List, Operation::Revoke, Operation::Verify];
const EFFECTS: [Effect; 3] = [Effect::NotSent, Effect::Rejected, Effect::Unknown];
fn name() -> KeyName {
    KeyName::new("user-42-7f3k").unwrap()
}

fn attempts(count: u32, millis: u64, stopped: Option<&'static str>) -> Attempts {
    Attempts::new(count, Duration::from_millis(millis), stopped)
}

#[test]
fn lost_create_names_the_key_and_how_to_settle_it() {
    let error =
        Error::new(ErrorKind::Connection, "the connection closed after the request was sent")
            .with_effect(Effect::Unknown)
            .with_provider("w3ipfs")
            .with_operation(Operation::Issue)
            .with_key_name(name())
            .with_attempts(attempts(1, 1_200, None))
            .with_next_step("check the network");
    let line = "key \"user-42-7f3k\" may exist at w3ipfs: the connection closed after the request \
                was sent (1 attempt, 1.2 s)";
    assert_eq!(error.to_string(), line);
    assert_eq!(
        format!("{error:#}"),
        format!(
            "{line}\n  it is not sent again, because a second create could issue a second key\n  \
             to settle it:  issuer.reconcile(&KeyName::new(\"user-42-7f3k\")?)   finds the key by \
             its exact name and revokes it"
        )
    );
    assert_eq!(error.next_step(), Some(NextStep::Reconcile(name())), "whatever else is advised");
    assert_eq!(error.key_name(), Some(&name()));
    assert!(!error.is_retryable());
}

#[test]
fn line_says_what_failed_and_what_happened() {
    use Effect::{NotSent, Rejected, Unknown};
    use Operation::{Issue, List, Revoke, Verify};
    let issue = "cannot issue key \"user-42-7f3k\" at pinata: oops";
    let list = "cannot list the keys at pinata: oops";
    let revoke = "cannot revoke the key at pinata: oops";
    let verify = "cannot verify the credential at pinata: oops";
    let cases = [
        (Issue, NotSent, format!("{issue}; nothing was sent")),
        (Issue, Rejected, format!("{issue}; no key was issued")),
        (Issue, Unknown, "key \"user-42-7f3k\" may exist at pinata: oops".to_owned()),
        (List, NotSent, format!("{list}; nothing was sent")),
        (List, Rejected, list.to_owned()),
        (List, Unknown, list.to_owned()),
        (Revoke, NotSent, format!("{revoke}; nothing was sent")),
        (Revoke, Rejected, format!("{revoke}; the key was not revoked")),
        (Revoke, Unknown, format!("{revoke}; the key may still work")),
        (Verify, NotSent, format!("{verify}; nothing was sent")),
        (Verify, Rejected, verify.to_owned()),
        (Verify, Unknown, verify.to_owned()),
    ];
    for (operation, effect, text) in cases {
        let error = Error::new(ErrorKind::Unavailable, "oops")
            .with_effect(effect)
            .with_provider("pinata")
            .with_operation(operation)
            .with_key_name(name());
        assert_eq!(error.to_string(), text);
        assert!(!error.to_string().contains('\n'), "{error}");
    }
    let nameless =
        Error::new(ErrorKind::Timeout, "oops").with_effect(Unknown).with_operation(Issue);
    assert_eq!(nameless.to_string(), "cannot issue the key: oops; a key may exist");
}

#[test]
fn error_outside_of_a_call_is_its_message() {
    let error = Error::new(ErrorKind::Configuration, "no base URL").with_next_step("set one");
    assert_eq!(error.to_string(), "no base URL");
    assert_eq!(format!("{error:#}"), "no base URL\n  set one");
    assert_eq!((error.operation(), error.provider(), error.key_name()), (None, None, None));
}

#[test]
fn origin_of_a_value_appears_in_the_line() {
    let error =
        Error::new(ErrorKind::Configuration, "unknown table \"x\"").with_origin("keys.toml");
    assert_eq!(error.to_string(), "unknown table \"x\" (from keys.toml)");
    assert_eq!(error.origin(), Some("keys.toml"));
}

#[test]
fn next_step_falls_back_on_what_the_error_knows() {
    let error = |effect| {
        Error::new(ErrorKind::Unavailable, "oops")
            .with_effect(effect)
            .with_operation(Operation::Revoke)
    };
    assert_eq!(error(Effect::Rejected).next_step(), None);
    assert_eq!(error(Effect::Unknown).next_step(), Some(NextStep::RevokeAgain));
    let waits = error(Effect::Unknown).with_retry_after(Duration::from_secs(3));
    assert_eq!(waits.next_step(), Some(NextStep::RetryAfter(Duration::from_secs(3))));
    assert_eq!(waits.with_next_step("run").next_step(), Some(NextStep::Advice("run".into())));
    let steps = [NextStep::RevokeAgain, NextStep::RetryAfter(Duration::from_secs(3))];
    assert_eq!(
        steps.map(|step| step.to_string()),
        ["revoke it again; that is harmless", "try again in 3 s"]
    );
}

#[test]
fn facts_and_figures_follow_the_message_in_brackets() {
    let error = Error::new(ErrorKind::RateLimited, "rate limit exceeded")
        .with_effect(Effect::Rejected)
        .with_operation(Operation::List)
        .with_status(StatusCode::TOO_MANY_REQUESTS)
        .with_provider_code("SLOW_DOWN")
        .with_retry_after(Duration::from_millis(90_500))
        .with_attempts(attempts(3, 250, Some("attempt limit reached")))
        .with_next_step("list less often");
    assert_eq!(
        error.to_string(),
        "cannot list the keys: rate limit exceeded (HTTP 429, SLOW_DOWN, 3 attempts, 250 ms, \
         attempt limit reached, retry after 90 s)"
    );
    assert_eq!(error.status(), Some(StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(error.provider_code(), Some("SLOW_DOWN"));
    assert_eq!(error.retry_after(), Some(Duration::from_millis(90_500)));
    assert_eq!(error.attempts().unwrap().count(), 3);
}

#[test]
fn serialized_error_has_the_listed_fields_only() {
    let error = Error::new(ErrorKind::Connection, "no connection")
        .with_effect(Effect::Unknown)
        .with_provider("pinata")
        .with_operation(Operation::Issue)
        .with_status(StatusCode::BAD_GATEWAY)
        .with_provider_code("OOPS")
        .with_retry_after(Duration::from_millis(1_500))
        .with_key_name(name())
        .with_source(Cause);
    assert_eq!(
        serde_json::to_value(&error).unwrap(),
        serde_json::json!({
            "kind": "connection",
            "effect": "unknown",
            "operation": "issue",
            "provider": "pinata",
            "status": 502,
            "code": "OOPS",
            "retry_after_ms": 1_500,
            "key_name": "user-42-7f3k",
            "message": error.to_string(),
        })
    );
    assert!(!serde_json::to_string(&error).unwrap().contains("cable"));
}

#[test]
fn times_are_written_as_people_say_them() {
    for (millis, said) in
        [(0, "0 ms"), (999, "999 ms"), (1_000, "1 s"), (1_250, "1.2 s"), (61_900, "61 s")]
    {
        let error = Error::new(ErrorKind::Timeout, "late").with_attempts(attempts(2, millis, None));
        assert_eq!(error.to_string(), format!("late (2 attempts, {said})"));
    }
}

#[test]
fn texts_of_kinds_and_effects_are_distinct() {
    let kinds: BTreeSet<_> = ErrorKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(kinds.len(), ErrorKind::ALL.len());
    for kind in ErrorKind::ALL {
        assert_eq!(kind.as_str().replace('_', " "), kind.to_string());
    }
    assert_eq!(EFFECTS.map(Effect::as_str), ["not_sent", "rejected", "unknown"]);
    assert_eq!(EFFECTS.map(|effect| effect.to_string()), ["not sent", "rejected", "unknown"]);
    assert!(EFFECTS.is_sorted(), "in the order of doubt");
    assert_eq!(
        format!("{:>10}|{:<10}|", Effect::Unknown, ErrorKind::Timeout),
        "   unknown|timeout   |"
    );
}

/// What may be tried again: what passes by itself, unless it may have made a key.
#[test]
fn only_passing_failures_without_a_key_are_retryable() {
    let passing =
        [ErrorKind::RateLimited, ErrorKind::Unavailable, ErrorKind::Timeout, ErrorKind::Connection];
    for kind in ErrorKind::ALL.iter().copied() {
        for effect in EFFECTS {
            for operation in OPERATIONS {
                let error = Error::new(kind, "oops").with_effect(effect).with_operation(operation);
                let may_have_made_a_key =
                    operation == Operation::Issue && effect == Effect::Unknown;
                let expected = passing.contains(&kind) && !may_have_made_a_key;
                assert_eq!(error.is_retryable(), expected, "{kind:?} {effect:?} {operation}");
            }
            let outside = Error::new(kind, "oops").with_effect(effect);
            assert_eq!(outside.is_retryable(), passing.contains(&kind), "{kind:?} {effect:?}");
        }
    }
}

#[test]
fn only_issuing_is_not_repeatable() {
    let unrepeatable = OPERATIONS.into_iter().filter(|operation| !operation.is_repeatable());
    assert_eq!(unrepeatable.collect::<Vec<_>>(), [Operation::Issue]);
    let texts = OPERATIONS.map(|operation| operation.to_string());
    assert_eq!(texts, ["issue", "list", "revoke", "verify"]);
}

#[derive(Debug)]
struct Cause;

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the cable is out")
    }
}

impl StdError for Cause {}

#[test]
fn cause_is_the_source_and_is_not_repeated() {
    for operation in OPERATIONS {
        for effect in EFFECTS {
            let error = Error::new(ErrorKind::Connection, "no connection")
                .with_operation(operation)
                .with_effect(effect)
                .with_source(Cause);
            assert_eq!(error.source().unwrap().to_string(), "the cable is out");
            assert!(!error.to_string().contains("cable"), "{error}");
        }
    }
    assert!(Error::new(ErrorKind::Connection, "no connection").source().is_none());
}

#[test]
fn refused_scope_is_kept_and_is_the_text() {
    static GRANTS: [Grant; 1] = [Grant::new("read", &[Permission::PinsList])];
    static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);
    let refusal = TABLE.translate(&ScopeRequest::uploader()).unwrap_err();
    let error = Error::from(refusal.clone());
    assert_eq!(error.kind(), ErrorKind::Inexpressible);
    assert_eq!(error.effect(), Effect::NotSent);
    assert_eq!(error.scope_error(), Some(&refusal));
    assert_eq!(error.to_string(), refusal.to_string());
    assert!(error.source().is_none(), "the text is told once");
    assert!(!error.is_retryable());
}

#[test]
fn malformed_scope_is_invalid_input() {
    assert_eq!(Error::from(ScopeError::Empty).kind(), ErrorKind::InvalidInput);
    assert!(Error::new(ErrorKind::Refused, "no").scope_error().is_none());
}

#[test]
fn refused_scope_says_once_that_nothing_was_sent() {
    static GRANTS: [Grant; 1] = [Grant::new("read", &[Permission::PinsList])];
    static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);
    for request in [
        ScopeRequest::uploader(),
        ScopeRequest::needs([]),
        ScopeRequest::reader().tolerates("example:raed"),
    ] {
        let refusal = TABLE.translate(&request).unwrap_err();
        let advice = refusal.next_step();
        let error = Error::from(refusal)
            .with_provider("example")
            .with_operation(Operation::Issue)
            .with_key_name(name());
        let line = error.to_string();
        assert!(line.starts_with("cannot issue key \"user-42-7f3k\": "), "{line}");
        assert!(line.ends_with("; nothing was sent"), "{line}");
        assert_eq!(error.next_step(), advice);
        assert!(format!("{error:#}").starts_with(&line), "{error:#}");
    }
}

#[test]
fn name_with_quotes_is_escaped_as_in_code() {
    let error = Error::new(ErrorKind::Timeout, "no answer came")
        .with_operation(Operation::Issue)
        .with_effect(Effect::Unknown)
        .with_key_name(KeyName::new(r#"the "big" one"#).unwrap());
    assert!(format!("{error:#}").contains(r#"KeyName::new("the \"big\" one")"#), "{error:#}");
}

#[test]
fn debug_shows_what_is_needed_to_find_a_fault() {
    let error = Error::new(ErrorKind::Unavailable, "oops")
        .with_effect(Effect::Unknown)
        .with_provider("pinata")
        .with_operation(Operation::Issue)
        .with_status(StatusCode::BAD_GATEWAY)
        .with_source(Cause);
    assert_eq!(format!("{error:?}"), format!("{error:#}\n  caused by: the cable is out"));
    let shown = format!("{error:#?}");
    for part in ["Unavailable", "Unknown", "pinata", "Issue", "502", "oops", "Cause"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}
