//! Credentials send their secrets, store them on request, and show them nowhere else.

use std::fmt;

use pinning_keys_core::{
    Credential, CredentialForm, Effect, ErrorKind, ExposedCredential, Grant, IssuedKey, KeyRef,
    KeyRequest, PairHeaders, Permission, PermissionTable, ScopeRequest, serde_exposed,
};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use static_assertions::{assert_impl_all, assert_not_impl_any};

assert_not_impl_any!(Credential: fmt::Display, PartialEq, Serialize, AsRef<str>, ToString);
assert_not_impl_any!(IssuedKey: fmt::Display, PartialEq, Serialize);
// An exposed credential can be stored, but neither printed nor compared by accident.
assert_impl_all!(ExposedCredential<'static>: Serialize);
assert_not_impl_any!(ExposedCredential<'static>: fmt::Display, fmt::Debug, PartialEq);

const TOKEN: &str = "canary-token-5e1f";
const SECRET: &str = "canary-secret-9b2c";
/// Not public by nature: some providers expect the secret here.
const USER: &str = "canary-user-77aa";

fn headers() -> PairHeaders {
    PairHeaders::new("pinning_api_key", "pinning_secret_key")
}

fn bearer() -> Credential {
    Credential::bearer("pinata", TOKEN).unwrap()
}

fn pair() -> Credential {
    Credential::key_pair("w3ipfs", headers(), "public-1", SECRET).unwrap()
}

fn basic() -> Credential {
    Credential::basic("example", USER, SECRET).unwrap()
}

fn authorization() -> Credential {
    Credential::authorization("example", format!("Token {TOKEN}")).unwrap()
}

fn header() -> Credential {
    Credential::header("example", "X-Api-Token", TOKEN).unwrap()
}

fn both() -> Credential {
    bearer().with_key_pair(headers(), "public-1", SECRET).unwrap()
}

#[track_caller]
fn assert_no_secret(text: &str) {
    assert!(!text.contains("canary"), "{text}");
}

#[test]
fn headers_are_sensitive_and_prefer_the_token() {
    let sent = bearer().headers();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent["authorization"], format!("Bearer {TOKEN}"));
    assert!(bearer().pair_headers().is_none() && bearer().api_key().is_none());

    let sent = pair().headers();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent["pinning_api_key"], "public-1");
    assert_eq!(sent["pinning_secret_key"], SECRET);
    assert!(pair().bearer_headers().is_none());

    assert_eq!(Some(both().headers()), bearer().bearer_headers());
    assert_eq!(both().pair_headers(), pair().pair_headers());
}

#[test]
fn each_form_is_sent_in_its_headers_marked_sensitive() {
    for (credential, form, header, value) in [
        (bearer(), CredentialForm::Bearer, "authorization", format!("Bearer {TOKEN}")),
        (
            basic(),
            CredentialForm::Basic,
            "authorization",
            // printf canary-user-77aa:canary-secret-9b2c | base64
            "Basic Y2FuYXJ5LXVzZXItNzdhYTpjYW5hcnktc2VjcmV0LTliMmM=".to_owned(),
        ),
        (authorization(), CredentialForm::Authorization, "authorization", format!("Token {TOKEN}")),
        (header(), CredentialForm::Header, "x-api-token", TOKEN.to_owned()),
        (pair(), CredentialForm::KeyPair, "pinning_secret_key", SECRET.to_owned()),
    ] {
        let sent = credential.headers();
        assert_eq!(credential.form(), form);
        assert_eq!(sent[header], value, "{form}");
        assert_eq!(sent.len(), if form == CredentialForm::KeyPair { 2 } else { 1 });
        assert!(sent.values().all(http::HeaderValue::is_sensitive), "{form}");
        for other in [
            CredentialForm::Bearer,
            CredentialForm::KeyPair,
            CredentialForm::Basic,
            CredentialForm::Authorization,
            CredentialForm::Header,
        ] {
            let expected = (other == form).then(|| sent.clone());
            assert_eq!(credential.headers_for(other), expected, "{form} for {other}");
        }
    }
    let beside = basic().with_key_pair(headers(), "public-1", SECRET).unwrap();
    assert_eq!(beside.headers(), basic().headers());
    assert_eq!(beside.headers_for(CredentialForm::BearerOrKeyPair), pair().pair_headers());
}

#[test]
fn secrets_are_all_texts_to_hide() {
    let joined = format!("{USER}:{SECRET}");
    let value = format!("Token {TOKEN}");
    for (credential, secrets) in [
        (both(), &[TOKEN, SECRET][..]),
        (basic(), &[&joined, SECRET]),
        (authorization(), &[&value, TOKEN]),
        (header(), &[TOKEN]),
    ] {
        assert_eq!(credential.expose().secrets().collect::<Vec<_>>(), secrets);
    }
}

#[test]
fn exposed_credential_serializes_the_parts_it_has() {
    let parts = |credential: &Credential| {
        let exposed = credential.expose();
        [exposed.bearer(), exposed.api_key(), exposed.api_secret()]
            .map(|part| part.map(str::to_owned))
    };
    let owned = |parts: [&str; 3]| parts.map(|part| Some(part.to_owned()));
    assert_eq!(parts(&both()), owned([TOKEN, "public-1", SECRET]));
    let json = serde_json::to_string(&both().expose()).unwrap();
    let expected = format!(
        r#"{{"provider":"pinata","bearer":"{TOKEN}","api_key":"public-1","api_secret":"{SECRET}","api_key_header":"pinning_api_key","api_secret_header":"pinning_secret_key"}}"#
    );
    assert_eq!(json, expected);
    let json = serde_json::to_string(&bearer().expose()).unwrap();
    assert_eq!(json, format!(r#"{{"provider":"pinata","bearer":"{TOKEN}"}}"#));
}

#[test]
fn stored_credential_reads_back() {
    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Stored(#[serde(with = "serde_exposed")] Credential);

    let beside = basic().with_key_pair(headers(), "public-1", SECRET).unwrap();
    for credential in [both(), bearer(), pair(), basic(), authorization(), header(), beside] {
        let json = serde_json::to_string(&credential.expose()).unwrap();
        assert_eq!(serde_json::to_string(&Stored(credential.clone())).unwrap(), json);
        let Stored(read) = serde_json::from_str(&json).unwrap();
        assert_eq!(read.provider(), credential.provider());
        assert_eq!(read.bearer_headers(), credential.bearer_headers());
        assert_eq!(read.pair_headers(), credential.pair_headers());
        assert_eq!((read.form(), read.headers()), (credential.form(), credential.headers()));
    }
    for (credential, members) in [
        (basic(), format!(r#""user":"{USER}","password":"{SECRET}""#)),
        (authorization(), format!(r#""authorization":"Token {TOKEN}""#)),
        (header(), format!(r#""header":"x-api-token","header_value":"{TOKEN}""#)),
    ] {
        let json = serde_json::to_string(&credential.expose()).unwrap();
        assert_eq!(json, format!(r#"{{"provider":"example",{members}}}"#));
    }
}

#[test]
fn malformed_stored_credential_is_refused_without_quoting() {
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
        assert_no_secret(&format!("{error} {error:?}"));
    }
}

#[test]
fn incomplete_stored_credential_is_refused_with_what_it_lacks() {
    for (members, told) in [
        ("", "no secret"),
        (r#","api_key":"k""#, "an api_key, but no api_secret"),
        (r#","bearer":"canary","api_key":"k""#, "an api_key, but no api_secret"),
        (r#","api_secret":"canary""#, "an api_secret, but no api_key"),
        (r#","api_key":"k","api_secret":"canary""#, "without the names of its headers"),
        (
            r#","api_key":"k","api_secret":"canary","api_key_header":"a","api_secret_header":"A""#,
            "whose parts cannot be sent in its headers",
        ),
        (
            r#","api_key":"k","api_secret":"canary","api_key_header":"host","api_secret_header":"b""#,
            "whose parts cannot be sent in its headers",
        ),
        (r#","user":"canary""#, "a user, but no password"),
        (r#","password":"canary""#, "a password, but no user"),
        (r#","header":"x-token""#, "a header, but no header_value"),
        (r#","header_value":"canary""#, "a header_value, but no header"),
        (
            r#","bearer":"canary","authorization":"canary""#,
            "more than one of bearer, user, authorization and header",
        ),
        (r#","header":"canary x","header_value":"canary""#, "the name of the header is not valid"),
        (r#","header":"host","header_value":"canary""#, "cannot be sent in the header host"),
        (r#","user":"canary:canary","password":"canary""#, "the user has a colon"),
    ] {
        let stored = format!(r#"{{"provider":"pinata"{members}}}"#);
        let error = serde_json::from_str::<Credential>(&stored).unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
        assert_no_secret(&format!("{error} {error:?}"));
    }
}

#[test]
fn text_unfit_for_a_header_is_refused_without_quoting() {
    let cases = [
        ("", "is empty"),
        ("canary\r\nx-evil: 1", "at position 7 of 17"),
        ("canary\n", "at position 7 of 7"),
        (" canary", "at position 1 of 7"),
        ("canary key", "at position 7 of 10"),
        ("canary\u{e4}", "at position 7 of 8"),
        ("canary\0", "at position 7 of 7"),
        ("canary\u{7f}", "at position 7 of 7"),
    ];
    for (text, reason) in cases {
        let refusals = [
            ("the bearer token", Credential::bearer("pinata", text)),
            ("the API key", Credential::key_pair("pinata", headers(), text, SECRET)),
            ("the API secret", Credential::key_pair("pinata", headers(), "public-1", text)),
            ("the API secret", both().with_key_pair(headers(), "public-1", text)),
            ("the user", Credential::basic("pinata", text, SECRET)),
            ("the password", Credential::basic("pinata", USER, text)),
        ];
        for (what, refusal) in refusals {
            let error = refusal.unwrap_err();
            assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::NotSent));
            let line = error.to_string();
            assert!(line.starts_with(what) && line.contains(reason), "{line}");
            assert_no_secret(&format!("{line} {error:?}"));
        }
    }
}

#[test]
fn text_unfit_to_be_a_whole_header_value_is_refused_without_quoting() {
    for (text, reason) in [
        ("", "is empty"),
        (" canary", "begins or ends with a blank"),
        ("Token canary ", "begins or ends with a blank"),
        ("Token canary\r\nx-evil: 1", "at position 13 of 23"),
        ("Token\tcanary", "at position 6 of 12"),
        ("canary\u{e4}", "at position 7 of 8"),
        ("canary\0", "at position 7 of 7"),
        ("bearer", "names a scheme, but no credential follows"),
        ("Basic", "names a scheme, but no credential follows"),
    ] {
        for (what, refusal) in [
            ("the Authorization value", Credential::authorization("example", text)),
            ("the header value", Credential::header("example", "x-api-token", text)),
        ] {
            let line = refusal.unwrap_err().to_string();
            assert!(line.starts_with(what) && line.contains(reason), "{line}");
            assert_no_secret(&line);
        }
    }
}

#[test]
fn user_that_basic_cannot_send_is_refused_without_quoting() {
    let jwt = format!("eyJhbGciOiJIUzI1NiJ9.eyJ{SECRET}.c2lnbmF0dXJl");
    for (user, reason) in [
        ("canary:canary", "the user has a colon at position 7 of 13"),
        (&jwt, "a JWT was passed as the user"),
    ] {
        let error = Credential::basic("example", user, SECRET).unwrap_err();
        assert_eq!(error.to_string(), reason);
        assert_no_secret(&format!("{error:#} {error:?}"));
    }
    // Only the first colon has a meaning.
    let credential = Credential::basic("example", USER, "a:b:c").unwrap();
    assert_eq!(credential.expose().password(), Some("a:b:c"));
}

#[test]
fn header_that_cannot_carry_a_credential_is_refused() {
    for name in [
        "Connection",
        "Keep-Alive",
        "Proxy-Authorization",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "Accept",
        "Content-Length",
        "Content-Type",
        "Host",
        "User-Agent",
        "Cookie",
        "Set-Cookie",
        "Authorization",
    ] {
        let error = Credential::header("example", name, TOKEN).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let expected = format!("a credential cannot be sent in the header {}", name.to_lowercase());
        assert_eq!(error.to_string(), expected);
    }
    for name in ["", "canary header", "canary:", "canary\n", "can\u{e4}ry"] {
        let error = Credential::header("example", name, TOKEN).unwrap_err();
        assert_eq!(error.to_string(), "the name of the header is not valid");
        assert_no_secret(&format!("{error:#} {error:?}"));
    }
    let name = http::HeaderName::from_static("x-auth-key");
    assert!(Credential::header("example", name, TOKEN).is_ok());
}

#[test]
fn jwt_instead_of_an_api_key_is_refused_without_quoting() {
    let jwt = format!("eyJhbGciOiJIUzI1NiJ9.eyJ{SECRET}.c2lnbmF0dXJl");
    let error = Credential::key_pair("pinata", headers(), jwt, "s3cret").unwrap_err();
    assert_eq!(error.to_string(), "a JWT was passed as the API key");
    assert_no_secret(&format!("{error:#} {error:?}"));
    // In the place of the provider's id, any secret is too long.
    let error = Credential::bearer("0d2a".repeat(16), TOKEN).unwrap_err();
    assert!(!format!("{error:#}").contains("0d2a0d2a"), "{error:#}");
}

proptest! {
    #[test]
    fn any_text_is_refused_or_sent_unchanged(text in any::<String>()) {
        if let Ok(credential) = Credential::bearer("pinata", &*text) {
            prop_assert!(!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert_eq!(credential.expose().bearer(), Some(&*text));
            let sent = credential.headers();
            prop_assert_eq!(sent["authorization"].to_str().unwrap(), format!("Bearer {text}"));
        }
    }

    #[test]
    fn graphic_ascii_is_a_valid_token(text in "[!-~]{1,300}") {
        prop_assert!(Credential::bearer("pinata", text).is_ok());
    }
}

#[test]
fn debug_output_never_shows_a_secret() {
    static GRANTS: [Grant; 1] = [Grant::new("read", &[Permission::PinsList])];
    static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);
    let key = IssuedKey::new(
        KeyRef::new("example", "public-1").unwrap(),
        &KeyRequest::new("dashboard", ScopeRequest::reader()).unwrap(),
        TABLE.translate(&ScopeRequest::reader()).unwrap(),
        both(),
    );
    let holders: [&dyn fmt::Debug; 10] = [
        &both(),
        &bearer(),
        &pair(),
        &basic(),
        &authorization(),
        &header(),
        &key,
        &both().headers(),
        &both().pair_headers(),
        &basic().headers(),
    ];
    for holder in holders {
        assert_no_secret(&format!("{holder:?} {holder:#?}"));
    }
    assert_eq!(
        format!("{:?}", both()),
        r#"Credential { provider: "pinata", bearer: true, api_key: Some("public-1"), .. }"#
    );
    assert_eq!(
        format!("{:?}", basic()),
        r#"Credential { provider: "example", basic: true, api_key: None, .. }"#
    );

    assert_eq!(key.missing(), Permission::PinsListJobs.into());
    assert_eq!(key.clone().into_credential().expose().bearer(), Some(TOKEN));
    let (key_ref, name, credential) = key.into_parts();
    assert_eq!((key_ref.api_key(), name.as_str()), ("public-1", "dashboard"));
    assert_eq!(credential.expose().api_secret(), Some(SECRET));
}
