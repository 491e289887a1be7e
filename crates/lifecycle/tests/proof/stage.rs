//! What there is before an operation begins.

use std::time::Duration;

use http::Method;
use pinning_keys_emulator::{Cut, Fault, FaultRule};
use pinning_keys_lifecycle::{KeyId, KeyState, Lease};

use crate::operations::{Operation, renewable};
use crate::provider::Provider;
use crate::world::World;

/// A world with a key that its holder has, and whose lease runs.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) held: KeyId,
}

impl Stage {
    /// What this operation needs.
    pub(crate) async fn of(operations: &[Operation], provider: Provider) -> Self {
        let stage = Self::quiet(provider).await;
        if operations.contains(&Operation::RunDue) {
            stage.add_work().await;
        }
        stage
    }

    /// The key alone.
    pub(crate) async fn quiet(provider: Provider) -> Self {
        let world = World::new(provider);
        let node = world.node().await;
        let delivery = node.issue("held", renewable()).await.expect("a key is issued");
        assert!(node.confirm(&delivery, None).await);
        let held = delivery.id().clone();
        world.advance(Duration::from_mins(1));
        Self { world, held }
    }

    /// Adds one row for each kind of work that a worker does, all of it due: a lease that is over, a
    /// delivery that nobody confirmed, two creates in doubt of which one made a key, and an ended key
    /// to look at again.
    async fn add_work(&self) {
        let world = &self.world;
        let node = world.node().await;
        for holder in ["over", "gone"] {
            let lease = Lease::of(Duration::from_mins(5));
            let delivery = node.issue(holder, lease).await.expect("a key is issued");
            assert!(node.confirm(&delivery, None).await);
            if holder == "gone" {
                let gone = delivery.id();
                world.journal.entries().ended.insert(gone.clone());
                node.say(&node.manager.revoke(gone).await);
            }
        }
        drop(node.issue("undelivered", renewable()).await.expect("a key is issued"));
        let faults = world.wires[0].emulator.faults();
        for (holder, cut) in [("made", Cut::AfterCommit), ("unmade", Cut::BeforeRead)] {
            let fault = FaultRule::new(Fault::CutConnection(cut)).method(Method::POST);
            faults.add(fault.first(1));
            assert!(node.issue(holder, renewable()).await.is_none());
            faults.clear();
        }
        // Where names are not unique, a proxy may have repeated the request.
        let wire = &world.wires[0];
        let made = wire.provider.keys(&wire.emulator).into_iter().rfind(|key| key.is_live).unwrap();
        if wire.provider.is_pinata() {
            wire.make_by_hand(&made.name, &made.scopes.to_string());
        }
        world.advance(Duration::from_mins(11));
        let states = world.rows().await.into_iter().map(|row| row.state);
        let mut states: Vec<_> = states.collect();
        states.sort_unstable();
        let [doubt, undelivered, live] = [KeyState::InDoubt, KeyState::Undelivered, KeyState::Live];
        assert_eq!(states, [doubt, doubt, undelivered, live, live, KeyState::Revoked]);
    }
}
