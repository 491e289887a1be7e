//! Nodes whose clock is wrong: only the store's time counts. And nodes that sleep.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use pinning_keys_lifecycle::store::{Select, Work};
use pinning_keys_lifecycle::{
    AccountOptions, Clock, ErrorKind, KeyManager, KeyState, Lease, ManualClock, RevokeOutcome,
};
use pinning_keys_sinks::{Delivery, Incoming, Sink, SinkError};

use crate::counted::Counted;
use crate::world::{HOUR, MINUTE, Of, SECOND, World, issuer, per_second, request};

/// A clock that differs from that of the store by this many seconds.
struct Shifted {
    clock: ManualClock,
    by: i64,
}

impl Clock for Shifted {
    fn now(&self) -> SystemTime {
        let (now, by) = (self.clock.now(), Duration::from_secs(self.by.unsigned_abs()));
        if self.by < 0 { now - by } else { now + by }
    }

    fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.clock.sleep(time)
    }
}

/// Behind and ahead, by more than a claim, a delivery and a lease last.
const SHIFTS: [i64; 8] = [-40 * 86_400, -600, 31, 270, 330, 660, 7_200, 40 * 86_400];

/// The store as a node sees it whose clock is off.
fn shifted(world: &World, by: i64) -> Counted {
    Counted::with_clock(world, Shifted { clock: world.clock.clone(), by })
}

/// A sink that takes a moment.
struct Slow;

impl fmt::Display for Slow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the sink of the test")
    }
}

#[async_trait]
impl Sink for Slow {
    async fn check(&self, _: &Incoming) -> Result<(), SinkError> {
        Ok(())
    }

    async fn deliver(&self, _: &Delivery<'_>) -> Result<(), SinkError> {
        tokio::task::yield_now().await;
        Ok(())
    }
}

#[tokio::test]
async fn node_works_whatever_its_clock_shows() {
    for of in [Of::Pinata, Of::PinataPair] {
        for by in SHIFTS {
            let world = World::new(of).await;
            world.several(3, Lease::of(HOUR)).await;
            let kept = world.live("kept", Lease::of(2 * HOUR)).await;
            world.run().await;
            world.advance(HOUR);
            // The provider's date shows that the store's time is right.
            let node = world.node_on(shifted(&world, by)).await;
            let tick = node.run_due(100).await.unwrap();
            assert_eq!((tick.revoked(), tick.overdue()), (3, 0), "{by} s: {tick:?}");
            assert!(tick.errors().is_empty(), "{by} s: {tick:?}");
            let status = node.status().await.unwrap();
            assert!(status.is_healthy(), "{by} s: {status}");

            let keys = node.account("main").unwrap();
            let delivery = keys.issue(&request("one"), Lease::of(HOUR)).await.unwrap();
            assert_eq!(node.revoke(delivery.id()).await.unwrap(), RevokeOutcome::Revoked);
            keys.issue_to(&request("two"), Lease::of(HOUR), &Slow).await.unwrap();
            assert_eq!(world.row(&kept).await.state, KeyState::Live, "{by} s");
        }
    }
}

#[tokio::test]
async fn looks_are_timed_by_the_store_whatever_the_clock_shows() {
    for by in SHIFTS {
        let world = World::new(Of::Pinata).await;
        let id = world.live("dashboard", Lease::none()).await;
        let unknown = "[\"v1:pinata:0d2a\"]";
        world.change(&id, |row, _| row.references = unknown.to_owned()).await;
        let node = world.node_on(shifted(&world, by)).await;
        assert!(matches!(node.revoke(&id).await.unwrap(), RevokeOutcome::Scheduled { .. }));
        assert_eq!(world.row(&id).await.first_look, Some(world.clock.now().into()), "{by} s");
    }
}

#[tokio::test]
async fn loop_sleeps_until_something_is_due_whatever_its_clock_shows() {
    for by in SHIFTS {
        let world = World::new(Of::Pinata).await;
        world.live("dashboard", Lease::of(HOUR)).await;
        let store = shifted(&world, by);
        let calls = Arc::clone(&store.calls);
        let node = world.node_on(store).await;
        let tick = node.run_due(100).await.unwrap();
        let shows = Shifted { clock: world.clock.clone(), by }.now();
        assert_eq!(tick.next().duration_since(shows).unwrap(), 30 * SECOND, "{by} s");
        let before = calls.load(Ordering::Relaxed);
        let worker = tokio::spawn(async move { node.run(std::future::pending()).await });
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        assert_eq!(world.clock.next_wake(), Some(30 * SECOND), "{by} s");
        assert!(calls.load(Ordering::Relaxed) - before <= 2, "{by} s");
        worker.abort();
    }
}

#[tokio::test]
async fn node_keeps_pace_with_the_rate_limit_whatever_its_clock_shows() {
    for by in SHIFTS {
        let world = World::new(Of::Pinata).await;
        world.several(5, Lease::of(HOUR)).await;
        world.run().await;
        world.advance(HOUR);
        let options = AccountOptions::new().rate_limit(per_second(1));
        let builder = KeyManager::builder(shifted(&world, by));
        let builder = builder.account_with("main", issuer(Of::Pinata, &world.emulator), options);
        let manager = builder.build().await.unwrap();
        manager.confirm_clock().await.unwrap();
        let tick = world.drive(manager.run_due(100)).await.unwrap();
        assert_eq!(tick.revoked(), 5, "{by} s: {tick:?}");
        let keys = manager.account("main").unwrap();
        for name in ["one", "two"] {
            let delivery = world.drive(keys.issue(&request(name), Lease::none())).await.unwrap();
            let revoked = world.drive(manager.revoke(delivery.id())).await.unwrap();
            assert_eq!(revoked, RevokeOutcome::Revoked, "{by} s");
        }
    }
}

#[tokio::test]
async fn nothing_is_sent_after_the_machine_has_slept() {
    let world = World::new(Of::Pinata).await;
    let id = world.live("dashboard", Lease::of(HOUR)).await;
    world.run().await;
    world.advance(HOUR);
    let store = Counted::new(&world);
    let node = world.node_on(store.clone()).await;
    node.confirm_clock().await.unwrap();
    // Its monotonic clock stops meanwhile.
    let clock = world.clock.clone();
    let is_claim = |keys: &Select| matches!(keys, Select::Due { work: Work::Ends, .. });
    store.after(is_claim, move || clock.set(clock.now() + 5 * MINUTE));
    let tick = node.run_due(1).await.unwrap();
    assert_eq!((tick.revoked(), tick.put_off(), world.revocations()), (0, 1, 0), "{tick:?}");

    let clock = world.clock.clone();
    store.after(|keys| matches!(keys, Select::Holder(_)), move || clock.set(clock.now() + MINUTE));
    let keys = node.account("main").unwrap();
    let error = keys.issue(&request("late"), Lease::none()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSent);
    assert_eq!(world.row(error.key().unwrap()).await.state, KeyState::Closed);

    node.confirm_clock().await.unwrap();
    node.run_due(1).await.unwrap();
    assert_eq!(world.row(&id).await.state, KeyState::Revoked);
}
