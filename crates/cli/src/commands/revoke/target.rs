//! A key to revoke.

use std::borrow::Cow;

use pinning_keys::{KeyRecord, KeyRef};
#[cfg(feature = "store")]
use pinning_keys_lifecycle::ManagedKey;

use crate::command_line::revoke_command;
use crate::keys::lookup::typed;
use crate::keys::view;
#[cfg(feature = "store")]
use crate::managed::key_view;
#[cfg(feature = "store")]
use crate::managed::rows::{base_name, by_id};
use crate::output::table::Cell;

pub(super) enum Target {
    /// Named by its reference, and not looked up.
    Referenced(KeyRef),
    Listed(Box<KeyRecord>),
    /// Revoked through the store, so that its row and the audit trail show it. The list may not
    /// show the key.
    #[cfg(feature = "store")]
    Managed {
        row: Box<ManagedKey>,
        record: Option<Box<KeyRecord>>,
    },
}

impl Target {
    pub(super) fn listed(record: KeyRecord) -> Self {
        Self::Listed(Box::new(record))
    }

    #[cfg(feature = "store")]
    pub(super) fn managed(row: ManagedKey, record: Option<KeyRecord>) -> Self {
        Self::Managed { row: Box::new(row), record: record.map(Box::new) }
    }

    pub(super) fn record(&self) -> Option<&KeyRecord> {
        match self {
            Self::Referenced(_) => None,
            Self::Listed(record) => Some(record),
            #[cfg(feature = "store")]
            Self::Managed { record, .. } => record.as_deref(),
        }
    }

    /// The row of the key, if it is revoked through the store.
    #[cfg(feature = "store")]
    pub(super) fn row(&self) -> Option<&ManagedKey> {
        match self {
            Self::Managed { row, .. } => Some(row),
            Self::Referenced(_) | Self::Listed(_) => None,
        }
    }

    pub(super) fn is_managed(&self) -> bool {
        self.id().is_some()
    }

    /// `None` if the store does not know yet what the provider calls the key.
    #[cfg_attr(
        not(feature = "store"),
        expect(clippy::unnecessary_wraps, reason = "a row of a store may have none")
    )]
    pub(super) fn key_ref(&self) -> Option<Cow<'_, KeyRef>> {
        match self {
            Self::Referenced(key_ref) => Some(Cow::Borrowed(key_ref)),
            Self::Listed(record) => Some(Cow::Borrowed(record.key_ref())),
            #[cfg(feature = "store")]
            Self::Managed { record: Some(record), .. } => Some(Cow::Borrowed(record.key_ref())),
            #[cfg(feature = "store")]
            Self::Managed { row, .. } => row.key_refs().into_iter().next().map(Cow::Owned),
        }
    }

    /// The name as the provider has it; `None` if the key was named by its reference.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Referenced(_) => None,
            Self::Listed(record) => Some(record.name()),
            #[cfg(feature = "store")]
            Self::Managed { row, .. } => Some(row.name()),
        }
    }

    /// The name for people, without what the store appended to it.
    pub(super) fn base_name(&self) -> Option<&str> {
        match self {
            #[cfg(feature = "store")]
            Self::Managed { row, .. } => Some(base_name(row)),
            Self::Referenced(_) | Self::Listed(_) => self.name(),
        }
    }

    /// The id in the store.
    pub(super) fn id(&self) -> Option<&str> {
        match self {
            #[cfg(feature = "store")]
            Self::Managed { row, .. } => Some(row.id().as_str()),
            Self::Referenced(_) | Self::Listed(_) => None,
        }
    }

    /// As the list shows it; the state of its row if the list does not show it.
    pub(super) fn state(&self) -> Cell {
        match self {
            Self::Referenced(_) => Cell::default(),
            Self::Listed(record) => view::state(record),
            #[cfg(feature = "store")]
            Self::Managed { record: Some(record), .. } => view::state(record),
            #[cfg(feature = "store")]
            Self::Managed { row, .. } => key_view::state(row),
        }
    }

    /// The command that revokes this key alone.
    pub(super) fn command(&self) -> String {
        match self {
            Self::Referenced(key_ref) => revoke_command(&key_ref.to_string()),
            Self::Listed(record) => typed("revoke", record),
            #[cfg(feature = "store")]
            Self::Managed { row, .. } => by_id("revoke", row.id()),
        }
    }
}
