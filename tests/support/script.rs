//! A transport that answers from a script and keeps what it was asked, and the fixtures that it
//! answers with. It knows no provider: a crate's own `support` adds its issuers.

#![allow(dead_code, reason = "each test file uses a part")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{ACCEPT, LOCATION, USER_AGENT};
use http::{HeaderMap, Request, Response};
use pinning_keys_http::{Limits, Transport, TransportError};
use serde_json::{Map, Value, json};

/// One answer of the script.
pub(crate) type Step = Result<Response<Bytes>, TransportError>;

type Next = Box<dyn FnMut(&Request<Bytes>) -> Step + Send>;

/// Copies share what they answer with and what they were asked.
#[derive(Clone)]
pub(crate) struct Script(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    takes: Duration,
}

struct State {
    next: Next,
    requests: Vec<Request<Bytes>>,
}

impl Script {
    /// Answers with these steps, one a request.
    pub(crate) fn new(steps: Vec<Step>) -> Self {
        let mut steps = steps.into_iter();
        Self::with(move |_| steps.next().expect("the script has an answer for each request"))
    }

    /// One answer of this status and body.
    pub(crate) fn answer(status: u16, body: impl Into<Bytes>) -> Self {
        Self::new(vec![answer(status, body)])
    }

    /// Works each answer out.
    pub(crate) fn with(next: impl FnMut(&Request<Bytes>) -> Step + Send + 'static) -> Self {
        Self::slow(Duration::ZERO, next)
    }

    /// Works each answer out, and takes this long for it.
    pub(crate) fn slow(
        takes: Duration,
        next: impl FnMut(&Request<Bytes>) -> Step + Send + 'static,
    ) -> Self {
        let state = State { next: Box::new(next), requests: Vec::new() };
        Self(Arc::new(Shared { state: Mutex::new(state), takes }))
    }

    fn look<T>(&self, look: impl FnOnce(&[Request<Bytes>]) -> T) -> T {
        look(&self.0.state.lock().unwrap().requests)
    }

    fn last<T>(&self, look: impl FnOnce(&Request<Bytes>) -> T) -> T {
        self.look(|requests| look(requests.last().expect("a request was made")))
    }

    /// How many requests were made.
    pub(crate) fn requests(&self) -> usize {
        self.look(<[_]>::len)
    }

    /// The method and the target of each request.
    pub(crate) fn targets(&self) -> Vec<String> {
        self.look(|all| all.iter().map(|r| format!("{} {}", r.method(), r.uri())).collect())
    }

    /// The last request in the form of a fixture, without what says nothing of the provider.
    pub(crate) fn last_request(&self) -> Value {
        self.last(in_fixture_form)
    }

    /// The headers of the last request.
    pub(crate) fn last_headers(&self) -> HeaderMap {
        self.last(|request| request.headers().clone())
    }

    /// The body of the last request.
    pub(crate) fn last_body(&self) -> Bytes {
        self.last(|request| request.body().clone())
    }
}

/// A script that expects no request.
impl Default for Script {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

#[async_trait]
impl Transport for Script {
    async fn send(
        &self,
        request: Request<Bytes>,
        _limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        if !self.0.takes.is_zero() {
            tokio::time::sleep(self.0.takes).await;
        }
        let mut state = self.0.state.lock().unwrap();
        let step = (state.next)(&request);
        state.requests.push(request);
        step
    }
}

fn in_fixture_form(request: &Request<Bytes>) -> Value {
    let provider_neutral = [ACCEPT, USER_AGENT];
    let headers: Map<_, _> = request
        .headers()
        .iter()
        .filter(|(name, _)| !provider_neutral.contains(name))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().into()))
        .collect();
    let target = request.uri().path_and_query().unwrap().as_str();
    let body = match request.body().as_ref() {
        b"" => Value::Null,
        body => serde_json::from_slice(body).unwrap(),
    };
    json!({
        "method": request.method().as_str(),
        "target": target,
        "headers": headers,
        "body": body,
    })
}

#[allow(clippy::unnecessary_wraps, reason = "a step of a script, beside those that are errors")]
pub(crate) fn answer(status: u16, body: impl Into<Bytes>) -> Step {
    Ok(Response::builder().status(status).body(body.into()).unwrap())
}

#[allow(clippy::unnecessary_wraps, reason = "a step of a script, beside those that are errors")]
pub(crate) fn redirect(status: u16, location: &str) -> Step {
    let moved = Response::builder().status(status).header(LOCATION, location);
    Ok(moved.body("<a href=\"/\">Moved Permanently</a>.".into()).unwrap())
}

/// A fixture of the crate under test, which names its source, and has a body.
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
