//! A store that counts its calls, and whose node may have another clock.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use pinning_keys_lifecycle::store::{
    Agendas, AuditFilter, AuditRow, Decide, KeyFilter, KeyPosition, KeyRow, Prune, Scope, Select,
    Snapshot, StatusQuery, Store, StoreError, StoreErrorKind,
};
use pinning_keys_lifecycle::{Clock, KeyId, MemoryStore};

use crate::world::World;

/// What happens once, after a transaction of this kind.
struct Then {
    is_it: fn(&Select) -> bool,
    then: Box<dyn FnOnce() + Send>,
}

/// Counts the calls of a store.
#[derive(Clone)]
pub(crate) struct Counted {
    store: MemoryStore,
    clock: Arc<dyn Clock>,
    pub(crate) calls: Arc<AtomicU64>,
    /// Whether transactions about known keys fail.
    pub(crate) is_busy: Arc<AtomicBool>,
    then: Arc<Mutex<Option<Then>>>,
}

impl Counted {
    pub(crate) fn new(world: &World) -> Self {
        Self::with_clock(world, world.clock.clone())
    }

    /// The store as a node with this clock sees it.
    pub(crate) fn with_clock(world: &World, clock: impl Clock + 'static) -> Self {
        let (store, clock) = (world.store.clone(), Arc::new(clock));
        let (calls, is_busy) = (Arc::default(), Arc::default());
        Self { store, clock, calls, is_busy, then: Arc::default() }
    }

    /// Does this once, right after a transaction that locks such keys.
    pub(crate) fn after(&self, is_it: fn(&Select) -> bool, then: impl FnOnce() + Send + 'static) {
        *self.then.lock().unwrap() = Some(Then { is_it, then: Box::new(then) });
    }

    fn count(&self) -> &MemoryStore {
        self.calls.fetch_add(1, Ordering::Relaxed);
        &self.store
    }
}

#[async_trait]
impl Store for Counted {
    fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    async fn transact(&self, scope: Scope, decide: Decide) -> Result<(), StoreError> {
        if self.is_busy.load(Ordering::Relaxed) && matches!(scope.keys, Select::Ids(_)) {
            return Err(StoreError::new(StoreErrorKind::Busy, "the database is locked"));
        }
        let keys = scope.keys.clone();
        self.count().transact(scope, decide).await?;
        let then = self.then.lock().unwrap().take_if(|then| (then.is_it)(&keys));
        if let Some(Then { then, .. }) = then {
            then();
        }
        Ok(())
    }

    async fn find(&self, ids: &[KeyId]) -> Result<Vec<KeyRow>, StoreError> {
        self.count().find(ids).await
    }

    async fn keys(
        &self,
        filter: &KeyFilter,
        after: Option<&KeyPosition>,
        limit: usize,
    ) -> Result<Vec<KeyRow>, StoreError> {
        self.count().keys(filter, after, limit).await
    }

    async fn status(&self, query: StatusQuery) -> Result<Snapshot, StoreError> {
        self.count().status(query).await
    }

    async fn agenda(&self, query: StatusQuery) -> Result<Agendas, StoreError> {
        self.count().agenda(query).await
    }

    async fn audit(
        &self,
        filter: &AuditFilter,
        after: i64,
        limit: usize,
    ) -> Result<Vec<AuditRow>, StoreError> {
        self.count().audit(filter, after, limit).await
    }

    async fn prune(&self, what: Prune) -> Result<u64, StoreError> {
        self.count().prune(what).await
    }
}
