//! Recognisable secrets go through every operation, well and badly; none comes out anywhere
//! but through `expose`.

mod support;

use std::error::Error as _;
use std::fmt::Debug;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use pinning_keys_core::{Credential, Error, KeyIssuer, KeyQuery, KeyRef, KeyRequest, ScopeRequest};
use pinning_keys_w3ipfs::{PAIR_HEADERS, W3ipfsConfig, W3ipfsIssuer};
use serde_json::json;
use support::{Script, answer};

const JWT: &str = "eyJhY2NvdW50.CanaryOfTheAccount.x7";
const ACCOUNT_KEY: &str = "CanaryOfTheAccountsKey+4/==";
const ACCOUNT_SECRET: &str = "CanaryOfTheAccountsSecret+5/==";
const HOLDER_SECRET: &str = "CanaryOfTheHolder+8/==";
const NEW_SECRET: &str = "CanaryOfTheNewSecret+2/==";

/// Issuers with each credential, which get this answer to every request.
fn issuers(status: u16, body: &str) -> [W3ipfsIssuer; 2] {
    let config = || {
        let body = body.to_owned();
        Script::with(move |_| answer(status, body.clone())).config()
    };
    [
        config().with_jwt(JWT).build().unwrap(),
        config().with_key_pair(ACCOUNT_KEY, ACCOUNT_SECRET).build().unwrap(),
    ]
}

#[track_caller]
fn assert_clean(what: &str, text: &str) {
    for secret in [JWT, ACCOUNT_KEY, ACCOUNT_SECRET, HOLDER_SECRET, NEW_SECRET] {
        for form in [secret.to_owned(), STANDARD.encode(secret), URL_SAFE_NO_PAD.encode(secret)] {
            assert!(!text.contains(&form), "{what} shows a secret:\n{text}");
        }
    }
    assert!(!text.contains("Canary"), "{what} shows a part of a secret:\n{text}");
}

fn assert_shows_nothing(what: &str, value: &impl Debug) {
    assert_clean(what, &format!("{value:?} {value:#?}"));
}

fn assert_error_is_clean(error: &Error) {
    assert_clean("an error", &format!("{error} {error:?} {error:#?}"));
    let mut source = error.source();
    while let Some(cause) = source {
        assert_clean("a source", &format!("{cause} {cause:?}"));
        source = cause.source();
    }
}

fn holder() -> Credential {
    Credential::key_pair("w3ipfs", PAIR_HEADERS, "key", HOLDER_SECRET).unwrap()
}

/// The new secret stands in a place of its own, or behind something that makes it none of those
/// that the client has; what a provider's sentence says of it looks like a token.
#[tokio::test(start_paused = true)]
async fn errors_repeat_no_secret_even_where_the_server_does() {
    let secrets = [JWT, ACCOUNT_KEY, ACCOUNT_SECRET, HOLDER_SECRET, NEW_SECRET];
    let raw = secrets.join(" ");
    let encoded = secrets.map(|secret| STANDARD.encode(secret)).join(" ");
    let url_safe = secrets.map(|secret| URL_SAFE_NO_PAD.encode(secret)).join(" ");
    let around = STANDARD.encode(format!("{ACCOUNT_KEY}:{ACCOUNT_SECRET} {JWT}"));
    let mut bodies = Vec::new();
    for echo in [&raw, &encoded, &url_safe, &around] {
        for status in ["success", "fail", "error", "pending"] {
            bodies.push(json!({ "status": status, "message": echo }).to_string());
        }
        bodies.push(json!({ "message": echo }).to_string());
        bodies.push(json!(echo).to_string());
        bodies.push(echo.clone());
        bodies.push(format!("<html>{echo}</html>"));
    }
    let made = json!({ "api_key": "", "secret_key": NEW_SECRET });
    bodies.push(json!({ "data": made, "status": "success" }).to_string());
    bodies.push(json!({ "data": made, "status": NEW_SECRET }).to_string());
    bodies.push(json!({ "data": made, "status": "success" }).to_string().replace('}', ""));

    let request = KeyRequest::new("user", ScopeRequest::reader()).unwrap();
    let fresh = KeyRef::new("w3ipfs", "key").unwrap();
    let listed = fresh.clone().with_id("id");
    for body in &bodies {
        for status in [200, 201, 302, 307, 400, 401, 403, 404, 409, 429, 500] {
            for issuer in issuers(status, body) {
                let errors = [
                    issuer.issue(&request).await.err(),
                    issuer.list(&KeyQuery::new()).await.err(),
                    issuer.revoke(&fresh).await.err(),
                    issuer.revoke(&listed).await.err(),
                    issuer.verify(&holder()).await.err(),
                ];
                errors.iter().flatten().for_each(assert_error_is_clean);
                assert!(errors.iter().flatten().count() > 2, "{status} {body}");
            }
        }
    }
}

/// What is no token by its looks, and known to nobody before: no cleaning would find it.
#[tokio::test]
async fn an_answer_to_a_create_is_not_quoted_whatever_it_says() {
    let made = json!({ "api_key": "k", "secret_key": "hunter2" });
    let half = json!({ "api_key": "k" });
    let request = KeyRequest::new("user", ScopeRequest::reader()).unwrap();
    for data in [json!(null), json!({}), json!([]), json!("hunter2"), half, made] {
        for said in ["key made, secret hunter keep it", "duplicated key not allowed"] {
            for word in ["ok", "success", "fail", "error", "pending", "hunter"] {
                // Known words are quoted, but not where there may be a key that they tell of.
                let said = if data.is_null() { said.to_owned() } else { format!("{said}: hunter") };
                let body = json!({ "status": word, "message": said, "data": data }).to_string();
                for status in [200, 201, 202] {
                    for issuer in issuers(status, &body) {
                        let issued = issuer.issue(&request).await;
                        let is_whole = word == "success" && data.get("secret_key").is_some();
                        assert_eq!(issued.is_ok(), is_whole, "{body}");
                        let Err(error) = issued else { continue };
                        let shown = format!("{error} {error:?} {error:#?}");
                        assert!(!shown.contains("hunter"), "{body}\n{shown}");
                        assert!(!shown.contains("keep it"), "{body}\n{shown}");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn an_issued_key_shows_its_secret_through_expose_alone() {
    let data = json!({ "name": "user", "api_key": "key", "secret_key": NEW_SECRET });
    let body = json!({ "data": data, "status": "success" }).to_string();
    let request = KeyRequest::new("user", ScopeRequest::reader()).unwrap();
    for issuer in issuers(200, &body) {
        let key = issuer.issue(&request).await.unwrap();
        assert_shows_nothing("an issued key", &key);
        assert_shows_nothing("a key reference", key.key_ref());
        assert_clean("a stored reference", &serde_json::to_string(key.key_ref()).unwrap());
        assert_shows_nothing("a credential", key.credential());
        assert_shows_nothing("its headers", &key.credential().headers());
        assert_shows_nothing("the issuer", &issuer);
        assert_shows_nothing("a plan", &issuer.plan(&request).unwrap());
        let stored = serde_json::to_string(&key.credential().expose()).unwrap();
        assert!(stored.contains(NEW_SECRET));
    }
}

#[tokio::test]
async fn a_listed_key_keeps_no_secret() {
    let row = json!({
        "id": "id", "name": "n", "api_key": "k", "secret_key": NEW_SECRET, "scopes": {},
    });
    let odd = json!({ "api_key": 7, "secret_key": NEW_SECRET });
    let data = json!({ "total": 2, "api_keys": [row, odd] });
    let body = json!({ "data": data, "status": "success" }).to_string();
    for issuer in issuers(200, &body) {
        let page = issuer.list(&KeyQuery::new()).await.unwrap();
        assert_eq!(page.records().len(), 1);
        assert_shows_nothing("a page", &page);
        let cursor = page.next().unwrap().as_str();
        assert_clean("a cursor", cursor);
        let stored = serde_json::to_string(page.records()[0].key_ref()).unwrap();
        assert_clean("a stored reference", &stored);
    }
}

#[test]
fn a_configuration_and_its_errors_show_nothing() {
    let pair = W3ipfsConfig::new().with_key_pair(ACCOUNT_KEY, ACCOUNT_SECRET);
    let jwt = W3ipfsConfig::new().with_jwt(JWT);
    assert_shows_nothing("a configuration", &pair);
    assert_shows_nothing("a configuration", &jwt);
    for config in [
        jwt.clone().with_key_pair(ACCOUNT_KEY, ACCOUNT_SECRET),
        jwt.clone().with_base_url("https://key:CanaryPassword@host/api"),
        jwt.clone().with_base_url(format!("https://host/api?jwt={JWT}")),
        jwt.with_jwt(format!("{JWT}\n")),
        pair.with_key_pair(format!("{ACCOUNT_KEY} {ACCOUNT_SECRET}"), "x"),
    ] {
        assert_shows_nothing("a configuration", &config);
        assert_error_is_clean(&config.build().unwrap_err());
    }
    for (name, value) in [("api_kee", JWT), ("deadline_seconds", JWT), ("jwt", "Canary Canary")] {
        assert_error_is_clean(&W3ipfsConfig::new().with_setting(name, value).unwrap_err());
    }
}
