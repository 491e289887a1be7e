//! What the people and programs around the nodes have done and were promised, kept apart from the
//! store, which is not asked.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error as _;
use std::fmt::Debug;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pinning_keys_lifecycle::store::KeyRow;
use pinning_keys_lifecycle::{Error, KeyId, KeyState, ManagedKey, Timestamp};

/// Clones share the entries.
#[derive(Clone, Default)]
pub(crate) struct Journal(Arc<Mutex<Entries>>);

#[derive(Default)]
pub(crate) struct Entries {
    /// Until when each confirmed key may be used: its holder relies on it.
    pub(crate) promised: BTreeMap<KeyId, Timestamp>,
    /// From when on each key that somebody has tried to replace may end.
    pub(crate) replaced: BTreeMap<KeyId, Timestamp>,
    /// The keys whose replacement was confirmed.
    pub(crate) rotated: BTreeSet<KeyId>,
    /// The keys that somebody has asked to end.
    pub(crate) ended: BTreeSet<KeyId>,
    /// The keys that somebody has asked to leave alone.
    pub(crate) forgotten: BTreeSet<KeyId>,
    /// The keys that somebody has made or changed at the provider, without the store.
    pub(crate) by_hand: BTreeSet<KeyId>,
    /// Everything that a node has said.
    pub(crate) said: String,
}

/// The end of a key that has none.
pub(crate) const FOR_EVER: Timestamp = Timestamp::from_micros(i64::MAX);

impl Journal {
    pub(crate) fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A holder was told that the key is theirs until its lease ends.
    pub(crate) fn promise(&self, key: &ManagedKey) {
        let until = key.expires_at().map_or(FOR_EVER, Timestamp::from);
        let mut entries = self.entries();
        let promised = entries.promised.entry(key.id().clone()).or_insert(until);
        *promised = until.max(*promised);
    }

    /// Somebody has begun to replace the key, which may end from then on if that is confirmed.
    pub(crate) fn may_be_replaced(&self, key: &KeyId, from: Timestamp) {
        let mut entries = self.entries();
        let earliest = entries.replaced.entry(key.clone()).or_insert(from);
        *earliest = from.min(*earliest);
    }

    /// The store says that these keys are live, or replaced: their holders may have heard it although
    /// this process has not.
    pub(crate) fn keep_promises_of(&self, rows: &[KeyRow]) {
        let replaced = rows.iter().filter(|row| row.replaced_by.is_some());
        self.entries().rotated.extend(replaced.map(|row| row.id.clone()));
        for row in rows.iter().filter(|row| row.state == KeyState::Live && !row.adopted) {
            let until = row.expires_at.unwrap_or(FOR_EVER);
            self.entries().promised.entry(row.id.clone()).or_insert(until);
        }
    }

    /// Keeps what an operation has said.
    pub(crate) fn keep<T: Debug>(&self, outcome: &Result<T, Error>) {
        let mut entries = self.entries();
        let said = &mut entries.said;
        // Writing to a string does not fail.
        match outcome {
            Ok(value) => writeln!(said, "{value:?} {value:#?}").unwrap(),
            Err(error) => {
                writeln!(said, "{error}\n{error:#}\n{error:?}").unwrap();
                let mut source = error.source();
                while let Some(cause) = source {
                    writeln!(said, "{cause}\n{cause:?}").unwrap();
                    source = cause.source();
                }
            }
        }
    }
}
