//! A transport that follows a script, and short ways to say common things.

#[cfg(feature = "reqwest")]
pub(crate) mod server;
#[cfg(any(feature = "tls-ring", feature = "tls-aws-lc"))]
pub(crate) mod tls_server;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response};
use pinning_keys_core::{KeyName, Operation};
use pinning_keys_http::credentials::{AccountCredential, CredentialSource};
use pinning_keys_http::{
    ApiClient, ApiClientBuilder, BaseUrl, Call, Limits, Reach, Transport, TransportError,
    TransportErrorKind,
};

pub(crate) const ALL: [Operation; 4] =
    [Operation::Issue, Operation::List, Operation::Revoke, Operation::Verify];

/// What a [`Scripted`] transport does with one request.
#[derive(Clone)]
pub(crate) enum Step {
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
    Fail(TransportErrorKind, Reach),
    /// Never answers, and takes no notice of the limits.
    Hang,
    /// Fails so after this time.
    FailAfter(Duration, TransportErrorKind, Reach),
}

pub(crate) fn status(status: u16) -> Step {
    answer(status, &[], "")
}

pub(crate) fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Step {
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Step::Answer { status, headers, body: body.to_owned() }
}

/// Plays its steps one after the other, and the last one again and again.
pub(crate) struct Scripted {
    steps: Mutex<VecDeque<Step>>,
    log: Mutex<Vec<(Request<Bytes>, Limits)>>,
}

impl Scripted {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Arc<Self> {
        Arc::new(Self { steps: Mutex::new(steps.into_iter().collect()), log: Mutex::default() })
    }

    pub(crate) fn count(&self) -> usize {
        self.log.lock().unwrap().len()
    }

    pub(crate) fn requests(&self) -> Vec<Request<Bytes>> {
        self.log.lock().unwrap().iter().map(|(request, _)| request.clone()).collect()
    }

    pub(crate) fn timeouts(&self) -> Vec<Duration> {
        self.log.lock().unwrap().iter().map(|(_, limits)| limits.timeout).collect()
    }

    fn next_step(&self) -> Step {
        let mut steps = self.steps.lock().unwrap();
        if steps.len() > 1 { steps.pop_front().unwrap() } else { steps[0].clone() }
    }
}

#[async_trait]
impl Transport for Scripted {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        self.log.lock().unwrap().push((request, limits));
        match self.next_step() {
            Step::Answer { status, headers, body } => {
                let mut response = Response::builder().status(status);
                for (name, value) in headers {
                    response = response.header(name, value);
                }
                Ok(response.body(Bytes::from(body)).unwrap())
            }
            Step::Fail(kind, reach) => Err(TransportError::new(kind, reach)),
            Step::Hang => std::future::pending().await,
            Step::FailAfter(time, kind, reach) => {
                tokio::time::sleep(time).await;
                Err(TransportError::new(kind, reach))
            }
        }
    }
}

pub(crate) fn token() -> Arc<dyn CredentialSource> {
    Arc::new(AccountCredential::bearer("account-token").unwrap())
}

pub(crate) fn builder() -> ApiClientBuilder {
    let base_url = BaseUrl::parse("https://api.example.com", &[]).unwrap();
    ApiClient::builder("example", base_url, token())
}

pub(crate) fn client(transport: &Arc<Scripted>) -> ApiClient {
    builder().transport(transport.clone()).build().unwrap()
}

/// A call of this operation, as an adapter would make it.
pub(crate) fn call(operation: Operation) -> Call {
    match operation {
        Operation::Issue => Call::new(operation, Method::POST, "/v1/keys")
            .json("{}")
            .for_key(&KeyName::new("user-42").unwrap()),
        Operation::Revoke => Call::new(operation, Method::DELETE, "/v1/keys").segment("some-key"),
        _ => Call::new(operation, Method::GET, "/v1/keys"),
    }
}
