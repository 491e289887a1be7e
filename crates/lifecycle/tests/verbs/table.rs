//! Each verb on a key in each state does what the table says.

use std::collections::BTreeSet;
use std::time::Duration;

use pinning_keys_core::{KeyIssuer as _, Revocation};
use pinning_keys_lifecycle::store::KeyRow;
use pinning_keys_lifecycle::{
    Cell, Error, ErrorKind, KeyId, KeyManager, KeyState, Lease, RevokeOutcome, Verb,
};

use crate::world::{DAY, MINUTE, World, request};

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
            world.advance(MINUTE);
            let case = format!("{verb} on {state}");
            let (before, audit) = (world.row(&id).await, world.audit().await.len());
            let outcome = apply(&world, &manager, *verb, &id).await;
            match verb.on(*state) {
                Cell::To(states, _) => {
                    let after = outcome.expect(&case);
                    assert!(states.contains(&after), "{case} leads to {after}");
                    assert!(world.audit().await.len() > audit, "{case} is not audited");
                }
                Cell::Same(_) => {
                    assert_eq!(outcome.expect(&case), *state, "{case}");
                    let makes_a_row = matches!(verb, Verb::Issue | Verb::Rotate);
                    assert_eq!(world.rows().await.len(), 1 + usize::from(makes_a_row), "{case}");
                    let is_renewed = world.row(&id).await.expires_at > before.expires_at;
                    assert_eq!(is_renewed, *verb == Verb::Renew, "{case}");
                }
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

/// A key in this state, whose key the provider has or not, and of which something is due.
async fn due_key_in(world: &World, manager: &KeyManager, state: KeyState, exists: bool) -> KeyId {
    let keys = manager.account("main").unwrap();
    let delivery = keys.issue(&request("dashboard"), Lease::of(DAY)).await.unwrap();
    let id = delivery.id().clone();
    if !exists {
        let revoked = world.pinata().revoke(delivery.key_ref()).await.unwrap();
        assert_eq!(revoked, Revocation::Revoked);
    }
    world
        .set(&id, move |row| {
            row.state = state;
            if !state.is_open() {
                row.open_holder = None;
            }
            if matches!(state, KeyState::Intended | KeyState::InDoubt) {
                (row.references, row.granted) = ("[]".to_owned(), None);
            }
            row.due_at = match state {
                KeyState::Live => row.expires_at,
                KeyState::Undelivered => Some(row.deliver_by),
                KeyState::Forgotten => None,
                _ => Some(row.created_at),
            };
        })
        .await;
    id
}

#[tokio::test]
async fn the_worker_does_what_the_table_says() {
    for state in KeyState::ALL {
        let mut reached = BTreeSet::new();
        for exists in [true, false] {
            let world = World::new();
            let manager = world.manager().await;
            let id = due_key_in(&world, &manager, *state, exists).await;
            let audit = world.audit().await.len();
            for _ in 0..60 {
                world.advance(30 * MINUTE);
                manager.run_due(100).await.unwrap();
            }
            let trail = world.audit().await.split_off(audit);
            reached.extend(trail.iter().filter(|line| line.from == Some(*state)).map(|it| it.to));
            if let Cell::Same(_) = Verb::RunDue.on(*state) {
                assert_eq!((world.row(&id).await.state, trail), (*state, Vec::new()));
                assert_eq!(world.emulator.keys_live(), usize::from(exists));
            }
        }
        if let Cell::To(states, _) = Verb::RunDue.on(*state) {
            // Only a restored backup leads from in doubt to undelivered.
            let states = states.iter().copied().filter(|to| *to != KeyState::Undelivered);
            assert_eq!(reached, states.collect(), "run_due on {state}");
        }
    }
}
