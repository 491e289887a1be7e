//! Rotation and migration.

use std::num::NonZeroU64;
use std::time::Duration;

use pinning_keys_core::{KeyRequest, Permission, PermissionSet, ScopeRequest};
use pinning_keys_lifecycle::{
    Delivery, ErrorKind, KeyId, KeyManager, KeyState, Lease, RevokeOutcome,
};

use crate::world::{DAY, HOUR, MINUTE, World, noon, request};

async fn live(manager: &KeyManager, request: &KeyRequest, lease: Lease) -> KeyId {
    let keys = manager.account("main").unwrap();
    keys.issue(request, lease).await.unwrap().confirm().await.unwrap().id().clone()
}

/// Rotates, and expects this error.
async fn refused(manager: &KeyManager, id: &KeyId, kind: ErrorKind, why: &str) {
    let error = manager.rotate(id).start().await.unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (kind, why));
}

#[tokio::test]
async fn a_successor_gets_the_grants_and_ends_the_old_key_later() {
    let world = World::new();
    let manager = world.manager().await;
    let id = live(&manager, &request("dashboard"), Lease::of(DAY)).await;
    world.advance(2 * HOUR);
    let next = manager.rotate(&id).overlap(HOUR).start().await.unwrap();
    assert_eq!(world.row(&id).await.expires_at, Some((noon() + DAY).into()));
    assert_eq!(world.row(&id).await.granted, world.row(next.id()).await.granted);
    assert_eq!(next.expires_at(), Some(noon() + 2 * HOUR + DAY));
    next.confirm().await.unwrap();
    let old = manager.get(&id).await.unwrap();
    assert_eq!((old.replaced_by(), old.table()), (Some(next.id()), Some("resources")));
    assert_eq!(old.expires_at(), Some(noon() + 3 * HOUR));
    let why = format!("cannot rotate: the key was replaced by {}", next.id());
    refused(&manager, &id, ErrorKind::WrongState, &why).await;

    world.advance(2 * HOUR);
    manager.run_due(10).await.unwrap();
    assert_eq!(world.row(&id).await.state, KeyState::Revoked);
    assert_eq!(world.row(next.id()).await.state, KeyState::Live);
    assert_eq!(world.emulator.pinata().keys_live(), 1);
}

#[tokio::test]
async fn a_successor_keeps_an_absolute_maximum() {
    let world = World::new();
    let manager = world.manager().await;
    let lease = Lease::of(10 * DAY).renewable_until(15 * DAY);
    let mut id = live(&manager, &request("dashboard"), lease).await;
    for _ in 0..2 {
        world.advance(7 * DAY);
        let next = manager.rotate(&id).start().await.unwrap();
        assert_eq!(next.expires_at(), Some(noon() + 15 * DAY));
        next.confirm().await.unwrap();
        id = next.id().clone();
        assert_eq!(world.row(&id).await.max_until, Some((noon() + 15 * DAY).into()));
    }
    world.advance(23 * HOUR + 59 * MINUTE + Duration::from_secs(30));
    refused(
        &manager,
        &id,
        ErrorKind::WrongState,
        "cannot rotate: its lease has reached its maximum",
    )
    .await;
}

#[tokio::test]
async fn a_named_lease_begins_anew_and_replaces_the_old_maximum() {
    let world = World::new();
    let manager = world.manager().await;
    let lease = Lease::of(10 * DAY).renewable_until(15 * DAY);
    let id = live(&manager, &request("dashboard"), lease).await;
    world.advance(7 * DAY);
    let lease = Lease::of(20 * DAY).renewable_until(30 * DAY);
    let next = manager.rotate(&id).lease(lease).start().await.unwrap();
    assert_eq!(next.expires_at(), Some(noon() + 27 * DAY));
    next.confirm().await.unwrap();
    let key = manager.get(next.id()).await.unwrap();
    assert_eq!((key.lease(), key.max_until()), (Some(20 * DAY), Some(noon() + 37 * DAY)));
    let endless = manager.rotate(next.id()).lease(Lease::none()).start().await.unwrap();
    assert_eq!(manager.get(endless.id()).await.unwrap().lease(), None);
    assert_eq!(manager.revoke(endless.id()).await.unwrap(), RevokeOutcome::Revoked);
    let error = manager.rotate(next.id()).lease(Lease::of(MINUTE / 2)).start().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

/// A lease does not end the keys that the holder of an admin key makes, so nobody gets one unasked.
#[tokio::test]
async fn a_named_lease_on_an_admin_key_is_requested_explicitly() {
    let world = World::new();
    let manager = world.manager().await;
    let admin = KeyRequest::new("root", ScopeRequest::admin()).unwrap();
    let id = live(&manager, &admin, Lease::none()).await;
    let error = manager.rotate(&id).lease(Lease::of(DAY)).start().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let next = manager.rotate(&id).lease(Lease::of(DAY)).allow_escalating().start().await.unwrap();
    assert_eq!(next.expires_at(), Some(noon() + DAY));
}

#[tokio::test]
async fn a_successor_has_no_more_uses_than_are_left() {
    let world = World::new();
    let manager = world.manager().await;
    let request = request("once").with_max_uses(NonZeroU64::new(10).unwrap());
    let id = live(&manager, &request, Lease::none()).await;
    refused(
        &manager,
        &id,
        ErrorKind::WrongState,
        "cannot rotate: it is not known how often it was used",
    )
    .await;
    world.set(&id, |row| row.uses = Some(10)).await;
    refused(&manager, &id, ErrorKind::WrongState, "cannot rotate: it has no uses left").await;
    world.set(&id, |row| row.uses = Some(7)).await;
    let next = manager.rotate(&id).start().await.unwrap();
    assert!(world.row(next.id()).await.granted.unwrap().contains("\"max_uses\":3"));
    assert_eq!(world.emulator.pinata().keys()[1].max_uses, Some(3));
    assert_eq!(manager.get(next.id()).await.unwrap().max_uses(), NonZeroU64::new(3));
    assert_eq!(manager.revoke(next.id()).await.unwrap(), RevokeOutcome::Revoked);
    let named = manager.rotate(&id).max_uses(NonZeroU64::new(20)).start().await.unwrap();
    assert!(world.row(named.id()).await.granted.unwrap().contains("\"max_uses\":20"));
}

#[tokio::test]
async fn a_plan_is_the_request_of_a_rotation_that_nothing_has_changed() {
    let world = World::new();
    let manager = world.manager().await;
    let id = live(&manager, &request("dashboard"), Lease::of(DAY)).await;
    let recorded = manager.get(&id).await.unwrap().recorded_scope().unwrap();
    assert_eq!(recorded.needed().to_string(), "pins:list pins:list-jobs");
    let rotation = manager.rotate(&id).without([Permission::PinsListJobs]);
    let mut rotation = rotation.tolerates(Permission::PinsListJobs);
    let planned = rotation.plan().await.unwrap();
    assert_eq!(planned.scope().needed(), PermissionSet::of(&[Permission::PinsList]));
    assert_eq!(world.rows().await.len(), 1, "a plan writes nothing");
    manager.renew(&id).await.unwrap_err();
    rotation.start().await.unwrap().confirm().await.unwrap();

    let mut late = manager.rotate(&id);
    let error = late.plan().await.unwrap_err();
    assert!(error.to_string().starts_with("cannot rotate: the key was replaced by "), "{error}");
    let next = manager.get(&id).await.unwrap().replaced_by().unwrap().clone();
    let mut stale = manager.rotate(&next);
    stale.plan().await.unwrap();
    world.set(&next, |row| row.lease = Some(HOUR)).await;
    let error = stale.start().await.unwrap_err();
    assert_eq!(error.to_string(), "cannot rotate: the key has changed since the plan was made");
}

#[tokio::test]
async fn of_two_nodes_that_rotate_a_key_one_does() {
    let world = World::new();
    let (one, other) = (world.manager().await, world.manager().await);
    let id = live(&one, &request("dashboard"), Lease::none()).await;
    let (left, right) = tokio::join!(one.rotate(&id).start(), other.rotate(&id).start());
    let (done, refused): (Vec<_>, Vec<_>) = [left, right].into_iter().partition(Result::is_ok);
    let next = done.into_iter().next().unwrap().unwrap();
    let error = refused.into_iter().next().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyOpen);
    assert_eq!(error.to_string(), "cannot rotate: the key is being rotated");
    assert_eq!(error.key(), Some(next.id()));
    assert_eq!(world.emulator.pinata().keys_live(), 2);
}

#[tokio::test]
async fn revoking_a_key_ends_its_open_rotation() {
    let world = World::new();
    let manager = world.manager().await;
    let id = live(&manager, &request("dashboard"), Lease::none()).await;
    let next = manager.rotate(&id).start().await.unwrap();
    assert_eq!(manager.revoke(&id).await.unwrap(), RevokeOutcome::Revoked);
    let error = next.confirm().await.unwrap_err();
    assert_eq!(error.to_string(), "cannot confirm: the key is being revoked");
    manager.run_due(10).await.unwrap();
    assert_eq!(world.emulator.pinata().keys_live(), 0);
}

#[tokio::test]
async fn an_adopted_key_is_rotated_if_its_grants_are_known() {
    let world = World::new();
    let manager = world.manager().await;
    let lease = Lease::of(DAY);
    let id = live(&manager, &request("dashboard"), lease).await;
    let granted = world.row(&id).await.granted;
    world
        .set(&id, move |row| {
            row.adopted = true;
            row.granted = None;
        })
        .await;
    refused(&manager, &id, ErrorKind::WrongState, "cannot rotate: it is not known what it can do")
        .await;
    world.set(&id, move |row| row.granted.clone_from(&granted)).await;
    manager.rotate(&id).start().await.unwrap().confirm().await.unwrap();
}

#[tokio::test]
async fn a_migration_moves_what_can_be_expressed_and_reports_the_rest() {
    let world = World::new();
    let manager = world.manager().await;
    let list = ScopeRequest::needs([Permission::PinsList, Permission::PinsListJobs]);
    let list = KeyRequest::new("list", list).unwrap();
    let link = ScopeRequest::needs([Permission::LinksCreate]).tolerates("pinata:org:files:write");
    let link = KeyRequest::new("link", link).unwrap();
    let moved = live(&manager, &list, Lease::of(DAY)).await;
    let stuck = live(&manager, &link, Lease::of(DAY)).await;
    let changed = live(&manager, &request("changed"), Lease::of(DAY)).await;
    let unknown: KeyId = "0000000000000".parse().unwrap();
    let ids = [moved.clone(), stuck.clone(), changed.clone(), unknown];
    let plan = manager.plan_migration(&ids, "w3ipfs").await.unwrap();
    assert!(plan.steps().iter().all(|step| step.request().is_err()), "no list of jobs there");
    let plan = plan.without([Permission::PinsListJobs]);
    let says: Vec<_> = plan.steps().iter().map(|step| step.request().is_ok()).collect();
    assert_eq!(says, [true, false, true, false]);
    let why = plan.steps()[1].request().unwrap_err().to_string();
    assert!(why.starts_with("cannot issue key "), "{why}");
    assert_eq!(world.rows().await.len(), 3, "a plan writes nothing");
    assert_eq!(manager.revoke(&changed).await.unwrap(), RevokeOutcome::Revoked);

    let mut migrated = plan.run().await.into_iter().map(|it| it.outcome);
    let delivery: Delivery = migrated.next().unwrap().unwrap();
    assert_eq!(manager.get(delivery.id()).await.unwrap().account(), "w3ipfs");
    delivery.confirm().await.unwrap();
    assert_eq!(migrated.next().unwrap().unwrap_err().to_string(), why);
    let skipped = migrated.next().unwrap().unwrap_err();
    assert_eq!(skipped.to_string(), "cannot rotate: the key has changed since the plan was made");
    assert_eq!(migrated.next().unwrap().unwrap_err().kind(), ErrorKind::NotFound);
    world.advance(Duration::from_secs(1));
    manager.run_due(10).await.unwrap();
    assert_eq!(manager.get(&moved).await.unwrap().state(), KeyState::Revoked);
    assert_eq!(manager.get(&stuck).await.unwrap().state(), KeyState::Live);
    assert_eq!(world.emulator.w3ipfs().keys_live(), 1);
}

#[tokio::test]
async fn a_migration_can_be_run_key_by_key() {
    let world = World::new();
    let manager = world.manager().await;
    let ids = [
        live(&manager, &request("one"), Lease::none()).await,
        live(&manager, &request("two"), Lease::none()).await,
    ];
    let plan = manager.plan_migration(&ids, "w3ipfs").await.unwrap();
    let plan = plan.without([Permission::PinsListJobs]).overlap(HOUR);
    assert_eq!(manager.revoke(&ids[1]).await.unwrap(), RevokeOutcome::Revoked);
    let mut rotations = plan.into_rotations().into_iter();
    let (id, rotation) = rotations.next().unwrap();
    assert_eq!(id, ids[0]);
    let next = rotation.unwrap().start().await.unwrap().confirm().await.unwrap();
    assert_eq!((next.account(), next.replaces()), ("w3ipfs", Some(&id)));
    assert_eq!(manager.get(&id).await.unwrap().expires_at(), Some(noon() + HOUR));
    let error = rotations.next().unwrap().1.unwrap().start().await.unwrap_err();
    assert_eq!(error.to_string(), "cannot rotate: the key has changed since the plan was made");
    assert_eq!(world.emulator.w3ipfs().keys_made(), 1);
}

#[tokio::test]
async fn rows_of_a_newer_form_are_left_alone() {
    let world = World::new();
    let manager = world.manager().await;
    let id = live(&manager, &request("dashboard"), Lease::of(DAY)).await;
    world.set(&id, |row| row.granted = Some("{\"v\":2,\"provider\":\"pinata\"}".to_owned())).await;
    let error = manager.rotate(&id).start().await.unwrap_err();
    assert_eq!(error.to_string(), "the row has a form that this version cannot read");
    assert_eq!(world.rows().await.len(), 1);
}

#[tokio::test]
async fn an_overlap_beyond_all_time_is_refused() {
    let world = World::new();
    let manager = world.manager().await;
    let id = live(&manager, &request("dashboard"), Lease::none()).await;
    for overlap in [Duration::from_hours(24 * 365 * 100), Duration::MAX] {
        let error = manager.rotate(&id).overlap(overlap).start().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        let plan = manager.plan_migration(std::slice::from_ref(&id), "w3ipfs").await.unwrap();
        let plan = plan.overlap(overlap);
        assert_eq!(plan.steps()[0].request().unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    assert_eq!(world.rows().await.len(), 1);
}

#[tokio::test]
async fn audit_trail_shows_the_old_key_before_the_new_one() {
    let world = World::new();
    let manager = world.manager().await;
    let mut old = live(&manager, &request("dashboard"), Lease::none()).await;
    // Ids are random: each rotation tells one order from the other.
    for _ in 0..8 {
        world.advance(MINUTE);
        let delivery = manager.rotate(&old).start().await.unwrap();
        delivery.confirm().await.unwrap();
        let audit = world.audit().await;
        let confirmed = audit.iter().filter(|line| line.action == "confirm");
        let keys: Vec<_> = confirmed.map(|line| line.key.clone()).collect();
        assert_eq!(keys[keys.len() - 2..], [old, delivery.id().clone()]);
        old = delivery.id().clone();
    }
}
