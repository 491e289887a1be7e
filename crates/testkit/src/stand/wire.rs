//! A transport that records creates, counts requests to other hosts, and changes answers in ways
//! that the emulator's faults do not offer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use pinning_keys_conformance::{CANARY, Disturbance, STRANGE_KEY};
use pinning_keys_core::Operation;
use pinning_keys_http::{Limits, Transport, TransportError};
use serde_json::{Value, json};

use super::configuration::Configuration;
use super::outside::Outside;

/// The state that all issuers of a harness share.
pub(super) struct Wire {
    pub(super) configuration: Configuration,
    pub(super) outside: Outside,
    authority: String,
    next: Mutex<Option<(Operation, Disturbance)>>,
    applied: AtomicU64,
    bodies: Mutex<Vec<String>>,
    last_row: Mutex<Option<Value>>,
}

impl Wire {
    pub(super) fn new(configuration: Configuration, origin: &str) -> Self {
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

    /// Whether this disturbance is made here, and not by the emulator.
    pub(super) fn makes(operation: Operation, disturbance: Disturbance) -> bool {
        use Disturbance as D;
        match disturbance {
            D::Html(_) | D::WrongShapeBefore | D::Echo => true,
            D::ShortPage
            | D::StalePage
            | D::RepeatedRow
            | D::WrongTotal
            | D::UnknownGrant
            | D::UnreadableRow
            | D::ArrayRow => operation == Operation::List,
            _ => false,
        }
    }

    /// Sets what disturbs the next request of this operation.
    pub(super) fn set_next(&self, next: Option<(Operation, Disturbance)>) {
        *self.next.lock().unwrap() = next;
    }

    /// How many answers were disturbed here.
    pub(super) fn applied(&self) -> u64 {
        self.applied.load(Ordering::Relaxed)
    }

    fn count_applied(&self) {
        self.applied.fetch_add(1, Ordering::Relaxed);
    }

    /// The body of the create of this key.
    pub(super) fn create_body(&self, name: &str) -> Option<String> {
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

    /// Answers instead of the provider.
    fn instead(
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

    /// A refusal in the provider's form that repeats everything that was sent.
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
            D::ArrayRow => rows.push(json!([STRANGE_KEY])),
            _ => {}
        }
        if body == whole {
            return answer;
        }
        self.count_applied();
        answer.map(|_| Bytes::from(body.to_string()))
    }

    /// The object that holds the rows and their count.
    fn list<'a>(&self, body: &'a mut Value) -> &'a mut Value {
        if self.configuration.is_pinata() { body } else { &mut body["data"] }
    }

    /// The member that counts the keys.
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

    /// The row of a key with members and grants that no document has.
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

/// Whether a path fits a pattern; a segment in braces matches any.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.trim_end_matches('/'), path.trim_end_matches('/'));
    let segments = || pattern.split('/').zip(path.split('/'));
    pattern.split('/').count() == path.split('/').count()
        && segments().all(|(wanted, is)| wanted.starts_with('{') || wanted == is)
}

/// Sends requests over a [`Wire`].
pub(super) struct Watched {
    pub(super) wire: Arc<Wire>,
    pub(super) inner: Arc<dyn Transport>,
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
        if let Some(answer) = disturbance.and_then(|d| self.wire.instead(d, &request)) {
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
