//! The accounts whose keys a store manages, and their names there.

use std::collections::HashSet;
use std::sync::Arc;

use pinning_keys::KeyIssuer;
use pinning_keys::bulk::RateLimit;
use pinning_keys_lifecycle::store::AccountRow;

use crate::account::Account;
use crate::failure::Failure;
use crate::output::escape::escaped;
use crate::scope_args::TargetArgs;
use crate::session::Session;
use crate::settings::Effective;

/// Which accounts a command works with.
#[derive(Clone, Copy)]
pub(crate) enum Accounts<'a> {
    /// None: the store alone is enough.
    None,
    /// The one that the settings select.
    Selected(&'a TargetArgs),
    /// The one of this profile, or the one that the settings select, with this table.
    WithTable { profile: Option<&'a str>, target: &'a TargetArgs },
    /// Those of these profiles.
    Profiles(&'a [&'a str]),
    /// Those of these profiles, and those that have these names in the store, because former keys
    /// are there. One of the latter that cannot be used is left out, with a warning.
    ProfilesAndFormer { profiles: &'a [&'a str], former: &'a HashSet<String> },
    /// All that are configured. One that cannot be used is left out, with a warning.
    All,
}

/// An account, and its name in the store.
pub(crate) struct ManagedAccount {
    pub(crate) name: String,
    /// `None` if the environment names the account.
    pub(crate) profile: Option<String>,
    /// For listings. This issuer stays within the rate limit without the store.
    pub(crate) account: Account,
    /// The account's id at the provider, if its credential shows it.
    identity: Option<String>,
    /// For the store, which keeps the rate limit for all its users.
    pub(super) issuer: Arc<dyn KeyIssuer>,
    pub(super) limit: RateLimit,
}

impl Accounts<'_> {
    /// Opens the accounts. Nothing is sent.
    pub(super) async fn open(
        self,
        session: &Session,
        known: &[AccountRow],
    ) -> Result<Vec<ManagedAccount>, Failure> {
        let settings = &session.settings;
        let mut accounts: Vec<ManagedAccount> = Vec::new();
        match self {
            Self::None => {}
            Self::Selected(target) => {
                accounts.push(ManagedAccount::of(settings.effective(target)?, known).await?);
            }
            Self::WithTable { profile, target } => {
                let effective = match profile {
                    Some(name) => settings.effective_of(name, target)?,
                    None => settings.effective(target)?,
                };
                accounts.push(ManagedAccount::of(effective, known).await?);
            }
            Self::Profiles(profiles) => return Self::of(profiles, session, known).await,
            Self::ProfilesAndFormer { profiles, former } => {
                accounts = Self::of(profiles, session, known).await?;
                Self::add_former(&mut accounts, former, session, known).await?;
            }
            Self::All => {
                let names = settings.profile_names();
                if names.is_empty() {
                    let effective = settings.effective(&TargetArgs::default())?;
                    return Ok(vec![ManagedAccount::of(effective, known).await?]);
                }
                for name in names {
                    match Self::usable(session, &name, known).await {
                        // Such as a profile with another table. The store knows an account once.
                        Ok(account) if accounts.iter().any(|it| account.is_same(it)) => {}
                        Ok(account) => accounts.push(account),
                        Err(failure) => warn_left_out(&name, &failure, session),
                    }
                }
            }
        }
        Ok(accounts)
    }

    /// The accounts of these profiles.
    async fn of(
        profiles: &[&str],
        session: &Session,
        known: &[AccountRow],
    ) -> Result<Vec<ManagedAccount>, Failure> {
        let mut accounts: Vec<ManagedAccount> = Vec::new();
        for name in profiles {
            let account = Self::usable(session, name, known).await?;
            if let Some(other) = accounts.iter().find(|it| account.is_same(it)) {
                let other = other.profile.as_deref().unwrap_or(&other.name);
                return Err(Failure::configuration(format!(
                    "the profiles {other} and {name} are the same account"
                )));
            }
            accounts.push(account);
        }
        Ok(accounts)
    }

    /// Adds the accounts that have these names in the store, if other profiles have them.
    async fn add_former(
        accounts: &mut Vec<ManagedAccount>,
        former: &HashSet<String>,
        session: &Session,
        known: &[AccountRow],
    ) -> Result<(), Failure> {
        let mut profiles = session.settings.declarable_profiles()?;
        profiles.retain(|name| accounts.iter().all(|it| it.profile.as_ref() != Some(name)));
        // Most accounts are named after their profiles, and the others are opened only if needed.
        profiles.sort_by_key(|name| !former.contains(name));
        let mut missing = former.len();
        for name in profiles {
            if missing == 0 {
                break;
            }
            match Self::usable(session, &name, known).await {
                Ok(account) if former.contains(&account.name) => {
                    if accounts.iter().all(|it| it.name != account.name) {
                        missing -= 1;
                        accounts.push(account);
                    }
                }
                Ok(_) => {}
                Err(failure) => warn_left_out(&name, &failure, session),
            }
        }
        Ok(())
    }

    async fn usable(
        session: &Session,
        profile: &str,
        known: &[AccountRow],
    ) -> Result<ManagedAccount, Failure> {
        let effective = session.settings.effective_of(profile, &TargetArgs::default())?;
        ManagedAccount::of(effective, known).await
    }
}

fn warn_left_out(profile: &str, failure: &Failure, session: &Session) {
    session.output.warn(format_args!("profile {profile} is left out: {}", failure.message()));
}

impl ManagedAccount {
    async fn of(effective: Effective, known: &[AccountRow]) -> Result<Self, Failure> {
        let profile = effective.profile.as_ref().map(|(name, _)| name.as_str().to_owned());
        let limit = effective.shared_limit();
        let limits = effective.limits();
        let issuer = effective.build()?;
        let identity = issuer.account().await?.map(|account| account.id().to_owned());
        let provider = issuer.profile().provider();
        let name = name(profile.as_deref(), provider, identity.as_deref(), known);
        let account = Account::throttled(Arc::clone(&issuer), limits);
        Ok(Self { name, profile, account, identity, issuer, limit })
    }

    /// Whether both are definitely the same account.
    fn is_same(&self, other: &Self) -> bool {
        let provider = |account: &Self| account.issuer.profile().provider();
        let is_known = self.identity.is_some() && self.identity == other.identity;
        is_known && provider(self) == provider(other)
    }

    /// The account for people, such as `production (pinata)`.
    pub(crate) fn shown(&self) -> String {
        let provider = self.issuer.profile().provider();
        let name = escaped(&self.name);
        if name == provider { name } else { format!("{name} ({provider})") }
    }
}

/// The name of an account in the store: the one under which the store knows it, or that of the
/// profile. An account of the environment is named after its provider.
fn name(
    profile: Option<&str>,
    provider: &str,
    identity: Option<&str>,
    known: &[AccountRow],
) -> String {
    let is_it = |row: &&AccountRow| row.provider == provider && row.identity.as_deref() == identity;
    if let Some(row) = known.iter().find(|row| identity.is_some() && is_it(row)) {
        return row.name.clone();
    }
    if let Some(profile) = profile {
        return profile.to_owned();
    }
    let numbered = (2..).map(|number| format!("{provider}-{number}"));
    let mut names = std::iter::once(provider.to_owned()).chain(numbered);
    let is_free = |name: &String| known.iter().all(|row| row.name != *name || is_it(&row));
    names.find(is_free).unwrap_or_else(|| provider.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, provider: &str, identity: Option<&str>) -> AccountRow {
        let (name, provider) = (name.to_owned(), provider.to_owned());
        let identity = identity.map(str::to_owned);
        AccountRow { name, provider, identity, ..AccountRow::default() }
    }

    #[test]
    fn an_account_keeps_the_name_under_which_the_store_knows_it() {
        let known = [row("production", "pinata", Some("u1")), row("pinata", "pinata", None)];
        for (profile, provider, identity, expected) in [
            (None, "pinata", Some("u1"), "production"),
            (Some("other"), "pinata", Some("u1"), "production"),
            (Some("other"), "pinata", Some("u2"), "other"),
            (Some("other"), "w3ipfs", Some("u1"), "other"),
            (None, "pinata", None, "pinata"),
            (None, "pinata", Some("u2"), "pinata-2"),
            (None, "w3ipfs", Some("u1"), "w3ipfs"),
        ] {
            assert_eq!(name(profile, provider, identity, &known), expected);
        }
    }
}
