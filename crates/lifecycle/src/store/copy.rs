use std::sync::Arc;

use super::{AuditFilter, KeyFilter, KeyPosition, Scope, StatusQuery, Store};
use super::{StoreError, StoreErrorKind, Tx, Verdict};
use crate::Timestamp;

/// The number of rows per transaction.
const PAGE: usize = 500;

/// How many rows [`copy`] has copied.
///
/// ```
/// use pinning_keys_lifecycle::store::Copied;
///
/// assert_eq!(Copied::default().keys, 0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Accounts.
    pub accounts: usize,
    /// Keys.
    pub keys: usize,
    /// Lines of the audit trail, which get new numbers.
    pub audit: usize,
}

/// Copies everything from one store into an empty one, for example from SQLite to PostgreSQL.
///
/// Stop everything that uses the old store first, and do not use it afterwards: both stores have
/// the same label, so each would end the other's keys. After an interruption, call it again with a
/// new empty store.
///
/// ```
/// use pinning_keys_lifecycle::store::{MemoryStore, copy};
/// use pinning_keys_lifecycle::SystemClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (old, new) = (MemoryStore::new(SystemClock)?, MemoryStore::new(SystemClock)?);
/// let copied = copy(&old, &new).await?;
/// assert_eq!(copied.keys, 0);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`StoreErrorKind::NotOurs`] if the new store is not empty, and the errors of both databases.
pub async fn copy(old: &dyn Store, new: &dyn Store) -> Result<Copied, StoreError> {
    let query = StatusQuery { overdue_before: Timestamp::default() };
    if !new.status(query).await?.accounts.is_empty() || !page_of_keys(new, None).await?.is_empty() {
        return Err(StoreError::new(StoreErrorKind::NotOurs, "the new store is not empty")
            .with_next_step("copy into a new, empty store"));
    }
    let snapshot = old.status(query).await?;
    let mut copied = Copied { accounts: snapshot.accounts.len(), ..Copied::default() };
    for (account, _) in snapshot.accounts {
        let scope = Scope { account: Some(account.name.clone()), ..Scope::default() };
        write(new, scope, move |tx| tx.account = Some(account.clone())).await?;
    }
    let mut after = None;
    loop {
        let rows = page_of_keys(old, after.as_ref()).await?;
        let Some(last) = rows.last() else { break };
        after = Some(KeyPosition { created_at: last.created_at, id: last.id.clone() });
        copied.keys += rows.len();
        write(new, Scope::default(), move |tx| tx.rows.clone_from(&rows)).await?;
    }
    let mut number = 0;
    loop {
        let lines = old.audit(&AuditFilter::default(), number, PAGE).await?;
        let Some(last) = lines.last() else { break };
        number = last.number;
        copied.audit += lines.len();
        write(new, Scope::default(), move |tx| tx.audit.clone_from(&lines)).await?;
    }
    // Last, so that an unfinished copy recognizes none of the keys as its own.
    let row = snapshot.store;
    write(new, Scope::default(), move |tx| {
        let (identity, time_high) = (tx.store.identity.clone(), tx.store.time_high);
        tx.store.clone_from(&row);
        tx.store.identity = identity;
        tx.store.time_high = row.time_high.max(time_high);
    })
    .await?;
    Ok(copied)
}

async fn page_of_keys(
    store: &dyn Store,
    after: Option<&KeyPosition>,
) -> Result<Vec<super::KeyRow>, StoreError> {
    store.keys(&KeyFilter::default(), after, PAGE).await
}

async fn write(
    store: &dyn Store,
    scope: Scope,
    change: impl Fn(&mut Tx) + Send + Sync + 'static,
) -> Result<(), StoreError> {
    let decide = move |tx: &mut Tx| {
        change(tx);
        Verdict::Commit
    };
    store.transact(scope, Arc::new(decide)).await
}
