//! What the cases share: handles of the store, and short forms of its calls.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinSet;

use super::harness::{BoxError, Harness};
use crate::store::{
    AuditFilter, AuditRow, KeyFilter, KeyRow, Scope, Select, Snapshot, StatusQuery, Store, Tx,
    Verdict,
};
use crate::{Clock as _, KeyId, StoreError, Timestamp};

/// More rows than any case creates.
pub(super) const EVERYTHING: usize = 100_000;

/// How many tasks work at once.
pub(super) const TASKS: usize = 4;

/// How often a change that conflicts with another one is retried.
const TRIES: usize = 1000;

/// The surroundings of one case.
pub(super) struct Bench {
    pub(super) harness: Arc<dyn Harness>,
}

impl Bench {
    /// Opens another handle on the store.
    pub(super) async fn open(&self) -> Result<Arc<dyn Store>, BoxError> {
        self.harness.open().await.map(Arc::from)
    }

    /// Runs the same work at once on several handles, each in a separate task that gets its number.
    pub(super) async fn at_once<W>(
        &self,
        work: impl Fn(usize, Arc<dyn Store>) -> W,
    ) -> Result<(), BoxError>
    where
        W: Future<Output = Result<(), StoreError>> + Send + 'static,
    {
        // All are open before the first begins, because opening a database may need exclusive
        // access.
        let mut handles = Vec::new();
        for _ in 0..TASKS {
            handles.push(self.open().await?);
        }
        let mut tasks = JoinSet::new();
        for (number, handle) in handles.into_iter().enumerate() {
            tasks.spawn(work(number, handle));
        }
        while let Some(ended) = tasks.join_next().await {
            ended??;
        }
        Ok(())
    }

    /// The time of the clock.
    pub(super) fn now(&self) -> Timestamp {
        self.harness.clock().now().into()
    }
}

pub(super) fn of_ids(ids: impl IntoIterator<Item = KeyId>) -> Scope {
    Scope { keys: Select::Ids(ids.into_iter().collect()), ..Scope::default() }
}

pub(super) fn of_account(name: &str) -> Scope {
    Scope { account: Some(name.to_owned()), ..Scope::default() }
}

/// Changes something in a transaction.
pub(super) async fn change(
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

/// The same, repeated while other transactions conflict with it.
pub(super) async fn insist(
    store: &dyn Store,
    scope: Scope,
    change: impl Fn(&mut Tx) + Send + Sync + 'static,
) -> Result<(), StoreError> {
    let decide = Arc::new(move |tx: &mut Tx| {
        change(tx);
        Verdict::Commit
    });
    for _ in 1..TRIES {
        match store.transact(scope.clone(), Arc::clone(&decide) as _).await {
            Err(error) if error.is_retryable() => tokio::task::yield_now().await,
            ended => return ended,
        }
    }
    store.transact(scope, decide).await
}

/// Inserts rows.
pub(super) async fn insert(store: &dyn Store, rows: &[KeyRow]) -> Result<(), StoreError> {
    let rows = rows.to_vec();
    change(store, Scope::default(), move |tx| tx.rows.extend_from_slice(&rows)).await
}

/// What a transaction reads, without changing anything.
pub(super) async fn look(store: &dyn Store, scope: Scope) -> Result<Tx, BoxError> {
    let seen = Arc::new(Mutex::new(None));
    let kept = Arc::clone(&seen);
    let decide = move |tx: &mut Tx| {
        *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(tx.clone());
        Verdict::Abort
    };
    store.transact(scope, Arc::new(decide)).await?;
    let tx = seen.lock().unwrap_or_else(PoisonError::into_inner).take();
    tx.ok_or_else(|| "the store has not called the decision".into())
}

/// Every key, in the order of the list.
pub(super) async fn keys(store: &dyn Store) -> Result<Vec<KeyRow>, StoreError> {
    store.keys(&KeyFilter::default(), None, EVERYTHING).await
}

/// Every line of the audit trail.
pub(super) async fn audit(store: &dyn Store) -> Result<Vec<AuditRow>, StoreError> {
    store.audit(&AuditFilter::default(), 0, EVERYTHING).await
}

pub(super) async fn status(store: &dyn Store) -> Result<Snapshot, StoreError> {
    store.status(StatusQuery { overdue_before: Timestamp::default() }).await
}

/// The ids of rows, in their order.
pub(super) fn ids(rows: &[KeyRow]) -> Vec<&str> {
    rows.iter().map(|row| row.id.as_str()).collect()
}
