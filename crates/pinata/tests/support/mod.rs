//! A transport that answers from a script and keeps what it was asked.

#![allow(dead_code, reason = "each test file uses a part")]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use pinning_keys_http::{Limits, Transport, TransportError};
use pinning_keys_pinata::{PinataConfig, PinataIssuer};
use serde_json::Value;

/// What the scripted account authenticates with.
pub(crate) const ACCOUNT_JWT: &str = "eyJjYW5hcnkiOiJhY2NvdW50In0.account.canary7";

/// One answer of the script.
pub(crate) type Step = Result<Response<Bytes>, TransportError>;

#[derive(Clone, Default)]
pub(crate) struct Script(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    steps: Vec<Step>,
    requests: Vec<Request<Bytes>>,
}

impl Script {
    /// Answers with these steps, one a request.
    pub(crate) fn new(mut steps: Vec<Step>) -> Self {
        steps.reverse();
        Self(Arc::new(Mutex::new(State { steps, requests: Vec::new() })))
    }

    /// One answer of this status and body.
    pub(crate) fn answer(status: u16, body: impl Into<Bytes>) -> Self {
        Self::new(vec![answer(status, body)])
    }

    /// How many requests were made.
    pub(crate) fn requests(&self) -> usize {
        self.0.lock().unwrap().requests.len()
    }

    /// The method and the target of each request.
    pub(crate) fn targets(&self) -> Vec<String> {
        let state = self.0.lock().unwrap();
        state.requests.iter().map(|r| format!("{} {}", r.method(), r.uri())).collect()
    }

    /// The headers of the last request.
    pub(crate) fn last_headers(&self) -> http::HeaderMap {
        self.0.lock().unwrap().requests.last().unwrap().headers().clone()
    }

    /// The body of the last request.
    pub(crate) fn last_body(&self) -> Bytes {
        self.0.lock().unwrap().requests.last().unwrap().body().clone()
    }

    /// An issuer of resources keys that talks to this script.
    pub(crate) fn issuer(&self) -> PinataIssuer {
        self.config().build().unwrap()
    }

    /// The configuration of an issuer that talks to this script.
    pub(crate) fn config(&self) -> PinataConfig {
        PinataConfig::new()
            .with_base_url("https://pinata.test")
            .with_jwt(ACCOUNT_JWT)
            .with_transport(Arc::new(self.clone()))
    }
}

#[async_trait]
impl Transport for Script {
    async fn send(
        &self,
        request: Request<Bytes>,
        _limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        let mut state = self.0.lock().unwrap();
        state.requests.push(request);
        state.steps.pop().expect("the script has an answer for each request")
    }
}

#[allow(clippy::unnecessary_wraps, reason = "a step of a script, beside those that are errors")]
pub(crate) fn answer(status: u16, body: impl Into<Bytes>) -> Step {
    Ok(Response::builder().status(status).body(body.into()).unwrap())
}

/// A fixture, which names its source, and has a body.
pub(crate) fn fixture(path: &str) -> Value {
    let path = format!("{}/tests/fixtures/{path}", env!("CARGO_MANIFEST_DIR"));
    let fixture: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert!(fixture["source"].as_str().is_some_and(|source| !source.is_empty()));
    fixture
}

/// The body of a fixture, as it goes over the wire.
pub(crate) fn body(path: &str) -> Bytes {
    fixture(path)["body"].to_string().into()
}
