//! A transport that follows a script and records the requests, and the fixtures it answers with.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{ACCEPT, LOCATION, USER_AGENT};
use http::{HeaderMap, Request, Response};
use pinning_keys_http::{Limits, Reach, Transport, TransportError, TransportErrorKind};
use serde_json::{Map, Value, json};

use crate::repository;

/// What a [`Script`] does with one request.
#[derive(Clone, Debug)]
pub enum Step {
    /// Answers.
    Answer(Response<Bytes>),
    /// Fails at once.
    Fail(TransportErrorKind, Reach),
    /// Fails after this time.
    FailAfter(Duration, TransportErrorKind, Reach),
    /// Never answers, and ignores the limits.
    Hang,
}

type Next = Box<dyn FnMut(&Request<Bytes>) -> Step + Send>;

/// A scripted transport. Clones share the script and the record.
#[derive(Clone)]
pub struct Script(Arc<Shared>);

struct Shared {
    delay: Duration,
    next: Mutex<Next>,
    record: Mutex<Vec<(Request<Bytes>, Limits)>>,
}

impl Script {
    /// Takes one step per request, and panics at a request beyond the last step.
    pub fn new(steps: impl IntoIterator<Item = Step, IntoIter: Send + 'static>) -> Self {
        let mut steps = steps.into_iter();
        Self::with(move |_| steps.next().expect("the script has a step for each request"))
    }

    /// Takes one step per request, and repeats the last step.
    pub fn repeating(steps: impl IntoIterator<Item = Step, IntoIter: Send + 'static>) -> Arc<Self> {
        let (mut steps, mut last) = (steps.into_iter(), None);
        Arc::new(Self::with(move |_| {
            last = steps.next().or_else(|| last.take());
            last.clone().expect("the script has a step")
        }))
    }

    /// Answers one request, with this status and body.
    pub fn answer(status: u16, body: impl Into<Bytes>) -> Self {
        Self::new([answer(status, body)])
    }

    /// Chooses each step by the request.
    pub fn with(next: impl FnMut(&Request<Bytes>) -> Step + Send + 'static) -> Self {
        Self::slow(Duration::ZERO, next)
    }

    /// Chooses each step by the request, and takes it after this delay.
    pub fn slow(
        delay: Duration,
        next: impl FnMut(&Request<Bytes>) -> Step + Send + 'static,
    ) -> Self {
        Self(Arc::new(Shared { delay, next: Mutex::new(Box::new(next)), record: Mutex::default() }))
    }

    fn look<T>(&self, look: impl FnOnce(&[(Request<Bytes>, Limits)]) -> T) -> T {
        look(&self.0.record.lock().unwrap())
    }

    fn last<T>(&self, look: impl FnOnce(&Request<Bytes>) -> T) -> T {
        self.look(|record| look(&record.last().expect("a request was sent").0))
    }

    /// How many requests were sent.
    pub fn count(&self) -> usize {
        self.look(<[_]>::len)
    }

    /// The requests.
    pub fn requests(&self) -> Vec<Request<Bytes>> {
        self.look(|record| record.iter().map(|(request, _)| request.clone()).collect())
    }

    /// The timeout of each request.
    pub fn timeouts(&self) -> Vec<Duration> {
        self.look(|record| record.iter().map(|(_, limits)| limits.timeout).collect())
    }

    /// The method and URI of each request.
    pub fn targets(&self) -> Vec<String> {
        self.look(|record| {
            record.iter().map(|(r, _)| format!("{} {}", r.method(), r.uri())).collect()
        })
    }

    /// The last request in the form of a fixture, without the headers that every provider gets.
    pub fn last_request(&self) -> Value {
        self.last(in_fixture_form)
    }

    /// The headers of the last request.
    pub fn last_headers(&self) -> HeaderMap {
        self.last(|request| request.headers().clone())
    }

    /// The body of the last request.
    pub fn last_body(&self) -> Bytes {
        self.last(|request| request.body().clone())
    }
}

/// A script without a step, for tests that send nothing.
impl Default for Script {
    fn default() -> Self {
        Self::new([])
    }
}

#[async_trait]
impl Transport for Script {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        if !self.0.delay.is_zero() {
            tokio::time::sleep(self.0.delay).await;
        }
        let step = self.0.next.lock().unwrap()(&request);
        self.0.record.lock().unwrap().push((request, limits));
        match step {
            Step::Answer(response) => Ok(response),
            Step::Fail(kind, reach) => Err(TransportError::new(kind, reach)),
            Step::FailAfter(delay, kind, reach) => {
                tokio::time::sleep(delay).await;
                Err(TransportError::new(kind, reach))
            }
            Step::Hang => std::future::pending().await,
        }
    }
}

fn in_fixture_form(request: &Request<Bytes>) -> Value {
    let headers: Map<_, _> = request
        .headers()
        .iter()
        .filter(|(name, _)| ![ACCEPT, USER_AGENT].contains(name))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().into()))
        .collect();
    let body = match request.body().as_ref() {
        b"" => Value::Null,
        body => serde_json::from_slice(body).unwrap(),
    };
    json!({
        "method": request.method().as_str(),
        "target": request.uri().path_and_query().unwrap().as_str(),
        "headers": headers,
        "body": body,
    })
}

/// An answer of this status and body.
pub fn answer(status: u16, body: impl Into<Bytes>) -> Step {
    answer_with(status, &[], body)
}

/// An answer of this status, with headers and a body.
pub fn answer_with(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Step {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    Step::Answer(response.body(body.into()).unwrap())
}

/// A redirect as servers send it, with a page for people.
pub fn redirect(status: u16, location: &str) -> Step {
    let headers = [(LOCATION.as_str(), location)];
    answer_with(status, &headers, "<a href=\"/\">Moved Permanently</a>.")
}

/// A fixture of this crate, which has to name its source.
pub fn fixture(crate_name: &str, path: &str) -> Value {
    let file = repository(format!("crates/{crate_name}/tests/fixtures/{path}"));
    let fixture: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert!(fixture["source"].as_str().is_some_and(|source| !source.is_empty()));
    fixture
}
