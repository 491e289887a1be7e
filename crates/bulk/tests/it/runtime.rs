//! Without a tokio runtime, calls fail instead of panicking, and nothing is sent.

use std::fmt::Debug;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use pinning_keys_bulk::{
    Batch, RateLimits, StopReason, Throttled, issue_many, revoke_listed, revoke_many,
};
use pinning_keys_core::{
    Credential, Effect, Error, ErrorKind, KeyIssuer as _, KeyQuery, KeyRef, Operation,
};

use crate::desk::{Desk, request, requests};

/// Polls once.
fn poll<T>(future: impl Future<Output = T>) -> Poll<T> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// The value of a future that is ready at once.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match poll(future) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

fn assert_refused(error: &Error, operation: Option<Operation>) {
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Configuration, Effect::NotSent));
    assert_eq!(error.operation(), operation);
    let shown = format!("{error:#}");
    assert!(shown.contains("no tokio runtime is running"), "{shown}");
    assert!(shown.contains("I/O and time enabled"), "{shown}");
}

/// Reads a batch of three items.
fn assert_fails_once<T: Clone + Debug, R: Debug>(mut batch: Batch<T, R>) {
    let (_, result) = ready(batch.next()).unwrap();
    assert_refused(&result.unwrap_err(), None);
    assert!(ready(batch.next()).is_none());
    assert_eq!(batch.stop_reason(), Some(StopReason::Failure(ErrorKind::Configuration)));
    assert_eq!((batch.progress().failed(), batch.progress().in_flight()), (1, 0));
    assert_eq!(batch.into_rest().into_unstarted().count(), 2);
}

#[test]
fn batch_without_a_runtime_fails_and_starts_nothing() {
    let desk = Desk::new(Duration::ZERO);
    let keys = ["0", "1", "2"].map(|name| KeyRef::new("desk", name).unwrap());
    assert_fails_once(issue_many(desk.clone(), requests(3)));
    assert_fails_once(revoke_many(desk.clone(), keys));
    assert!(desk.calls().is_empty());
    // A batch of nothing needs no runtime.
    let mut empty = issue_many(desk, requests(0));
    assert!(ready(empty.next()).is_none());
    assert_eq!(empty.stop_reason(), None);
}

#[test]
fn throttled_call_without_a_runtime_fails() {
    let desk = Desk::new(Duration::ZERO);
    let issuer = Throttled::new(desk.clone(), RateLimits::W3IPFS);
    let credential = Credential::bearer("desk", "sample-token").unwrap();
    let key = KeyRef::new("desk", "key").unwrap();
    assert_refused(&ready(issuer.issue(&request("a"))).unwrap_err(), Some(Operation::Issue));
    assert_refused(&ready(issuer.list(&KeyQuery::new())).unwrap_err(), Some(Operation::List));
    assert_refused(&ready(issuer.revoke(&key)).unwrap_err(), Some(Operation::Revoke));
    assert_refused(&ready(issuer.verify(&credential)).unwrap_err(), Some(Operation::Verify));
    assert!(desk.calls().is_empty());
}

#[test]
fn listing_without_a_runtime_fails() {
    let desk = Desk::new(Duration::ZERO);
    let listed = ready(revoke_listed(desk.clone(), KeyQuery::new(), |_| true));
    assert_refused(&listed.unwrap_err(), Some(Operation::List));
    assert!(desk.calls().is_empty());
}

/// As in a program whose own executor polls inside the context of a runtime.
#[test]
fn context_of_a_runtime_suffices() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let _context = runtime.enter();
    let desk = Desk::new(Duration::from_secs(60));
    let mut batch = issue_many(Throttled::new(desk.clone(), RateLimits::W3IPFS), requests(1));
    assert!(poll(batch.next()).is_pending());
    assert_eq!(desk.calls(), ["0"]);
}
