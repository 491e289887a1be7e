//! Which keys the trail is about.

use std::collections::HashSet;
use std::ffi::OsStr;

use pinning_keys_lifecycle::{KeyFilter, KeyId};

use crate::failure::Failure;
use crate::managed::Managed;
use crate::managed::rows::{all, checked, is_named, none_named};

/// The keys that an argument names, or all.
pub(super) struct Subject(Option<HashSet<KeyId>>);

impl Subject {
    /// Finds the keys in any state. A name may have been that of several, one after the other.
    pub(super) async fn find(key: Option<&OsStr>, managed: &Managed) -> Result<Self, Failure> {
        let Some(key) = key else { return Ok(Self(None)) };
        let name = checked(key)?;
        let rows = all(managed, &KeyFilter::default()).await?;
        let named = rows.iter().filter(|row| is_named(row, name));
        let ids: HashSet<KeyId> = named.map(|row| row.id().clone()).collect();
        match name.parse() {
            _ if !ids.is_empty() => Ok(Self(Some(ids))),
            // The row may be gone while its lines are still there.
            Ok(id) => Ok(Self(Some(HashSet::from([id])))),
            Err(_) => Err(none_named(&rows, name, "audit")),
        }
    }

    /// The key, if it is only one.
    pub(super) fn only(&self) -> Option<&KeyId> {
        self.0.as_ref().filter(|ids| ids.len() == 1).and_then(|ids| ids.iter().next())
    }

    pub(super) fn contains(&self, id: &KeyId) -> bool {
        self.0.as_ref().is_none_or(|ids| ids.contains(id))
    }
}
