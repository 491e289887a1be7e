//! A store that records its calls.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use pinning_keys_lifecycle::store::{
    Agendas, AuditFilter, AuditRow, Decide, KeyRow, Prune, Scope, Select, Snapshot, StatusQuery,
    Store, Tx, Work,
};
use pinning_keys_lifecycle::{Clock, KeyFilter, KeyId, KeyPosition, StoreError};

/// A call of the store.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub(crate) what: What,
    pub(crate) took: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A claim of rows that must end, and how many it got.
    Claim(usize),
    /// Another change.
    Change,
    Query,
}

/// Passes all calls on.
#[derive(Clone)]
pub(crate) struct Counting {
    store: Arc<dyn Store>,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Counting {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, calls: Arc::default() }
    }

    /// The calls since this was last asked.
    pub(crate) fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.calls.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn count<T>(&self, what: What, call: impl Future<Output = T>) -> T {
        let began = Instant::now();
        let result = call.await;
        self.note(what, began);
        result
    }

    fn note(&self, what: What, began: Instant) {
        let call = Call { what, took: began.elapsed() };
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
    }
}

#[async_trait]
impl Store for Counting {
    fn clock(&self) -> &dyn Clock {
        self.store.clock()
    }

    async fn transact(&self, scope: Scope, decide: Decide) -> Result<(), StoreError> {
        let is_claim = matches!(scope.keys, Select::Due { work: Work::Ends, .. });
        let claimed = Arc::new(AtomicUsize::new(0));
        let kept = Arc::clone(&claimed);
        let watched = move |tx: &mut Tx| {
            kept.store(tx.rows.len(), Ordering::Relaxed);
            decide(tx)
        };
        let began = Instant::now();
        let result = self.store.transact(scope, Arc::new(watched)).await;
        let rows = claimed.load(Ordering::Relaxed);
        self.note(if is_claim { What::Claim(rows) } else { What::Change }, began);
        result
    }

    async fn find(&self, ids: &[KeyId]) -> Result<Vec<KeyRow>, StoreError> {
        self.count(What::Query, self.store.find(ids)).await
    }

    async fn keys(
        &self,
        filter: &KeyFilter,
        after: Option<&KeyPosition>,
        limit: usize,
    ) -> Result<Vec<KeyRow>, StoreError> {
        self.count(What::Query, self.store.keys(filter, after, limit)).await
    }

    async fn status(&self, query: StatusQuery) -> Result<Snapshot, StoreError> {
        self.count(What::Query, self.store.status(query)).await
    }

    async fn agenda(&self, query: StatusQuery) -> Result<Agendas, StoreError> {
        self.count(What::Query, self.store.agenda(query)).await
    }

    async fn audit(
        &self,
        filter: &AuditFilter,
        after: i64,
        limit: usize,
    ) -> Result<Vec<AuditRow>, StoreError> {
        self.count(What::Query, self.store.audit(filter, after, limit)).await
    }

    async fn prune(&self, what: Prune) -> Result<u64, StoreError> {
        self.count(What::Change, self.store.prune(what)).await
    }
}
