//! Recognisable secrets go through every operation, well and badly; none comes out anywhere
//! but through `expose`.

use std::error::Error as _;
use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Request, Response};
use pinning_keys::pinata::{PAIR_HEADERS, PinataConfig, PinataIssuer};
use pinning_keys::transport::{Limits, Transport, TransportError};
use pinning_keys::{Credential, Error, KeyIssuer, KeyQuery, KeyRef, KeyRequest, ScopeRequest};

const ACCOUNT: &str = "eyJhY2NvdW50.CanaryOfTheAccount.x7";
const HOLDER: &str = "eyJob2xkZXI.CanaryOfTheHolder.x8";
const PAIR_SECRET: &str = "CanaryOfThePair9";
const NEW_JWT: &str = "eyJuZXc.CanaryOfTheNewKey.x1";
const NEW_SECRET: &str = "CanaryOfTheNewSecret2";

/// Answers every request alike, with whatever it was given.
struct Answers(u16, String);

#[async_trait]
impl Transport for Answers {
    async fn send(&self, _: Request<Bytes>, _: Limits) -> Result<Response<Bytes>, TransportError> {
        Ok(Response::builder().status(self.0).body(Bytes::from(self.1.clone())).unwrap())
    }
}

fn issuer(status: u16, body: &str) -> PinataIssuer {
    PinataConfig::new()
        .with_base_url("https://pinata.test")
        .with_jwt(ACCOUNT)
        .with_transport(Arc::new(Answers(status, body.to_owned())))
        .build()
        .unwrap()
}

#[track_caller]
fn assert_clean(what: &str, text: &str) {
    for secret in [ACCOUNT, HOLDER, PAIR_SECRET, NEW_JWT, NEW_SECRET] {
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
    Credential::bearer("pinata", HOLDER)
        .unwrap()
        .with_key_pair(PAIR_HEADERS, "key", PAIR_SECRET)
        .unwrap()
}

#[tokio::test]
async fn errors_repeat_no_secret_even_where_the_server_does() {
    let echo =
        format!("{ACCOUNT} {HOLDER} {PAIR_SECRET} {NEW_SECRET}x {}", STANDARD.encode(ACCOUNT));
    let bodies = [
        format!(r#"{{"error":{{"reason":"{ACCOUNT}","details":"{echo}"}}}}"#),
        format!(r#"{{"error":{{"code":400,"message":"{echo}"}}}}"#),
        format!(r#"{{"error":"{echo}"}}"#),
        format!(r#"{{"JWT":"{NEW_JWT}","pinata_api_secret":"{NEW_SECRET}"}}"#),
        format!(r#"{{"keys":[{{"secret":"{NEW_SECRET}"}}]}}"#),
        echo,
    ];
    let request = KeyRequest::new("user", ScopeRequest::reader()).unwrap();
    let key = KeyRef::new("pinata", "key").unwrap();
    for body in &bodies {
        for status in [200, 302, 400, 401, 403, 404, 409] {
            let issuer = issuer(status, body);
            let errors = [
                issuer.issue(&request).await.err(),
                issuer.list(&KeyQuery::new()).await.err(),
                issuer.revoke(&key).await.err(),
                issuer.verify(&holder()).await.err(),
            ];
            errors.iter().flatten().for_each(assert_error_is_clean);
            assert!(errors.iter().flatten().count() > 0, "{status} {body}");
        }
    }
}

#[tokio::test]
async fn an_issued_key_shows_its_secrets_through_expose_alone() {
    let body = format!(
        r#"{{"JWT":"{NEW_JWT}","pinata_api_key":"key","pinata_api_secret":"{NEW_SECRET}"}}"#
    );
    let issuer = issuer(200, &body);
    let request = KeyRequest::new("user", ScopeRequest::reader()).unwrap();
    let key = issuer.issue(&request).await.unwrap();
    assert_shows_nothing("an issued key", &key);
    assert_shows_nothing("a key reference", key.key_ref());
    assert_shows_nothing("a credential", key.credential());
    assert_shows_nothing("its headers", &key.credential().headers());
    assert_shows_nothing("its pair's headers", &key.credential().pair_headers());
    assert_shows_nothing("the issuer", &issuer);
    assert_shows_nothing("a plan", &issuer.plan(&request).unwrap());
    let stored = serde_json::to_string(&key.credential().expose()).unwrap();
    assert!(stored.contains(NEW_JWT) && stored.contains(NEW_SECRET));
}

#[tokio::test]
async fn a_listed_key_keeps_no_secret() {
    let body = format!(
        r#"{{"keys":[{{"key":"k","name":"n","secret":"{NEW_SECRET}","scopes":{{}}}}],"count":1}}"#
    );
    let page = issuer(200, &body).list(&KeyQuery::new()).await.unwrap();
    assert_eq!(page.records().len(), 1);
    assert_shows_nothing("a page", &page);
}

#[test]
fn a_configuration_shows_nothing() {
    assert_shows_nothing("a configuration", &PinataConfig::new().with_jwt(ACCOUNT));
}
