//! What errors say, and which of them may be tried again.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::StatusCode;
use pinning_keys_core::{
    Attempts, Effect, Error, ErrorKind, Grant, KeyName, Operation, Permission, PermissionTable,
    ScopeError, ScopeRequest,
};
use static_assertions::assert_impl_all;

assert_impl_all!(Error: Send, Sync, StdError);

const OPERATIONS: [Operation; 4] =
    [Operation::Issue, Operation::List, Operation::Revoke, Operation::Verify];
const EFFECTS: [Effect; 3] = [Effect::NotSent, Effect::Rejected, Effect::Unknown];
const KINDS: [ErrorKind; 19] = [
    ErrorKind::InvalidInput,
    ErrorKind::Inexpressible,
    ErrorKind::Unsupported,
    ErrorKind::Configuration,
    ErrorKind::CredentialUnavailable,
    ErrorKind::Unauthenticated,
    ErrorKind::PermissionDenied,
    ErrorKind::NotFound,
    ErrorKind::Conflict,
    ErrorKind::NameTaken,
    ErrorKind::NameReserved,
    ErrorKind::TooManyKeys,
    ErrorKind::RateLimited,
    ErrorKind::Refused,
    ErrorKind::Unavailable,
    ErrorKind::Timeout,
    ErrorKind::Connection,
    ErrorKind::Redirected,
    ErrorKind::UnreadableAnswer,
];

fn name() -> KeyName {
    KeyName::new("user-42-7f3k").unwrap()
}

fn attempts(count: u32, millis: u64, stopped: Option<&'static str>) -> Attempts {
    Attempts::new(count, Duration::from_millis(millis), stopped)
}

#[test]
fn a_lost_create_says_how_to_settle_it() {
    let error =
        Error::new(ErrorKind::Connection, "the connection closed after the request was sent")
            .with_effect(Effect::Unknown)
            .with_provider("w3ipfs")
            .with_operation(Operation::Issue)
            .with_key_name(name())
            .with_attempts(attempts(1, 1_200, None));
    assert_eq!(
        error.to_string(),
        "key \"user-42-7f3k\" may exist at w3ipfs: the connection closed after the request was \
         sent (1 attempt, 1.2 s)\n  \
         it was not retried, because a second create could make a second key\n  \
         to settle it:  issuer.reconcile(\"user-42-7f3k\")   finds it by its exact name and \
         revokes it"
    );
    assert_eq!(error.key_name(), Some(&name()));
    assert!(!error.is_retryable());
}

#[test]
fn the_first_line_tells_what_failed_and_the_next_what_was_done() {
    use Effect::{NotSent, Rejected, Unknown};
    use Operation::{Issue, List, Revoke, Verify};
    let issue = "cannot issue key \"user-42-7f3k\" at pinata: oops";
    let maybe = "key \"user-42-7f3k\" may exist at pinata: oops\n  it was not retried";
    let list = "cannot list the keys at pinata: oops";
    let revoke = "cannot revoke the key at pinata: oops";
    let verify = "cannot verify the credential at pinata: oops";
    let sent_nothing = "\n  nothing was sent";
    let harmless = "\n  the key may still work; revoking it again is harmless";
    let cases = [
        (Issue, NotSent, format!("{issue}{sent_nothing}")),
        (Issue, Rejected, format!("{issue}\n  no key was made")),
        (Issue, Unknown, maybe.to_owned()),
        (List, NotSent, format!("{list}{sent_nothing}")),
        (List, Rejected, list.to_owned()),
        (List, Unknown, list.to_owned()),
        (Revoke, NotSent, format!("{revoke}{sent_nothing}")),
        (Revoke, Rejected, format!("{revoke}\n  the key was not revoked")),
        (Revoke, Unknown, format!("{revoke}{harmless}")),
        (Verify, NotSent, format!("{verify}{sent_nothing}")),
        (Verify, Rejected, verify.to_owned()),
        (Verify, Unknown, verify.to_owned()),
    ];
    for (operation, effect, text) in cases {
        let error = Error::new(ErrorKind::Unavailable, "oops")
            .with_effect(effect)
            .with_provider("pinata")
            .with_operation(operation)
            .with_key_name(name());
        let shown = error.to_string();
        // Only what an unknown create says further is left to a test of its own.
        let same = if effect == Unknown && operation == Issue {
            shown.starts_with(&text)
        } else {
            shown == text
        };
        assert!(same, "{operation} {effect:?}: {shown}");
    }
}

#[test]
fn an_error_outside_of_a_call_is_its_message_and_hint() {
    let error = Error::new(ErrorKind::Configuration, "no base URL").with_next_step("set one");
    assert_eq!(error.to_string(), "no base URL\n  set one");
    assert_eq!((error.operation(), error.provider(), error.key_name()), (None, None, None));
}

#[test]
fn the_figures_stand_in_brackets_behind_the_message() {
    let error = Error::new(ErrorKind::RateLimited, "too many requests")
        .with_effect(Effect::Rejected)
        .with_operation(Operation::List)
        .with_status(StatusCode::TOO_MANY_REQUESTS)
        .with_provider_code("SLOW_DOWN")
        .with_retry_after(Duration::from_millis(90_500))
        .with_attempts(attempts(3, 250, Some("the provider asks to wait longer than is left")))
        .with_next_step("list less often");
    assert_eq!(
        error.to_string(),
        "cannot list the keys: too many requests (HTTP 429, SLOW_DOWN, 3 attempts, 250 ms, the \
         provider asks to wait longer than is left)\n  \
         the provider asks to wait 90 s\n  \
         list less often"
    );
    assert_eq!(error.status(), Some(StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(error.provider_code(), Some("SLOW_DOWN"));
    assert_eq!(error.retry_after(), Some(Duration::from_millis(90_500)));
    assert_eq!(error.attempts().unwrap().count(), 3);
}

#[test]
fn times_are_said_as_people_say_them() {
    for (millis, said) in
        [(0, "0 ms"), (999, "999 ms"), (1_000, "1 s"), (1_250, "1.2 s"), (61_900, "61 s")]
    {
        let error = Error::new(ErrorKind::Timeout, "late").with_attempts(attempts(2, millis, None));
        assert_eq!(error.to_string(), format!("late (2 attempts, {said})"));
    }
}

/// What may be tried again: what passes by itself, unless it may have made a key.
#[test]
fn only_what_passes_and_cannot_have_made_a_key_is_retryable() {
    let passing =
        [ErrorKind::RateLimited, ErrorKind::Unavailable, ErrorKind::Timeout, ErrorKind::Connection];
    for kind in KINDS {
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
fn the_cause_is_the_source_and_is_not_repeated() {
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
fn a_refused_scope_is_kept_and_is_the_text() {
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
fn a_scope_that_is_wrong_in_itself_is_invalid_input() {
    assert_eq!(Error::from(ScopeError::Empty).kind(), ErrorKind::InvalidInput);
    assert!(Error::new(ErrorKind::Refused, "no").scope_error().is_none());
}

#[test]
fn a_refused_scope_says_once_that_nothing_was_sent() {
    static GRANTS: [Grant; 1] = [Grant::new("read", &[Permission::PinsList])];
    static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);
    for request in [
        ScopeRequest::uploader(),
        ScopeRequest::needs([]),
        ScopeRequest::reader().tolerates("example:raed"),
    ] {
        let refusal = TABLE.translate(&request).unwrap_err();
        let text = Error::from(refusal).with_operation(Operation::Issue).to_string();
        assert_eq!(text.matches("nothing was sent").count(), 1, "{text}");
    }
}

#[test]
fn a_create_that_got_lost_at_a_later_attempt_does_not_deny_the_earlier_ones() {
    for (count, told) in [(1, "it was not retried,"), (2, "it is not sent again,")] {
        let error = Error::new(ErrorKind::Timeout, "no answer came")
            .with_operation(Operation::Issue)
            .with_effect(Effect::Unknown)
            .with_attempts(attempts(count, 10, None));
        assert!(error.to_string().contains(told), "{error}");
    }
}

#[test]
fn a_name_with_quotes_is_shown_as_it_is_written_in_code() {
    let error = Error::new(ErrorKind::Timeout, "no answer came")
        .with_operation(Operation::Issue)
        .with_effect(Effect::Unknown)
        .with_key_name(KeyName::new(r#"the "big" one"#).unwrap());
    assert!(error.to_string().contains(r#"issuer.reconcile("the \"big\" one")"#), "{error}");
}

#[test]
fn the_debug_form_tells_what_is_needed_to_find_a_fault() {
    let error = Error::new(ErrorKind::Unavailable, "oops")
        .with_effect(Effect::Unknown)
        .with_provider("pinata")
        .with_operation(Operation::Issue)
        .with_status(StatusCode::BAD_GATEWAY)
        .with_source(Cause);
    let shown = format!("{error:?}");
    for part in ["Unavailable", "Unknown", "pinata", "Issue", "502", "oops", "Cause"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}
