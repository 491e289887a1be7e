//! Keys end when they must, and only then.

use futures_util::future::join_all;
use http::StatusCode;
use pinning_keys_lifecycle::{AuditFilter, Clock as _, KeyState, Lease, Suffix};

use crate::world::{DAY, HOUR, MINUTE, Of, SECOND, World, request};

#[tokio::test]
async fn lease_that_is_over_is_revoked_with_its_evidence() {
    for of in [Of::Pinata, Of::W3ipfs, Of::PinataPair] {
        let world = World::new(of).await;
        let id = world.live("dashboard", Lease::of(HOUR)).await;
        let witness = world.live("witness", Lease::none()).await;
        world.run_each(10 * MINUTE, 5).await;
        assert_eq!(world.count(KeyState::Live).await, 2, "{of:?}");

        world.advance(10 * MINUTE);
        let tick = world.run().await;

        assert_eq!((tick.revoked(), tick.put_off(), tick.overdue()), (1, 0, 0), "{of:?}: {tick:?}");
        let row = world.row(&id).await;
        assert_eq!(row.state, KeyState::Revoked);
        assert_eq!(row.evidence.as_deref(), Some("revoked by the provider"));
        assert!(!row.unproven, "{of:?}");
        assert_eq!(world.row(&witness).await.state, KeyState::Live);
        let lines = world.manager.audit(&AuditFilter::default(), 0, 100).await.unwrap();
        let lines = lines.iter().filter(|line| line.key == id);
        let lines: Vec<_> = lines.map(|line| (&line.action[..], line.to)).collect();
        let [.., end, revoke] = lines[..] else { panic!("{lines:?}") };
        assert_eq!(end, ("end", KeyState::Revoking));
        assert_eq!(revoke, ("revoke", KeyState::Revoked));
    }
}

#[tokio::test]
async fn delivery_that_nobody_confirms_is_revoked_at_its_deadline() {
    let world = World::new(Of::Pinata).await;
    let keys = world.manager.account("main").unwrap();
    let delivery = keys.issue(&request("dashboard"), Lease::none()).await.unwrap();
    let time = delivery.deliver_by().duration_since(world.clock.now()).unwrap();
    world.advance(time.saturating_sub(SECOND));
    world.run().await;
    assert_eq!(world.row(delivery.id()).await.state, KeyState::Undelivered);
    world.advance(SECOND);
    assert_eq!(world.run().await.revoked(), 1);
}

#[tokio::test]
async fn thousand_leases_that_end_at_once_are_revoked_once_each() {
    let world = World::new(Of::Pinata).await;
    world.several(1_000, Lease::of(HOUR)).await;
    let live = world.keys_live();
    world.advance(HOUR);
    let tick = world.run().await;
    assert_eq!((tick.revoked(), tick.put_off()), (1_000, 0), "{tick:?}");
    assert_eq!((world.revocations(), world.keys_live()), (1_000, live - 1_000));
}

#[tokio::test]
async fn nodes_never_revoke_the_same_key_twice() {
    let world = World::new(Of::Pinata).await;
    world.several(200, Lease::of(HOUR)).await;
    let mut nodes = Vec::new();
    for _ in 0..3 {
        nodes.push(world.node().await);
    }
    world.advance(HOUR);
    let ticks = join_all(nodes.iter().map(|node| node.run_due(50))).await;
    let revoked: usize = ticks.into_iter().map(|tick| tick.unwrap().revoked()).sum();
    assert_eq!((revoked, world.revocations()), (150, 150));
}

#[tokio::test(start_paused = true)]
async fn key_that_cannot_be_revoked_is_overdue_until_it_is() {
    let world = World::new(Of::Pinata).await;
    let id = world.live("dashboard", Lease::of(HOUR)).await;
    let key = world.manager.get(&id).await.unwrap();
    let end = key.end_due();
    assert_eq!(end, key.expires_at());
    world.refuse_revocations(StatusCode::SERVICE_UNAVAILABLE);
    world.advance(HOUR);
    assert_eq!(world.run().await.overdue(), 0);
    world.run_each(MINUTE, 16).await;

    assert_eq!(world.run().await.overdue(), 1);
    assert_eq!(world.manager.get(&id).await.unwrap().end_due(), end);
    let status = world.manager.status().await.unwrap();
    assert!(!status.is_healthy());
    assert!(status.to_string().contains("1 overdue"), "{status}");
    world.emulator.faults().clear();
    world.run_each(MINUTE, 1).await;
    assert_eq!(world.run().await.overdue(), 0);
    assert_eq!(world.manager.get(&id).await.unwrap().end_due(), None);
    let status = world.manager.status().await.unwrap();
    assert!(status.is_healthy());
    assert_eq!(Suffix::of_name(key.name()).unwrap().label(), status.label());
}

#[tokio::test]
async fn key_revoked_by_hand_goes_first() {
    let world = World::new(Of::Pinata).await;
    let ids = world.several(3, Lease::of(HOUR)).await;
    world.advance(HOUR);
    world.revoke_by_hand(&ids[2]).await;
    world.manager.run_due(1).await.unwrap();
    assert_eq!(world.row(&ids[2]).await.state, KeyState::Revoked);
    assert_eq!(world.revocations(), 1);
}

#[tokio::test]
async fn keys_without_an_end_stay() {
    let world = World::new(Of::Pinata).await;
    world.live("dashboard", Lease::none()).await;
    world.run_each(DAY / 2, 100).await;
    assert_eq!(world.count(KeyState::Live).await, 1);
    assert_eq!(world.revocations(), 0);
}
