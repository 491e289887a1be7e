//! The connection to the provider, on which things go wrong.

use std::future::pending;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use pinning_keys_conformance::{CANARY, Disturbance, FaultSwitch, NotAvailable, STRANGE_KEY};
use pinning_keys_core::Operation;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::provider::{Pace, Provider, Reply, Request};
use super::twist::Twist;

/// The size of the pieces of an endless body, and the size at which the provider gives up.
pub(crate) const CHUNK: u64 = 64 * 1024;
const MOST_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// The pause between two bytes of a body that drips.
const DRIP: Duration = Duration::from_millis(100);

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    NotSent,
    MaybeSent,
    /// In the middle of the answer.
    Answered,
}

#[derive(Default)]
pub(crate) struct Line {
    pub(crate) twist: Twist,
    pub(crate) provider: Provider,
    pub(super) next: Mutex<Option<(Operation, Disturbance)>>,
    pub(crate) requests: AtomicU64,
    pub(crate) creates: AtomicU64,
    pub(crate) proxied: AtomicU64,
    pub(super) applied: AtomicU64,
    pub(super) strayed: AtomicU64,
    pub(super) endless: AtomicU64,
    pub(super) last_row: Mutex<Option<Value>>,
}

impl Line {
    /// Answers a request that followed a redirect.
    pub(crate) fn stray(&self) -> Reply {
        self.strayed.fetch_add(1, Ordering::Relaxed);
        Reply::new(200, "{}")
    }

    /// Sends the next piece of an endless body, and returns whether there was one.
    pub(crate) async fn more(&self, pace: Pace) -> bool {
        if pace == Pace::Drip {
            sleep(DRIP).await;
            return true;
        }
        tokio::task::yield_now().await;
        // The bytes are only counted, or a mutant would fill the memory.
        self.endless.fetch_add(CHUNK, Ordering::Relaxed) < MOST_BYTES
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

    pub(crate) fn deliver(&self, request: &Request) -> Reply {
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
        if disturbance == D::ExpireAccount {
            self.provider.expire_session();
        }
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
            D::UnreadableRow => with_rows(&reply, |rows| rows.push(json!("not a key"))),
            D::ArrayRow => with_rows(&reply, |rows| rows.push(json!([STRANGE_KEY]))),
            D::WrongTotal => with_total(&reply, 1),
            D::ExpireAccount => reply,
            other => panic!("unknown disturbance {other:?}"),
        })
    }
}

/// The operation of a request, by its route.
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
        if disturbance == D::ExpireAccount {
            return matches!(operation, Operation::Issue | Operation::List | Operation::Revoke);
        }
        let of_a_page = matches!(
            disturbance,
            D::ShortPage
                | D::RepeatedRow
                | D::StalePage
                | D::WrongTotal
                | D::UnknownGrant
                | D::UnreadableRow
                | D::ArrayRow
        );
        !of_a_page || operation == Operation::List
    }

    fn disturb(&self, operation: Operation, disturbance: Disturbance) -> Result<(), NotAvailable> {
        if !self.offers(operation, disturbance) {
            return Err(NotAvailable);
        }
        if self.twist == Twist::IdleSwitch {
            return Ok(());
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
        let counts = self.twist != Twist::UncountedEndlessBodies;
        counts.then(|| self.endless.load(Ordering::Relaxed))
    }

    fn strayed(&self) -> u64 {
        self.strayed.load(Ordering::Relaxed)
    }
}
