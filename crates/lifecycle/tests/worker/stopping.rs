//! The loop stops at once, whatever it reads.

use std::sync::atomic::Ordering;

use pinning_keys_lifecycle::store::KeyRow;
use pinning_keys_lifecycle::{Clock as _, KeyManager, KeyState, Lease, RevokeOutcome};

use crate::stuck::Stuck;
use crate::world::{HOUR, MINUTE, Of, World, issuer};

/// Why the worker reads the listing.
#[derive(Clone, Copy, Debug)]
enum For {
    /// It does not know the time.
    Time,
    /// It does not know the account.
    Ends,
    Settling,
    Watching,
    Passing,
}

/// A world in which the worker reads the listing for this, and for nothing else.
async fn due(what: For) -> World {
    let of = if matches!(what, For::Ends) { Of::PinataPair } else { Of::Pinata };
    let world = World::new(of).await;
    let id = world.live("dashboard", Lease::of(HOUR)).await;
    world.run().await;
    world.put_off_pass().await;
    match what {
        For::Time | For::Ends => world.advance(HOUR),
        For::Settling => {
            let unmade = |row: &mut KeyRow, now| {
                (row.state, row.references) = (KeyState::InDoubt, "[]".to_owned());
                (row.open_holder, row.granted) = (None, None);
                row.name.replace_range(..1, "c");
                (row.due_at, row.settle_after) = (Some(now), now);
            };
            world.change(&id, unmade).await;
        }
        For::Watching => {
            assert_eq!(world.manager.revoke(&id).await.unwrap(), RevokeOutcome::Revoked);
            world.advance(10 * MINUTE);
        }
        For::Passing => world.begin_pass().await,
    }
    world
}

#[tokio::test]
async fn loop_that_is_stopped_does_not_wait_for_a_listing() {
    for what in [For::Time, For::Ends, For::Settling, For::Watching, For::Passing] {
        let world = due(what).await;
        let main = Stuck::new(issuer(world.of, &world.emulator));
        let builder = KeyManager::builder(world.store.clone()).account("main", main.clone());
        let manager = builder.build().await.unwrap();
        if !matches!(what, For::Time) {
            manager.confirm_clock().await.unwrap();
        }
        main.hang(true);
        let before = (world.clock.now(), world.account().await);
        // No time passes, so the call is not given up.
        manager.run(main.reached(1)).await.unwrap();
        assert_eq!(main.calls.load(Ordering::Relaxed), 1, "{what:?}");

        // Another node takes over at once.
        let (account, rows) = (world.account().await, world.store_rows().await);
        assert_eq!(account.pass_claimed_until, None, "{what:?}");
        assert!(account.pass_due_at <= before.1.pass_due_at.max(before.0.into()), "{what:?}");
        assert_eq!(account.closed_until, None, "{what:?}");
        assert!(rows.iter().all(|row| row.claimed_until.is_none()), "{what:?}: {rows:#?}");
        assert!(rows.iter().all(|row| row.attempts == 0), "{what:?}: {rows:#?}");
        let requests = world.emulator.requests();
        let tick = world.node().await.run_due(100).await.unwrap();
        assert!(tick.errors().is_empty() && world.emulator.requests() > requests, "{what:?}");
    }
}

#[tokio::test]
async fn loop_that_is_stopped_reads_no_further_page() {
    let world = World::new(Of::Pinata).await;
    world.several(35, Lease::none()).await;
    let main = Stuck::new(issuer(world.of, &world.emulator));
    let builder = KeyManager::builder(world.store.clone()).account("main", main.clone());
    let manager = builder.build().await.unwrap();
    let (read, mut reads) = tokio::sync::watch::channel(0);
    let pages = read.clone();
    main.on_page(move || read.send_modify(|pages| *pages += 1));
    manager.run_due(100).await.unwrap();
    let all = pages.send_replace(0);
    assert!(all > 3, "{all} pages");

    world.begin_pass().await;
    manager.run(async { drop(reads.wait_for(|pages| *pages == 2).await) }).await.unwrap();
    assert_eq!(*pages.borrow(), 2);
    // What was read is recorded, and the next worker goes on from there.
    assert!(world.account().await.pass_cursor.is_some());
    manager.run_due(100).await.unwrap();
    assert_eq!(*pages.borrow(), all);
}
