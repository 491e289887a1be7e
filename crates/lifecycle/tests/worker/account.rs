//! Failures that concern the account close it for every node, and are not counted against any key.

use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use http::StatusCode;
use pinning_keys_core::ErrorKind;
use pinning_keys_emulator::{Fault, FaultRule, RetryAfter, Stage};
use pinning_keys_lifecycle::store::KeyRow;
use pinning_keys_lifecycle::{
    AccountOptions, Clock as _, KeyManager, KeyState, Lease, RevokeOutcome,
};

use crate::world::{HOUR, MINUTE, Of, SECOND, World, issuer, per_second, request};

/// A world with keys that are due, and without requests to tell the time.
async fn due(count: usize) -> World {
    let world = World::new(Of::Pinata).await;
    world.several(count, Lease::of(HOUR)).await;
    world.manager.confirm_clock().await.unwrap();
    world.run().await;
    world.advance(MINUTE * 59);
    world.run().await;
    world.advance(MINUTE);
    world
}

#[tokio::test(start_paused = true)]
async fn what_concerns_the_account_closes_it_for_every_node() {
    let refused = |code| Fault::status(code, Stage::BeforeCommit);
    for (fault, seconds) in [
        (Fault::too_many_requests(RetryAfter::Seconds(90)), 90),
        (Fault::too_many_requests(RetryAfter::Absent), 10),
        (refused(StatusCode::UNAUTHORIZED), 10),
        (refused(StatusCode::FORBIDDEN), 10),
    ] {
        let world = due(3).await;
        let other = world.node().await;
        other.confirm_clock().await.unwrap();
        world.fault(fault.clone());
        world.run().await;

        let (account, now) = (world.account().await, world.clock.now());
        let until = account.closed_until.unwrap_or_else(|| panic!("{fault:?}: open"));
        assert_eq!(until, (now + Duration::from_secs(seconds)).into(), "{fault:?}");
        let status = world.manager.status().await.unwrap();
        assert_eq!(status.accounts().next().unwrap().closed().unwrap().0, until);
        let requests = world.emulator.requests();
        let tick = other.run_due(1_000).await.unwrap();
        assert_eq!((world.emulator.requests(), tick.revoked()), (requests, 0), "{fault:?}");
        for row in world.store_rows().await {
            assert_eq!((row.attempts, row.claimed_until), (0, None), "{fault:?}");
        }

        world.emulator.faults().clear();
        world.advance(Duration::from_secs(seconds));
        assert_eq!(other.run_due(1_000).await.unwrap().revoked(), 3, "{fault:?}");
        assert_eq!(world.account().await.closed_until, None);
    }
}

/// A phase in which the worker reads the listing.
#[derive(Clone, Copy, Debug)]
enum Phase {
    Settling,
    Watching,
    Passing,
}

/// A world in which this phase, and nothing else, has something to do.
async fn due_in(phase: Phase) -> World {
    let world = World::new(Of::Pinata).await;
    let id = world.live("dashboard", Lease::none()).await;
    world.run().await;
    match phase {
        Phase::Settling => {
            world.put_off_pass().await;
            let unmade = |row: &mut KeyRow, now| {
                (row.state, row.references) = (KeyState::InDoubt, "[]".to_owned());
                (row.open_holder, row.granted) = (None, None);
                row.name.replace_range(..1, "c");
                (row.due_at, row.settle_after) = (Some(now), now);
            };
            world.change(&id, unmade).await;
        }
        Phase::Watching => {
            world.put_off_pass().await;
            assert_eq!(world.manager.revoke(&id).await.unwrap(), RevokeOutcome::Revoked);
            world.advance(10 * MINUTE);
        }
        Phase::Passing => world.advance(HOUR),
    }
    world
}

#[tokio::test(start_paused = true)]
async fn what_concerns_the_account_does_so_in_every_phase() {
    let refused = |code| Fault::status(code, Stage::BeforeCommit);
    for phase in [Phase::Settling, Phase::Watching, Phase::Passing] {
        for (fault, seconds) in [
            (Fault::too_many_requests(RetryAfter::Seconds(90)), 90),
            (Fault::too_many_requests(RetryAfter::Absent), 10),
            (refused(StatusCode::UNAUTHORIZED), 10),
            (refused(StatusCode::FORBIDDEN), 10),
        ] {
            let case = format!("{phase:?}, {fault:?}");
            let (world, time) = (due_in(phase).await, Duration::from_secs(seconds));
            let other = world.node().await;
            let before = world.store_rows().await.remove(0);
            world.emulator.faults().add(FaultRule::new(fault));
            world.run().await;

            let until = world.account().await.closed_until;
            assert_eq!(until, Some((world.clock.now() + time).into()), "{case}");
            let requests = world.emulator.requests();
            other.run_due(1_000).await.unwrap();
            assert_eq!(world.emulator.requests(), requests, "{case}");
            let row = world.store_rows().await.remove(0);
            assert_eq!(KeyRow { version: before.version, ..row }, before, "{case}");

            world.emulator.faults().clear();
            world.advance(time);
            let tick = other.run_due(1_000).await.unwrap();
            assert!(world.emulator.requests() > requests, "{case}: {tick:?}");
            assert!(tick.errors().is_empty(), "{case}: {tick:?}");
            assert_eq!(world.account().await.closed_until, None, "{case}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn account_closes_after_three_outages_and_opens_at_a_success() {
    for (keys, is_closed) in [(2, false), (3, true)] {
        let world = due(keys).await;
        world.refuse_revocations(StatusCode::INTERNAL_SERVER_ERROR);
        let tick = world.run().await;
        assert_eq!(tick.put_off(), keys);
        assert_eq!(world.account().await.closed_until.is_some(), is_closed);

        world.emulator.faults().clear();
        world.run_each(5 * SECOND, 12).await;
        assert_eq!(world.count(KeyState::Revoked).await, keys as u64);
        assert_eq!(world.account().await.closed_until, None);
    }
}

#[tokio::test(start_paused = true)]
async fn first_key_ends_within_a_minute_after_an_outage_of_any_length() {
    for keys in [1, 2, 5] {
        for outage in [13 * MINUTE, 5 * HOUR + 2 * MINUTE] {
            let world = due(keys).await;
            let every =
                FaultRule::new(Fault::status(StatusCode::SERVICE_UNAVAILABLE, Stage::BeforeCommit));
            world.emulator.faults().add(every);
            let before = world.emulator.requests();
            let end = world.clock.now() + outage;
            while world.clock.now() < end {
                world.advance(10 * SECOND);
                world.run().await;
            }
            let minutes = outage.as_secs() / 60;
            // The adapter sends each request up to four times.
            let calls = (world.emulator.requests() - before) / 4;
            assert!(calls <= 8 * minutes, "{calls} calls in {minutes} min");
            world.emulator.faults().clear();
            world.run_each(10 * SECOND, 6).await;
            assert!(world.count(KeyState::Revoked).await > 0, "{keys} keys, {outage:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn key_that_always_fails_does_not_keep_the_others() {
    let world = due(5).await;
    let bad = world.store_rows().await.remove(0);
    let path = format!("/v3/api_keys/{}", crate::world::api_key(&bad));
    let fault = Fault::status(StatusCode::BAD_GATEWAY, Stage::BeforeCommit);
    world.emulator.faults().add(FaultRule::new(fault.clone()));
    world.run_each(10 * SECOND, 30).await;
    world.emulator.faults().clear();
    world.emulator.faults().add(FaultRule::new(fault).path(path));
    // It would be the first to try the account each time.
    world.change(&bad.id, |row, _| row.due_at = row.end_due).await;
    world.run_each(10 * SECOND, 18).await;
    assert_eq!(world.count(KeyState::Revoked).await, 4);
    assert_eq!(world.row(&bad.id).await.state, KeyState::Revoking);
}

#[tokio::test(start_paused = true)]
async fn closed_account_does_not_stop_another() {
    let world = World::new(Of::Pinata).await;
    let builder = KeyManager::builder(world.store.clone());
    let builder = builder.account("main", issuer(Of::Pinata, &world.emulator));
    let builder = builder.account("other", issuer(Of::W3ipfs, &world.emulator));
    let manager = builder.build().await.unwrap();
    for account in ["main", "other"] {
        let keys = manager.account(account).unwrap();
        let name = request(account);
        keys.issue(&name, Lease::of(HOUR)).await.unwrap().confirm().await.unwrap();
    }
    world.advance(HOUR);
    world.refuse_revocations(StatusCode::UNAUTHORIZED);
    let tick = manager.run_due(10).await.unwrap();
    assert_eq!(tick.revoked(), 1, "{tick:?}");
    assert!(tick.errors().iter().all(|(account, _)| account == "main"), "{tick:?}");
    assert!(!tick.errors().is_empty());
    assert_eq!(tick.served().collect::<Vec<_>>(), ["other"]);
}

#[tokio::test]
async fn definite_refusal_is_reported_and_tried_again() {
    let world = due(1).await;
    world.refuse_revocations(StatusCode::BAD_REQUEST);
    let tick = world.run().await;
    let [(account, error)] = tick.errors() else { panic!("{tick:?}") };
    assert_eq!((&account[..], error.key().is_some()), ("main", true), "{error}");
    let row = world.store_rows().await.remove(0);
    assert_eq!((row.state, row.attempts), (KeyState::Revoking, 1));
    assert!(row.failure.is_some());
    let wait = row.due_at.unwrap().since(world.clock.now().into());
    assert!(wait >= 5 * SECOND && wait <= 15 * SECOND, "{wait:?}");
    world.emulator.faults().clear();
    world.advance(wait);
    assert_eq!(world.run().await.revoked(), 1);
}

#[tokio::test]
async fn due_revocations_get_half_the_slots_under_a_load_of_issues() {
    let options = AccountOptions::new().rate_limit(per_second(1)).patience(HOUR);
    let world = World::with(Of::Pinata, options).await;
    world.drive(world.several(10, Lease::of(HOUR))).await;
    world.drive(world.run()).await;
    world.advance(HOUR);
    let began = world.clock.now();
    for place in 0..8 {
        let keys = world.manager.account("main").unwrap();
        tokio::spawn(async move {
            for number in 0.. {
                let request = request(&format!("load-{place}-{number}"));
                drop(keys.issue(&request, Lease::none()).await.unwrap());
            }
        });
    }
    let mut work = pin!(async {
        loop {
            world.run().await;
        }
    });
    while world.count(KeyState::Revoked).await < 10 {
        // Whoever issues is always there first.
        settle_down().await;
        for _ in 0..10 {
            let is_pending = work.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            assert!(is_pending.is_pending());
            settle_down().await;
        }
        world.advance(world.clock.next_wake().unwrap());
        let took = world.clock.now().duration_since(began).unwrap();
        assert!(took <= 22 * SECOND, "{took:?}");
    }
}

/// Lets tasks go on until they wait for time to pass.
async fn settle_down() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn account_that_is_full_is_open_to_revocations() {
    let world = World::new(Of::W3ipfs).await;
    let keys = world.manager.account("main").unwrap();
    let mut number = 0;
    let error = loop {
        match keys.issue(&request(&format!("key-{number}")), Lease::of(HOUR)).await {
            Ok(delivery) => drop(delivery.confirm().await.unwrap()),
            Err(error) => break error,
        }
        number += 1;
    };
    assert_eq!(error.provider_error().unwrap().kind(), ErrorKind::TooManyKeys, "{error}");
    assert_eq!(world.account().await.closed_until, None);
    world.advance(HOUR);
    assert_eq!(world.run().await.revoked(), number);
}
