use sqlx::PgConnection;

use crate::store::postgres_error;
use crate::{Error, ErrorKind, KeyId, KeyManager, StoreErrorKind};

impl KeyManager {
    /// Confirms a delivery in a transaction of the app, on the same PostgreSQL database as the
    /// store: the app's changes and the confirmation are committed together, or not at all.
    ///
    /// With another driver or in another language, call the SQL function that this method calls:
    /// `SELECT pinning_keys.confirm($1)`. It returns `TRUE` if the delivery was not confirmed
    /// before, and raises an exception if the key cannot be confirmed.
    ///
    /// ```no_run
    /// use sqlx::{Connection as _, PgConnection};
    /// use pinning_keys_lifecycle::{Delivery, KeyManager};
    ///
    /// # async fn save(app: &mut PgConnection, manager: &KeyManager, delivery: &Delivery)
    /// #     -> Result<(), Box<dyn std::error::Error>> {
    /// let mut transaction = app.begin().await?;
    /// // Store the secret: delivery.credential().expose()
    /// manager.confirm_in(&mut transaction, delivery.id()).await?;
    /// transaction.commit().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] for an unknown key, [`ErrorKind::WrongState`] if it has ended,
    /// [`ErrorKind::AlreadyOpen`] if its holder has another open key, and [`ErrorKind::Store`] if the
    /// database fails. Roll the transaction back then.
    pub async fn confirm_in(&self, connection: &mut PgConnection, id: &KeyId) -> Result<(), Error> {
        let confirm = sqlx::query("SELECT pinning_keys.confirm($1, $2)");
        let confirm = confirm.bind(id.as_str()).bind(self.inner.actor.as_str());
        confirm.execute(connection).await.map(drop).map_err(|error| refused(error, id))
    }
}

fn refused(error: sqlx::Error, id: &KeyId) -> Error {
    /// What `RAISE EXCEPTION` raises.
    const RAISED: &str = "P0001";

    let raised = error.as_database_error().filter(|it| it.code().as_deref() == Some(RAISED));
    if let Some(raised) = raised {
        let message = pinning_keys_core::escaped(raised.message());
        let kind = if message == crate::store::UNKNOWN_KEY {
            ErrorKind::NotFound
        } else {
            ErrorKind::WrongState
        };
        return Error::new(kind, message).with_key(id);
    }
    let error = postgres_error(error);
    if error.kind() == StoreErrorKind::Conflict {
        return Error::new(
            ErrorKind::AlreadyOpen,
            "cannot confirm: the holder has another open key",
        )
        .with_next_step("revoke the other key first")
        .with_key(id);
    }
    error.into()
}
