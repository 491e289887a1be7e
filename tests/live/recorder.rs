//! A transport that notes what was asked and how it was answered, and keeps no text of it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderMap, Method, Request, Response, Uri};
use pinning_keys::transport::{Limits, Transport, TransportError};
use pinning_keys_testkit::secrets::Secrets;
use serde_json::Value;

use crate::mask::{self, masked};

/// One request and its answer, as far as they may be shown.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) method: Method,
    /// The path without what is no route's, and the names of the query.
    pub(crate) target: String,
    /// None where no answer came.
    pub(crate) status: Option<u16>,
    /// Where a redirect leads, in the same form.
    pub(crate) location: Option<String>,
    /// The answer's JSON, in which no text stands for itself.
    pub(crate) body: Value,
}

pub(crate) struct Recorder {
    way: Arc<dyn Transport>,
    exchanges: Mutex<Vec<Exchange>>,
    secrets: Mutex<Secrets>,
    /// The last list, whose credential the requests of our own are made with.
    list: Mutex<Option<Request<Bytes>>>,
}

impl Recorder {
    pub(crate) fn new(way: Arc<dyn Transport>) -> Arc<Self> {
        let (exchanges, secrets, list) = (Mutex::default(), Mutex::default(), Mutex::default());
        Arc::new(Self { way, exchanges, secrets, list })
    }

    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.lock().unwrap().clone()
    }

    /// The last exchange by this method whose target has this in it.
    pub(crate) fn last(&self, method: &Method, part: &str) -> Option<Exchange> {
        let exchanges = self.exchanges();
        let fits = |it: &Exchange| it.method == *method && it.target.contains(part);
        exchanges.into_iter().rfind(fits)
    }

    /// What must not stand in a report.
    pub(crate) fn secrets(&self) -> Secrets {
        self.secrets.lock().unwrap().clone()
    }

    pub(crate) fn keep_secret(&self, credential: &pinning_keys::Credential) {
        self.secrets.lock().unwrap().add_credential(credential);
    }

    /// The secrets of an answer to a create, which the run itself may never be handed.
    fn keep_new_secrets(&self, body: &[u8]) {
        let Ok(answer) = serde_json::from_slice::<Value>(body) else { return };
        let members = [&answer["JWT"], &answer["pinata_api_secret"], &answer["data"]["secret_key"]];
        for text in members.into_iter().filter_map(Value::as_str) {
            self.secrets.lock().unwrap().add(text);
        }
    }

    /// Sends a request to the provider's host, to a path below that of the API: with the account's
    /// credential, which goes to the host alone that it went to before, or with another one.
    pub(crate) async fn ask(&self, ask: Ask<'_>) -> Option<Exchange> {
        let list = self.list.lock().unwrap().clone()?;
        let root = mask::root(list.uri().path());
        let mut parts = list.uri().clone().into_parts();
        parts.path_and_query = Some(format!("{root}{}", ask.target).parse().ok()?);
        let mut request = Request::new(Bytes::copy_from_slice(ask.body.as_bytes()));
        *request.method_mut() = ask.method;
        *request.uri_mut() = Uri::from_parts(parts).ok()?;
        let headers = request.headers_mut();
        match ask.credential {
            Some(credential) => headers.extend(credential),
            None => headers.extend(list.headers().clone()),
        }
        if !ask.body.is_empty() {
            headers.insert("content-type", http::HeaderValue::from_static("application/json"));
        }
        let limits = Limits::new(Duration::from_secs(30), 8 * 1024 * 1024);
        // A redirect is not followed: where it leads is what is to be known.
        let _ = self.send(request, limits).await;
        self.exchanges().pop()
    }

    fn note(&self, request: &Request<Bytes>, answer: Option<&Response<Bytes>>) {
        let location = answer.and_then(|answer| answer.headers().get(LOCATION)?.to_str().ok());
        let body = answer.and_then(|answer| serde_json::from_slice(answer.body()).ok());
        self.exchanges.lock().unwrap().push(Exchange {
            method: request.method().clone(),
            target: mask::target(&request.uri().to_string()),
            status: answer.map(|answer| answer.status().as_u16()),
            location: location.map(mask::target),
            body: masked(body.unwrap_or_default()),
        });
    }
}

/// A request of our own.
pub(crate) struct Ask<'a> {
    pub(crate) method: Method,
    pub(crate) target: &'a str,
    pub(crate) body: &'a str,
    /// The account's, where none is given.
    pub(crate) credential: Option<HeaderMap>,
}

impl<'a> Ask<'a> {
    pub(crate) fn get(target: &'a str) -> Self {
        Self { method: Method::GET, target, body: "", credential: None }
    }
}

#[async_trait]
impl Transport for Recorder {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        for value in request.headers().values().filter(|value| value.is_sensitive()) {
            let text = value.to_str().unwrap_or_default();
            let text = text.strip_prefix("Bearer ").unwrap_or(text);
            if text.len() >= 16 {
                self.secrets.lock().unwrap().add(text);
            }
        }
        let target = mask::target(request.uri().path());
        if request.method() == Method::GET && mask::is_list(&target) {
            self.list.lock().unwrap().get_or_insert_with(|| request.clone());
        }
        let result = self.way.send(request.clone(), limits).await;
        if let Ok(answer) = &result {
            self.keep_new_secrets(answer.body());
        }
        self.note(&request, result.as_ref().ok());
        result
    }
}
