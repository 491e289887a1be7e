//! What must be done about a declared key, given the existing keys. Nothing here does I/O.

use std::time::{Duration, SystemTime};

use pinning_keys_lifecycle::{KeyId, KeyState};

use super::facts::{Listing, Row};
use super::reason::Reason;
use super::rights::Rights;

/// How far two ends of the same lease may be apart, because they were computed at different times.
const TOLERANCE: Duration = Duration::from_secs(60);

/// Names of keys show the day after the lease's maximum.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A declared key, once it is known what its account would grant.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) name: String,
    /// The account's name in the store.
    pub(crate) account: String,
    pub(crate) rights: Rights,
    pub(crate) lease: Option<Duration>,
    pub(crate) max_lease: Option<Duration>,
    pub(crate) rotate: Option<Duration>,
}

/// What must be done about a declared key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing.
    UpToDate {
        id: KeyId,
    },
    /// Issue it. If there is a row, its lease is over, and it is revoked first.
    Issue {
        over: Option<KeyId>,
        why: Reason,
    },
    Rotate {
        id: KeyId,
        reasons: Vec<Reason>,
    },
    /// Wait until another run has delivered it, or until its delivery is given up.
    Wait {
        id: KeyId,
        until: SystemTime,
    },
}

/// Further facts about a declared key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// It is not known whether an attempt has created a key. The store settles it.
    InDoubt { id: KeyId, profile: String },
    /// A predecessor works until then; `None`: it is being revoked.
    Ending { id: KeyId, profile: String, until: Option<SystemTime> },
    /// A key that the store lost.
    Stray { name: String },
    /// A key that is not managed has the name.
    Foreign { name: String, key_ref: String },
}

impl Note {
    /// Whether it needs attention.
    pub(crate) fn is_drift(&self) -> bool {
        matches!(self, Self::InDoubt { .. } | Self::Stray { .. })
    }
}

/// Compares a declared key with the rows of its holder, and with what its account lists.
pub(crate) fn verdict(
    wanted: &Wanted,
    rows: &[&Row],
    listing: &Listing,
    now: SystemTime,
) -> Verdict {
    if let Some(open) = rows.iter().find(|row| row.is_waited_for(now)) {
        return Verdict::Wait { id: open.id.clone(), until: open.deliver_by };
    }
    let Some(current) = rows.iter().find(|row| row.is_current()) else {
        return Verdict::Issue { over: None, why: Reason::Missing };
    };
    let id = current.id.clone();
    if current.is_over(now) {
        return Verdict::Issue { over: Some(id), why: Reason::Over };
    }
    let mut reasons = reasons(wanted, current, listing, now);
    if rows.iter().any(|row| row.replaces.as_ref() == Some(&id) && row.is_unclear(now)) {
        reasons.push(Reason::Unclear);
    }
    if reasons.is_empty() { Verdict::UpToDate { id } } else { Verdict::Rotate { id, reasons } }
}

/// Further facts about a declared key.
pub(crate) fn notes(wanted: &Wanted, rows: &[&Row], listing: &Listing) -> Vec<Note> {
    let of_row = |row: &&Row| {
        let (id, profile) = (row.id.clone(), row.profile.clone());
        match row.state {
            KeyState::InDoubt => Some(Note::InDoubt { id, profile }),
            KeyState::Revoking => Some(Note::Ending { id, profile, until: None }),
            KeyState::Live if row.is_adopted => Some(Note::Stray { name: row.name.clone() }),
            KeyState::Live if row.replaced_by.is_some() => {
                Some(Note::Ending { id, profile, until: row.expires_at })
            }
            _ => None,
        }
    };
    let others = listing.others.iter().filter(|other| other.base == wanted.name);
    let others = others.map(|other| {
        let name = other.name.clone();
        if other.is_stray {
            Note::Stray { name }
        } else {
            Note::Foreign { name, key_ref: other.key_ref.clone() }
        }
    });
    rows.iter().filter_map(of_row).chain(others).collect()
}

/// Why a key has to be replaced.
fn reasons(wanted: &Wanted, row: &Row, listing: &Listing, now: SystemTime) -> Vec<Reason> {
    let age = now.duration_since(row.created_at).unwrap_or_default();
    let mut reasons = Vec::new();
    if row.account == wanted.account {
        match listing.of_rows.get(&row.id) {
            Some(listed) if listed.is_revoked => reasons.push(Reason::Revoked),
            Some(listed) => {
                reasons.extend(listed.is_used_up.then_some(Reason::UsedUp));
                reasons.extend(listed.rights.differences(&wanted.rights));
            }
            // A new key may take some time to appear.
            None if age > listing.propagation => reasons.push(Reason::Gone),
            None => {}
        }
        for reason in row.rights.iter().flat_map(|rights| rights.differences(&wanted.rights)) {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
    } else {
        // What it was granted there says nothing about what it would be granted here.
        reasons.push(Reason::Moved { from: row.account.clone() });
    }
    if row.lease != wanted.lease {
        reasons.push(Reason::Lease { has: row.lease, declared: wanted.lease });
    } else if has_other_maximum(wanted, row) {
        reasons.push(Reason::MaxLease);
    }
    if let Some(rotate) = wanted.rotate.filter(|rotate| age >= *rotate) {
        reasons.push(Reason::Due { age, rotate });
    }
    reasons
}

/// Whether a lease can be renewed until another time than declared.
fn has_other_maximum(wanted: &Wanted, row: &Row) -> bool {
    let Some(length) = wanted.lease else { return false };
    let declared = row.created_at + wanted.max_lease.unwrap_or(length);
    if row.max_until.is_some_and(|max| max > declared + TOLERANCE) {
        return true;
    }
    // The end of the key's own token may be earlier than the maximum. The name has what was
    // requested, as the beginning of the next day.
    row.named_end()
        .is_some_and(|named| named + TOLERANCE < declared || declared + DAY + TOLERANCE < named)
}

#[cfg(test)]
mod tests;
