//! What credentials say about themselves: read without a request, whatever is in them.

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pinning_keys::{Credential, CredentialFacts, ErrorKind, KeyIssuerExt, KeyRef, ScopeRequest};
use pinning_keys_testkit::secrets::all_of;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Place, assert_refused, leaks, pair_of};

fn token(payload: &str) -> Credential {
    let payload = URL_SAFE_NO_PAD.encode(payload);
    let token = format!("eyJhbGciOiJIUzI1NiJ9.{payload}.Zm9yZ2Vk");
    Credential::bearer("pinata", token).unwrap()
}

fn pinata() -> Place {
    Place::all().next().unwrap()
}

/// The key, the expiry in seconds, and whether e-mail address and secret are shown.
fn shown(facts: &CredentialFacts) -> (Option<&str>, Option<u64>, bool, bool) {
    let seconds = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let key = facts.key_ref().map(KeyRef::api_key);
    (key, facts.expiry().map(seconds), facts.shows_email(), facts.shows_secret())
}

#[tokio::test]
async fn facts_are_those_of_the_issued_credential() {
    for place in Place::all() {
        let key = place.issue("key", ScopeRequest::reader()).await;
        let sent = place.emulator.requests();
        for leaked in leaks(&key) {
            let facts = place.issuer.credential_facts(&leaked).unwrap();
            let is_token = leaked.expose().bearer().is_some();
            let end = is_token.then_some(4_102_444_800);
            let expected = (Some(key.key_ref().api_key()), end, is_token, is_token);
            assert_eq!(shown(&facts), expected, "{}", place.name);
            assert_eq!(place.issuer.key_of(&leaked).unwrap(), *key.key_ref());
        }
        assert_eq!(place.emulator.requests(), sent, "{}", place.name);
    }
}

#[tokio::test]
async fn login_names_no_key() {
    for place in Place::all().filter(|place| !place.configuration.is_pinata()) {
        let login = Credential::bearer("w3ipfs", place.emulator.w3ipfs().jwt()).unwrap();
        let facts = place.issuer.credential_facts(&login).unwrap();
        assert_eq!((facts.key_ref(), facts.expiry().is_some()), (None, true));
        let sent = place.emulator.requests();
        let error = place.issuer.trace(&login).await.map(drop).unwrap_err();
        assert!(format!("{error:#}").contains("it ends when it expires"), "{error:#}");
        assert_refused(Err::<(), _>(error), ErrorKind::InvalidInput, "does not name a key");
        assert_eq!(place.emulator.requests(), sent);
    }
}

/// As copied from a log, or from a file of variables.
#[test]
fn token_with_other_text_is_to_be_copied_again() {
    let place = pinata();
    let claim = token(r#"{"scopedKeyKey":"0d2a"}"#);
    let claim = claim.expose().bearer().unwrap();
    let (unsigned, _) = claim.rsplit_once('.').unwrap();
    for text in [format!("\"{claim}\""), format!("PINATA_JWT={claim}"), unsigned.to_owned()] {
        let key = place.issuer.key_of(&Credential::bearer("pinata", text).unwrap());
        let step = key.as_ref().unwrap_err().next_step().unwrap().to_string();
        assert!(
            step.starts_with("copy the credential whole, without the text around it"),
            "{step}"
        );
        assert_refused(key, ErrorKind::InvalidInput, "the credential does not name a key");
    }
}

#[test]
fn only_what_has_the_form_of_a_key_is_read() {
    let place = pinata();
    let secret = "5e".repeat(32);
    for (payload, expected) in [
        (json!({ "scopedKeyKey": "0d2a" }), (Some("0d2a"), None, false, false)),
        (json!({ "scopedKeyKey": secret, "scopedKeySecret": 7 }), (None, None, false, true)),
        (json!({ "scopedKeyKey": "eyJh.eyJi.c" }), (None, None, false, false)),
        (json!({ "scopedKeyKey": "../users" }), (None, None, false, false)),
        (json!({ "scopedKeyKey": "" }), (None, None, false, false)),
        (json!({ "scopedKeyKey": 13, "exp": 1.5 }), (None, Some(1), false, false)),
        (json!({ "userInformation": "me@example.com" }), (None, None, false, false)),
        (json!({ "userInformation": { "email": null } }), (None, None, false, false)),
        (json!({ "userInformation": { "email": "m@e" } }), (None, None, true, false)),
        (json!({ "nested": { "scopedKeyKey": "0d2a" } }), (None, None, false, false)),
        (json!(["0d2a"]), (None, None, false, false)),
    ] {
        let facts = place.issuer.credential_facts(&token(&payload.to_string())).unwrap();
        assert_eq!(shown(&facts), expected, "{payload}");
    }
    // Which of two keys the provider would believe is not known.
    let two = r#"{"scopedKeyKey":"0d2a","scopedKeyKey":"0d2b"}"#;
    assert_eq!(place.issuer.credential_facts(&token(two)).unwrap().key_ref(), None);
}

#[test]
fn token_and_pair_of_different_keys_are_refused() {
    let place = pinata();
    let claim = token(r#"{"scopedKeyKey":"0d2a"}"#);
    let claim = claim.expose().bearer().unwrap();
    let both = |api_key| {
        let pair = pair_of("pinata", api_key, "sample-secret");
        let mut stored = serde_json::to_value(pair.expose()).unwrap();
        stored["bearer"] = claim.into();
        serde_json::from_value::<Credential>(stored).unwrap()
    };
    assert_eq!(place.issuer.key_of(&both("0d2a")).unwrap().api_key(), "0d2a");
    let facts = place.issuer.credential_facts(&both("0d2b"));
    assert_refused(facts, ErrorKind::InvalidInput, "name different keys");
}

#[tokio::test]
async fn expired_token_says_so_and_its_key_is_not_revoked() {
    for place in Place::all().filter(|place| place.configuration.is_pinata()) {
        let key = place.issue("key", ScopeRequest::reader()).await;
        let payload = json!({ "scopedKeyKey": key.key_ref().api_key(), "exp": 1_700_000_000 });
        let key = place.issuer.trace(&token(&payload.to_string())).await.unwrap();
        let words = "the credential expired at 2023-11-14T22:13:20Z";
        assert_refused(key.revoke().await, ErrorKind::InvalidInput, words);
        assert_eq!(place.emulator.keys_live(), 1);
    }
}

/// Texts, and objects with the claims that are read.
fn payloads() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        any::<String>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::Null),
        "[0-9a-f]{33,80}".prop_map(Value::from),
        "eyJ[a-zA-Z0-9]{1,8}\\.eyJ[a-zA-Z0-9]{1,8}".prop_map(Value::from),
    ];
    let claims = (value.clone(), value.clone(), value.clone(), value).prop_map(
        |(key, secret, email, exp)| {
            let user = json!({ "email": email });
            json!({ "scopedKeyKey": key, "scopedKeySecret": secret, "userInformation": user,
                "exp": exp })
            .to_string()
        },
    );
    prop_oneof![any::<String>(), claims]
}

/// Whether a text has the form of an API key, which is no secret.
fn is_key_shaped(text: &str) -> bool {
    text.len() <= 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

proptest! {
    #[test]
    fn no_text_of_a_token_reaches_an_output(
        payload in payloads(),
        text in "[!-~]{24,200}",
        is_payload in any::<bool>(),
    ) {
        let place = pinata();
        let credential = if is_payload {
            token(&payload)
        } else {
            Credential::bearer("pinata", text).unwrap()
        };
        let facts = place.issuer.credential_facts(&credential).unwrap();
        let key = place.issuer.key_of(&credential);
        let error = key.as_ref().map_or_else(all_of, |_| String::new());
        let output = format!("{facts:?} {key:?} {error}");
        prop_assert!(facts.key_ref().is_none_or(|key| is_key_shaped(key.api_key())));
        prop_assert!(!output.contains(credential.expose().bearer().unwrap()));
        let members: Value = serde_json::from_str(&payload).unwrap_or_default();
        for claim in ["scopedKeyKey", "scopedKeySecret"].map(|name| members[name].as_str()) {
            let long = claim.filter(|text| text.len() >= 6 && !is_key_shaped(text));
            prop_assert!(long.is_none_or(|text| !output.contains(text)), "{}", output);
        }
    }
}
