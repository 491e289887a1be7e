//! A backup is restored that was made before a delivery was confirmed: the holder has the key.

use std::time::Duration;

use pinning_keys_lifecycle::{Clock as _, KeyId, KeyManager, KeyState, Lease, MemoryStore};

use crate::gated::Gated;
use crate::world::{DAY, HOUR, MINUTE, World, request};

/// Restores the backup into another database, and lets time pass.
async fn restored(world: &mut World, backup: &MemoryStore) -> KeyManager {
    world.store = backup.with_identity("the database after the restore");
    let builder = KeyManager::builder(world.store.clone()).account("main", world.pinata());
    let manager = builder.build().await.unwrap();
    pass_time(world, &manager, 2 * HOUR).await;
    manager
}

async fn pass_time(world: &World, manager: &KeyManager, time: Duration) {
    let end = world.clock.now() + time;
    while world.clock.now() < end {
        world.advance(5 * MINUTE);
        manager.run_due(100).await.unwrap();
    }
}

/// The key works until its lease is over, is shown, and can be confirmed again.
async fn is_kept(world: &World, manager: &KeyManager, id: &KeyId) {
    let row = world.row(id).await;
    assert_eq!((row.state, world.emulator.keys_live()), (KeyState::Undelivered, 1), "{row:#?}");
    assert!(row.granted.is_some() && row.references != "[]", "{row:#?}");
    assert!(row.failure.unwrap().contains("perhaps that the delivery was confirmed"));
    assert!(!manager.status().await.unwrap().is_healthy());
    let key = manager.confirm(id).await.unwrap();
    assert_eq!(key.state(), KeyState::Live);
    pass_time(world, manager, DAY).await;
    assert_eq!(world.row(id).await.state, KeyState::Revoked);
    assert_eq!(world.emulator.keys_live(), 0);
}

#[tokio::test]
async fn a_delivery_that_was_confirmed_since_the_backup_ends_with_its_lease() {
    let mut world = World::new();
    let manager = world.manager().await;
    let keys = manager.account("main").unwrap();
    let delivery = keys.issue(&request("dashboard"), Lease::of(DAY)).await.unwrap();
    let backup = world.store.snapshot();
    delivery.confirm().await.unwrap();
    let manager = restored(&mut world, &backup).await;
    is_kept(&world, &manager, delivery.id()).await;
}

#[tokio::test]
async fn a_key_that_was_being_created_in_the_backup_ends_with_its_lease() {
    let mut world = World::new();
    let issuer = Gated::new(world.pinata());
    let builder = KeyManager::builder(world.store.clone()).account("main", issuer.clone());
    let keys = builder.build().await.unwrap().account("main").unwrap();
    let created =
        tokio::spawn(async move { keys.issue(&request("dashboard"), Lease::of(DAY)).await });
    issuer.reached().await;
    let backup = world.store.snapshot();
    issuer.open(1);
    let delivery = created.await.unwrap().unwrap();
    delivery.confirm().await.unwrap();
    let manager = restored(&mut world, &backup).await;
    is_kept(&world, &manager, delivery.id()).await;
}

#[tokio::test]
async fn a_delivery_of_after_the_restore_ends_at_its_deadline() {
    let mut world = World::new();
    let backup = world.store.snapshot();
    let manager = restored(&mut world, &backup).await;
    let keys = manager.account("main").unwrap();
    let delivery = keys.issue(&request("dashboard"), Lease::of(DAY)).await.unwrap();
    pass_time(&world, &manager, HOUR).await;
    assert_eq!(world.row(delivery.id()).await.state, KeyState::Revoked);
}

#[tokio::test]
async fn what_a_person_gave_up_while_it_was_created_ends_after_a_restore() {
    let mut world = World::new();
    let issuer = Gated::new(world.pinata());
    let builder = KeyManager::builder(world.store.clone()).account("main", issuer.clone());
    let manager = builder.build().await.unwrap();
    let keys = manager.account("main").unwrap();
    let created =
        tokio::spawn(async move { keys.issue(&request("dashboard"), Lease::of(DAY)).await });
    issuer.reached().await;
    let id = world.rows().await.remove(0).id;
    drop(manager.revoke(&id).await.unwrap());
    let backup = world.store.snapshot();
    issuer.open(1);
    created.await.unwrap().unwrap_err();
    drop(restored(&mut world, &backup).await);
    assert_eq!((world.row(&id).await.state, world.emulator.keys_live()), (KeyState::Revoked, 0));
}
