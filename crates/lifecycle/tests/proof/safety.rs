//! What must hold at every moment, whatever has happened: the promises, at the emulators' own
//! ledgers.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use pinning_keys_lifecycle::store::{AuditRow, KeyRow};
use pinning_keys_lifecycle::{Cell, KeyId, KeyState, Suffix, Verb};
use pinning_keys_testkit::secrets::Secrets;

use crate::journal::FOR_EVER;
use crate::log_lines::LogLines;
use crate::wire::Wire;
use crate::world::{ACCOUNTS, World};

/// How much may be wrong at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sky {
    /// Nothing: it does what it is told, once, and says the truth.
    Clear,
    /// It may do things late or twice, truncate names, and return wrong lists.
    Stormy,
    /// The same, and the store has forgotten what was done since its backup.
    Forgetful,
}

/// Checks every promise that must hold at this moment.
pub(crate) async fn check(world: &World, sky: Sky) {
    let rows = world.rows().await;
    let audit = world.audit().await;
    let by_id: BTreeMap<&KeyId, &KeyRow> = rows.iter().map(|row| (&row.id, row)).collect();
    every_key_has_a_row(world, &by_id, sky);
    creates_are_sent_once(world, &by_id, sky);
    holders_have_one_key(&rows);
    leases_stay_within_names(&rows);
    grants_stay_the_same(world);
    world.journal.keep_promises_of(&rows);
    no_confirmed_key_ended(world);
    the_trail_is_whole(&rows, &audit);
    no_secret_shows(world, &rows, &audit);
}

/// No orphan: each live key of this store has a row, in the right account, which knows that it may
/// be alive.
fn every_key_has_a_row(world: &World, rows: &BTreeMap<&KeyId, &KeyRow>, sky: Sky) {
    for (account, wire) in ACCOUNTS.iter().zip(&world.wires) {
        for key in wire.provider.keys(&wire.emulator).into_iter().filter(|key| key.is_live) {
            let Some(suffix) = Suffix::of_name(&key.name) else { continue };
            let row = rows.get(suffix.id());
            let row = row.unwrap_or_else(|| panic!("an orphan: {} has no row", key.name));
            assert_eq!(row.account, *account, "{} is in another account", key.name);
            let is_over = matches!(row.state, KeyState::Closed | KeyState::Revoked);
            // The provider may have carried something out late; then the row is watched.
            let is_watched = sky != Sky::Clear && row.keep_until.is_some();
            assert!(!is_over || is_watched, "{} is alive and {}: {row:#?}", key.name, row.state);
        }
    }
}

/// No double: a create is sent at most once, and not without a row.
fn creates_are_sent_once(world: &World, rows: &BTreeMap<&KeyId, &KeyRow>, sky: Sky) {
    for (name, times) in world.wires.iter().flat_map(Wire::creates) {
        assert!(times <= 1, "{times} creates of {name} were sent");
        let suffix = Suffix::of_name(&name);
        let suffix = suffix.unwrap_or_else(|| panic!("a create of {name} was sent"));
        let is_known = rows.contains_key(suffix.id()) || sky == Sky::Forgetful;
        assert!(is_known, "a create of {name} was sent without a row");
    }
}

/// No double: a holder has one open key; during a rotation, its successor too.
fn holders_have_one_key(rows: &[KeyRow]) {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let mut live: BTreeMap<&str, usize> = BTreeMap::new();
    let mut successors: BTreeMap<&KeyId, usize> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.state.is_open() && !row.adopted) {
        if row.state == KeyState::Live && row.replaced_by.is_none() {
            *live.entry(&row.holder).or_default() += 1;
        }
        match &row.replaces {
            None if row.replaced_by.is_none() => *first.entry(&row.holder).or_default() += 1,
            // An attempt whose secret may have arrived waits for a later one.
            Some(id) if row.state != KeyState::Live && row.deliver_began.is_none() => {
                *successors.entry(id).or_default() += 1;
            }
            _ => {}
        }
    }
    for (holder, count) in first.iter().chain(&live) {
        assert!(*count <= 1, "holder {holder} has {count} keys: {rows:#?}");
    }
    for (id, count) in successors {
        assert!(count <= 1, "{id} has {count} open successors: {rows:#?}");
    }
}

/// Never longer: no lease passes the maximum, and no maximum the key's own name.
fn leases_stay_within_names(rows: &[KeyRow]) {
    // A row that was adopted is all that is known of its rotation.
    for row in rows.iter().filter(|row| !row.adopted) {
        let named = Suffix::of_name(&row.name).expect("each name has a suffix");
        assert_eq!(*named.id(), row.id);
        let ends = [row.expires_at, row.max_until].into_iter().flatten();
        let last = named.max_until().unwrap_or(FOR_EVER);
        assert!(ends.clone().all(|end| end <= last), "a lease passes its name: {row:#?}");
        assert!(ends.is_sorted(), "a lease passes its maximum: {row:#?}");
        assert!(row.lease.is_none() || row.expires_at.is_some(), "a lease has no end: {row:#?}");
        if let Some(id) = &row.replaced_by {
            let next = rows.iter().find(|it| it.id == *id).expect("a successor has a row");
            let ends_by = row.leased_at.saturating_add(next.overlap.unwrap_or_default());
            let is_in_time = row.expires_at.is_some_and(|at| at <= ends_by);
            assert!(is_in_time || !row.state.is_open(), "a replaced key goes on: {row:#?}");
        }
        let successor = rows.iter().find(|it| it.replaces.as_ref() == Some(&row.id));
        if let (Some(next), Some(max)) = (successor, named.max_until()) {
            assert!(next.max_until.is_some_and(|it| it <= max), "a rotation prolongs: {next:#?}");
        }
    }
}

/// Never wider: all keys of the proof ask for the same, and so each gets what the first got.
fn grants_stay_the_same(world: &World) {
    let keys = world.wires.iter().flat_map(|wire| wire.provider.keys(&wire.emulator));
    let by_hand = world.journal.entries().by_hand.clone();
    let mut keys = keys.filter(|key| {
        Suffix::of_name(&key.name).is_some_and(|suffix| !by_hand.contains(suffix.id()))
    });
    if let Some(first) = keys.next() {
        for key in keys {
            assert_eq!(key.scopes, first.scopes, "{} is not what was recorded", key.name);
        }
    }
}

/// No false end: a key that its holder relies on ends because somebody asked for it, because it was
/// replaced, or when it was said that it would.
fn no_confirmed_key_ended(world: &World) {
    let entries = world.journal.entries();
    for (at, name) in world.wires.iter().flat_map(Wire::ended) {
        let Some(suffix) = Suffix::of_name(&name) else { continue };
        let id = suffix.id();
        let Some(until) = entries.promised.get(id) else { continue };
        let replaced = entries.replaced.get(id).filter(|_| entries.rotated.contains(id));
        let is_over = *until <= at || replaced.is_some_and(|from| *from <= at);
        let is_asked_for = entries.ended.contains(id);
        assert!(is_over || is_asked_for, "{name} ended at {at}, promised until {until}");
    }
}

/// Each change of a state is in the audit trail, and the table of verbs allows it.
fn the_trail_is_whole(rows: &[KeyRow], audit: &[AuditRow]) {
    let mut states: BTreeMap<&KeyId, KeyState> = BTreeMap::new();
    for line in audit {
        let before = states.insert(&line.key, line.to);
        assert_eq!(line.from, before, "the trail of {} has a gap: {audit:#?}", line.key);
        if let Some(from) = line.from.filter(|from| *from != line.to) {
            let allows = |verb: &Verb| match verb.on(from) {
                Cell::To(states, _) => states.contains(&line.to),
                _ => false,
            };
            let by_a_create = matches!(
                (from, line.to),
                (KeyState::Intended, KeyState::Undelivered | KeyState::InDoubt | KeyState::Closed)
            );
            let is_allowed = by_a_create || Verb::ALL.iter().any(allows);
            assert!(is_allowed, "{} went from {from} to {}", line.key, line.to);
        }
    }
    for row in rows {
        let last = states.get(&row.id);
        assert_eq!(last, Some(&row.state), "the trail of {} ends early: {audit:#?}", row.id);
    }
}

/// No secret at rest, in an error, or in a log, as it is.
fn no_secret_shows(world: &World, rows: &[KeyRow], audit: &[AuditRow]) {
    let mut entries = world.journal.entries();
    // Writing to a string does not fail.
    write!(entries.said, "{rows:?}\n{audit:?}\n{}", LogLines::take()).unwrap();
    for secret in world.wires.iter().flat_map(Wire::secrets) {
        assert!(!entries.said.contains(&secret), "{secret} shows:\n{}", entries.said);
    }
}

/// No secret in any form, encoded or within something encoded, in all that was ever said. It takes as
/// long as a whole schedule.
pub(crate) fn no_form_of_a_secret_shows(world: &World) {
    let mut secrets = Secrets::default();
    world.wires.iter().flat_map(Wire::secrets).for_each(|secret| secrets.add(&secret));
    secrets.assert_not_in("what was said", &world.journal.entries().said);
}
