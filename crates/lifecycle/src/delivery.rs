use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use pinning_keys_core::{Credential, Granted, IssuedKey, KeyName, KeyRef};

use crate::create::Created;
use crate::inner::Inner;
use crate::store::KeyRow;
use crate::{Error, KeyId, ManagedKey, Warning, confirm};

/// A new key whose secret must be stored and then confirmed.
///
/// Dropping it does nothing: an unconfirmed key is revoked at its
/// [deadline](Self::deliver_by).
///
/// `Debug` does not show the secret.
///
/// ```
/// use pinning_keys_lifecycle::{Delivery, Error};
///
/// async fn deliver(delivery: Delivery) -> Result<(), Error> {
///     // Store the secret: delivery.credential().expose()
///     delivery.confirm().await?;
///     Ok(())
/// }
/// ```
#[must_use = "the key is revoked at its deadline unless the delivery is confirmed"]
pub struct Delivery {
    inner: Arc<Inner>,
    key: IssuedKey,
    row: KeyRow,
    warnings: Vec<Warning>,
}

impl Delivery {
    pub(crate) fn new(inner: Arc<Inner>, created: Created) -> Self {
        let Created { intent, key, row } = created;
        for warning in &intent.warnings {
            tracing::warn!(key = %intent.id, account = row.account, "{warning}");
        }
        Self { inner, key, row, warnings: intent.warnings }
    }

    /// The key's id in the store.
    pub fn id(&self) -> &KeyId {
        &self.row.id
    }

    /// The key's name at the provider, including the suffix that the store adds.
    pub fn name(&self) -> &KeyName {
        self.key.name()
    }

    /// The reference by which the provider knows the key.
    pub fn key_ref(&self) -> &KeyRef {
        self.key.key_ref()
    }

    /// The credential with the secret. Nobody else has it, and it cannot be retrieved again.
    pub fn credential(&self) -> &Credential {
        self.key.credential()
    }

    /// What the key can do.
    pub fn granted(&self) -> Granted {
        self.key.granted()
    }

    /// When the lease ends, unless it is renewed. It is no later than the time at which the key's
    /// own token expires.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.row.expires_at.map(Into::into)
    }

    /// When the key is revoked unless the delivery is confirmed.
    pub fn deliver_by(&self) -> SystemTime {
        self.row.deliver_by.into()
    }

    /// What needs attention. Each warning is also logged.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Confirms that the secret is stored: from now on the key belongs to its holder. If it
    /// replaces another key, that one ends after the overlap.
    ///
    /// Confirming twice does no harm. Another process can call
    /// [`KeyManager::confirm`](crate::KeyManager::confirm) with the [id](Self::id).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::WrongState`](crate::ErrorKind::WrongState) if the key has ended in the
    /// meantime, and [`ErrorKind::Store`](crate::ErrorKind::Store) if the store fails.
    pub async fn confirm(&self) -> Result<ManagedKey, Error> {
        confirm::confirm(&self.inner, self.id()).await
    }

    #[cfg(feature = "sqlite")]
    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    pub(crate) fn key(&self) -> &IssuedKey {
        &self.key
    }

    pub(crate) fn row(&self) -> &KeyRow {
        &self.row
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("id", self.id())
            .field("name", self.name())
            .field("key_ref", self.key_ref())
            .field("expires_at", &self.row.expires_at)
            .field("deliver_by", &self.row.deliver_by)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}
