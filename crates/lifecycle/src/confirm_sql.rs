use std::fmt;

use crate::inner::Inner;
use crate::{Delivery, KeyId, KeyManager, Timestamp};

/// A statement that confirms a delivery in a transaction of the app, with any SQLite driver, if the
/// store [lives in the app's file](crate::SqliteOptions::in_app_file).
///
/// The app stores the secret and confirms the delivery in one transaction, so that both are
/// committed or neither is.
///
/// The statement has the effect of [`Delivery::confirm`]. If the key cannot be confirmed, it fails
/// with a message that says why (code `SQLITE_CONSTRAINT_TRIGGER`) and changes nothing; roll the
/// transaction back then. Run it soon: it confirms the delivery as of the time at which it was
/// created.
///
/// ```
/// use sqlx::{Connection as _, SqliteConnection};
/// # use pinning_keys_core::{KeyRequest, ScopeRequest};
/// use pinning_keys_lifecycle::{KeyManager, KeyState, Lease, SqliteStore};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = pinning_keys_emulator::Emulator::in_memory();
/// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
/// #     .with_transport(emulator.transport())
/// #     .build()?;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("app.db");
/// # let request = KeyRequest::new("dashboard", ScopeRequest::reader())?;
/// let store = SqliteStore::options().in_app_file().open(&path).await?;
/// let manager = KeyManager::builder(store).account("main", issuer).build().await?;
/// let delivery = manager.account("main")?.issue(&request, Lease::none()).await?;
///
/// // The app's own connection, and any driver.
/// let mut app = SqliteConnection::connect(path.to_str().unwrap()).await?;
/// let mut transaction = app.begin().await?;
/// // Store the secret: delivery.credential().expose()
/// let confirm = delivery.confirm_sql();
/// let (id, at, actor) = confirm.parameters();
/// sqlx::query(confirm.text()).bind(id).bind(at).bind(actor).execute(&mut *transaction).await?;
/// transaction.commit().await?;
///
/// assert_eq!(manager.get(delivery.id()).await?.state(), KeyState::Live);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ConfirmSql {
    id: KeyId,
    at: Timestamp,
    actor: String,
}

impl ConfirmSql {
    pub(crate) fn new(inner: &Inner, id: &KeyId) -> Self {
        let at = inner.store.clock().now().into();
        Self { id: id.clone(), at, actor: inner.actor.clone() }
    }

    /// The statement, with three parameters.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        "INSERT INTO pinning_keys_confirm (id, at, actor) VALUES (?, ?, ?)"
    }

    /// The parameters, in the order of the statement: the key's id, the time in microseconds since
    /// 1970, and the actor.
    #[must_use]
    pub fn parameters(&self) -> (&str, i64, &str) {
        (self.id.as_str(), self.at.as_micros(), &self.actor)
    }
}

impl fmt::Debug for ConfirmSql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfirmSql")
            .field("text", &self.text())
            .field("parameters", &self.parameters())
            .finish()
    }
}

impl Delivery {
    /// A statement that confirms the delivery in a transaction of the app; see [`ConfirmSql`].
    pub fn confirm_sql(&self) -> ConfirmSql {
        ConfirmSql::new(self.inner(), self.id())
    }
}

impl KeyManager {
    /// A statement that confirms the delivery of a key in a transaction of the app; see
    /// [`ConfirmSql`].
    ///
    /// ```
    /// # use pinning_keys_lifecycle::{KeyManager, MemoryStore, SystemClock};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let manager = KeyManager::builder(MemoryStore::new(SystemClock)?).build().await?;
    /// let confirm = manager.confirm_sql(&"7f3k9q2m0hj4x".parse()?);
    /// assert!(confirm.text().contains("pinning_keys_confirm"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn confirm_sql(&self, id: &KeyId) -> ConfirmSql {
        ConfirmSql::new(&self.inner, id)
    }
}
