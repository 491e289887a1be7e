//! A call ends in time, whatever the others do.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use pinning_keys_core::{Effect, ErrorKind, Operation};
use pinning_keys_http::credentials::{AccountCredential, Ask, CredentialSource, from_fn};
use pinning_keys_http::{ApiClient, BaseUrl, Reach, TransportErrorKind};
use tokio::time::Instant;

use crate::support::{ALL, Script, Step, builder, call, client, status};

const DEADLINE: Duration = Duration::from_secs(30);

#[tokio::test(start_paused = true)]
async fn a_transport_that_hangs_is_cut_off() {
    for operation in ALL {
        let began = Instant::now();
        let error =
            client(&Script::repeating([Step::Hang])).call(call(operation)).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Timeout, Effect::Unknown));
        assert_eq!(error.attempts().unwrap().stopped(), Some("deadline reached"));
        let took = began.elapsed();
        assert!(took >= DEADLINE && took < DEADLINE + Duration::from_millis(5), "{took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn calls_that_share_a_deadline_end_at_it_together() {
    let began = Instant::now();
    let client = client(&Script::repeating([Step::Hang]));
    let until = client.deadline_from_now();
    tokio::time::advance(DEADLINE / 3 * 2).await;
    let error = client.call(call(Operation::List).until(until)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let took = began.elapsed();
    assert!(took >= DEADLINE && took < DEADLINE + Duration::from_millis(5), "{took:?}");
    // There is no time left for a further one, and it is not begun.
    let error = client.call(call(Operation::Issue).until(until)).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Timeout, Effect::NotSent));
}

#[tokio::test(start_paused = true)]
async fn a_source_that_hangs_is_cut_off() {
    let source = from_fn(|_| std::future::pending());
    let transport = Script::repeating([status(200)]);
    let began = Instant::now();
    let error = with_source(&transport, source).call(call(Operation::Issue)).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::CredentialUnavailable, Effect::NotSent));
    assert_eq!((error.provider(), error.operation()), (Some("example"), Some(Operation::Issue)));
    assert!(began.elapsed() < DEADLINE + Duration::from_millis(5));
    assert_eq!(transport.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_hangs_after_a_refusal_does_not_hide_it() {
    let source = from_fn(|ask| async move {
        match ask {
            Ask::Current => AccountCredential::bearer("stale-token"),
            _ => std::future::pending().await,
        }
    });
    let transport = Script::repeating([status(401)]);
    let error = with_source(&transport, source).call(call(Operation::Issue)).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Unauthenticated, Effect::Rejected));
}

/// Operations of several calls share a deadline, and it can pass between two of them.
#[tokio::test(start_paused = true)]
async fn a_call_whose_time_is_over_says_so_and_blames_no_source() {
    for operation in ALL {
        let transport = Script::repeating([status(200)]);
        let client = client(&transport);
        let until = client.deadline_from_now();
        tokio::time::sleep(DEADLINE).await;
        let error = client.call(call(operation).until(until)).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Timeout, Effect::NotSent));
        assert_eq!(transport.count(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn attempts_that_can_be_repeated_share_the_time() {
    let slow = |seconds| {
        Step::FailAfter(Duration::from_secs(seconds), TransportErrorKind::Timeout, Reach::MaybeSent)
    };
    let transport = Script::repeating([slow(15), slow(7), status(200)]);
    client(&transport).call(call(Operation::List)).await.unwrap();
    let [first, second, third] = transport.timeouts()[..] else { panic!("three attempts") };
    assert_eq!(first, Duration::from_secs(15));
    assert!(second < Duration::from_millis(7500) && second > Duration::from_secs(7));
    assert!(third < second);

    let transport = Script::repeating([status(200)]);
    client(&transport).call(call(Operation::Issue)).await.unwrap();
    assert_eq!(transport.timeouts(), [DEADLINE], "a create gets all the time");
    let single =
        builder().max_attempts(NonZeroU32::MIN).transport(transport.clone()).build().unwrap();
    single.call(call(Operation::List)).await.unwrap();
    assert_eq!(transport.timeouts()[1], DEADLINE, "so does what is not to be repeated");
}

/// A third attempt would be cut off by the deadline, and leave in doubt what is certain now.
#[tokio::test(start_paused = true)]
async fn a_create_that_cannot_connect_stays_certain() {
    let slow =
        Step::FailAfter(Duration::from_secs(10), TransportErrorKind::Timeout, Reach::NotSent);
    let transport = Script::repeating([slow]);
    let error = client(&transport).call(call(Operation::Issue)).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Timeout, Effect::NotSent));
    assert_eq!(transport.count(), 2);
    assert_eq!(error.attempts().unwrap().stopped(), Some("no time left for another attempt"));
}

#[test]
fn limits_without_sense_are_refused() {
    let transport = || Script::repeating([status(200)]);
    for broken in [builder().deadline(Duration::ZERO), builder().deadline(Duration::MAX)] {
        let error = broken.transport(transport()).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
    }
}

fn with_source(transport: &Arc<Script>, source: impl CredentialSource + 'static) -> ApiClient {
    let base_url = BaseUrl::parse("https://api.example.com", &[]).unwrap();
    ApiClient::builder("example", base_url, Arc::new(source))
        .transport(transport.clone())
        .build()
        .unwrap()
}
