//! Confirms a delivery in SQL, for apps that do this in their own transactions. It has the effect
//! of [`family::confirm`](crate::family::confirm), and the same lines in the audit trail.

use crate::{Cell, KeyState, Verb};

/// How the databases write what the statements need.
pub(in crate::store) struct Names<'a> {
    /// The table of keys, and that of the audit trail.
    pub(in crate::store) keys: &'a str,
    pub(in crate::store) audit: &'a str,
    pub(in crate::store) id: &'a str,
    pub(in crate::store) now: &'a str,
    pub(in crate::store) actor: &'a str,
    /// The id of the key that is replaced, and how long it goes on.
    pub(in crate::store) replaced: &'a str,
    pub(in crate::store) overlap: &'a str,
    /// The first element of the JSON array `key_references`.
    pub(in crate::store) reference: &'a str,
}

const LOST: &str = "'another rotation of the same key was confirmed'";

/// What confirms a key that can be confirmed. The key itself comes last, because it takes over the
/// holder.
pub(in crate::store) fn statements(names: &Names<'_>) -> [String; 4] {
    let Names { keys, audit, id, now, actor, replaced, overlap, reference } = names;
    let others = format!(
        "replaces = {replaced} AND id <> {id} AND id <> {replaced} \
         AND state IN ('intended', 'undelivered', 'live')"
    );
    let trail = format!(
        "INSERT INTO {audit} \
         (at, actor, account, key_id, reference, action, from_state, to_state, text) \
         SELECT {now}, {actor}, account, id, {reference}, 'confirm', state, \
         CASE WHEN id = {id} THEN 'live' WHEN id = {replaced} THEN state \
         WHEN state = 'intended' THEN 'in doubt' ELSE 'revoking' END, \
         CASE WHEN id = {id} THEN COALESCE(failure, evidence) WHEN id = {replaced} THEN NULL \
         WHEN state = 'intended' THEN {LOST} ELSE COALESCE(failure, {LOST}) END \
         FROM {keys} WHERE id = {id} OR id = {replaced} OR ({others}) ORDER BY id"
    );
    let entered = format!(
        "version = version + 1, changed_at = {now}, claimed_until = NULL, first_look = NULL, \
         attempts = 0"
    );
    let others = format!(
        "UPDATE {keys} SET {entered}, open_holder = NULL, open_successor = NULL, by_hand = FALSE, \
         state = CASE state WHEN 'intended' THEN 'in doubt' ELSE 'revoking' END, \
         due_at = CASE WHEN state = 'intended' AND settle_after > {now} THEN settle_after \
         ELSE {now} END, \
         failure = CASE state WHEN 'intended' THEN {LOST} ELSE failure END, \
         evidence = CASE state WHEN 'intended' THEN evidence ELSE {LOST} END, \
         end_due = CASE state WHEN 'intended' THEN end_due ELSE {now} END, \
         unproven = CASE state WHEN 'intended' THEN unproven ELSE FALSE END, \
         keep_until = CASE state WHEN 'intended' THEN keep_until END WHERE {others}"
    );
    let end = format!(
        "CASE WHEN expires_at IS NULL OR expires_at > {now} + {overlap} THEN {now} + {overlap} \
         ELSE expires_at END"
    );
    let predecessor = format!(
        "UPDATE {keys} SET version = version + 1, replaced_by = {id}, open_holder = NULL, \
         expires_at = CASE state WHEN 'live' THEN {end} ELSE expires_at END, \
         due_at = CASE state WHEN 'live' THEN {end} ELSE due_at END, \
         leased_at = CASE state WHEN 'live' THEN {now} ELSE leased_at END WHERE id = {replaced}"
    );
    let key = format!(
        "UPDATE {keys} SET {entered}, state = 'live', due_at = expires_at, open_holder = holder, \
         open_successor = NULL, end_due = NULL WHERE id = {id}"
    );
    [trail, others, predecessor, key]
}

pub(crate) const UNKNOWN_KEY: &str = "the store has no such key";
pub(in crate::store) const OVER: &str = "cannot confirm: its lease is over";

/// The states in which a key cannot be confirmed, and why, as text of SQL.
pub(in crate::store) fn refusals() -> impl Iterator<Item = (KeyState, String)> {
    KeyState::ALL.iter().filter_map(|state| match Verb::Confirm.on(*state) {
        Cell::Refused(why) => Some((*state, format!("cannot confirm: {why}").replace('\'', "''"))),
        Cell::To(..) | Cell::Same(_) => None,
    })
}
