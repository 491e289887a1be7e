//! What becomes of a create that is slow, given up, or not recorded.

use std::time::Duration;

use pinning_keys_emulator::{Fault, FaultRule};
use pinning_keys_lifecycle::{
    AccountKeys, Clock as _, Delivery, Error, ErrorKind, KeyManager, KeyState, Lease,
};

use crate::gated::Gated;
use crate::world::{Counting, DAY, HOUR, MINUTE, World, request};

async fn keys(world: &World, issuer: &Gated) -> (KeyManager, AccountKeys) {
    let manager = KeyManager::builder(world.store.clone())
        .account("main", issuer.clone())
        .build()
        .await
        .unwrap();
    let keys = manager.account("main").unwrap();
    (manager, keys)
}

#[tokio::test]
async fn a_dropped_caller_leaves_no_doubt() {
    let world = World::new();
    let issuer = Gated::new(world.pinata());
    let (manager, keys) = keys(&world, &issuer).await;
    let caller = tokio::spawn(async move {
        let _ = keys.issue(&request("dashboard"), Lease::of(DAY)).await;
    });
    issuer.reached().await;
    caller.abort();
    let _ = caller.await;
    issuer.open(1);
    while world.rows().await[0].state.is_open() {
        tokio::task::yield_now().await;
    }
    let states: Vec<_> = world.audit().await.iter().map(|line| line.to).collect();
    assert_eq!(states, [KeyState::Intended, KeyState::Undelivered, KeyState::Revoking]);
    manager.run_due(10).await.unwrap();
    assert_eq!(world.rows().await[0].state, KeyState::Revoked);
    assert_eq!((world.emulator.keys_made(), world.emulator.keys_live()), (1, 0));
}

#[tokio::test]
async fn every_future_can_run_on_another_thread() {
    fn sent<T: Send>(future: T) -> T {
        future
    }
    let world = World::new();
    let manager = world.manager().await;
    let keys = manager.account("main").unwrap();
    let request = request("dashboard");
    let delivery = sent(keys.issue(&request, Lease::none())).await.unwrap();
    let key = sent(delivery.confirm()).await.unwrap();
    let ids = [key.id().clone()];
    let plan = sent(manager.plan_migration(&ids, "w3ipfs")).await.unwrap();
    assert!(sent(plan.run()).await[0].outcome.is_err());
    let next = sent(manager.rotate(key.id()).start()).await.unwrap();
    assert!(sent(manager.revoke(next.id())).await.is_ok());
    sent(manager.run_due(10)).await.unwrap();
}

#[tokio::test]
async fn a_create_is_not_sent_late() {
    for step in [Duration::from_secs(31), HOUR] {
        let world = World::new();
        let clock = world.clock.clone();
        let issuer = Gated::new(world.pinata()).on_plan(move || match step {
            // The node was paused, or somebody set its clock.
            HOUR => clock.set(clock.now() + HOUR),
            step => clock.advance(step),
        });
        issuer.open(1);
        let (_, keys) = keys(&world, &issuer).await;
        let error = keys.issue(&request("dashboard"), Lease::of(DAY)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotSent);
        assert_eq!(error.to_string(), "cannot issue: the create was not sent in time");
        assert!(!error.may_have_created());
        assert_eq!(world.row(error.key().unwrap()).await.state, KeyState::Closed);
        assert_eq!(world.emulator.requests(), 0);
    }
}

#[tokio::test]
async fn a_create_that_hangs_is_a_doubt_after_a_minute() {
    let world = World::new();
    let issuer = Gated::new(world.pinata());
    let (_, keys) = keys(&world, &issuer).await;
    let request = request("dashboard");
    let time = async {
        issuer.reached().await;
        world.advance(MINUTE);
    };
    let (outcome, ()) = tokio::join!(keys.issue(&request, Lease::of(DAY)), time);
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InDoubt);
    assert_eq!(world.row(error.key().unwrap()).await.state, KeyState::InDoubt);
}

#[tokio::test]
async fn a_refusal_of_the_keys_own_name_is_a_doubt() {
    let world = World::new();
    let keys = world.manager().await.account("w3ipfs").unwrap();
    // A proxy repeats the request, and hands out the second answer.
    world.emulator.faults().add(FaultRule::new(Fault::Twice).method(http::Method::POST).first(1));
    let error = keys.issue(&request("dashboard"), Lease::of(DAY)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InDoubt);
    assert_eq!(error.provider_error().unwrap().kind(), pinning_keys_core::ErrorKind::NameTaken);
    assert_eq!(world.row(error.key().unwrap()).await.state, KeyState::InDoubt);
    assert_eq!(world.audit().await.last().unwrap().effect.as_deref(), Some("unknown"));
}

/// Issues a key on a store that fails once the intent is committed, and heals after this time.
async fn issue_on_failing(
    world: &World,
    heals_after: Duration,
) -> (KeyManager, Result<Delivery, Error>) {
    let store = Counting::new(world.store.clone());
    let issuer = Gated::new(world.pinata());
    let manager =
        KeyManager::builder(store.clone()).account("main", issuer.clone()).build().await.unwrap();
    let keys = manager.account("main").unwrap();
    let request = request("dashboard");
    let time = async {
        issuer.reached().await;
        store.fail_after(0);
        issuer.open(1);
        for second in 0..180 {
            if Duration::from_secs(second) >= heals_after {
                store.fail_after(usize::MAX);
            }
            for _ in 0..50 {
                tokio::task::yield_now().await;
            }
            world.advance(Duration::from_secs(1));
        }
        store.fail_after(usize::MAX);
    };
    let (outcome, ()) = tokio::join!(keys.issue(&request, Lease::of(DAY)), time);
    (manager, outcome)
}

#[tokio::test]
async fn an_outcome_is_recorded_once_the_store_is_back() {
    let world = World::new();
    let (_, issued) = issue_on_failing(&world, Duration::from_secs(20)).await;
    issued.unwrap().confirm().await.unwrap();
    assert_eq!(world.rows().await[0].state, KeyState::Live);
}

#[tokio::test]
async fn a_key_that_the_store_did_not_record_is_not_returned() {
    let world = World::new();
    let (manager, issued) = issue_on_failing(&world, DAY).await;
    let error = issued.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InDoubt);
    assert_eq!(error.to_string(), "the key was created, but the store failed to record it");
    assert_eq!(world.rows().await[0].state, KeyState::Intended);
    assert_eq!(world.emulator.keys_live(), 1);
    for _ in 0..10 {
        manager.run_due(10).await.unwrap();
        world.advance(MINUTE);
    }
    assert_eq!(world.rows().await[0].state, KeyState::Revoked);
    assert_eq!(world.emulator.keys_live(), 0);
}
