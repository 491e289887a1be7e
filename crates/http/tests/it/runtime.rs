//! Without a tokio runtime, calls fail instead of panicking, and nothing is sent.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use pinning_keys_core::{Effect, Error, ErrorKind, Operation};
use pinning_keys_http::credentials::{AccountCredential, Ask, Cached, CredentialSource, from_fn};

use crate::support::{ALL, Script, call, client, status};

/// Polls once.
fn poll<T>(future: impl Future<Output = T>) -> Poll<T> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

fn assert_refused<T>(result: Poll<Result<T, Error>>, operation: Option<Operation>) {
    let Poll::Ready(Err(error)) = result else { panic!("it goes on") };
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Configuration, Effect::NotSent));
    assert_eq!(error.operation(), operation);
    let shown = format!("{error:#}");
    assert!(shown.contains("no tokio runtime is running"), "{shown}");
    assert!(shown.contains("I/O and time enabled"), "{shown}");
}

#[test]
fn call_without_a_runtime_fails_and_sends_nothing() {
    let transport = Script::repeating([status(200)]);
    let client = client(&transport);
    for operation in ALL {
        assert_refused(poll(client.call(call(operation))), Some(operation));
    }
    assert_refused(poll(client.account_credential()), None);
    assert_eq!(transport.count(), 0);
}

#[test]
fn cached_source_without_a_runtime_fails() {
    let source = Cached::new(from_fn(|_| async { AccountCredential::bearer("eyJhbGciOi") }));
    assert_refused(poll(source.credential(Ask::Current)), None);
}

/// As in a program whose own executor polls inside the context of a runtime.
#[test]
fn context_of_a_runtime_suffices() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let _context = runtime.enter();
    let transport = Script::repeating([status(200)]);
    let answered = poll(client(&transport).call(call(Operation::Issue)));
    assert!(matches!(answered, Poll::Ready(Ok(_))));
    assert_eq!(transport.count(), 1);
}
