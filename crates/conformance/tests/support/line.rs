//! The way to the provider, on which things go wrong.

use std::future::pending;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pinning_keys_conformance::{CANARY, Disturbance, FaultSwitch, NotAvailable, STRANGE_KEY};
use pinning_keys_core::Operation;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::provider::{Pace, Provider, Reply, Request};

/// How much of an endless body comes at a time, and after how much the provider gives up.
pub(crate) const CHUNK: u64 = 64 * 1024;
const PATIENCE: u64 = 4 * 1024 * 1024 * 1024;

/// How much time passes between two bytes of a body that drips.
const DRIP: Duration = Duration::from_millis(100);

/// Why no answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    NotSent,
    MaybeSent,
    /// In the middle of the answer.
    Answered,
}

pub(crate) struct Line {
    pub(crate) provider: Arc<Provider>,
    next: Mutex<Option<(Operation, Disturbance)>>,
    requests: AtomicU64,
    creates: AtomicU64,
    applied: AtomicU64,
    strayed: AtomicU64,
    proxied: AtomicU64,
    endless: AtomicU64,
    last_row: Mutex<Option<Value>>,
}

impl Line {
    pub(crate) fn new() -> Self {
        Self {
            provider: Arc::default(),
            next: Mutex::default(),
            requests: AtomicU64::default(),
            creates: AtomicU64::default(),
            applied: AtomicU64::default(),
            strayed: AtomicU64::default(),
            proxied: AtomicU64::default(),
            endless: AtomicU64::default(),
            last_row: Mutex::default(),
        }
    }

    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// How many requests to make a key have arrived.
    pub(crate) fn creates(&self) -> u64 {
        self.creates.load(Ordering::Relaxed)
    }

    pub(crate) fn proxied(&self) -> u64 {
        self.proxied.load(Ordering::Relaxed)
    }

    pub(crate) fn go_through_proxy(&self) {
        self.proxied.fetch_add(1, Ordering::Relaxed);
    }

    /// A request that arrives where a redirect pointed to.
    pub(crate) fn stray(&self) -> Reply {
        self.strayed.fetch_add(1, Ordering::Relaxed);
        Reply::new(200, "{}")
    }

    /// The next piece of an endless body: whether there is one. It gives up once it has been
    /// read for ever.
    pub(crate) async fn more(&self, pace: Pace) -> bool {
        if pace == Pace::Drip {
            sleep(DRIP).await;
            return true;
        }
        tokio::task::yield_now().await;
        // The bytes are counted rather than made, or a mutant would fill the memory.
        self.endless.fetch_add(CHUNK, Ordering::Relaxed) < PATIENCE
    }

    pub(crate) async fn send(&self, request: &Request) -> Result<Reply, Broken> {
        match self.take(operation(request)) {
            None => Ok(self.deliver(request)),
            Some(disturbance) => self.disturbed(disturbance, request).await,
        }
    }

    fn take(&self, operation: Operation) -> Option<Disturbance> {
        let mut next = self.next.lock().unwrap();
        let (_, disturbance) = next.take_if(|(of, _)| *of == operation)?;
        self.applied.fetch_add(1, Ordering::Relaxed);
        Some(disturbance)
    }

    fn count(&self, request: &Request) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        if operation(request) == Operation::Issue {
            self.creates.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn deliver(&self, request: &Request) -> Reply {
        self.count(request);
        let reply = self.provider.answer(request);
        if let Some(last) = rows(&reply).and_then(|rows| rows.last().cloned()) {
            *self.last_row.lock().unwrap() = Some(last);
        }
        reply
    }

    async fn disturbed(
        &self,
        disturbance: Disturbance,
        request: &Request,
    ) -> Result<Reply, Broken> {
        use Disturbance as D;
        let before = self.last_row.lock().unwrap().clone();
        // What is carried out before things go wrong is delivered here.
        let carried_out = !matches!(
            disturbance,
            D::RefuseConnection
                | D::CutBeforeRead
                | D::ErrorBefore(_)
                | D::RateLimit(_)
                | D::Html(_)
                | D::WrongShapeBefore
                | D::Echo
                | D::RedirectElsewhere
        );
        let reply = if carried_out { self.deliver(request) } else { Reply::new(200, "") };
        if !carried_out && disturbance != D::RefuseConnection {
            self.count(request);
        }
        let page = format!("<html><body>{CANARY}</body></html>");
        Ok(match disturbance {
            D::RefuseConnection => return Err(Broken::NotSent),
            D::CutBeforeRead | D::LoseAnswer => return Err(Broken::MaybeSent),
            D::Truncated => return Err(Broken::Answered),
            D::Hang => return pending().await,
            D::ErrorBefore(status) | D::ErrorAfter(status) => Reply::new(status, "bad gateway"),
            D::RateLimit(_) => Reply::new(429, "too many requests"),
            D::Empty => Reply::new(200, ""),
            D::Html(status) => Reply::new(status, page),
            D::HtmlAfter => Reply::new(200, page),
            D::WrongShape | D::WrongShapeBefore => {
                Reply::new(200, json!({"result": CANARY}).to_string())
            }
            D::NotUtf8 => Reply::new(200, [0xff, 0xfe, 0x00, 0x80]),
            D::Endless => Reply { endless: Some(Pace::Full), ..Reply::new(200, "{") },
            D::Drip => Reply { endless: Some(Pace::Drip), ..Reply::new(200, "{") },
            D::Echo => Reply::new(400, json!({"error": echo(request)}).to_string()),
            D::RedirectElsewhere => {
                Reply { location: Some("elsewhere".to_owned()), ..Reply::new(307, "") }
            }
            D::ShortPage => with_rows(&reply, |rows| drop(rows.pop())),
            D::StalePage => Reply::new(200, json!({"keys": [], "total": 0}).to_string()),
            D::RepeatedRow => with_rows(&reply, |rows| rows.splice(..0, before).for_each(drop)),
            D::UnknownGrant => with_rows(&reply, |rows| rows.push(strange_row())),
            D::UnreadableRow => with_rows(&reply, |rows| rows.push(json!("no key"))),
            D::WrongTotal => with_total(&reply, 1),
            other => panic!("the line does not know {other:?}"),
        })
    }
}

/// What a request is for, as the routes tell.
fn operation(request: &Request) -> Operation {
    match request.method {
        "POST" => Operation::Issue,
        "DELETE" => Operation::Revoke,
        _ if request.path.starts_with("/me") => Operation::Verify,
        _ => Operation::List,
    }
}

fn echo(request: &Request) -> String {
    format!("{CANARY} {} {} {}", request.path, request.secret, request.body)
}

fn rows(reply: &Reply) -> Option<Vec<Value>> {
    let body: Value = serde_json::from_slice(&reply.body).ok()?;
    body["keys"].as_array().cloned()
}

fn with_rows(reply: &Reply, change: impl FnOnce(&mut Vec<Value>)) -> Reply {
    let mut body: Value = serde_json::from_slice(&reply.body).unwrap();
    change(body["keys"].as_array_mut().unwrap());
    Reply::new(200, body.to_string())
}

fn with_total(reply: &Reply, more: u64) -> Reply {
    let mut body: Value = serde_json::from_slice(&reply.body).unwrap();
    body["total"] = json!(body["total"].as_u64().unwrap() + more);
    Reply::new(200, body.to_string())
}

fn strange_row() -> Value {
    json!({
        "id": "id-strange",
        "key": "public-strange",
        "name": STRANGE_KEY,
        "admin": false,
        "rights": ["look", "telepathy"],
        "colour": "blue",
        "revoked": false,
        "uses": 0,
        "max_uses": null,
    })
}

impl FaultSwitch for Line {
    fn offers(&self, operation: Operation, disturbance: Disturbance) -> bool {
        use Disturbance as D;
        let of_a_page = matches!(
            disturbance,
            D::ShortPage
                | D::RepeatedRow
                | D::StalePage
                | D::WrongTotal
                | D::UnknownGrant
                | D::UnreadableRow
        );
        !of_a_page || operation == Operation::List
    }

    fn disturb(&self, operation: Operation, disturbance: Disturbance) -> Result<(), NotAvailable> {
        if !self.offers(operation, disturbance) {
            return Err(NotAvailable);
        }
        *self.next.lock().unwrap() = Some((operation, disturbance));
        Ok(())
    }

    fn applied(&self) -> u64 {
        self.applied.load(Ordering::Relaxed)
    }

    fn clear(&self) {
        *self.next.lock().unwrap() = None;
    }

    fn endless_bytes_taken(&self) -> Option<u64> {
        Some(self.endless.load(Ordering::Relaxed))
    }

    fn strayed(&self) -> u64 {
        self.strayed.load(Ordering::Relaxed)
    }
}
