//! W3IPFS's accounts, and issuers that talk to a script.

#![allow(dead_code, unused_imports, reason = "each test file uses a part")]

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use pinning_keys_core::{
    Credential, Error, KeyIssuer, KeyQuery, KeyRef, KeyRequest, Operation, ScopeRequest,
};
use pinning_keys_w3ipfs::{PAIR_HEADERS, W3ipfsConfig, W3ipfsIssuer};
use serde_json::{Value, json};

pub(crate) use pinning_keys_testkit::script::{Script, Step, answer, answer_with, redirect};

/// A fixture of this crate.
pub(crate) fn fixture(path: &str) -> Value {
    pinning_keys_testkit::script::fixture("w3ipfs", path)
}

/// The body of a fixture.
pub(crate) fn body(path: &str) -> Bytes {
    fixture(path)["body"].to_string().into()
}

/// The JWT of the scripted account.
pub(crate) const ACCOUNT_JWT: &str = "eyJjYW5hcnkiOiJhY2NvdW50In0.account.canary7";

/// The key pair of the scripted account.
pub(crate) const ACCOUNT_PAIR: (&str, &str) = ("canary-key-5d1c", "canary-secret-a0f3");

/// The pair of a key that was issued.
pub(crate) const HOLDER_PAIR: (&str, &str) = ("holders+key/==", "holders+secret/==");

/// The credential of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Account {
    Jwt,
    KeyPair,
}

pub(crate) const ACCOUNTS: [Account; 2] = [Account::Jwt, Account::KeyPair];

impl Account {
    pub(crate) fn of(self, config: W3ipfsConfig) -> W3ipfsConfig {
        match self {
            Self::Jwt => config.with_jwt(ACCOUNT_JWT),
            Self::KeyPair => config.with_key_pair(ACCOUNT_PAIR.0, ACCOUNT_PAIR.1),
        }
    }
}

/// Issuers that talk to a script.
pub(crate) trait Answers {
    /// The configuration of an issuer that talks to this script, without a credential.
    fn config(&self) -> W3ipfsConfig;

    /// An issuer that talks to this script with a JWT.
    fn issuer(&self) -> W3ipfsIssuer {
        self.issuer_of(Account::Jwt)
    }

    /// An issuer that talks to this script with either credential.
    fn issuer_of(&self, account: Account) -> W3ipfsIssuer {
        account.of(self.config()).build().unwrap()
    }
}

impl Answers for Script {
    fn config(&self) -> W3ipfsConfig {
        W3ipfsConfig::new()
            .with_base_url("https://w3ipfs.test/api")
            .with_transport(Arc::new(self.clone()))
    }
}

pub(crate) fn request() -> KeyRequest {
    KeyRequest::new("user-42", ScopeRequest::reader()).unwrap()
}

/// A key that was just issued: its id is not known.
pub(crate) fn fresh() -> KeyRef {
    KeyRef::new("w3ipfs", HOLDER_PAIR.0).unwrap()
}

/// The same key as a list shows it.
pub(crate) fn listed() -> KeyRef {
    fresh().with_id("0b6f8f3e-7c55-4a0c-9f43-5d2f6f1f3a10").unwrap()
}

pub(crate) fn holder() -> Credential {
    Credential::key_pair("w3ipfs", PAIR_HEADERS, HOLDER_PAIR.0, HOLDER_PAIR.1).unwrap()
}

/// The sentence for the deletion of a key that does not exist (inferred).
pub(crate) const NO_RECORD: &str = "record not found";

/// The answer of a proxy.
pub(crate) const HTML: &str = "<html><body>canary-page</body></html>";

/// An empty list of keys.
pub(crate) const EMPTY: &str = r#"{"data":{"total":0,"api_keys":null},"status":"success"}"#;

/// The advice for an answer without a sentence.
pub(crate) const NOT_W3IPFS: &str = "the answer is not from W3IPFS";

/// The statuses that a refusal may have, because no source shows it for most sentences.
pub(crate) const STATUSES: [u16; 6] = [400, 403, 409, 422, 500, 502];

/// Every operation of an issuer.
pub(crate) const ALL: [Operation; 4] =
    [Operation::Issue, Operation::List, Operation::Revoke, Operation::Verify];

/// The body of a refusal.
pub(crate) fn fail(sentence: &str) -> String {
    json!({ "status": "fail", "message": sentence }).to_string()
}

/// The next step of an error, or nothing.
pub(crate) fn advice(error: &Error) -> String {
    error.next_step().map(|step| step.to_string()).unwrap_or_default()
}

/// The error of an operation that gets this answer, also when it is repeated. A create is sent
/// once.
pub(crate) async fn failed(operation: Operation, account: Account, step: Step) -> Error {
    let script = Script::repeating([step]);
    let issuer = script.issuer_of(account);
    let error = match operation {
        Operation::Issue => issuer.issue(&request()).await.unwrap_err(),
        Operation::List => issuer.list(&KeyQuery::new()).await.unwrap_err(),
        Operation::Revoke => issuer.revoke(&listed()).await.unwrap_err(),
        _ => issuer.verify(&holder()).await.unwrap_err(),
    };
    assert_eq!((error.operation(), error.provider()), (Some(operation), Some("w3ipfs")));
    let shown = format!("{error:#} {error:?} {:?}", std::error::Error::source(&error));
    assert!(!shown.contains("canary"), "{shown}");
    if operation == Operation::Issue {
        assert_eq!((script.count(), error.key_name().unwrap().as_str()), (1, "user-42"));
    }
    error
}

pub(crate) async fn failed_issue(status: u16, words: impl Into<Bytes>) -> Error {
    failed(Operation::Issue, Account::Jwt, answer(status, words)).await
}

/// The body of a list with these rows.
pub(crate) fn keys(rows: &Value) -> String {
    json!({ "data": { "api_keys": rows }, "status": "success" }).to_string()
}

/// The page of a list of this many keys, newest first, that a request asks for.
pub(crate) fn slice(request: &Request<Bytes>, total: usize, most: usize, claims: usize) -> String {
    let query = request.uri().query().unwrap();
    let number = |name: &str| {
        let value = query.split('&').find_map(|pair| pair.strip_prefix(name)).unwrap();
        value.parse::<usize>().unwrap()
    };
    let rows: Vec<_> = (number("offset=")..total)
        .take(number("limit=").min(most))
        .map(|i| json!({ "api_key": format!("key-{i}"), "id": format!("id-{i}"), "name": "n" }))
        .collect();
    let rows = if rows.is_empty() { Value::Null } else { rows.into() };
    json!({ "data": { "total": claims, "api_keys": rows }, "status": "success" }).to_string()
}
