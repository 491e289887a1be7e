//! Confirming a delivery, renewing a lease, and forgetting a key: one transaction each.

use crate::inner::{Inner, audited};
use crate::store::{KeyRow, Scope, Select, Tx};
use crate::{Error, ErrorKind, KeyId, ManagedKey, StoreError, StoreErrorKind, family};

/// Confirms the delivery of a key.
pub(crate) async fn confirm(inner: &Inner, id: &KeyId) -> Result<ManagedKey, Error> {
    let change = |tx: &mut Tx, id: &KeyId| {
        let now = tx.now;
        family::confirm(&mut tx.rows, id, now).map(drop)
    };
    let confirmed = changed(inner, id, Select::Family(id.clone()), "confirm", change).await;
    confirmed.map_err(|error| match error.store_error().map(StoreError::kind) {
        Some(StoreErrorKind::Conflict) => {
            Error::new(ErrorKind::AlreadyOpen, "cannot confirm: the holder has another open key")
                .with_next_step("revoke the other key first")
                .with_key(id)
        }
        _ => error,
    })
}

/// Renews the lease of a key.
pub(crate) async fn renew(inner: &Inner, id: &KeyId) -> Result<ManagedKey, Error> {
    changed(inner, id, Select::Ids(vec![id.clone()]), "renew", |tx, id| {
        let now = tx.now;
        row(tx, id)?.renew(now)
    })
    .await
}

/// Stops managing a key.
pub(crate) async fn forget(inner: &Inner, id: &KeyId) -> Result<ManagedKey, Error> {
    changed(inner, id, Select::Ids(vec![id.clone()]), "forget", |tx, id| {
        let now = tx.now;
        family::forget(row(tx, id)?, now)
    })
    .await
}

async fn changed(
    inner: &Inner,
    id: &KeyId,
    keys: Select,
    action: &'static str,
    change: impl Fn(&mut Tx, &KeyId) -> Result<(), Error> + Send + Sync + 'static,
) -> Result<ManagedKey, Error> {
    let (actor, id) = (inner.actor.clone(), id.clone());
    let decide = move |tx: &mut Tx| {
        audited(tx, &actor, action, |tx| change(tx, &id))?;
        Ok(ManagedKey::new(row(tx, &id)?.clone(), tx.now, None))
    };
    inner.transact(Scope { keys, ..Scope::default() }, decide).await
}

fn row<'a>(tx: &'a mut Tx, id: &KeyId) -> Result<&'a mut KeyRow, Error> {
    tx.row_mut(id).ok_or_else(|| family::unknown(id))
}
