//! Managed keys: the store that records them, and the accounts that they belong to.

mod accounts;
mod actor;
pub(crate) mod checked_delivery;
pub(crate) mod comparison;
mod elsewhere;
mod ended;
mod failure;
pub(crate) mod joined;
pub(crate) mod key_view;
pub(crate) mod keyed;
pub(crate) mod known;
pub(crate) mod left;
mod open;
pub(crate) mod open_key;
pub(crate) mod passes;
pub(crate) mod refusal;
pub(crate) mod replacing;
pub(crate) mod rows;
pub(crate) mod undelivered;
mod worker;

use std::time::Duration;

use pinning_keys_lifecycle::KeyManager;

pub(crate) use accounts::{Accounts, ManagedAccount};
pub(crate) use elsewhere::Elsewhere;

/// How long a call waits for the rate limit that all users of the store share.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// The store, with the accounts that a command works with.
pub(crate) struct Managed {
    manager: KeyManager,
    accounts: Vec<ManagedAccount>,
    place: String,
}

impl Managed {
    pub(crate) fn manager(&self) -> &KeyManager {
        &self.manager
    }

    pub(crate) fn accounts(&self) -> &[ManagedAccount] {
        &self.accounts
    }

    /// The account of a command that works with one: [`Accounts::Selected`].
    pub(crate) fn selected(&self) -> &ManagedAccount {
        self.accounts.first().expect("an account was selected")
    }

    /// The account of a profile.
    pub(crate) fn of_profile(&self, profile: &str) -> Option<&ManagedAccount> {
        self.accounts.iter().find(|account| account.profile.as_deref() == Some(profile))
    }

    /// Where the store is, for people.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }
}
