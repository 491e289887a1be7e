//! A call ends in time, whatever transports and sources do.

use std::num::NonZeroU32;
use std::time::Duration;

use pinning_keys_core::{Effect, ErrorKind, Operation};
use pinning_keys_http::{Reach, TransportErrorKind};
use tokio::time::Instant;

use crate::support::{ALL, Script, Step, builder, call, client, error_of, status};

const DEADLINE: Duration = Duration::from_secs(30);

#[tokio::test(start_paused = true)]
async fn hanging_transport_is_cut_off_at_the_deadline() {
    for operation in ALL {
        let began = Instant::now();
        let error = error_of(Step::Hang, operation).await;
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Timeout, Effect::Unknown));
        assert_eq!(error.attempts().unwrap().stopped(), Some("deadline reached"));
        assert_eq!(began.elapsed().as_secs(), DEADLINE.as_secs());
    }
}

/// Operations of several calls share a deadline, and it can pass between two of them.
#[tokio::test(start_paused = true)]
async fn calls_with_a_shared_deadline_end_at_it() {
    let began = Instant::now();
    let script = Script::repeating([Step::Hang]);
    let client = client(&script);
    let until = client.deadline_from_now();
    tokio::time::advance(DEADLINE / 3 * 2).await;
    let error = client.call(call(Operation::List).until(until)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(began.elapsed().as_secs(), DEADLINE.as_secs());
    for operation in ALL {
        let error = client.call(call(operation).until(until)).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Timeout, Effect::NotSent));
    }
    assert_eq!(script.count(), 1, "no further call was begun");
}

#[tokio::test(start_paused = true)]
async fn retryable_attempts_share_the_time() {
    let slow = |seconds| {
        Step::FailAfter(Duration::from_secs(seconds), TransportErrorKind::Timeout, Reach::MaybeSent)
    };
    let script = Script::repeating([slow(15), slow(7), status(200)]);
    client(&script).call(call(Operation::List)).await.unwrap();
    let [first, second, third] = script.timeouts()[..] else { panic!("three attempts") };
    assert_eq!(first, Duration::from_secs(15));
    assert!(second < Duration::from_millis(7500) && second > Duration::from_secs(7));
    assert!(third < second);

    let script = Script::repeating([status(200)]);
    client(&script).call(call(Operation::Issue)).await.unwrap();
    let single = builder().max_attempts(NonZeroU32::MIN).transport(script.clone());
    single.build().unwrap().call(call(Operation::List)).await.unwrap();
    assert_eq!(script.timeouts(), [DEADLINE; 2], "a last attempt gets all of it");
}

/// A third attempt would be cut off by the deadline, and leave in doubt what is certain now.
#[tokio::test(start_paused = true)]
async fn create_that_cannot_connect_is_not_cut_off() {
    let slow =
        Step::FailAfter(Duration::from_secs(10), TransportErrorKind::Timeout, Reach::NotSent);
    let error = error_of(slow, Operation::Issue).await;
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Timeout, Effect::NotSent));
    let attempts = error.attempts().unwrap();
    assert_eq!(
        (attempts.count(), attempts.stopped()),
        (2, Some("no time left for another attempt"))
    );
}

#[test]
fn invalid_deadline_is_refused() {
    for deadline in [Duration::ZERO, Duration::MAX] {
        let client = builder().deadline(deadline).transport(Script::repeating([status(200)]));
        assert_eq!(client.build().unwrap_err().kind(), ErrorKind::Configuration);
    }
}
