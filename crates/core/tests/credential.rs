//! Credentials: what they send, and that they do not show it elsewhere.

use std::fmt;

use pinning_keys_core::{
    Credential, Effect, ErrorKind, ExposedCredential, Grant, IssuedKey, KeyName, KeyRef,
    PairHeaders, Permission, PermissionTable, ScopeRequest,
};
use proptest::prelude::*;
use serde::Serialize;
use static_assertions::{assert_impl_all, assert_not_impl_any};

assert_not_impl_any!(Credential: fmt::Display, PartialEq, Serialize, AsRef<str>, ToString);
assert_not_impl_any!(IssuedKey: fmt::Display, PartialEq, Serialize);
// What is exposed can be stored, but neither printed nor compared by accident.
assert_impl_all!(ExposedCredential<'static>: Serialize);
assert_not_impl_any!(ExposedCredential<'static>: fmt::Display, fmt::Debug, PartialEq);

const TOKEN: &str = "canary-token-5e1f";
const SECRET: &str = "canary-secret-9b2c";

fn headers() -> PairHeaders {
    PairHeaders::new("pinning_api_key", "pinning_secret_key")
}

fn full() -> Credential {
    Credential::bearer("pinata", TOKEN)
        .unwrap()
        .with_key_pair(headers(), "public-1", SECRET)
        .unwrap()
}

#[track_caller]
fn assert_no_secret(text: &str) {
    assert!(!text.contains("canary"), "{text}");
}

#[test]
fn a_bearer_token_is_sent_as_one_sensitive_header() {
    let sent = Credential::bearer("pinata", TOKEN).unwrap().headers();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent["authorization"], format!("Bearer {TOKEN}"));
    assert!(sent["authorization"].is_sensitive());
}

#[test]
fn a_key_pair_is_sent_as_two_sensitive_headers() {
    let sent = Credential::key_pair("pinata", headers(), "public-1", SECRET).unwrap().headers();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent["pinning_api_key"], "public-1");
    assert_eq!(sent["pinning_secret_key"], SECRET);
    assert!(sent.values().all(http::HeaderValue::is_sensitive));
}

#[test]
fn of_a_token_and_a_pair_the_token_is_sent_and_both_can_be() {
    let credential = full();
    assert_eq!(Some(credential.headers()), credential.bearer_headers());
    assert_eq!(credential.pair_headers().unwrap()["pinning_secret_key"], SECRET);
}

#[test]
fn what_is_not_there_is_not_sent() {
    let bearer = Credential::bearer("pinata", TOKEN).unwrap();
    assert!(bearer.pair_headers().is_none() && bearer.api_key().is_none());
    let pair = Credential::key_pair("pinata", headers(), "public-1", SECRET).unwrap();
    assert!(pair.bearer_headers().is_none());
    assert_eq!(pair.api_key(), Some("public-1"));
}

#[test]
fn what_was_stored_reads_back_as_it_was() {
    let pair = Credential::key_pair("w3ipfs", headers(), "public-1", SECRET).unwrap();
    for stored in [full(), Credential::bearer("pinata", TOKEN).unwrap(), pair] {
        let json = serde_json::to_string(&stored.expose()).unwrap();
        let read: Credential = serde_json::from_str(&json).unwrap();
        assert_eq!(read.provider(), stored.provider());
        assert_eq!(read.bearer_headers(), stored.bearer_headers());
        assert_eq!(read.pair_headers(), stored.pair_headers());
    }
}

#[test]
fn what_was_stored_badly_is_refused_without_the_secret() {
    for stored in [
        "{}",
        r#""canary""#,
        r#"["pinata","canary"]"#,
        r#"{"provider":"pinata"}"#,
        r#"{"provider":"pinata","bearer":"canary","api_secret":"canary"}"#,
        r#"{"provider":"pinata","api_key":"k","api_secret":"canary","api_key_header":"a","api_secret_header":"a"}"#,
        r#"{"provider":"Pin ata","bearer":"canary"}"#,
        r#"{"provider":"pinata","bearer":"canary canary"}"#,
        r#"{"provider":"pinata","api_key":"k"}"#,
        r#"{"provider":"pinata","api_key":"k","api_secret":"canary"}"#,
        r#"{"provider":"pinata","api_key":"k","api_secret":"canary","api_key_header":"a b","api_secret_header":"c"}"#,
    ] {
        let error = serde_json::from_str::<Credential>(stored).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }
}

#[test]
fn exposing_shows_everything_and_serializes_what_is_there() {
    let full = full();
    let exposed = full.expose();
    assert_eq!(exposed.bearer(), Some(TOKEN));
    assert_eq!(exposed.api_key(), Some("public-1"));
    assert_eq!(exposed.api_secret(), Some(SECRET));
    let json = serde_json::to_string(&exposed).unwrap();
    assert_eq!(
        json,
        format!(
            r#"{{"provider":"pinata","bearer":"{TOKEN}","api_key":"public-1","api_secret":"{SECRET}","#
        ) + r#""api_key_header":"pinning_api_key","api_secret_header":"pinning_secret_key"}"#
    );
    let bearer = Credential::bearer("pinata", TOKEN).unwrap();
    let json = serde_json::to_string(&bearer.expose()).unwrap();
    assert_eq!(json, format!(r#"{{"provider":"pinata","bearer":"{TOKEN}"}}"#));
}

#[test]
fn texts_that_cannot_stand_in_a_header_are_refused_without_being_repeated() {
    let cases = [
        ("", "is empty"),
        ("canary\r\nx-evil: 1", "at place 7 of 17"),
        ("canary\n", "at place 7 of 7"),
        (" canary", "at place 1 of 7"),
        ("canary key", "at place 7 of 10"),
        ("canary\u{e4}", "at place 7 of 8"),
        ("canary\0", "at place 7 of 7"),
        ("canary\u{7f}", "at place 7 of 7"),
    ];
    for (text, reason) in cases {
        let refusals = [
            ("the bearer token", Credential::bearer("pinata", text)),
            ("the API key", Credential::key_pair("pinata", headers(), text, SECRET)),
            ("the API secret", Credential::key_pair("pinata", headers(), "public-1", text)),
            ("the API secret", full().with_key_pair(headers(), "public-1", text)),
        ];
        for (what, refusal) in refusals {
            let error = refusal.unwrap_err();
            assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::NotSent));
            let shown = error.to_string();
            assert!(shown.starts_with(what) && shown.contains(reason), "{shown}");
            assert_no_secret(&shown);
            assert_no_secret(&format!("{error:?}"));
        }
    }
}

proptest! {
    #[test]
    fn every_text_is_refused_or_sent_as_it_is(text in any::<String>()) {
        if let Ok(credential) = Credential::bearer("pinata", &*text) {
            prop_assert!(!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert_eq!(credential.expose().bearer(), Some(&*text));
            let sent = credential.headers();
            prop_assert_eq!(sent["authorization"].to_str().unwrap(), format!("Bearer {text}"));
        }
    }

    #[test]
    fn every_printable_text_is_a_token(text in "[!-~]{1,300}") {
        prop_assert!(Credential::bearer("pinata", text).is_ok());
    }
}

#[test]
fn no_debug_form_shows_a_secret() {
    static GRANTS: [Grant; 1] = [Grant::new("read", &[Permission::PinsList])];
    static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);
    let key = IssuedKey::new(
        KeyRef::new("example", "public-1").unwrap(),
        KeyName::new("dashboard").unwrap(),
        TABLE.translate(&ScopeRequest::reader()).unwrap(),
        full(),
    );
    let shown = [
        format!("{:?}", full()),
        format!("{:#?}", full()),
        format!("{key:?}"),
        format!("{key:#?}"),
        format!("{:?}", full().headers()),
        format!("{:?}", full().pair_headers()),
    ];
    for text in shown {
        assert_no_secret(&text);
    }
    assert_eq!(
        format!("{:?}", full()),
        r#"Credential { provider: "pinata", bearer: true, api_key: Some("public-1"), .. }"#
    );
    assert_eq!(key.missing(), Permission::PinsListJobs.into());
    assert_eq!(key.into_credential().expose().bearer(), Some(TOKEN));
}
