//! A provider that never answers, reached by an issuer that waits forever.

use pinning_keys_lifecycle::{Clock as _, KeyManager, KeyState, Lease, RevokeOutcome};

use crate::stuck::Stuck;
use crate::world::{HOUR, MINUTE, Of, SECOND, World, issuer, request};

/// A manager with the account `main`, which may hang, and one at another provider; each has keys
/// that end after an hour.
async fn two_accounts(world: &World, keys: usize) -> (KeyManager, Stuck) {
    let main = Stuck::new(issuer(world.of, &world.emulator));
    let manager = KeyManager::builder(world.store.clone())
        .account("main", main.clone())
        .account("other", issuer(Of::W3ipfs, &world.emulator))
        .build()
        .await
        .unwrap();
    for account in ["main", "other"] {
        for number in 0..keys {
            let (name, lease) = (format!("{account}-{number}"), Lease::of(HOUR));
            let keys = manager.account(account).unwrap();
            keys.issue(&request(&name), lease).await.unwrap().confirm().await.unwrap();
        }
    }
    (manager, main)
}

fn other_live(world: &World) -> usize {
    world.emulator.w3ipfs().keys().iter().filter(|key| !key.deleted).count()
}

#[tokio::test]
async fn account_that_hangs_closes_and_does_not_stop_another() {
    // The worker lists first if it does not know the time, or the account.
    for (of, knows_time) in [(Of::Pinata, true), (Of::Pinata, false), (Of::PinataPair, true)] {
        let world = World::new(of).await;
        let (manager, main) = two_accounts(&world, 5).await;
        world.advance(HOUR);
        if knows_time {
            manager.confirm_clock().await.unwrap();
        }
        main.hang(true);
        let before = world.clock.now();
        let tick = world.drive(manager.run_due(100)).await.unwrap();
        assert_eq!((tick.revoked(), other_live(&world)), (5, 0), "{of:?}: {tick:?}");
        let took = world.clock.now().duration_since(before).unwrap();
        assert_eq!(took, MINUTE, "{of:?}");
        assert!(tick.errors().iter().all(|(account, _)| account == "main"), "{tick:?}");
        let error = tick.errors()[0].1.provider_error().unwrap();
        assert_eq!(error.kind(), pinning_keys_core::ErrorKind::Timeout, "{error}");
        assert!(world.account().await.closed_until.is_some());

        main.hang(false);
        for _ in 0..12 {
            world.advance(10 * SECOND);
            world.drive(manager.run_due(100)).await.unwrap();
        }
        let rows = world.store_rows().await;
        assert!(rows.iter().all(|row| row.state == KeyState::Revoked), "{of:?}: {rows:#?}");
        assert_eq!(world.account().await.closed_until, None);
    }
}

#[tokio::test]
async fn revoking_by_hand_is_scheduled_if_the_provider_hangs() {
    let world = World::new(Of::Pinata).await;
    let (manager, main) = two_accounts(&world, 1).await;
    main.hang(true);
    let rows = world.store_rows().await;
    let id = rows.into_iter().find(|row| row.account == "main").unwrap().id;
    let outcome = world.drive(manager.revoke(&id)).await.unwrap();
    let RevokeOutcome::Scheduled { why, .. } = outcome else { panic!("{outcome}") };
    assert!(why.contains("did not answer in time"), "{why}");
    assert_eq!(world.row(&id).await.claimed_until, None);
}

#[tokio::test]
async fn call_during_which_the_node_was_stopped_says_nothing_about_the_account() {
    for slept in [false, true] {
        let world = World::new(Of::Pinata).await;
        let (manager, main) = two_accounts(&world, 1).await;
        main.hang(true);
        let rows = world.store_rows().await;
        let id = rows.into_iter().find(|row| row.account == "main").unwrap().id;
        let stop = async {
            main.reached(1).await;
            if slept {
                // The monotonic clock of a machine that sleeps may stop.
                world.clock.set(world.clock.now() + HOUR);
                world.advance(MINUTE);
            } else {
                world.advance(HOUR);
            }
        };
        let (outcome, ()) = tokio::join!(manager.revoke(&id), stop);
        assert!(matches!(outcome.unwrap(), RevokeOutcome::Scheduled { .. }));
        assert_eq!(world.account().await.closed_until, None);
    }
}
