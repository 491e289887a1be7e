use std::sync::Arc;

use crate::inner::Inner;
use crate::run_due::bounded;
use crate::store::Store;
use crate::{
    AccountKeys, Error, KeyFilter, KeyId, KeyManagerBuilder, KeyPosition, ManagedKey,
    MigrationPlan, RevokeOutcome, Rotation, confirm, family, list, revoke,
};

/// Manages the keys of one or more accounts in a store.
///
/// Clones share everything. Any number of managers, in any number of processes, can use the same
/// store. Methods that call a provider must run in a Tokio runtime.
///
/// **An id grants no authority.** An app with several tenants must check who owns a key before it
/// passes the id to a manager.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use pinning_keys_core::{KeyRequest, ScopeRequest};
/// # use pinning_keys_lifecycle::{MemoryStore, SystemClock};
/// use std::time::Duration;
/// use pinning_keys_lifecycle::{KeyManager, KeyState, Lease};
///
/// # let emulator = pinning_keys_emulator::Emulator::in_memory();
/// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
/// #     .with_transport(emulator.transport())
/// #     .build()?;
/// # let store = MemoryStore::new(SystemClock)?;
/// # let request = KeyRequest::new("dashboard", ScopeRequest::reader())?;
/// let manager = KeyManager::builder(store).account("main", issuer).build().await?;
/// let keys = manager.account("main")?;
///
/// let delivery = keys.issue(&request, Lease::of(Duration::from_secs(86_400))).await?;
/// // Store the secret: delivery.credential().expose()
/// let key = delivery.confirm().await?;
/// assert_eq!(key.state(), KeyState::Live);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct KeyManager {
    pub(crate) inner: Arc<Inner>,
}

impl KeyManager {
    /// Returns a builder for a manager that uses this store.
    ///
    /// ```
    /// use pinning_keys_lifecycle::{KeyManager, MemoryStore, SystemClock};
    ///
    /// let builder = KeyManager::builder(MemoryStore::new(SystemClock)?);
    /// # let _ = builder;
    /// # Ok::<(), pinning_keys_lifecycle::Error>(())
    /// ```
    pub fn builder(store: impl Store + 'static) -> KeyManagerBuilder {
        KeyManagerBuilder::new(Arc::new(store))
    }

    /// The keys of an account.
    ///
    /// ```
    /// use pinning_keys_lifecycle::{AccountKeys, Error, KeyManager};
    ///
    /// fn keys(manager: &KeyManager) -> Result<AccountKeys, Error> {
    ///     manager.account("main")
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the manager was built without this
    /// account.
    pub fn account(&self, name: &str) -> Result<AccountKeys, Error> {
        let account = Arc::clone(self.inner.account(name)?);
        Ok(AccountKeys::new(Arc::clone(&self.inner), account))
    }

    /// Confirms that the secret of a key is stored; see
    /// [`Delivery::confirm`](crate::Delivery::confirm). Any process can call it.
    ///
    /// ```
    /// use pinning_keys_lifecycle::{Error, KeyId, KeyManager, ManagedKey};
    ///
    /// async fn confirm(manager: &KeyManager, id: &KeyId) -> Result<ManagedKey, Error> {
    ///     manager.confirm(id).await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) for an unknown key,
    /// [`ErrorKind::WrongState`](crate::ErrorKind::WrongState) if it has ended, and
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) if the store fails.
    pub async fn confirm(&self, id: &KeyId) -> Result<ManagedKey, Error> {
        confirm::confirm(&self.inner, id).await
    }

    /// Renews the lease of a live key for its full length from now, but at most to its maximum.
    ///
    /// ```
    /// use pinning_keys_lifecycle::{Error, KeyId, KeyManager, ManagedKey};
    ///
    /// async fn renew(manager: &KeyManager, id: &KeyId) -> Result<ManagedKey, Error> {
    ///     manager.renew(id).await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) for an unknown key,
    /// [`ErrorKind::WrongState`](crate::ErrorKind::WrongState) if the key is not live, has no lease,
    /// was replaced, or has reached its maximum, and
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) if the store fails.
    pub async fn renew(&self, id: &KeyId) -> Result<ManagedKey, Error> {
        bounded(&self.inner).await;
        confirm::renew(&self.inner, id).await
    }

    /// Stops managing a key, which continues to work. The row is kept for at least 30 days, so that
    /// the key is not treated as a stray.
    ///
    /// ```
    /// use pinning_keys_lifecycle::{Error, KeyId, KeyManager, ManagedKey};
    ///
    /// async fn forget(manager: &KeyManager, id: &KeyId) -> Result<ManagedKey, Error> {
    ///     manager.forget(id).await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) for an unknown key,
    /// [`ErrorKind::WrongState`](crate::ErrorKind::WrongState) if it is being issued or has ended,
    /// and [`ErrorKind::Store`](crate::ErrorKind::Store) if the store fails.
    pub async fn forget(&self, id: &KeyId) -> Result<ManagedKey, Error> {
        bounded(&self.inner).await;
        confirm::forget(&self.inner, id).await
    }

    /// Prepares to issue a successor to a live key; see [`Rotation`].
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// use pinning_keys_lifecycle::{Delivery, Error, KeyId, KeyManager};
    ///
    /// async fn rotate(manager: &KeyManager, id: &KeyId) -> Result<Delivery, Error> {
    ///     manager.rotate(id).overlap(Duration::from_secs(3600)).start().await
    /// }
    /// ```
    pub fn rotate(&self, id: &KeyId) -> Rotation {
        Rotation::new(Arc::clone(&self.inner), id.clone())
    }

    /// Plans to move keys to another account, which may be at another provider. Nothing is written
    /// and nothing is sent.
    ///
    /// ```no_run
    /// use pinning_keys_lifecycle::{Error, KeyId, KeyManager};
    ///
    /// async fn leave_pinata(manager: &KeyManager, ids: &[KeyId]) -> Result<(), Error> {
    ///     let plan = manager.plan_migration(ids, "w3ipfs").await?;
    ///     for step in plan.steps() {
    ///         match step.request() {
    ///             Ok(request) => println!("{}: {}", step.id(), request.scope()),
    ///             Err(error) => println!("{}: {error:#}", step.id()),
    ///         }
    ///     }
    ///     for migrated in plan.run().await {
    ///         let delivery = migrated.outcome?;
    ///         // Store the secret: delivery.credential().expose()
    ///         delivery.confirm().await?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) for an unknown account, and
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) if the store fails.
    pub async fn plan_migration(&self, ids: &[KeyId], onto: &str) -> Result<MigrationPlan, Error> {
        MigrationPlan::new(Arc::clone(&self.inner), ids, onto).await
    }

    /// Revokes a key now, together with the open rotations that started from it. Earlier failures
    /// do not delay the attempt.
    ///
    /// It waits for room in the account's rate limit as long as the account's
    /// [patience](crate::AccountOptions::patience) allows. If the provider cannot revoke the key
    /// now, its end is scheduled.
    ///
    /// ```
    /// use pinning_keys_lifecycle::{Error, KeyId, KeyManager, RevokeOutcome};
    ///
    /// async fn revoke(manager: &KeyManager, id: &KeyId) -> Result<(), Error> {
    ///     if let RevokeOutcome::Scheduled { why, .. } = manager.revoke(id).await? {
    ///         println!("the key still works: {why}");
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) for an unknown key,
    /// [`ErrorKind::WrongState`](crate::ErrorKind::WrongState) if no key was created or the key was
    /// forgotten, and [`ErrorKind::Store`](crate::ErrorKind::Store) if the store fails.
    pub async fn revoke(&self, id: &KeyId) -> Result<RevokeOutcome, Error> {
        revoke::revoke(&self.inner, id).await
    }

    /// Returns a key as the store knows it.
    ///
    /// ```
    /// use pinning_keys_lifecycle::{Error, KeyId, KeyManager, KeyState};
    ///
    /// async fn is_live(manager: &KeyManager, id: &KeyId) -> Result<bool, Error> {
    ///     Ok(manager.get(id).await?.state() == KeyState::Live)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) for an unknown key, and
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) if the store fails.
    pub async fn get(&self, id: &KeyId) -> Result<ManagedKey, Error> {
        let keys = self.find(std::slice::from_ref(id)).await?;
        keys.into_iter().next().ok_or_else(|| family::unknown(id))
    }

    /// Returns the keys with these ids as the store knows them, in no particular order. Unknown
    /// ids are left out.
    ///
    /// ```
    /// use pinning_keys_lifecycle::store::AuditRow;
    /// use pinning_keys_lifecycle::{Error, KeyId, KeyManager, ManagedKey};
    ///
    /// /// The keys that a page of the audit trail is about.
    /// async fn about(manager: &KeyManager, page: &[AuditRow]) -> Result<Vec<ManagedKey>, Error> {
    ///     let ids: Vec<KeyId> = page.iter().map(|line| line.key.clone()).collect();
    ///     manager.find(&ids).await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) if the store fails.
    pub async fn find(&self, ids: &[KeyId]) -> Result<Vec<ManagedKey>, Error> {
        list::seen(&self.inner, self.inner.store.find(ids).await?).await
    }

    /// Returns a page of at most `limit` keys, oldest first. The next page begins after the
    /// [position](ManagedKey::position) of the last key.
    ///
    /// ```
    /// use pinning_keys_lifecycle::{Error, KeyFilter, KeyManager};
    ///
    /// async fn print_all(manager: &KeyManager) -> Result<(), Error> {
    ///     let mut after = None;
    ///     loop {
    ///         let page = manager.list(&KeyFilter::default(), after.as_ref(), 100).await?;
    ///         let Some(last) = page.last() else { return Ok(()) };
    ///         after = Some(last.position());
    ///         for key in &page {
    ///             println!("{} {} {}", key.id(), key.holder(), key.state());
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) if the store fails.
    pub async fn list(
        &self,
        filter: &KeyFilter,
        after: Option<&KeyPosition>,
        limit: usize,
    ) -> Result<Vec<ManagedKey>, Error> {
        let rows = self.inner.store.keys(filter, after, limit).await?;
        list::seen(&self.inner, rows).await
    }
}
