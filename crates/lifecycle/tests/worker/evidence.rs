//! A key counts as ended only if the right account confirms it, or on other evidence.

use std::sync::Arc;

use pinning_keys_emulator::Emulator;
use pinning_keys_lifecycle::{Clock as _, KeyManager, KeyState, Lease};

use crate::world::{HOUR, MINUTE, Of, SECOND, World, issuer};

#[tokio::test]
async fn ids_of_a_batch_are_found_by_one_listing() {
    let world = World::new(Of::W3ipfs).await;
    let ids = world.several(90, Lease::of(HOUR)).await;
    world.run().await;
    for id in &ids {
        // As a create leaves it whose answer shows no id.
        world
            .change(id, |row, _| {
                let key = crate::world::api_key(row);
                row.references = format!("[\"v1:w3ipfs:{key}\"]");
            })
            .await;
    }
    world.put_off_pass().await;
    world.advance(HOUR);
    let before = world.emulator.requests();
    assert_eq!(world.run().await.revoked(), 90);
    let listed = world.emulator.requests() - before - 90;
    assert!(listed <= 2, "{listed} pages");
    let row = world.row(&ids[0]).await;
    assert!(row.references.matches(':').count() == 3, "{}", row.references);
}

#[tokio::test]
async fn revoked_by_an_unrecognized_account_is_unproven_and_watched() {
    let world = World::new(Of::PinataPair).await;
    let id = world.live("dashboard", Lease::of(HOUR)).await;
    world.live("witness", Lease::none()).await;
    let live = world.keys_live();
    // The credential is another account's, which calls any key revoked.
    let other = Arc::new(Emulator::builder().seed(2).in_memory());
    let dates = world.clock.clone();
    other.set_date_header(move || Some(dates.now()));
    let builder = KeyManager::builder(world.store.clone());
    let manager = builder.account("main", issuer(Of::PinataPair, &other)).build().await.unwrap();
    world.advance(HOUR);
    assert_eq!(manager.run_due(10).await.unwrap().revoked(), 1);

    let row = world.row(&id).await;
    assert_eq!((row.state, row.unproven), (KeyState::Revoked, true));
    assert_eq!(world.keys_live(), live);
    let status = manager.status().await.unwrap();
    assert_eq!(status.accounts().next().unwrap().unproven(), 1);
    // The right credential is back.
    world.run_each(10 * MINUTE, 8).await;
    let row = world.row(&id).await;
    assert_eq!((row.state, row.unproven), (KeyState::Revoked, false));
    assert_eq!(world.keys_live(), live - 1);
}

#[tokio::test]
async fn key_that_is_not_found_ends_after_two_looks() {
    let world = World::new(Of::W3ipfs).await;
    let id = world.live("dashboard", Lease::of(HOUR)).await;
    world.live("witness", Lease::none()).await;
    world.run().await;
    world
        .change(&id, |row, _| {
            let key = crate::world::api_key(row);
            row.references = format!("[\"v1:w3ipfs:{key}\"]");
        })
        .await;
    let key = crate::world::api_key(&world.row(&id).await);
    world.advance(HOUR);
    world.emulator.w3ipfs().revoke_key(&key);
    world.run().await;
    // Before a propagation time has passed twice, it is not proven.
    let row = world.row(&id).await;
    assert_eq!(row.state, KeyState::Revoking, "{row:?}");
    world.run_each(10 * SECOND, 1).await;
    assert_eq!(world.row(&id).await.state, KeyState::Revoking);
    world.run_each(10 * SECOND, 2).await;
    let row = world.row(&id).await;
    assert_eq!((row.state, row.unproven), (KeyState::Revoked, false), "{row:?}");
    assert_eq!(row.evidence.as_deref(), Some("two listings do not show the key"));
}

#[tokio::test]
async fn key_deleted_by_hand_is_gone_when_the_provider_says_so() {
    let world = World::new(Of::W3ipfs).await;
    let id = world.live("dashboard", Lease::of(HOUR)).await;
    // A pass stores the id, and would notice that the key is gone.
    world.run().await;
    let key = crate::world::api_key(&world.row(&id).await);
    world.emulator.w3ipfs().revoke_key(&key);
    world.advance(SECOND * 3599);
    world.advance(SECOND);
    world.run().await;
    let row = world.row(&id).await;
    assert_eq!(row.state, KeyState::Revoked);
    assert_eq!(row.evidence.as_deref(), Some("the provider says it is gone"), "{row:?}");
}
