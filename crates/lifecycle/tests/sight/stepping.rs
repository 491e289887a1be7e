//! A store that a test stops, or disturbs, at each of its calls.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use pinning_keys_lifecycle::store::{
    Agendas, AuditFilter, AuditRow, Decide, KeyRow, Prune, Scope, Snapshot, StatusQuery, Store,
};
use pinning_keys_lifecycle::{Clock, KeyFilter, KeyId, KeyPosition, MemoryStore, StoreError};

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Returns,
    /// It has no effect and never returns, as if its process had died before it.
    IsNotMade,
    /// It has its effect and never returns, as if its process had died in it.
    NeverReturns,
}

/// A store whose calls a test decides about, by their number from 1 on. Each request to the provider
/// has such calls before and after it.
#[derive(Clone)]
pub(crate) struct Stepping {
    store: MemoryStore,
    calls: Arc<AtomicUsize>,
    decide: Arc<dyn Fn(usize) -> Call + Send + Sync>,
}

impl Stepping {
    pub(crate) fn new(
        store: MemoryStore,
        decide: impl Fn(usize) -> Call + Send + Sync + 'static,
    ) -> Self {
        Self { store, calls: Arc::default(), decide: Arc::new(decide) }
    }

    async fn step<T>(&self, call: impl Future<Output = T> + Send) -> T {
        let number = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        match (self.decide)(number) {
            Call::Returns => return call.await,
            Call::IsNotMade => {}
            Call::NeverReturns => drop(call.await),
        }
        pending().await
    }
}

#[async_trait]
impl Store for Stepping {
    fn clock(&self) -> &dyn Clock {
        self.store.clock()
    }

    async fn transact(&self, scope: Scope, decide: Decide) -> Result<(), StoreError> {
        self.step(self.store.transact(scope, decide)).await
    }

    async fn find(&self, ids: &[KeyId]) -> Result<Vec<KeyRow>, StoreError> {
        self.step(self.store.find(ids)).await
    }

    async fn keys(
        &self,
        filter: &KeyFilter,
        after: Option<&KeyPosition>,
        limit: usize,
    ) -> Result<Vec<KeyRow>, StoreError> {
        self.step(self.store.keys(filter, after, limit)).await
    }

    async fn status(&self, query: StatusQuery) -> Result<Snapshot, StoreError> {
        self.step(self.store.status(query)).await
    }

    async fn agenda(&self, query: StatusQuery) -> Result<Agendas, StoreError> {
        self.step(self.store.agenda(query)).await
    }

    async fn audit(
        &self,
        filter: &AuditFilter,
        after: i64,
        limit: usize,
    ) -> Result<Vec<AuditRow>, StoreError> {
        self.step(self.store.audit(filter, after, limit)).await
    }

    async fn prune(&self, what: Prune) -> Result<u64, StoreError> {
        self.step(self.store.prune(what)).await
    }
}
