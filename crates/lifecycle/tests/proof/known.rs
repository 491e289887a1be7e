//! Schedules that would break a rule each, by name.

use std::time::Duration;

use http::Method;
use pinning_keys_emulator::{Fault, FaultRule};
use pinning_keys_lifecycle::{ErrorKind, KeyId, KeyState, RevokeOutcome};

use crate::convergence::{converge, work};
use crate::operations::{Operation, renewable};
use crate::provider::Provider;
use crate::safety::{self, Sky};
use crate::schedule;
use crate::stage::Stage;
use crate::tap::{Edge, Point};
use crate::wire::Wire;
use crate::world::{Node, World};

/// The number of the first call of this name, which the operation makes if nothing disturbs it.
async fn place_of(name: &str, operation: Operation) -> usize {
    let Stage { world, held } = Stage::of(&[operation], Provider::Pinata).await;
    let node = world.node().await;
    node.tap.reset();
    let mut task = operation.start(&world, &node, &held);
    world.run(&node.tap, &mut task).await;
    let calls = node.tap.calls();
    calls.iter().position(|call| *call == name).unwrap_or_else(|| panic!("no {name} in {calls:?}"))
}

/// Whether a key for this holder was requested from the provider.
fn was_requested(world: &World, holder: &str) -> bool {
    let creates = world.wires.iter().flat_map(Wire::creates);
    creates.into_iter().any(|(name, times)| times > 0 && name.starts_with(&format!("{holder}.")))
}

async fn state_of(node: &Node, id: &KeyId) -> KeyState {
    node.manager.get(id).await.expect("the key has a row").state()
}

#[test]
fn create_is_not_sent_after_its_time() {
    schedule::run(async {
        let issue = place_of("issue", Operation::Issue).await;
        let Stage { world, held } = Stage::quiet(Provider::Pinata).await;
        let node = world.node().await;
        // The process is stopped right after the intent was committed.
        node.tap.park_at(Point { call: issue - 1, edge: Edge::After });
        let mut task = Operation::Issue.start(&world, &node, &held);
        world.run(&node.tap, &mut task).await;
        assert!(node.tap.is_parked());
        world.advance(Duration::from_secs(31));
        node.tap.reset();
        world.run(&node.tap, &mut task).await;
        assert!(!was_requested(&world, "fresh"), "the create was sent late");
        safety::check(&world, Sky::Clear).await;
        converge(&world, &node, Sky::Clear).await;
    });
}

#[test]
fn future_dropped_during_the_create_leaves_no_doubt() {
    schedule::run(async {
        let issue = place_of("issue", Operation::Issue).await;
        let Stage { world, held } = Stage::quiet(Provider::Pinata).await;
        let node = world.node().await;
        node.tap.park_at(Point { call: issue, edge: Edge::After });
        let mut task = Operation::Issue.start(&world, &node, &held);
        world.run(&node.tap, &mut task).await;
        task.abort();
        world.rest().await;
        node.tap.reset();
        world.rest().await;
        let rows = world.rows().await;
        let row = rows.iter().find(|row| row.holder == "fresh").expect("the create has a row");
        assert_eq!(row.state, KeyState::Revoking, "nobody has its secret: {row:#?}");
        assert!(row.granted.is_some(), "the outcome is known: {row:#?}");
        converge(&world, &node, Sky::Clear).await;
    });
}

#[test]
fn two_workers_at_once_end_each_key_once() {
    schedule::run(async {
        let revoke = place_of("revoke", Operation::RunDue).await;
        let Stage { world, held } = Stage::of(&[Operation::RunDue], Provider::Pinata).await;
        let (one, other) = (world.node().await, world.node().await);
        one.tap.park_at(Point { call: revoke, edge: Edge::Before });
        let mut first = Operation::RunDue.start(&world, &one, &held);
        world.run(&one.tap, &mut first).await;
        other.tap.reset();
        work(&world, &other).await;
        let revokes =
            |node: &Node| node.tap.calls().into_iter().filter(|call| *call == "revoke").count();
        let (before, meanwhile) = (revokes(&one), revokes(&other));
        // The lease that is over, the delivery, and both keys of the create in doubt.
        assert_eq!(before, 4, "the first worker has begun to revoke each key that is due, once");
        // It settles the creates in doubt, but leaves alone what the first worker has claimed.
        assert_eq!(meanwhile, 0, "a key was revoked by two workers");
        one.tap.reset();
        world.run(&one.tap, &mut first).await;
        converge(&world, &other, Sky::Clear).await;
    });
}

#[test]
fn repeated_create_that_is_refused_is_in_doubt() {
    schedule::run(async {
        let Stage { world, .. } = Stage::quiet(Provider::W3ipfs).await;
        let node = world.node().await;
        // Names are unique there, so that the second request of a proxy is refused.
        let faults = world.wires[0].emulator.faults();
        faults.add(FaultRule::new(Fault::Twice).method(Method::POST).first(1));
        let keys = node.manager.account("main").unwrap();
        let request = crate::world::request(Provider::W3ipfs, "fresh");
        let error = keys.issue(&request, renewable()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InDoubt);
        let id = error.key().expect("the create has a row");
        assert_eq!(state_of(&node, id).await, KeyState::InDoubt);
        converge(&world, &node, Sky::Stormy).await;
        assert_eq!(state_of(&node, id).await, KeyState::Revoked);
    });
}

#[test]
fn two_nodes_at_once_issue_one_key_for_a_holder() {
    schedule::run(async {
        let issue = place_of("issue", Operation::Issue).await;
        let Stage { world, held } = Stage::quiet(Provider::Pinata).await;
        let (one, other) = (world.node().await, world.node().await);
        // The first node has committed its intent, and nothing more.
        one.tap.park_at(Point { call: issue - 1, edge: Edge::After });
        let mut first = Operation::IssueAndConfirm.start(&world, &one, &held);
        world.run(&one.tap, &mut first).await;
        let mut second = Operation::IssueAndConfirm.start(&world, &other, &held);
        world.run(&other.tap, &mut second).await;
        one.tap.reset();
        world.run(&one.tap, &mut first).await;
        let rows = world.rows().await.into_iter().filter(|row| row.holder == "fresh");
        assert_eq!(rows.count(), 1, "a holder has one open key");
        safety::check(&world, Sky::Clear).await;
        converge(&world, &other, Sky::Clear).await;
    });
}

#[test]
fn key_that_is_not_found_ends_after_two_looks() {
    schedule::run(async {
        let Stage { world, held } = Stage::quiet(Provider::W3ipfs).await;
        let node = world.node().await;
        let wire = &world.wires[0];
        for key in wire.provider.keys(&wire.emulator) {
            wire.revoke_by_hand(&key.public);
        }
        world.journal.entries().ended.insert(held.clone());
        let outcome = node.manager.revoke(&held).await;
        assert!(matches!(outcome, Ok(RevokeOutcome::Scheduled { .. })), "{outcome:?}");
        assert_eq!(state_of(&node, &held).await, KeyState::Revoking);
        converge(&world, &node, Sky::Stormy).await;
        let key = node.manager.get(&held).await.unwrap();
        assert_eq!(key.evidence(), Some("two listings do not show the key"));
    });
}
