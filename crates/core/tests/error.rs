//! Errors name what failed, why, and what happened at the provider, and which may be retried.

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

const OPERATIONS: [Operation; 6] = [
    Operation::Issue,
    Operation::List,
    Operation::Revoke,
    Operation::Verify,
    Operation::SignUpload,
    Operation::Login,
];
const EFFECTS: [Effect; 3] = [Effect::NotSent, Effect::Rejected, Effect::Unknown];

#[derive(Debug)]
struct Cause;

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the cable is out")
    }
}

impl StdError for Cause {}

fn name() -> KeyName {
    KeyName::new("user-42-7f3k").unwrap()
}

fn attempts(count: u32, millis: u64, stopped: Option<&'static str>) -> Attempts {
    Attempts::new(count, Duration::from_millis(millis), stopped)
}

/// An error of a call at Pinata, with a cause.
fn error(operation: Operation, effect: Effect) -> Error {
    Error::new(ErrorKind::Unavailable, "oops")
        .with_effect(effect)
        .with_provider("pinata")
        .with_operation(operation)
        .with_source(Cause)
}

#[test]
fn lost_create_names_the_key_and_how_to_settle_it() {
    let lost = error(Operation::Issue, Effect::Unknown)
        .with_key_name(name())
        .with_attempts(attempts(1, 1_200, None))
        .with_next_step("check the network");
    let line = "key \"user-42-7f3k\" may exist at pinata: oops (1 attempt, 1.2 s)";
    assert_eq!(lost.to_string(), line);
    assert_eq!(
        format!("{lost:#}"),
        format!(
            "{line}\n  it is not sent again, because a second create could issue a second key\n  \
             to settle it:  issuer.reconcile(&KeyName::new(\"user-42-7f3k\")?)   finds the key by \
             its exact name and revokes it"
        )
    );
    assert_eq!(lost.next_step(), Some(NextStep::Reconcile(name())), "other advice gives way");
    assert_eq!(lost.key_name(), Some(&name()));

    let quoted = lost.with_key_name(KeyName::new(r#"the "big" one"#).unwrap());
    assert!(format!("{quoted:#}").contains(r#"KeyName::new("the \"big\" one")"#), "{quoted:#}");
}

#[test]
fn line_names_operation_and_effect_but_not_the_cause() {
    use Effect::{NotSent, Rejected, Unknown};
    use Operation::{Issue, List, Login, Revoke, SignUpload, Verify};
    let issue = "cannot issue key \"user-42-7f3k\" at pinata: oops";
    let list = "cannot list the keys at pinata: oops";
    let revoke = "cannot revoke the key at pinata: oops";
    let verify = "cannot verify the credential at pinata: oops";
    let sign = "cannot sign an upload URL at pinata: oops";
    let login = "cannot log in at pinata: oops";
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
        (SignUpload, NotSent, format!("{sign}; nothing was sent")),
        (SignUpload, Rejected, sign.to_owned()),
        (SignUpload, Unknown, sign.to_owned()),
        (Login, NotSent, format!("{login}; nothing was sent")),
        (Login, Rejected, login.to_owned()),
    ];
    for (operation, effect, line) in cases {
        let error = error(operation, effect).with_key_name(name());
        assert_eq!(error.to_string(), line);
        assert_eq!(error.source().unwrap().to_string(), "the cable is out");
    }
    let nameless = error(Issue, Unknown);
    assert_eq!(nameless.to_string(), "cannot issue the key at pinata: oops; a key may exist");

    let outside = Error::new(ErrorKind::Configuration, "no base URL").with_next_step("set one");
    assert_eq!(format!("{outside} | {outside:#}"), "no base URL | no base URL\n  set one");
    assert!(outside.source().is_none() && outside.scope_error().is_none());
    assert_eq!((outside.operation(), outside.provider(), outside.key_name()), (None, None, None));
}

#[test]
fn next_step_falls_back_on_the_facts_of_the_error() {
    let revoke = |effect| error(Operation::Revoke, effect);
    assert_eq!(revoke(Effect::Rejected).next_step(), None);
    assert_eq!(revoke(Effect::Unknown).next_step(), Some(NextStep::RevokeAgain));
    let waits = revoke(Effect::Unknown).with_retry_after(Duration::from_secs(3));
    assert_eq!(waits.next_step(), Some(NextStep::RetryAfter(Duration::from_secs(3))));
    assert_eq!(waits.with_next_step("run").next_step(), Some(NextStep::Advice("run".into())));
    let steps = [NextStep::RevokeAgain, NextStep::RetryAfter(Duration::from_secs(3))];
    assert_eq!(
        steps.map(|step| step.to_string()),
        ["revoke it again; that is harmless", "try again in 3 s"]
    );
}

#[test]
fn details_follow_the_message_in_brackets() {
    let error = error(Operation::List, Effect::Rejected)
        .with_origin("keys.toml")
        .with_status(StatusCode::TOO_MANY_REQUESTS)
        .with_provider_code("SLOW_DOWN")
        .with_retry_after(Duration::from_millis(90_500))
        .with_attempts(attempts(3, 250, Some("attempt limit reached")));
    assert_eq!(
        error.to_string(),
        "cannot list the keys at pinata: oops (from keys.toml, HTTP 429, SLOW_DOWN, 3 attempts, \
         250 ms, attempt limit reached, retry after 90 s)"
    );
    assert_eq!(error.origin(), Some("keys.toml"));
    assert_eq!(error.status(), Some(StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(error.provider_code(), Some("SLOW_DOWN"));
    assert_eq!(error.retry_after(), Some(Duration::from_millis(90_500)));
    let attempts = error.attempts().unwrap();
    assert_eq!((attempts.count(), attempts.elapsed().as_millis()), (3, 250));
    assert_eq!(attempts.stopped(), Some("attempt limit reached"));
    let repeated = error.with_provider_code("429").to_string();
    assert_eq!(repeated.matches("429").count(), 1, "{repeated}");
}

#[test]
fn durations_are_rounded_to_what_matters() {
    for (millis, text) in
        [(0, "0 ms"), (999, "999 ms"), (1_000, "1 s"), (1_250, "1.2 s"), (61_900, "61 s")]
    {
        let error = Error::new(ErrorKind::Timeout, "late").with_attempts(attempts(2, millis, None));
        assert_eq!(error.to_string(), format!("late (2 attempts, {text})"));
    }
}

#[test]
fn serialized_error_has_the_listed_fields_only() {
    let error = error(Operation::Issue, Effect::Unknown)
        .with_status(StatusCode::BAD_GATEWAY)
        .with_provider_code("OOPS")
        .with_retry_after(Duration::from_millis(1_500))
        .with_key_name(name());
    assert_eq!(
        serde_json::to_value(&error).unwrap(),
        serde_json::json!({
            "kind": "unavailable",
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
}

#[test]
fn debug_output_has_the_text_and_the_cause() {
    let error = error(Operation::Issue, Effect::Unknown).with_status(StatusCode::BAD_GATEWAY);
    assert_eq!(format!("{error:?}"), format!("{error:#}\n  caused by: the cable is out"));
    let fields = format!("{error:#?}");
    for part in ["Unavailable", "Unknown", "pinata", "Issue", "502", "oops", "Cause"] {
        assert!(fields.contains(part), "{part}: {fields}");
    }
}

#[test]
fn texts_of_kinds_effects_and_operations_are_stable() {
    let kinds: BTreeSet<_> = ErrorKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(kinds.len(), ErrorKind::ALL.len());
    for kind in ErrorKind::ALL {
        assert_eq!(kind.as_str().replace('_', " "), kind.to_string());
    }
    assert_eq!(EFFECTS.map(Effect::as_str), ["not_sent", "rejected", "unknown"]);
    assert_eq!(EFFECTS.map(|effect| effect.to_string()), ["not sent", "rejected", "unknown"]);
    assert!(EFFECTS.is_sorted(), "ordered by doubt");
    let texts = OPERATIONS.map(|operation| operation.to_string());
    assert_eq!(texts, ["issue", "list", "revoke", "verify", "sign_upload", "login"]);
}

#[test]
fn only_transient_failures_without_a_key_are_retryable() {
    let transient =
        [ErrorKind::RateLimited, ErrorKind::Unavailable, ErrorKind::Timeout, ErrorKind::Connection];
    for kind in ErrorKind::ALL.iter().copied() {
        for effect in EFFECTS {
            for operation in OPERATIONS {
                let error = Error::new(kind, "oops").with_effect(effect).with_operation(operation);
                let key_may_exist = operation == Operation::Issue && effect == Effect::Unknown;
                let expected = transient.contains(&kind) && !key_may_exist;
                assert_eq!(error.is_retryable(), expected, "{kind:?} {effect:?} {operation}");
            }
            let outside = Error::new(kind, "oops").with_effect(effect);
            assert_eq!(outside.is_retryable(), transient.contains(&kind), "{kind:?} {effect:?}");
        }
    }
    let unrepeatable = OPERATIONS.into_iter().filter(|operation| !operation.is_repeatable());
    assert_eq!(unrepeatable.collect::<Vec<_>>(), [Operation::Issue]);
}

#[test]
fn failure_that_affects_all_keys_does_not_pass() {
    use ErrorKind as K;
    let affecting = ErrorKind::ALL.iter().copied().filter(|kind| kind.affects_all_keys());
    let affecting: Vec<_> = affecting.collect();
    assert!(affecting.iter().all(|kind| !Error::new(*kind, "oops").is_retryable()));
    let credential = [K::Configuration, K::CredentialUnavailable, K::Unauthenticated];
    let account = [K::PermissionDenied, K::AccountRestricted, K::TooManyKeys];
    assert_eq!(affecting, [&credential[..], &account, &[K::Tls, K::Redirected]].concat());
}

#[test]
fn refused_scope_is_the_text_with_one_effect() {
    static GRANTS: [Grant; 1] = [Grant::new("read", &[Permission::PinsList])];
    static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);
    for (request, kind) in [
        (ScopeRequest::uploader(), ErrorKind::Inexpressible),
        (ScopeRequest::needs([]), ErrorKind::InvalidInput),
        (ScopeRequest::reader().tolerates("example:raed"), ErrorKind::InvalidInput),
    ] {
        let refusal: ScopeError = TABLE.translate(&request).unwrap_err();
        let error = Error::from(refusal.clone());
        assert_eq!((error.kind(), error.effect()), (kind, Effect::NotSent));
        assert_eq!(error.scope_error(), Some(&refusal));
        assert_eq!(error.to_string(), refusal.to_string());
        assert!(error.source().is_none(), "the refusal is the text, not the source");

        let error =
            error.with_provider("example").with_operation(Operation::Issue).with_key_name(name());
        let line = error.to_string();
        assert_eq!(line, format!("cannot issue key \"user-42-7f3k\": {refusal}; nothing was sent"));
        assert_eq!(error.next_step(), refusal.next_step());
        assert!(format!("{error:#}").starts_with(&line), "{error:#}");
    }
}
