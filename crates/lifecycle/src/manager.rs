use std::sync::Arc;

use crate::inner::Inner;
use crate::store::Store;
use crate::{AccountKeys, Error, KeyId, KeyManagerBuilder, ManagedKey, confirm};

/// Manages the keys of one or more accounts in a store.
///
/// Clones share everything. Any number of managers, in any number of processes, may work on one
/// store. Keys are issued, revoked and listed in a Tokio runtime.
///
/// **An id is no authority.** An app with several tenants checks whose key it is before it passes an
/// id on.
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
    /// Builds a manager on a store.
    pub fn builder(store: impl Store + 'static) -> KeyManagerBuilder {
        KeyManagerBuilder::new(Arc::new(store))
    }

    /// The keys of an account.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the manager was built without it.
    pub fn account(&self, name: &str) -> Result<AccountKeys, Error> {
        let account = Arc::clone(self.inner.account(name)?);
        Ok(AccountKeys::new(Arc::clone(&self.inner), account))
    }

    /// Confirms that the secret of a key is stored; see
    /// [`Delivery::confirm`](crate::Delivery::confirm). Any process can do it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) for an unknown key,
    /// [`ErrorKind::WrongState`](crate::ErrorKind::WrongState) if it has ended, and
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) if the store fails.
    pub async fn confirm(&self, id: &KeyId) -> Result<ManagedKey, Error> {
        confirm::confirm(&self.inner, id).await
    }

    /// Renews the lease of a live key: it gets its length again, at most up to its maximum.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) for an unknown key,
    /// [`ErrorKind::WrongState`](crate::ErrorKind::WrongState) if the key is not live, has no lease,
    /// was replaced, or has reached its maximum, and
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) if the store fails.
    pub async fn renew(&self, id: &KeyId) -> Result<ManagedKey, Error> {
        confirm::renew(&self.inner, id).await
    }

    /// Stops managing a key, which goes on working. The row stays for at least 30 days, so that the
    /// key is not taken for a stray.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) for an unknown key,
    /// [`ErrorKind::WrongState`](crate::ErrorKind::WrongState) if it is being issued or has ended,
    /// and [`ErrorKind::Store`](crate::ErrorKind::Store) if the store fails.
    pub async fn forget(&self, id: &KeyId) -> Result<ManagedKey, Error> {
        confirm::forget(&self.inner, id).await
    }
}
