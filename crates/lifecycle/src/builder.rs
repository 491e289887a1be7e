use std::sync::Arc;

use pinning_keys_core::KeyIssuer;

use crate::inner::{Account, Inner};
use crate::page_count::PageCount;
use crate::store::{AccountRow, Scope, StatusQuery, Store, Tx};
use crate::{AccountOptions, Error, ErrorKind, KeyManager, Timestamp};

/// The maximum length of the name of an account or an actor, in characters.
const NAME_CHARS: usize = 64;

/// Builds a [`KeyManager`].
///
/// ```
/// # use std::sync::Arc;
/// # use pinning_keys_core::KeyIssuer;
/// use pinning_keys_lifecycle::{KeyManager, KeyManagerBuilder, MemoryStore};
///
/// fn with(store: MemoryStore, issuer: Arc<dyn KeyIssuer>) -> KeyManagerBuilder {
///     KeyManager::builder(store).account("main", issuer).actor("deploy")
/// }
/// ```
#[must_use = "call build()"]
pub struct KeyManagerBuilder {
    store: Arc<dyn Store>,
    accounts: Vec<(String, Arc<dyn KeyIssuer>, AccountOptions)>,
    actor: String,
}

impl KeyManagerBuilder {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, accounts: Vec::new(), actor: "app".to_owned() }
    }

    /// Adds an account under a name. The store keeps the name, so it must always refer to the same
    /// account at the same provider.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use pinning_keys_core::KeyIssuer;
    /// use pinning_keys_lifecycle::KeyManagerBuilder;
    ///
    /// fn both(builder: KeyManagerBuilder, [one, other]: [Arc<dyn KeyIssuer>; 2]) -> KeyManagerBuilder {
    ///     builder.account("pinata", one).account("w3ipfs", other)
    /// }
    /// ```
    pub fn account(self, name: impl Into<String>, issuer: impl KeyIssuer + 'static) -> Self {
        self.account_with(name, issuer, AccountOptions::new())
    }

    /// Adds an account with options.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use pinning_keys_core::KeyIssuer;
    /// use pinning_keys_lifecycle::{AccountOptions, KeyManagerBuilder};
    ///
    /// fn limited(builder: KeyManagerBuilder, issuer: Arc<dyn KeyIssuer>) -> KeyManagerBuilder {
    ///     builder.account_with("main", issuer, AccountOptions::new().quota(500))
    /// }
    /// ```
    pub fn account_with(
        mut self,
        name: impl Into<String>,
        issuer: impl KeyIssuer + 'static,
        options: AccountOptions,
    ) -> Self {
        self.accounts.push((name.into(), Arc::new(issuer), options));
        self
    }

    /// Sets the actor that the audit trail names (default: `app`).
    ///
    /// ```
    /// use pinning_keys_lifecycle::KeyManagerBuilder;
    ///
    /// fn named(builder: KeyManagerBuilder) -> KeyManagerBuilder {
    ///     builder.actor("deploy")
    /// }
    /// ```
    pub fn actor(mut self, name: impl Into<String>) -> Self {
        self.actor = name.into();
        self
    }

    /// Reads the store, adds new accounts to it, and checks that each name still refers to the same
    /// account. No request is sent to a provider, unless a credential source needs one.
    ///
    /// # Errors
    ///
    /// * [`ErrorKind::InvalidInput`] for an invalid or repeated name, or if two names refer to the
    ///   same account.
    /// * [`ErrorKind::WrongAccount`] if the credential belongs to another account than the one in
    ///   the store, or no longer shows its account.
    /// * [`ErrorKind::Provider`] if a credential source fails.
    /// * [`ErrorKind::Store`] if the store fails.
    pub async fn build(self) -> Result<KeyManager, Error> {
        check_name("actor", &self.actor)?;
        let mut inner = Inner::new(self.store, self.actor);
        for (name, issuer, options) in self.accounts {
            check_name("account", &name)?;
            let account = identified(name, issuer, &options).await?;
            if let Some(other) = inner.accounts.values().find(|other| is_same(other, &account)) {
                return Err(one_account(&other.name, &account.name));
            }
            if inner.accounts.insert(account.name.clone(), Arc::new(account)).is_some() {
                return Err(Error::new(ErrorKind::InvalidInput, "two accounts have the same name"));
            }
        }
        check_unique(&inner).await?;
        for account in inner.accounts.values() {
            if let Err(error) = enter(&inner, account).await {
                // Another process may have entered the account under another name meanwhile.
                check_unique(&inner).await?;
                return Err(error);
            }
        }
        Ok(KeyManager { inner: Arc::new(inner) })
    }
}

fn check_name(what: &str, name: &str) -> Result<(), Error> {
    let is_plain =
        |character: char| character.is_ascii_alphanumeric() || "-_.@:/".contains(character);
    if !name.is_empty() && name.len() <= NAME_CHARS && name.chars().all(is_plain) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidInput, format!("the name of the {what} is not valid"))
        .with_next_step(format!("use 1 to {NAME_CHARS} letters, digits, and any of - _ . @ : /")))
}

/// Reads which account the credential belongs to, and confines the issuer to it.
async fn identified(
    name: String,
    issuer: Arc<dyn KeyIssuer>,
    options: &AccountOptions,
) -> Result<Account, Error> {
    let shown = issuer.account().await.map_err(|error| {
        Error::new(ErrorKind::Provider, format!("cannot read account {name:?}: {error}"))
            .with_source(error)
    })?;
    // Without a check at each call, the identity would prove nothing.
    let confined = shown.and_then(|it| Some((issuer.confined_to(it.id())?, it.id().to_owned())));
    let unconfined = Arc::clone(&issuer);
    let (issuer, identity) = match confined {
        Some((issuer, identity)) => (issuer, Some(identity)),
        None => (issuer, None),
    };
    let timing = options.timing(issuer.profile().propagation());
    let (limit, quota) = (options.limit, options.quota);
    let pages = PageCount::default();
    Ok(Account { name, issuer, unconfined, identity, limit, quota, timing, pages })
}

fn is_same(one: &Account, other: &Account) -> bool {
    one.identity.is_some()
        && one.identity == other.identity
        && one.issuer.profile().provider() == other.issuer.profile().provider()
}

fn one_account(one: &str, other: &str) -> Error {
    let message = format!("the names {one:?} and {other:?} refer to the same account");
    Error::new(ErrorKind::InvalidInput, message).with_next_step(
        "use one name for each account: its rate limit and its quota must be shared",
    )
}

/// Compares the account with the store's, or adds it to the store.
async fn enter(inner: &Inner, account: &Account) -> Result<(), Error> {
    let scope = Scope { account: Some(account.name.clone()), ..Scope::default() };
    let provider = account.issuer.profile().provider();
    let (name, identity) = (account.name.clone(), account.identity.clone());
    let decide = move |tx: &mut Tx| {
        let Some(row) = &mut tx.account else {
            let (name, identity) = (name.clone(), identity.clone());
            let provider = provider.to_owned();
            tx.account = Some(AccountRow { name, provider, identity, ..AccountRow::default() });
            return Ok(());
        };
        let refused = |why: String| {
            Err(Error::new(ErrorKind::WrongAccount, why)
                .with_next_step("use another name for another account, or another store"))
        };
        if row.provider != provider {
            return refused(format!(
                "account {name:?} is an account of {} in the store",
                row.provider
            ));
        }
        match (&row.identity, &identity) {
            (Some(known), Some(shown)) if known != shown => {
                refused(format!("the credential of {name:?} belongs to another account"))
            }
            (Some(_), None) => {
                refused(format!("the credential of {name:?} no longer shows its account"))
            }
            _ => {
                row.identity.clone_from(&identity);
                Ok(())
            }
        }
    };
    inner.transact(scope, decide).await
}

/// Refuses an account that the store also knows under another name.
async fn check_unique(inner: &Inner) -> Result<(), Error> {
    let query = StatusQuery { overdue_before: Timestamp::default() };
    // All accounts, without counting the keys.
    let known = inner.store.agenda(query).await?.accounts;
    for account in inner.accounts.values().filter(|account| account.identity.is_some()) {
        let is_other = |row: &AccountRow| {
            row.name != account.name
                && row.identity == account.identity
                && row.provider == account.issuer.profile().provider()
        };
        if let Some(other) = known.iter().find(|known| is_other(&known.account)) {
            return Err(one_account(&other.account.name, &account.name));
        }
    }
    Ok(())
}
