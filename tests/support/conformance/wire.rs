//! A transport that keeps what was created, notices requests that go astray, and changes answers
//! in ways that the emulator's fault plan does not know.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use pinning_keys::Operation;
use pinning_keys::transport::{Limits, Transport, TransportError};
use pinning_keys_conformance::{CANARY, Disturbance, STRANGE_KEY};
use serde_json::{Value, json};

use super::configuration::Configuration;
use super::outside::Outside;

/// What is shared by all issuers of a harness.
pub(crate) struct Wire {
    pub(crate) configuration: Configuration,
    pub(crate) outside: Outside,
    authority: String,
    next: Mutex<Option<(Operation, Disturbance)>>,
    applied: AtomicU64,
    bodies: Mutex<Vec<String>>,
    last_row: Mutex<Option<Value>>,
}

impl Wire {
    pub(crate) fn new(configuration: Configuration, origin: &str) -> Self {
        Self {
            configuration,
            outside: Outside::new(),
            authority: origin.trim_start_matches("http://").to_owned(),
            next: Mutex::default(),
            applied: AtomicU64::default(),
            bodies: Mutex::default(),
            last_row: Mutex::default(),
        }
    }

    /// Whether this disturbance is made here.
    pub(crate) fn makes(operation: Operation, disturbance: Disturbance) -> bool {
        use Disturbance as D;
        match disturbance {
            D::Html(_) | D::WrongShapeBefore | D::Echo => true,
            D::ShortPage
            | D::StalePage
            | D::RepeatedRow
            | D::WrongTotal
            | D::UnknownGrant
            | D::UnreadableRow => operation == Operation::List,
            _ => false,
        }
    }

    /// Disturbs the next request of this operation, or none.
    pub(crate) fn set_next(&self, next: Option<(Operation, Disturbance)>) {
        *self.next.lock().unwrap() = next;
    }

    /// How many requests and pages were disturbed here.
    pub(crate) fn applied(&self) -> u64 {
        self.applied.load(Ordering::Relaxed)
    }

    fn count_applied(&self) {
        self.applied.fetch_add(1, Ordering::Relaxed);
    }

    /// The body of the create for the key of this name.
    pub(crate) fn create_body(&self, name: &str) -> Option<String> {
        let quoted = Value::from(name).to_string();
        self.bodies.lock().unwrap().iter().find(|body| body.contains(&quoted)).cloned()
    }

    fn take(&self, request: &Request<Bytes>) -> Option<Disturbance> {
        let mut next = self.next.lock().unwrap();
        let is_meant = |(operation, _): &mut (Operation, Disturbance)| {
            let (method, path) = self.configuration.request(*operation);
            method == request.method() && fits(path, request.uri().path())
        };
        next.take_if(is_meant).map(|(_, disturbance)| disturbance)
    }

    fn note(&self, request: &Request<Bytes>) {
        if request.uri().authority().map(http::uri::Authority::as_str) != Some(&*self.authority) {
            self.outside.count();
        }
        if request.method() == Method::POST {
            let body = String::from_utf8_lossy(request.body()).into_owned();
            self.bodies.lock().unwrap().push(body);
        }
    }

    /// Answers in the provider's place.
    fn in_its_place(
        &self,
        disturbance: Disturbance,
        request: &Request<Bytes>,
    ) -> Option<Response<Bytes>> {
        let (status, kind, body) = match disturbance {
            Disturbance::Html(status) => {
                (status, "text/html", format!("<html><body>{CANARY}</body></html>"))
            }
            Disturbance::WrongShapeBefore => {
                (200, "application/json", json!({"result": CANARY}).to_string())
            }
            Disturbance::Echo => (400, "application/json", self.echo(request)),
            _ => return None,
        };
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = StatusCode::from_u16(status).ok()?;
        self.count_applied();
        response.headers_mut().insert("content-type", HeaderValue::from_static(kind));
        Some(response)
    }

    /// A refusal in the provider's own form, with all that was sent in it.
    fn echo(&self, request: &Request<Bytes>) -> String {
        let headers = request.headers().values();
        let headers: Vec<_> =
            headers.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        let text = format!("{} {}", headers.join(" "), String::from_utf8_lossy(request.body()));
        if self.configuration.is_pinata() {
            json!({"error": {"reason": "INVALID", "details": text}}).to_string()
        } else {
            json!({"status": "fail", "message": text}).to_string()
        }
    }

    fn changed(&self, disturbance: Disturbance, answer: Response<Bytes>) -> Response<Bytes> {
        use Disturbance as D;
        let before = self.last_row.lock().unwrap().clone();
        let Ok(whole) = serde_json::from_slice::<Value>(answer.body()) else { return answer };
        let mut body = whole.clone();
        let list = self.list(&mut body);
        let total = &mut list[self.total()];
        match disturbance {
            D::WrongTotal => *total = json!(total.as_u64().unwrap_or(0) + 1),
            D::StalePage => *total = json!(0),
            _ => {}
        }
        let rows = self.rows(list);
        match disturbance {
            D::ShortPage => drop(rows.pop()),
            D::StalePage => rows.clear(),
            D::RepeatedRow => rows.splice(..0, before).for_each(drop),
            D::UnknownGrant => rows.extend(self.strange(rows.first())),
            D::UnreadableRow => rows.push(json!("no key")),
            _ => {}
        }
        if body == whole {
            return answer;
        }
        self.count_applied();
        answer.map(|_| Bytes::from(body.to_string()))
    }

    /// The object that holds a page.
    fn list<'a>(&self, body: &'a mut Value) -> &'a mut Value {
        if self.configuration.is_pinata() { body } else { &mut body["data"] }
    }

    /// The member that tells how many keys there are.
    fn total(&self) -> &'static str {
        if self.configuration.is_pinata() { "count" } else { "total" }
    }

    fn rows<'a>(&self, list: &'a mut Value) -> &'a mut Vec<Value> {
        let rows = if self.configuration.is_pinata() { "keys" } else { "api_keys" };
        let rows = &mut list[rows];
        if rows.is_null() {
            *rows = json!([]);
        }
        rows.as_array_mut().expect("a page has rows")
    }

    /// A row of a key that a later version of the provider made.
    fn strange(&self, like: Option<&Value>) -> Option<Value> {
        let mut row = like?.clone();
        row["colour"] = json!("blue");
        row["name"] = json!(STRANGE_KEY);
        if self.configuration.is_pinata() {
            row["key"] = json!("strange");
            row["scopes"] = json!({"resources": ["org:files:read", "org:telepathy:write"]});
        } else {
            row["api_key"] = json!("strange");
            row["scopes"] = json!({"data": {"pin_list": true, "telepathy": true}});
        }
        Some(row)
    }

    fn remember_last_row(&self, answer: &Response<Bytes>) {
        let Ok(mut body) = serde_json::from_slice::<Value>(answer.body()) else { return };
        let is_page = body.get("keys").is_some()
            || body.get("data").is_some_and(|data| data.get("api_keys").is_some());
        if is_page {
            let list = self.list(&mut body);
            if let Some(last) = self.rows(list).last() {
                *self.last_row.lock().unwrap() = Some(last.clone());
            }
        }
    }
}

/// Whether a path is one of the pattern's, in which a segment in braces stands for any.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.trim_end_matches('/'), path.trim_end_matches('/'));
    let segments = || pattern.split('/').zip(path.split('/'));
    pattern.split('/').count() == path.split('/').count()
        && segments().all(|(wanted, is)| wanted.starts_with('{') || wanted == is)
}

/// Carries requests over a [`Wire`].
pub(crate) struct Watched {
    pub(crate) wire: Arc<Wire>,
    pub(crate) inner: Arc<dyn Transport>,
}

#[async_trait]
impl Transport for Watched {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        self.wire.note(&request);
        let disturbance = self.wire.take(&request);
        if let Some(answer) = disturbance.and_then(|d| self.wire.in_its_place(d, &request)) {
            return Ok(answer);
        }
        let answer = self.inner.send(request, limits).await?;
        let answer = match disturbance {
            Some(disturbance) => self.wire.changed(disturbance, answer),
            None => answer,
        };
        self.wire.remember_last_row(&answer);
        Ok(answer)
    }
}
