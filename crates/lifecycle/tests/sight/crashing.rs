//! Whatever step the worker dies at, the next one comes to the same end.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use pinning_keys_lifecycle::store::{
    Agendas, AuditFilter, AuditRow, Decide, KeyRow, Prune, Scope, Snapshot, StatusQuery, Store,
};
use pinning_keys_lifecycle::{
    Clock, KeyFilter, KeyId, KeyPosition, KeyState, Lease, MemoryStore, StoreError,
};
use tokio::sync::Notify;

use crate::stand::{At, HOUR, MINUTE, PROPAGATION, Stand, answer_lost, request_lost};

/// A store whose process dies at one of its calls: the call never returns, and its effect is there
/// or not. Each request to the provider has such calls before and after it.
#[derive(Clone)]
struct Dying {
    store: MemoryStore,
    /// How many calls are left.
    left: Arc<AtomicUsize>,
    /// Whether the last call takes effect.
    takes_effect: bool,
    died: Arc<Notify>,
}

impl Dying {
    async fn step<T>(&self, call: impl Future<Output = T> + Send) -> T {
        if self.left.fetch_sub(1, Ordering::SeqCst) != 1 {
            return call.await;
        }
        if self.takes_effect {
            call.await;
        }
        self.died.notify_one();
        pending().await
    }
}

#[async_trait]
impl Store for Dying {
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

/// Lets the worker die at call `left`, then lets another one go on. Returns whether it died.
async fn dies_and_recovers(at: At, left: usize, takes_effect: bool) -> bool {
    let stand = Stand::at(at).await;
    let lost = stand.doubtful("lost", answer_lost()).await;
    let nothing = stand.doubtful("nothing", request_lost()).await;
    let kept = stand.live("kept", Lease::none()).await;
    let leased = stand.live("leased", Lease::of(HOUR / 2)).await;
    let label = stand.store_row().await.label;
    let stray = stand.create(&format!("stray.{label}-00000000000zz-000000"));

    let died = Arc::new(Notify::new());
    let store = Dying {
        store: stand.store.clone(),
        left: Arc::new(AtomicUsize::new(left)),
        takes_effect,
        died: Arc::clone(&died),
    };
    let has_died = tokio::select! {
        () = died.notified() => true,
        () = async {
            let manager = stand.manager_on(store).await;
            for _ in 0..4 {
                stand.advance(PROPAGATION);
                manager.run_due(100).await.unwrap();
            }
        } => false,
    };
    stand.run_for(HOUR, 10 * MINUTE).await;

    let context = format!("{at:?}, call {left}, effect {takes_effect}");
    let states = [
        (&lost, KeyState::Revoked),
        (&nothing, KeyState::Closed),
        (&kept, KeyState::Live),
        (&leased, KeyState::Revoked),
    ];
    for (id, state) in states {
        let row = stand.row(id).await;
        assert_eq!(row.state, state, "{context}: {row:?}");
        assert!(row.claimed_until.is_none() && !row.unproven, "{context}: {row:?}");
    }
    let rows = stand.rows().await;
    assert_eq!(rows.iter().filter(|row| row.adopted).count(), 1, "{context}");
    let alive: Vec<_> = stand.keys().into_iter().filter(|(.., ended)| !ended).collect();
    assert_eq!(alive.len(), 2, "{context}: {alive:?}");
    assert!(alive.iter().any(|(key, ..)| *key == stray));
    assert!(stand.account().await.full_pass_began.is_some(), "{context}");
    has_died
}

#[tokio::test]
async fn worker_that_dies_at_any_call_is_continued() {
    for at in [At::Pinata, At::W3ipfs] {
        for takes_effect in [false, true] {
            let mut left = 1;
            while dies_and_recovers(at, left, takes_effect).await {
                left += 1;
            }
            assert!(left > 40, "{at:?}: only {left} calls");
        }
    }
}
