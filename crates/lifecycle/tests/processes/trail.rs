//! An audit trail that refuses a line: the change of state does not happen either.

use std::time::Duration;

use pinning_keys_lifecycle::store::KeyRow;
use pinning_keys_lifecycle::{KeyId, KeyState};
use sqlx::{Connection as _, SqliteConnection};

use crate::operations::{LEASE, Operation};
use crate::process::{Answer, Process};
use crate::world::World;

#[test]
fn without_its_audit_line_no_state_changes_on_sqlite() {
    let mut world = World::sqlite(4000);
    let run = |world: &World, sql: &str| {
        let file = world.store.clone();
        world.block_on(async {
            let mut connection = SqliteConnection::connect(&file).await.unwrap();
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()))
                .execute(&mut connection)
                .await
                .unwrap();
            connection.close().await.unwrap();
        });
    };
    let trigger = Trigger {
        refuse: &|world, states| {
            run(
                world,
                &format!(
                    "CREATE TRIGGER refuse BEFORE INSERT ON pinning_keys_audit \
                 WHEN NEW.to_state IN ({states}) BEGIN SELECT RAISE(ABORT, 'refused'); END"
                ),
            );
        },
        accept: &|world| run(world, "DROP TRIGGER refuse"),
    };
    no_state_changes(&mut world, &trigger);
}

/// Refuses audit lines about keys that get one of these states, and accepts all again.
pub(crate) struct Trigger<'a> {
    pub(crate) refuse: &'a dyn Fn(&World, &str),
    pub(crate) accept: &'a dyn Fn(&World),
}

pub(crate) fn no_state_changes(world: &mut World, trigger: &Trigger<'_>) {
    let mut node = world.start();
    let issue = |holder: &str| {
        let holder = holder.to_owned();
        Operation::Issue { account: "pinata", holder }
    };
    let keys = ["renewed", "rotated", "revoked"].map(|holder| node.must(&issue(holder)));
    let [renewed, rotated, revoked]: [KeyId; 3] = keys.map(|id| id.parse().unwrap());
    let holder = "delivered".to_owned();
    let delivered = node.must(&Operation::Deliver { account: "w3ipfs", holder }).parse().unwrap();

    (trigger.refuse)(world, &texts(KeyState::ALL));
    let (rows, alive) = (world.rows(), world.ledger.alive());
    let refused = [
        issue("new"),
        Operation::Confirm(delivered),
        Operation::Renew(renewed),
        Operation::Rotate(rotated.clone(), "pinata"),
        Operation::Revoke(revoked.clone()),
        Operation::Forget(rotated),
    ];
    for operation in refused {
        let answer = node.ask_and_skip(world, &operation);
        assert!(matches!(answer, Answer::Failed(_)), "{operation}: {answer:?}");
        assert_eq!(world.rows(), rows, "{operation}");
        assert_eq!(world.ledger.alive(), alive, "{operation}");
    }
    // What is due now is not done either, in whatever way that is reported.
    world.skip(LEASE + Duration::from_mins(1));
    for _ in 0..2 {
        node.ask_and_skip(world, &Operation::RunDue);
        let states = |rows: &[KeyRow]| rows.iter().map(|row| row.state).collect::<Vec<_>>();
        assert_eq!(states(&world.rows()), states(&rows));
        assert_eq!(world.ledger.alive(), alive);
    }
    (trigger.accept)(world);
    assert!(world.rest(&mut node));
    world.check();
    done_but_not_written(world, &mut node, trigger);
}

/// States as a list of SQL.
fn texts(states: &[KeyState]) -> String {
    states.iter().map(|state| format!("'{state}'")).collect::<Vec<_>>().join(", ")
}

/// The provider has done it, and the store refuses to say so: a later pass finds out.
fn done_but_not_written(world: &mut World, node: &mut Process, trigger: &Trigger<'_>) {
    let holder = |name: &str| Operation::Issue { account: "w3ipfs", holder: name.to_owned() };
    let revoked: KeyId = node.must(&holder("revoked-later")).parse().unwrap();
    let alive = world.ledger.alive();

    (trigger.refuse)(world, &texts(&[KeyState::Undelivered, KeyState::InDoubt, KeyState::Revoked]));
    let created = node.ask_and_skip(world, &holder("created"));
    assert!(matches!(created, Answer::Failed(_)), "{created:?}");
    node.ask_and_skip(world, &Operation::Revoke(revoked.clone()));
    let now = world.ledger.alive();
    assert!(!now.contains(&revoked), "the provider has revoked it");
    assert_eq!(now.difference(&alive).count(), 1, "the provider has created it");
    assert_eq!(world.row(revoked.as_str()).state, KeyState::Revoking);

    (trigger.accept)(world);
    assert!(world.rest(node));
    world.check();
    assert_eq!(world.row(revoked.as_str()).state, KeyState::Revoked);
    world.leases_end(node);
    world.check();
}
