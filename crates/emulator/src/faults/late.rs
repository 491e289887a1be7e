use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::middleware::Next;

use super::whole_request::WholeRequest;

/// The requests that a provider has received and carries out later, in the order in which they
/// arrived.
#[derive(Default)]
pub(super) struct LateRequests {
    waiting: Mutex<Vec<LateRequest>>,
}

pub(super) struct LateRequest {
    request: WholeRequest,
    /// The provider.
    next: Next,
    /// How many requests have to arrive before this one is carried out.
    requests: u32,
}

impl LateRequest {
    pub(super) fn new(request: WholeRequest, next: Next, requests: u32) -> Self {
        Self { request, next, requests }
    }

    /// Carries the request out. Nobody waits for the answer.
    pub(super) async fn carry_out(self) {
        self.next.run(self.request.to_request()).await;
    }
}

impl LateRequests {
    pub(super) fn add(&self, request: LateRequest) {
        self.waiting().push(request);
    }

    pub(super) fn len(&self) -> usize {
        self.waiting().len()
    }

    /// Counts a request that arrives, and takes the requests that waited for it.
    pub(super) fn take_due(&self) -> Vec<LateRequest> {
        let mut waiting = self.waiting();
        for request in waiting.iter_mut() {
            request.requests = request.requests.saturating_sub(1);
        }
        let (due, rest) =
            mem::take(&mut *waiting).into_iter().partition(|request| request.requests == 0);
        *waiting = rest;
        due
    }

    pub(super) fn take_all(&self) -> Vec<LateRequest> {
        mem::take(&mut *self.waiting())
    }

    /// No panic leaves the list half changed, so a poisoned lock is ignored.
    fn waiting(&self) -> MutexGuard<'_, Vec<LateRequest>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
