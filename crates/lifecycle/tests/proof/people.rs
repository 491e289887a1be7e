//! People act at the provider, without the store.

use pinning_keys_lifecycle::{KeyId, Suffix};

use crate::convergence::converge;
use crate::operations::Operation;
use crate::provider::Provider;
use crate::safety::{self, Sky};
use crate::schedule;
use crate::stage::Stage;
use crate::world::World;

#[derive(Clone, Copy, Debug)]
struct ByHand {
    provider: Provider,
    operation: Operation,
    act: Act,
}

/// What somebody does before the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    /// Revokes the key.
    Revoke,
    /// Makes a key with a suffix of this store, and an id that it has never used.
    Make,
    /// Gives the key more permissions.
    Widen,
}

#[test]
fn act_by_hand_keeps_the_promises() {
    let mut all = Vec::new();
    for provider in Provider::ALL {
        for operation in Operation::ALL {
            let by_hand = |act| ByHand { provider, operation, act };
            all.extend([Act::Revoke, Act::Make, Act::Widen].map(by_hand));
        }
    }
    schedule::run_all("acts by hand", &all, 60, by_hand);
}

async fn by_hand(by_hand: ByHand) {
    let Stage { world, held } = Stage::of(&[by_hand.operation], by_hand.provider).await;
    by_hand.act.happen(&world, &held);
    let node = world.node().await;
    let mut task = by_hand.operation.start(&world, &node, &held);
    world.run(&node.tap, &mut task).await;
    converge(&world, &node, Sky::Stormy).await;
    safety::check(&world, Sky::Stormy).await;
}

impl Act {
    fn happen(self, world: &World, held: &KeyId) {
        let wire = &world.wires[0];
        let keys = wire.provider.keys(&wire.emulator);
        let is_held = |name: &str| Suffix::of_name(name).is_some_and(|it| it.id() == held);
        let key = keys.iter().find(|key| is_held(&key.name)).expect("the key is there");
        match self {
            Self::Revoke => {
                world.journal.entries().ended.insert(held.clone());
                wire.revoke_by_hand(&key.public);
            }
            Self::Make => {
                let id: KeyId = "0000000000000".parse().unwrap();
                let name = key.name.replace(held.as_str(), id.as_str());
                world.journal.entries().by_hand.insert(id);
                wire.make_by_hand(&name, &key.scopes.to_string());
            }
            Self::Widen => {
                world.journal.entries().by_hand.insert(held.clone());
                wire.widen_by_hand(&key.public);
            }
        }
    }
}
