//! Changes that concern a key and its family: what it replaces, its successors, and the other
//! successors of what it replaces. Nothing here does I/O.

use crate::store::KeyRow;
use crate::{Error, ErrorKind, KeyId, KeyState, Timestamp, Verb};

/// Confirms the delivery of a key, given its family. Returns whether it was not confirmed before.
pub(crate) fn confirm(rows: &mut [KeyRow], id: &KeyId, now: Timestamp) -> Result<bool, Error> {
    let row = find(rows, id)?;
    Verb::Confirm.check(id, row.state)?;
    if row.state == KeyState::Live {
        return Ok(false);
    }
    if row.expires_at.is_some_and(|at| at <= now) {
        return Err(
            Error::new(ErrorKind::WrongState, "cannot confirm: its lease is over").with_key(id)
        );
    }
    row.enter(KeyState::Live, now);
    row.due_at = row.expires_at;
    row.open_holder = Some(row.holder.clone());
    row.open_successor = None;
    row.end_due = None;
    let Some(replaced) = row.replaces.clone() else { return Ok(true) };
    let overlap = row.overlap.unwrap_or_default();
    for other in rows.iter_mut().filter(|it| it.id != *id) {
        if other.id == replaced {
            other.replaced_by = Some(id.clone());
            other.open_holder = None;
            if other.state == KeyState::Live {
                let end = now.saturating_add(overlap);
                other.expires_at = Some(other.expires_at.map_or(end, |at| at.min(end)));
                other.leased_at = now;
                other.due_at = other.expires_at;
            }
        } else if other.replaces.as_ref() == Some(&replaced) {
            give_up(other, now, false, "another rotation of the same key was confirmed");
        }
    }
    Ok(true)
}

/// Revokes a key by hand, given its family, and with it the open rotations that start from it.
/// Returns the state of the key before.
pub(crate) fn revoke(rows: &mut [KeyRow], id: &KeyId, now: Timestamp) -> Result<KeyState, Error> {
    let row = find(rows, id)?;
    let before = row.state;
    Verb::Revoke.check(id, before)?;
    give_up(row, now, true, "it was revoked by hand");
    if before != KeyState::Revoked {
        for other in rows.iter_mut().filter(|it| it.replaces.as_ref() == Some(id)) {
            if other.state.is_open() && other.state != KeyState::Live {
                give_up(other, now, true, "the key that it replaces was revoked by hand");
            }
        }
    }
    Ok(before)
}

/// Ends the key of a row, or its create that is in flight.
fn give_up(row: &mut KeyRow, now: Timestamp, by_hand: bool, why: &str) {
    match row.state {
        KeyState::Intended => {
            row.doubted(now, Some(why.to_owned()));
            row.by_hand = by_hand;
        }
        KeyState::InDoubt => row.by_hand |= by_hand,
        KeyState::Undelivered | KeyState::Live => row.end(now, now, by_hand, why),
        KeyState::Revoking if by_hand => {
            // A person wants it now, so earlier failures do not delay it.
            row.by_hand = true;
            row.attempts = 0;
            row.due_at = Some(now);
        }
        KeyState::Revoking | KeyState::Closed | KeyState::Revoked | KeyState::Forgotten => {}
    }
}

/// Stops managing a key.
pub(crate) fn forget(row: &mut KeyRow, now: Timestamp) -> Result<(), Error> {
    Verb::Forget.check(&row.id, row.state)?;
    if row.state != KeyState::Forgotten {
        row.enter(KeyState::Forgotten, now);
        row.evidence = Some("it was forgotten by hand".to_owned());
        row.bury(now);
        row.due_at = None;
    }
    Ok(())
}

fn find<'a>(rows: &'a mut [KeyRow], id: &KeyId) -> Result<&'a mut KeyRow, Error> {
    rows.iter_mut().find(|row| row.id == *id).ok_or_else(|| unknown(id))
}

/// The error of a key without a row.
pub(crate) fn unknown(id: &KeyId) -> Error {
    Error::new(ErrorKind::NotFound, "the store has no such key").with_key(id)
}
