//! Confirming, renewing, and reading.

use pinning_keys_lifecycle::{Clock, ErrorKind, KeyFilter, KeyId, KeyManager, KeyState, Lease};

use crate::gated::Gated;
use crate::world::{DAY, HOUR, MINUTE, World, noon, request};

#[tokio::test]
async fn a_delivery_is_confirmed_twice_late_and_elsewhere() {
    let world = World::new();
    let (here, elsewhere) = (world.manager().await, world.manager().await);
    let keys = here.account("main").unwrap();
    let delivery = keys.issue(&request("dashboard"), Lease::of(DAY)).await.unwrap();
    // Nobody has ended it yet.
    world.advance(11 * MINUTE);
    elsewhere.confirm(delivery.id()).await.unwrap();
    let lines = world.audit().await.len();
    delivery.confirm().await.unwrap();
    assert_eq!(world.audit().await.len(), lines, "the second time changes nothing");

    let late = keys.issue(&request("late"), Lease::of(DAY)).await.unwrap();
    world.advance(11 * MINUTE);
    elsewhere.run_due(10).await.unwrap();
    let error = late.confirm().await.unwrap_err();
    assert_eq!(error.to_string(), "cannot confirm: the key is revoked");
    let unknown: KeyId = "0000000000000".parse().unwrap();
    assert_eq!(here.confirm(&unknown).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn an_ended_lease_is_neither_confirmed_nor_renewed() {
    let world = World::new();
    let manager = world.manager().await;
    let keys = manager.account("main").unwrap();
    let lease = Lease::of(2 * MINUTE).renewable_until(DAY);
    let delivery = keys.issue(&request("dashboard"), lease).await.unwrap();
    world.advance(2 * MINUTE);
    let error = delivery.confirm().await.unwrap_err();
    assert_eq!(error.to_string(), "cannot confirm: its lease is over");
    world.set(delivery.id(), |row| row.state = KeyState::Live).await;
    // Also before a worker has come by.
    let error = manager.renew(delivery.id()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongState);
}

#[tokio::test]
async fn renewals_stop_at_the_maximum() {
    let world = World::new();
    let manager = world.manager().await;
    let keys = manager.account("main").unwrap();
    let lease = Lease::of(2 * HOUR).renewable_until(3 * HOUR);
    let delivery = keys.issue(&request("dashboard"), lease).await.unwrap();
    let key = delivery.confirm().await.unwrap();
    world.advance(30 * MINUTE);
    let foreseen = key.renewed(world.clock.now()).unwrap();
    let renewed = manager.renew(key.id()).await.unwrap();
    assert_eq!(renewed.expires_at(), Some(noon() + 2 * HOUR + 30 * MINUTE));
    assert_eq!(foreseen.expires_at(), renewed.expires_at());
    world.advance(HOUR);
    let renewed = manager.renew(key.id()).await.unwrap();
    assert_eq!(
        (renewed.expires_at(), renewed.max_until()),
        (Some(noon() + 3 * HOUR), renewed.expires_at())
    );
    let error = manager.renew(key.id()).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot renew: its lease has reached its maximum");
    assert_eq!(renewed.renewed(world.clock.now()).unwrap_err().to_string(), error.to_string());

    let once = keys.issue(&request("once"), Lease::of(HOUR)).await.unwrap();
    once.confirm().await.unwrap();
    let error = manager.renew(once.id()).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot renew: its lease is not renewable");

    let endless = keys.issue(&request("endless"), Lease::none()).await.unwrap();
    endless.confirm().await.unwrap();
    let error = manager.renew(endless.id()).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot renew: the key has no lease");
}

#[tokio::test]
async fn no_lease_passes_the_expiry_of_the_keys_own_token() {
    let world = World::new();
    let issuer = Gated::new(world.pinata()).with_token_expiry(noon() + HOUR);
    issuer.open(2);
    let manager =
        KeyManager::builder(world.store.clone()).account("main", issuer).build().await.unwrap();
    let keys = manager.account("main").unwrap();
    let lease = Lease::of(DAY).renewable_until(3 * DAY);
    let delivery = keys.issue(&request("dashboard"), lease).await.unwrap();
    assert_eq!(delivery.expires_at(), Some(noon() + HOUR));
    delivery.confirm().await.unwrap();
    let error = manager.renew(delivery.id()).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot renew: its lease has reached its maximum");
    let endless = keys.issue(&request("endless"), Lease::none()).await.unwrap();
    assert_eq!(endless.expires_at(), Some(noon() + HOUR));
}

#[tokio::test]
async fn another_database_is_noticed_before_anything_ends() {
    let world = World::new();
    let manager = world.manager().await;
    let keys = manager.account("main").unwrap();
    let lease = Lease::of(HOUR).renewable_until(DAY);
    let key = keys.issue(&request("dashboard"), lease).await.unwrap().confirm().await.unwrap();
    world.advance(2 * HOUR);
    // A replica took over; the key may have been renewed, and that was lost.
    let promoted = KeyManager::builder(world.store.with_identity("replica"))
        .account("main", world.pinata())
        .build()
        .await
        .unwrap();
    promoted.run_due(10).await.unwrap();
    let key = promoted.get(key.id()).await.unwrap();
    assert_eq!((key.state(), key.expires_at()), (KeyState::Live, Some(noon() + DAY)));
}

#[tokio::test]
async fn one_of_two_nodes_issues_for_a_holder() {
    let world = World::new();
    let (one, other) = (world.manager().await, world.manager().await);
    let (one, other) = (one.account("main").unwrap(), other.account("w3ipfs").unwrap());
    let (left, right) = (request("upload"), request("upload"));
    let left = one.prepare(&left, Lease::of(DAY)).holder("alice").issue();
    let right = other.prepare(&right, Lease::of(DAY)).holder("alice").issue();
    let (left, right) = tokio::join!(left, right);
    assert!(left.is_ok() != right.is_ok());
    let error = left.err().or(right.err()).unwrap();
    assert_eq!(error.kind(), ErrorKind::AlreadyOpen);
    assert_eq!(world.emulator.keys_made(), 1);
}

#[tokio::test]
async fn keys_are_read_page_by_page() {
    let world = World::new();
    let manager = world.manager().await;
    let keys = manager.account("main").unwrap();
    for number in 0..5 {
        let delivery = keys.issue(&request(&format!("key-{number}")), Lease::of(DAY)).await;
        delivery.unwrap().confirm().await.unwrap();
        world.advance(MINUTE);
    }
    let filter = KeyFilter { states: vec![KeyState::Live], ..KeyFilter::default() };
    let (mut holders, mut after) = (Vec::new(), None);
    loop {
        let page = manager.list(&filter, after.as_ref(), 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.position());
        holders.extend(page.iter().map(|key| key.holder().to_owned()));
    }
    assert_eq!(holders, ["key-0", "key-1", "key-2", "key-3", "key-4"]);
    world.advance(DAY + HOUR);
    let late = manager.list(&filter, None, 10).await.unwrap();
    assert!(late.iter().all(pinning_keys_lifecycle::ManagedKey::is_overdue));
}
