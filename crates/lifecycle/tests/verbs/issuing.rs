//! Issuing and confirming.

use std::time::Duration;

use pinning_keys_core::{KeyRequest, ScopeRequest};
use pinning_keys_emulator::{Fault, FaultRule, RetryAfter, Stage};
use pinning_keys_lifecycle::{ErrorKind, KeyManager, KeyState, Lease, Suffix, Timestamp, Warning};

use crate::world::{Counting, DAY, HOUR, MINUTE, World, noon, request};

#[tokio::test]
async fn an_issued_key_is_undelivered_and_then_its_holders() {
    let world = World::new();
    let keys = world.manager().await.account("main").unwrap();
    let delivery = keys.issue(&request("dashboard"), Lease::of(DAY)).await.unwrap();
    let row = world.row(delivery.id()).await;
    assert_eq!((row.state, row.holder.as_str()), (KeyState::Undelivered, "dashboard"));
    assert_eq!(delivery.expires_at(), Some(noon() + DAY));
    assert_eq!(delivery.deliver_by(), noon() + 10 * MINUTE);
    let suffix = Suffix::of_name(delivery.name().as_str()).unwrap();
    assert_eq!(suffix.id(), delivery.id());
    assert_eq!(world.emulator.pinata().keys()[0].name, delivery.name().as_str());

    let key = delivery.confirm().await.unwrap();
    assert_eq!((key.state(), key.expires_at()), (KeyState::Live, Some(noon() + DAY)));
    assert_eq!(world.row(key.id()).await.due_at, Some((noon() + DAY).into()));
}

#[tokio::test]
async fn a_key_and_a_refusal_say_what_a_reader_needs() {
    let world = World::new();
    let keys = world.manager().await.account("main").unwrap();
    let delivery = keys.issue(&request("dashboard"), Lease::of(DAY)).await.unwrap();
    let key = delivery.confirm().await.unwrap();
    let end = Timestamp::from(noon() + DAY);
    assert_eq!(key.to_string(), format!("{} is live until {end}", key.name()));

    let error = keys.issue(&request("dashboard"), Lease::of(DAY)).await.unwrap_err();
    let expected = format!(
        "cannot issue: the holder has a live key\n  \"dashboard\" has the key {}: rotate or revoke \
         it, or set another holder",
        key.id()
    );
    // The form that `main` prints.
    assert_eq!(format!("{error:?}"), expected);
}

#[tokio::test]
async fn a_key_takes_three_commits() {
    let world = World::new();
    let store = Counting::new(world.store.clone());
    let manager =
        KeyManager::builder(store.clone()).account("main", world.pinata()).build().await.unwrap();
    let keys = manager.account("main").unwrap();
    let before = store.commits();
    let delivery = keys.issue(&request("dashboard"), Lease::of(DAY)).await.unwrap();
    delivery.confirm().await.unwrap();
    delivery.confirm().await.unwrap();
    assert_eq!(store.commits() - before, 3);
}

#[tokio::test]
async fn names_must_fit_with_their_suffix() {
    let world = World::new();
    let keys = world.manager().await.account("main").unwrap();
    let error = keys.issue(&request(&"n".repeat(230)), Lease::of(DAY)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(error.to_string(), "the name has 230 characters, and the limit is 226");
    assert!(world.rows().await.is_empty());
}

#[tokio::test]
async fn leases_that_cannot_be_kept_are_refused() {
    let world = World::new();
    let keys = world.manager().await.account("main").unwrap();
    for (lease, why) in [
        (Lease::of(Duration::ZERO), "the lease is shorter than 60s"),
        (Lease::of(2 * DAY).renewable_until(DAY), "the lease is longer than its maximum"),
        (Lease::of(DAY * 365 * 80), "the lease ends beyond the year 2099"),
        (Lease::of(Duration::MAX), "the lease ends beyond the year 2099"),
        (Lease::none().renewable_until(DAY), "a lease without an end cannot be renewed"),
    ] {
        let error = keys.issue(&request("dashboard"), lease).await.unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::InvalidInput, why));
    }
    assert!(world.rows().await.is_empty());
    assert_eq!(world.emulator.requests(), 0);
}

#[tokio::test]
async fn a_lease_on_an_escalating_scope_must_be_asked_for() {
    let world = World::new();
    let keys = world.manager().await.account("main").unwrap();
    let request = KeyRequest::new("deploy", ScopeRequest::admin()).unwrap();
    let error = keys.issue(&request, Lease::of(DAY)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.next_step().unwrap().contains("allow_escalating"));
    assert!(world.rows().await.is_empty());
    let _admin = keys.prepare(&request, Lease::of(DAY)).allow_escalating().issue().await.unwrap();
    let _endless = keys.prepare(&request, Lease::none()).holder("other").issue().await.unwrap();
}

#[tokio::test]
async fn a_lease_without_a_worker_returns_a_warning() {
    let world = World::new();
    let keys = world.manager().await.account("main").unwrap();
    let leased = keys.issue(&request("leased"), Lease::of(HOUR)).await.unwrap();
    assert_eq!(leased.warnings(), [Warning::NoWorker { last_run: None }]);
    let endless = keys.issue(&request("endless"), Lease::none()).await.unwrap();
    assert!(endless.warnings().is_empty());
}

#[tokio::test]
async fn a_refused_create_closes_the_row_and_the_account() {
    let world = World::new();
    let keys = world.manager().await.account("main").unwrap();
    let fault = Fault::too_many_requests(RetryAfter::Seconds(60));
    world.emulator.faults().add(FaultRule::new(fault).first(1));
    let error = keys.issue(&request("dashboard"), Lease::of(DAY)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Provider);
    let row = world.row(error.key().unwrap()).await;
    assert_eq!(row.state, KeyState::Closed);

    let error = keys.issue(&request("dashboard"), Lease::of(DAY)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AccountClosed);
    assert_eq!(world.rows().await.len(), 1, "nothing is written");
    world.advance(2 * MINUTE);
    keys.issue(&request("dashboard"), Lease::of(DAY)).await.unwrap().confirm().await.unwrap();
    assert!(world.account("main").await.closed_because.is_none(), "a success opens the account");
}

#[tokio::test]
async fn a_lost_response_is_a_doubt() {
    let world = World::new();
    let keys = world.manager().await.account("main").unwrap();
    let fault = Fault::status(http::StatusCode::BAD_GATEWAY, Stage::AfterCommit);
    world.emulator.faults().add(FaultRule::new(fault).first(1));
    let error = keys.issue(&request("dashboard"), Lease::of(DAY)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InDoubt);
    assert!(error.may_have_created());
    assert_eq!(world.row(error.key().unwrap()).await.state, KeyState::InDoubt);
    // The holder is free.
    keys.issue(&request("dashboard"), Lease::of(DAY)).await.unwrap().confirm().await.unwrap();
}
