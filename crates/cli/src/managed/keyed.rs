//! Opening the store for one of its keys.

use std::ffi::OsStr;

use pinning_keys::KeyRef;
use pinning_keys_lifecycle::{KeyFilter, ManagedKey};

use super::open_key::open_key;
use super::rows::all;
use super::{Accounts, Managed, ManagedAccount};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::escape::escaped;
use crate::scope_args::TargetArgs;
use crate::session::Session;

/// Opens the store without any account, and finds the key that an argument names.
pub(crate) async fn open_store_of(
    session: &Session,
    argument: &OsStr,
    verb: &str,
) -> Result<(Managed, ManagedKey), Failure> {
    let Some(managed) = Managed::open_existing(session, Accounts::None).await? else {
        return Err(no_store());
    };
    let key = open_key(&managed, argument, verb).await?;
    Ok((managed, key))
}

/// Opens the store with the account of the key that an argument names. This is the profile of the
/// account's name, unless flags select another. Its table is that of the key, unless a flag names
/// one.
pub(crate) async fn open_account_of(
    session: &Session,
    target: &TargetArgs,
    argument: &OsStr,
    verb: &str,
) -> Result<(Managed, ManagedKey), Failure> {
    let (_, key) = open_store_of(session, argument, verb).await?;
    let profiles = session.settings.profile_names();
    let profile = [key.account()];
    let accounts = if target.table.is_some() || target.provider.is_some() {
        Accounts::Selected(target)
    } else if profiles.iter().any(|name| name == key.account()) {
        Accounts::Profiles(&profile)
    } else {
        Accounts::All
    };
    let managed = Managed::open(session, accounts).await?;
    let account = account_of(&managed, &key)?;
    let table = account.account.issuer().profile().table().name();
    let Some(own) = key.table().filter(|own| target.table.is_none() && *own != table) else {
        return Ok((managed, key));
    };
    let profile = account.profile.clone();
    let target = TargetArgs { table: Some(own.to_owned()), ..TargetArgs::default() };
    let accounts = Accounts::WithTable { profile: profile.as_deref(), target: &target };
    Ok((Managed::open(session, accounts).await?, key))
}

/// The account of a key.
pub(crate) fn account_of<'a>(
    managed: &'a Managed,
    key: &ManagedKey,
) -> Result<&'a ManagedAccount, Failure> {
    let account = managed.accounts().iter().find(|account| account.name == key.account());
    account.ok_or_else(|| {
        let name = escaped(key.account());
        Failure::configuration(format!("the key is in the account {name}, which is not selected"))
            .with_next(format!("select its profile:  --profile {name}"))
    })
}

/// The references that the sink for a successor may hold: those of the key, and those of earlier
/// successors whose delivery was not confirmed.
pub(crate) async fn predecessors(
    managed: &Managed,
    key: &ManagedKey,
) -> Result<Vec<KeyRef>, Failure> {
    let filter = KeyFilter { holder: Some(key.holder().to_owned()), ..KeyFilter::default() };
    let rows = all(managed, &filter).await?;
    let attempts = rows.iter().filter(|row| row.replaces() == Some(key.id()));
    Ok(attempts.chain([key]).flat_map(ManagedKey::key_refs).collect())
}

/// The failure if there is no store in which a key could be.
pub(crate) fn no_store() -> Failure {
    Failure::new(Exit::Failed, "there is no store yet, so no key is managed")
        .with_kind("nothing_matched")
        .with_next("`issue` creates the store with the first key; --store names another one")
}
