//! A transport that records requests and answers without their texts.

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

/// One request and its answer, as a report may show them.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) method: Method,
    /// The masked path and the names in the query.
    pub(crate) target: String,
    /// None if no answer came.
    pub(crate) status: Option<u16>,
    /// The target of a redirect, in the same form.
    pub(crate) location: Option<String>,
    /// The masked JSON of the answer.
    pub(crate) body: Value,
}

pub(crate) struct Recorder {
    way: Arc<dyn Transport>,
    exchanges: Mutex<Vec<Exchange>>,
    secrets: Mutex<Secrets>,
    /// The first list request, whose credential the run's own requests use.
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

    /// The last exchange with this method whose target contains this.
    pub(crate) fn last(&self, method: &Method, part: &str) -> Option<Exchange> {
        let exchanges = self.exchanges();
        let fits = |it: &Exchange| it.method == *method && it.target.contains(part);
        exchanges.into_iter().rfind(fits)
    }

    /// The texts that no report may show.
    pub(crate) fn secrets(&self) -> Secrets {
        self.secrets.lock().unwrap().clone()
    }

    pub(crate) fn keep_secret(&self, credential: &pinning_keys::Credential) {
        self.secrets.lock().unwrap().add_credential(credential);
    }

    /// Keeps the secrets in the answer to a create, which may never reach the run.
    fn keep_new_secrets(&self, body: &[u8]) {
        let Ok(answer) = serde_json::from_slice::<Value>(body) else { return };
        let members = [&answer["JWT"], &answer["pinata_api_secret"], &answer["data"]["secret_key"]];
        for text in members.into_iter().filter_map(Value::as_str) {
            self.secrets.lock().unwrap().add(text);
        }
    }

    /// Sends a request to the host that the account's credential went to before, with that
    /// credential or another one.
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
        // A redirect is not followed, since its target is the answer.
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

/// A request of the run's own.
pub(crate) struct Ask<'a> {
    pub(crate) method: Method,
    pub(crate) target: &'a str,
    pub(crate) body: &'a str,
    /// None for the account's.
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
