//! Pinata's accounts, and issuers that talk to a script.

#![allow(dead_code, unused_imports, reason = "each test file uses a part")]

use std::sync::Arc;

use bytes::Bytes;
use pinning_keys_core::{
    Credential, Error, KeyIssuer, KeyQuery, KeyRef, KeyRequest, Operation, ScopeRequest,
};
use pinning_keys_pinata::{PinataConfig, PinataIssuer, Route};
use serde_json::Value;

pub(crate) use pinning_keys_testkit::script::{Script, answer, answer_with};

/// A fixture of this crate.
pub(crate) fn fixture(path: &str) -> Value {
    pinning_keys_testkit::script::fixture("pinata", path)
}

/// The body of a fixture.
pub(crate) fn body(path: &str) -> Bytes {
    fixture(path)["body"].to_string().into()
}

/// The JWT of the scripted account.
pub(crate) const ACCOUNT_JWT: &str = "eyJjYW5hcnkiOiJhY2NvdW50In0.account.canary7";

/// The key pair of the scripted account.
pub(crate) const ACCOUNT_PAIR: (&str, &str) = ("canary-key-5d1c", "canary-secret-a0f3");

/// An empty list of keys.
pub(crate) const EMPTY: &str = r#"{"keys":[],"count":0}"#;

/// The routes, by their names in settings and fixtures.
pub(crate) const ROUTES: [(&str, Route); 3] =
    [("v3", Route::V3), ("sdk", Route::Sdk), ("legacy", Route::Legacy)];

/// Issuers that talk to a script.
pub(crate) trait Answers {
    /// The configuration of an issuer that talks to this script, without a credential.
    fn config(&self) -> PinataConfig;

    /// An issuer of resources keys that talks to this script.
    fn issuer(&self) -> PinataIssuer {
        self.issuer_on(Route::V3)
    }

    /// An issuer that talks to this script through this route, with a JWT.
    fn issuer_on(&self, route: Route) -> PinataIssuer {
        self.config().with_jwt(ACCOUNT_JWT).with_route(route).build().unwrap()
    }

    /// An issuer that talks to this script through the legacy route, with a key pair.
    fn issuer_with_pair(&self) -> PinataIssuer {
        let (key, secret) = ACCOUNT_PAIR;
        self.config().with_route(Route::Legacy).with_key_pair(key, secret).build().unwrap()
    }
}

impl Answers for Script {
    fn config(&self) -> PinataConfig {
        PinataConfig::new()
            .with_base_url("https://pinata.test")
            .with_transport(Arc::new(self.clone()))
    }
}

pub(crate) fn request() -> KeyRequest {
    KeyRequest::new("user-42", ScopeRequest::reader()).unwrap()
}

pub(crate) fn key() -> KeyRef {
    KeyRef::new("pinata", "0d2a1b3c4d5e6f708192").unwrap()
}

/// The credential of a key that was issued.
pub(crate) fn holder() -> Credential {
    Credential::bearer("pinata", "holders-token").unwrap()
}

/// The next step of an error, or nothing.
pub(crate) fn advice(error: &Error) -> String {
    error.next_step().map(|step| step.to_string()).unwrap_or_default()
}

/// The status and body of a recorded refusal.
pub(crate) fn recorded(name: &str) -> (u16, Bytes) {
    let path = format!("errors/{name}.json");
    (u16::try_from(fixture(&path)["status"].as_u64().unwrap()).unwrap(), body(&path))
}

/// The error of an operation that must fail.
pub(crate) async fn failed(operation: Operation, issuer: &PinataIssuer) -> Error {
    let error = match operation {
        Operation::Issue => issuer.issue(&request()).await.unwrap_err(),
        Operation::List => issuer.list(&KeyQuery::new()).await.unwrap_err(),
        Operation::Revoke => issuer.revoke(&key()).await.unwrap_err(),
        _ => issuer.verify(&holder()).await.unwrap_err(),
    };
    let shown = format!("{error:#} {error:?} {:?}", std::error::Error::source(&error));
    assert!(!shown.contains("canary"), "{shown}");
    error
}
