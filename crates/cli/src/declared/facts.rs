//! The existing keys: the rows of the store, and what the providers list.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use pinning_keys::KeyRef;
use pinning_keys_lifecycle::{KeyId, KeyState, ManagedKey, Suffix};

use super::rights::Rights;

/// A row of the store.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: KeyId,
    /// The account's name in the store.
    pub(crate) account: String,
    /// The profile of the account, or its name in the store if no profile has it.
    pub(crate) profile: String,
    pub(crate) holder: String,
    /// The name at the provider.
    pub(crate) name: String,
    pub(crate) state: KeyState,
    pub(crate) created_at: SystemTime,
    pub(crate) lease: Option<Duration>,
    pub(crate) expires_at: Option<SystemTime>,
    pub(crate) max_until: Option<SystemTime>,
    pub(crate) deliver_by: SystemTime,
    pub(crate) replaces: Option<KeyId>,
    pub(crate) replaced_by: Option<KeyId>,
    pub(crate) is_adopted: bool,
    pub(crate) has_failed: bool,
    pub(crate) rights: Option<Rights>,
    pub(crate) key_refs: Vec<KeyRef>,
}

impl Row {
    pub(crate) fn of(key: &ManagedKey, profile: &str) -> Self {
        Self {
            id: key.id().clone(),
            account: key.account().to_owned(),
            profile: profile.to_owned(),
            holder: key.holder().to_owned(),
            name: key.name().to_owned(),
            state: key.state(),
            created_at: key.created_at(),
            lease: key.lease(),
            expires_at: key.expires_at(),
            max_until: key.max_until(),
            deliver_by: key.deliver_by(),
            replaces: key.replaces().cloned(),
            replaced_by: key.replaced_by().cloned(),
            is_adopted: key.is_adopted(),
            has_failed: key.failure().is_some(),
            rights: Rights::of_key(key),
            key_refs: key.key_refs(),
        }
    }

    /// Whether the holder uses this key, as opposed to one that was replaced or lost.
    pub(crate) fn is_current(&self) -> bool {
        self.state == KeyState::Live && self.replaced_by.is_none() && !self.is_adopted
    }

    /// Whether another attempt to issue the key must wait until this delivery is given up.
    pub(crate) fn is_waited_for(&self, now: SystemTime) -> bool {
        let is_open = matches!(self.state, KeyState::Intended | KeyState::Undelivered);
        // A rotation whose delivery was unclear is followed by another one.
        let is_repeated = self.replaces.is_some() && self.has_failed;
        is_open && !is_repeated && self.deliver_by > now
    }

    /// Whether it may have been delivered and works until another attempt succeeds.
    pub(crate) fn is_unclear(&self, now: SystemTime) -> bool {
        self.state == KeyState::Undelivered && !self.is_waited_for(now)
    }

    pub(crate) fn is_over(&self, now: SystemTime) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }

    /// The day after the maximum that was requested for the lease.
    pub(crate) fn named_end(&self) -> Option<SystemTime> {
        Suffix::of_name(&self.name)?.max_until().map(SystemTime::from)
    }
}

/// The relevant keys of an account's list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listing {
    pub(crate) of_rows: HashMap<KeyId, Listed>,
    /// Keys that are not managed but have a declared name, or the store's label.
    pub(crate) others: Vec<Other>,
    /// How long a new key may take to appear.
    pub(crate) propagation: Duration,
}

/// A managed key as its provider shows it.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) rights: Rights,
    pub(crate) is_revoked: bool,
    pub(crate) is_used_up: bool,
}

/// A key that is not managed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Other {
    /// The name at the provider.
    pub(crate) name: String,
    /// The name without what a store added to it.
    pub(crate) base: String,
    pub(crate) key_ref: String,
    pub(crate) is_stray: bool,
}
