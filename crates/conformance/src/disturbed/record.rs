//! What has passed through a transport.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::Request;
use pinning_keys_core::Operation;
use serde_json::Value;

use crate::panics::lock;

/// A number that only grows.
#[derive(Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    pub(super) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counts, the bodies of creates, and the last page of the list. No `Debug`: answers can contain
/// keys.
#[derive(Default)]
pub(super) struct Record {
    pub(super) applied: Count,
    pub(super) strayed: Count,
    pub(super) endless_bytes: Count,
    pub(super) requests: Count,
    pub(super) create_requests: Count,
    create_bodies: Mutex<Vec<Bytes>>,
    last_page: Mutex<Option<Bytes>>,
}

impl Record {
    /// Records a request that reaches the provider's side of the connection.
    pub(super) fn arrives(&self, operation: Option<Operation>, request: &Request<Bytes>) {
        self.requests.add(1);
        if operation == Some(Operation::Issue) {
            self.create_requests.add(1);
            lock(&self.create_bodies).push(request.body().clone());
        }
    }

    /// The body of the first create for the key with this name.
    pub(super) fn create_body(&self, name: &str) -> Option<String> {
        let quoted = Value::from(name).to_string();
        let bodies = lock(&self.create_bodies);
        let mut texts = bodies.iter().filter_map(|body| std::str::from_utf8(body).ok());
        texts.find(|text| text.contains(&quoted)).map(str::to_owned)
    }

    pub(super) fn set_last_page(&self, page: Bytes) {
        *lock(&self.last_page) = Some(page);
    }

    pub(super) fn last_page(&self) -> Option<Bytes> {
        lock(&self.last_page).clone()
    }
}
