//! Delivering to sinks.

use std::sync::Mutex;
use std::time::Duration;
use std::{fmt, future};

use async_trait::async_trait;
use pinning_keys_emulator::{Fault, FaultRule, Stage};
use pinning_keys_lifecycle::{Error, ErrorKind, KeyManager, KeyState, Lease, ManagedKey};
use pinning_keys_sinks::{Delivery, DeliveryEffect, Incoming, Sink, SinkError};

use crate::world::{Counting, DAY, HOUR, MINUTE, World, noon, request};

/// A sink in memory, and how it behaves.
struct Memory {
    taken: Mutex<Vec<String>>,
    mode: Mode,
}

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Works,
    RefusesCheck,
    Fails,
    HalfSucceeds,
    Hangs,
}

impl Memory {
    fn new(mode: Mode) -> Self {
        Self { taken: Mutex::default(), mode }
    }

    fn taken(&self) -> usize {
        self.taken.lock().unwrap().len()
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the memory of the test")
    }
}

#[async_trait]
impl Sink for Memory {
    async fn check(&self, _key: &Incoming) -> Result<(), SinkError> {
        match self.mode {
            Mode::RefusesCheck => {
                Err(SinkError::new("the vault is sealed").with_advice("unseal it"))
            }
            _ => Ok(()),
        }
    }

    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), SinkError> {
        if self.mode == Mode::Fails {
            return Err(SinkError::new("the vault is full"));
        }
        self.taken.lock().unwrap().push(delivery.name().to_string());
        match self.mode {
            Mode::Hangs => future::pending().await,
            Mode::HalfSucceeds => {
                Err(SinkError::new("the answer was lost").with_effect(DeliveryEffect::Unknown))
            }
            _ => Ok(()),
        }
    }
}

#[tokio::test]
async fn a_delivered_key_takes_four_commits_and_is_verified() {
    let world = World::new();
    let store = Counting::new(world.store.clone());
    let manager =
        KeyManager::builder(store.clone()).account("main", world.pinata()).build().await.unwrap();
    let keys = manager.account("main").unwrap();
    let (sink, before) = (Memory::new(Mode::Works), store.commits());
    let key = keys.issue_to(&request("dashboard"), Lease::of(DAY), &sink).await.unwrap();
    assert_eq!(store.commits() - before, 4);
    assert_eq!((key.state(), key.seen_by()), (KeyState::Live, Some("verify")));
    assert_eq!(sink.taken(), 1);
}

#[tokio::test]
async fn an_unusable_sink_is_noticed_before_anything_is_written() {
    let world = World::new();
    let keys = world.manager().await.account("main").unwrap();
    let sink = Memory::new(Mode::RefusesCheck);
    let error = keys.issue_to(&request("dashboard"), Lease::of(DAY), &sink).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Sink);
    assert_eq!(error.to_string(), "the sink cannot take the secret: the vault is sealed");
    assert_eq!(error.next_step(), Some("unseal it"));
    assert!(world.rows().await.is_empty());
    assert_eq!(world.emulator.pinata().keys_made(), 0);
}

#[tokio::test]
async fn a_key_that_was_certainly_not_delivered_is_revoked_at_once() {
    let world = World::new();
    let keys = world.manager().await.account("main").unwrap();
    let sink = Memory::new(Mode::Fails);
    let error = keys.issue_to(&request("dashboard"), Lease::of(DAY), &sink).await.unwrap_err();
    assert_eq!(error.to_string(), "the delivery failed: the vault is full");
    assert_eq!(error.sink_error().unwrap().effect(), DeliveryEffect::NotDelivered);
    assert_eq!(world.row(error.key().unwrap()).await.state, KeyState::Revoked);
    assert_eq!(world.emulator.pinata().keys_live(), 0);
}

#[tokio::test]
async fn an_error_never_calls_a_key_revoked_that_still_works() {
    for (refuses, then) in [(false, "the key is revoked"), (true, "a worker revokes the key")] {
        let world = World::new();
        let keys = world.manager().await.account("main").unwrap();
        if refuses {
            let fault = Fault::status(http::StatusCode::SERVICE_UNAVAILABLE, Stage::BeforeCommit);
            let rule = FaultRule::new(fault).method(http::Method::DELETE);
            world.emulator.faults().add(rule);
        }
        let sink = Memory::new(Mode::Fails);
        let error = keys.issue_to(&request("dashboard"), Lease::of(DAY), &sink).await.unwrap_err();
        let step = error.next_step().unwrap();
        assert_eq!(step, format!("nothing was delivered, and {then}"));
        assert_eq!(world.emulator.pinata().keys_live(), usize::from(refuses));
    }
}

#[tokio::test]
async fn a_possibly_delivered_key_is_kept_until_its_deadline() {
    let world = World::new();
    let manager = world.manager().await;
    let keys = manager.account("main").unwrap();
    let sink = Memory::new(Mode::HalfSucceeds);
    let error = keys.issue_to(&request("dashboard"), Lease::of(DAY), &sink).await.unwrap_err();
    let id = error.key().unwrap().clone();
    assert_eq!(world.row(&id).await.state, KeyState::Undelivered);
    assert_eq!(world.row(&id).await.failure.as_deref(), Some("the answer was lost"));
    world.advance(9 * MINUTE);
    manager.run_due(10).await.unwrap();
    assert_eq!(world.row(&id).await.state, KeyState::Undelivered);
    world.advance(MINUTE);
    manager.run_due(10).await.unwrap();
    assert_eq!(world.row(&id).await.state, KeyState::Revoked);
}

#[tokio::test]
async fn in_a_rotation_it_is_kept_until_a_later_attempt_is_confirmed() {
    let world = World::new();
    let manager = world.manager().await;
    let keys = manager.account("main").unwrap();
    let good = Memory::new(Mode::Works);
    let old = keys.issue_to(&request("dashboard"), Lease::of(DAY), &good).await.unwrap();
    let sink = Memory::new(Mode::HalfSucceeds);
    let first = manager.rotate(old.id()).issue_to(&sink).await.unwrap_err().key().unwrap().clone();
    let kept = manager.get(&first).await.unwrap();
    assert!(kept.expires_at().is_some());
    assert_eq!(kept.end_due(), kept.expires_at());
    world.advance(HOUR);
    manager.run_due(10).await.unwrap();
    assert_eq!(world.row(&first).await.state, KeyState::Undelivered);
    let second = manager.rotate(old.id()).issue_to(&sink).await.unwrap_err().key().unwrap().clone();
    assert_eq!(world.row(&second).await.state, KeyState::Undelivered);
    // Nobody has to wait for the deadline of an attempt that has failed.
    let third = manager.rotate(old.id()).issue_to(&good).await.unwrap();
    manager.run_due(10).await.unwrap();
    for ended in [&first, &second, old.id()] {
        assert_eq!(world.row(ended).await.state, KeyState::Revoked);
    }
    assert_eq!(world.row(third.id()).await.state, KeyState::Live);
}

#[tokio::test]
async fn a_sink_that_hangs_is_given_up_at_the_deadline() {
    let world = World::new();
    let keys = world.manager().await.account("main").unwrap();
    let (sink, request) = (Memory::new(Mode::Hangs), request("dashboard"));
    let issued = keys.issue_to(&request, Lease::of(DAY), &sink);
    let time = async {
        while sink.taken() == 0 {
            tokio::task::yield_now().await;
        }
        world.advance(10 * MINUTE);
    };
    let (issued, ()) = tokio::join!(issued, time);
    let error = issued.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the delivery failed: the sink did not answer before the deadline"
    );
    let deadline = pinning_keys_lifecycle::Timestamp::from(noon() + 10 * MINUTE);
    assert!(error.next_step().unwrap().ends_with(&format!("it is revoked at {deadline}")));
    assert_eq!(world.row(error.key().unwrap()).await.state, KeyState::Undelivered);
}

/// Issues a key whose verification is answered late, while time passes.
async fn issue_late(world: &World, requests: u32) -> (Result<ManagedKey, Error>, usize) {
    let keys = world.manager().await.account("main").unwrap();
    world.emulator.faults().add(FaultRule::new(Fault::LateKey { requests }).first(1));
    let (sink, request) = (Memory::new(Mode::Works), request("dashboard"));
    let issued = keys.issue_to(&request, Lease::of(DAY), &sink);
    let mut issued = std::pin::pin!(issued);
    let issued = loop {
        tokio::select! {
            biased;
            issued = &mut issued => break issued,
            () = tokio::task::yield_now() => {}
        }
        // Only the waits between two attempts are short.
        if world.clock.next_wake().is_some_and(|wait| wait < MINUTE) {
            world.advance(Duration::from_millis(250));
        }
    };
    (issued, sink.taken())
}

#[tokio::test]
async fn a_key_that_is_not_recognized_at_once_is_waited_for() {
    let world = World::new();
    let (issued, taken) = issue_late(&world, 2).await;
    assert_eq!((issued.unwrap().state(), taken), (KeyState::Live, 1));
}

#[tokio::test]
async fn a_key_that_does_not_work_is_not_delivered() {
    let world = World::new();
    let (issued, taken) = issue_late(&world, u32::MAX).await;
    let error = issued.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the new key does not work: the provider reports it as unrecognized"
    );
    assert_eq!(taken, 0);
    assert_eq!(world.row(error.key().unwrap()).await.state, KeyState::Revoked);
}
