//! Each verb on a key in each state does what the table says.

use std::time::Duration;

use pinning_keys_lifecycle::store::KeyRow;
use pinning_keys_lifecycle::{
    Cell, Error, ErrorKind, KeyId, KeyManager, KeyState, Lease, RevokeOutcome, Verb,
};

use crate::world::{DAY, World, request};

/// A key in this state, with a create behind it, as far as the state has one.
async fn key_in(world: &World, manager: &KeyManager, state: KeyState) -> KeyId {
    let keys = manager.account("main").unwrap();
    let lease = Lease::of(DAY).renewable_until(30 * DAY);
    let delivery = keys.issue(&request("dashboard"), lease).await.unwrap();
    let id = delivery.id().clone();
    match state {
        KeyState::Undelivered => {}
        KeyState::Live => drop(manager.confirm(&id).await.unwrap()),
        KeyState::Revoked => assert_eq!(manager.revoke(&id).await.unwrap(), RevokeOutcome::Revoked),
        KeyState::Forgotten => drop(manager.forget(&id).await.unwrap()),
        _ => world.set(&id, move |row| enter(row, state)).await,
    }
    id
}

fn enter(row: &mut KeyRow, state: KeyState) {
    row.state = state;
    if !state.is_open() {
        row.open_holder = None;
    }
    // The worker does nothing about it in the meantime.
    row.due_at = Some(row.changed_at.saturating_add(DAY));
}

/// The states in which the key may be after the verb, or the error.
async fn apply(
    world: &World,
    manager: &KeyManager,
    verb: Verb,
    id: &KeyId,
) -> Result<KeyState, Error> {
    match verb {
        Verb::Issue => {
            let keys = manager.account("main").unwrap();
            drop(keys.issue(&request("dashboard"), Lease::of(DAY)).await?);
        }
        Verb::Confirm => drop(manager.confirm(id).await?),
        Verb::Renew => drop(manager.renew(id).await?),
        Verb::Rotate => drop(manager.rotate(id).overlap(Duration::ZERO).start().await?),
        Verb::Revoke => drop(manager.revoke(id).await?),
        Verb::Forget => drop(manager.forget(id).await?),
        other => unreachable!("{other} is the worker's"),
    }
    Ok(world.row(id).await.state)
}

#[tokio::test]
async fn verbs_do_what_the_table_says() {
    for verb in Verb::ALL.iter().filter(|verb| **verb != Verb::RunDue) {
        for state in KeyState::ALL {
            let world = World::new();
            let manager = world.manager().await;
            let id = key_in(&world, &manager, *state).await;
            let case = format!("{verb} on {state}");
            let (before, audit) = (world.row(&id).await, world.audit().await.len());
            let outcome = apply(&world, &manager, *verb, &id).await;
            match verb.on(*state) {
                Cell::To(states, _) => {
                    let after = outcome.expect(&case);
                    assert!(states.contains(&after), "{case} leads to {after}");
                    assert!(world.audit().await.len() > audit, "{case} is not audited");
                }
                Cell::Same(_) => assert_eq!(outcome.expect(&case), *state, "{case}"),
                Cell::Refused(why) => {
                    let error = outcome.expect_err(&case);
                    assert_eq!(error.to_string(), format!("cannot {verb}: {why}"));
                    let kind = match verb {
                        Verb::Issue => ErrorKind::AlreadyOpen,
                        _ => ErrorKind::WrongState,
                    };
                    assert_eq!((error.kind(), error.key()), (kind, Some(&id)), "{case}");
                    assert_eq!(world.row(&id).await, before, "{case} writes nothing");
                    assert_eq!(world.audit().await.len(), audit, "{case} writes nothing");
                }
                other => panic!("{case} is {other:?}"),
            }
        }
    }
}
