//! The worker as a loop, and what it costs when there is nothing to do.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::StatusCode;
use pinning_keys_emulator::{Fault, Stage};
use pinning_keys_lifecycle::store::AuditFilter;
use pinning_keys_lifecycle::{
    AccountOptions, Clock as _, Error, KeyManager, KeyState, Lease, Tick,
};

use crate::counted::Counted;
use crate::world::{DAY, HOUR, MINUTE, Of, SECOND, World, issuer, per_second};

#[tokio::test]
async fn idle_tick_asks_the_store_at_most_twice() {
    let world = World::new(Of::Pinata).await;
    world.several(3, Lease::of(DAY)).await;
    let store = Counted::new(&world);
    let calls = Arc::clone(&store.calls);
    let manager = world.node_on(store).await;
    manager.run_due(100).await.unwrap();
    let (mut most, mut all) = (0, 0);
    for _ in 0..100 {
        world.advance(30 * SECOND);
        let before = (calls.load(Ordering::Relaxed), world.emulator.requests());
        let tick = manager.run_due(100).await.unwrap();
        if world.emulator.requests() == before.1 {
            assert!(tick.is_idle());
            let asked = calls.load(Ordering::Relaxed) - before.0;
            (most, all) = (most.max(asked), all + asked);
        }
    }
    assert!(most <= 2, "{most} calls");
    assert!(all <= 155, "{all} calls in 50 minutes");
}

#[tokio::test]
async fn nothing_more_is_revoked_while_the_store_takes_no_results() {
    let options = AccountOptions::new().rate_limit(per_second(1));
    let world = World::new(Of::Pinata).await;
    world.several(5, Lease::of(HOUR)).await;
    world.run().await;
    world.advance(HOUR);
    let store = Counted::new(&world);
    let is_busy = Arc::clone(&store.is_busy);
    let builder = KeyManager::builder(store);
    let builder = builder.account_with("main", issuer(Of::Pinata, &world.emulator), options);
    let manager = builder.build().await.unwrap();
    manager.confirm_clock().await.unwrap();
    is_busy.store(true, Ordering::Relaxed);
    let tick = world.drive(manager.run_due(100)).await.unwrap();
    assert_eq!((tick.revoked(), tick.errors().len(), world.revocations()), (0, 1, 1), "{tick:?}");
    is_busy.store(false, Ordering::Relaxed);
    world.advance(5 * MINUTE);
    let tick = world.drive(manager.run_due(100)).await.unwrap();
    assert_eq!((tick.revoked(), world.keys_live()), (5, 0), "{tick:?}");
}

#[tokio::test]
async fn loop_ends_leases_when_they_are_over_and_stops_at_once() {
    let world = World::new(Of::Pinata).await;
    let id = world.live("dashboard", Lease::of(HOUR)).await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let manager = world.manager.clone();
    let (ended, mut ends) = tokio::sync::mpsc::unbounded_channel();
    let report = move |pass: Result<Tick, Error>| ended.send(pass.unwrap().revoked()).unwrap();
    let shutdown = async { drop(stopped.await) };
    let worker = tokio::spawn(async move { manager.run_with(shutdown, report).await });
    let began = world.clock.now();
    while world.row(&id).await.state != KeyState::Revoked {
        tokio::task::yield_now().await;
        if let Some(time) = world.clock.next_wake() {
            world.advance(time);
        }
        assert!(world.clock.now() < began + 2 * HOUR);
    }
    let late = world.clock.now().duration_since(began + HOUR).unwrap();
    assert!(late <= 31 * SECOND, "{late:?}");
    drop(stop);
    worker.await.unwrap().unwrap();
    let mut revoked = 0;
    while let Some(more) = ends.recv().await {
        revoked += more;
    }
    assert_eq!(revoked, 1, "each pass is reported");
}

#[tokio::test]
async fn tick_says_when_the_next_key_is_due() {
    let world = World::new(Of::Pinata).await;
    world.live("dashboard", Lease::of(2 * HOUR)).await;
    world.live("website", Lease::of(HOUR)).await;
    world.live("archive", Lease::none()).await;
    let began = world.clock.now();
    assert_eq!(world.run().await.due_at(), Some(began + HOUR));
    world.advance(HOUR);
    assert_eq!(world.run().await.due_at(), Some(began + HOUR + 10 * MINUTE), "a second look");
    world.refuse_revocations(StatusCode::UNAUTHORIZED);
    world.advance(HOUR);
    let tick = world.run().await;
    assert!(tick.due_at() > Some(world.clock.now()), "the account is closed");
}

#[tokio::test(start_paused = true)]
async fn loop_that_is_stopped_finishes_what_is_in_flight_and_begins_nothing() {
    const TENTH: Duration = Duration::from_millis(100);

    let options = AccountOptions::new().rate_limit(per_second(1));
    let world = World::with(Of::Pinata, options).await;
    world.drive(world.several(3, Lease::of(HOUR))).await;
    world.drive(world.run()).await;
    world.advance(HOUR);
    world.manager.confirm_clock().await.unwrap();
    world.put_off_pass().await;
    world.fault(Fault::Latency { delay: 2 * TENTH, stage: Stage::AfterCommit });
    let mut worker = pin!(world.manager.run(tokio::time::sleep(TENTH)));
    tokio::select! {
        biased;
        _ = &mut worker => panic!("a revocation is in flight"),
        () = tokio::time::sleep(TENTH / 2) => {}
    }
    assert_eq!((world.revocations(), world.count(KeyState::Revoked).await), (1, 0));
    tokio::time::timeout(SECOND, worker).await.expect("the loop ends").unwrap();
    assert_eq!((world.revocations(), world.count(KeyState::Revoked).await), (1, 1));
    let rows = world.store_rows().await;
    assert!(rows.iter().all(|row| row.claimed_until.is_none()), "{rows:#?}");
}

#[tokio::test]
async fn tombstones_and_their_audit_are_pruned_by_rule() {
    let world = World::new(Of::Pinata).await;
    let id = world.live("dashboard", Lease::of(HOUR)).await;
    world.advance(HOUR);
    world.run().await;
    world.run_each(12 * HOUR, 59).await;
    assert_eq!(world.row(&id).await.state, KeyState::Revoked);
    world.run_each(12 * HOUR, 6).await;
    assert!(world.store_rows().await.is_empty());
    let filter = AuditFilter::default();
    assert!(!world.manager.audit(&filter, 0, 10).await.unwrap().is_empty());
    world.run_each(12 * HOUR, 120).await;
    assert!(world.manager.audit(&filter, 0, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn status_shows_what_needs_attention() {
    let world = World::new(Of::Pinata).await;
    world.live("dashboard", Lease::of(HOUR)).await;
    let status = world.manager.status().await.unwrap();
    assert!(!status.is_healthy());
    assert_eq!(status.to_string(), "worker  never ran\nmain    1 live");
    world.run().await;
    let status = world.manager.status().await.unwrap();
    assert!(status.is_healthy(), "{status}");
    let text = "worker  last ran at 2027-01-15T08:00:00Z\nmain    1 live";
    assert_eq!(status.to_string(), text);
    world.advance(2 * DAY);
    assert!(!world.manager.status().await.unwrap().is_healthy());
}
