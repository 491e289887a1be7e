//! Opening what the declared keys are compared with.

use std::collections::HashSet;
use std::time::SystemTime;

use pinning_keys_lifecycle::{KeyFilter, KeyState, ManagedKey};

use super::file::{DeclaredKey, profiles};
use crate::failure::Failure;
use crate::managed::{Accounts, Managed, ManagedAccount, rows};
use crate::session::Session;

/// The store with all its keys, and the accounts that are needed.
pub(crate) struct Existing {
    /// The accounts of the declared keys, and those in which former keys of them work.
    pub(crate) managed: Managed,
    pub(super) keys: Vec<ManagedKey>,
    /// When the keys were about to be read, by the store's clock.
    pub(super) now: SystemTime,
}

impl Existing {
    /// Opens the store, which is created if it does not exist and keys can be issued.
    pub(crate) async fn open(
        declared: &[DeclaredKey],
        session: &Session,
        can_issue: bool,
    ) -> Result<Self, Failure> {
        let profiles = profiles(declared);
        let managed = open(session, Accounts::Profiles(&profiles), can_issue).await?;
        // Read first, so that a key of another run is either among the keys or newer.
        let now = managed.manager().status().await?.now().into();
        let keys = rows::all(&managed, &KeyFilter::default()).await?;
        let former = accounts_of_former(declared, &managed, &keys);
        if former.is_empty() {
            return Ok(Self { managed, keys, now });
        }
        drop(managed);
        let accounts = Accounts::ProfilesAndFormer { profiles: &profiles, former: &former };
        Ok(Self { managed: open(session, accounts, can_issue).await?, keys, now })
    }

    /// The profile of an account, or the account's name in the store if no profile has it.
    pub(super) fn profile_of<'a>(&'a self, account: &'a str) -> &'a str {
        let is_it = |it: &&ManagedAccount| it.name == account;
        let found = self.managed.accounts().iter().find(is_it);
        found.and_then(|it| it.profile.as_deref()).unwrap_or(account)
    }
}

async fn open(
    session: &Session,
    accounts: Accounts<'_>,
    can_issue: bool,
) -> Result<Managed, Failure> {
    if can_issue {
        Managed::open(session, accounts).await
    } else {
        Managed::open_or_empty(session, accounts).await
    }
}

/// The other accounts, by their names in the store, that have working keys with declared names.
fn accounts_of_former(
    declared: &[DeclaredKey],
    managed: &Managed,
    keys: &[ManagedKey],
) -> HashSet<String> {
    let names: HashSet<&str> = declared.iter().map(|key| key.name.as_str()).collect();
    let open: HashSet<&str> = managed.accounts().iter().map(|it| it.name.as_str()).collect();
    let works = |key: &&ManagedKey| matches!(key.state(), KeyState::Live | KeyState::Revoking);
    let former = keys.iter().filter(works).filter(|key| names.contains(key.holder()));
    former.map(ManagedKey::account).filter(|it| !open.contains(it)).map(str::to_owned).collect()
}
