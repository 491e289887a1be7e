//! An emulator, a clock that the test moves, and a store.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;

use pinning_keys_core::{KeyIssuer, KeyRequest, ScopeRequest};
use pinning_keys_emulator::Emulator;
use pinning_keys_lifecycle::store::{
    AccountRow, AuditFilter, AuditRow, Decide, KeyRow, Prune, Scope, Select, Snapshot, StatusQuery,
    Store, Tx, Verdict,
};
use pinning_keys_lifecycle::{
    AccountOptions, Clock, KeyFilter, KeyId, KeyManager, KeyPosition, ManualClock, MemoryStore,
    StoreError, Timestamp,
};

pub(crate) const MINUTE: Duration = Duration::from_mins(1);
pub(crate) const HOUR: Duration = Duration::from_hours(1);
pub(crate) const DAY: Duration = Duration::from_hours(24);

/// Noon on 15 January 2027.
pub(crate) fn noon() -> SystemTime {
    UNIX_EPOCH + Duration::from_hours(500_004)
}

pub(crate) struct World {
    pub(crate) emulator: Emulator,
    pub(crate) clock: ManualClock,
    pub(crate) store: MemoryStore,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = ManualClock::at(noon());
        let emulator = Emulator::in_memory();
        emulator.set_time(noon());
        let dates = clock.clone();
        emulator.set_date_header(move || Some(dates.now()));
        let store = MemoryStore::new(clock.clone()).unwrap();
        Self { emulator, clock, store }
    }

    /// An issuer of the emulated Pinata, without retries.
    pub(crate) fn pinata(&self) -> Arc<dyn KeyIssuer> {
        pinning_keys::IssuerConfig::from_vars(self.emulator.pinata().vars())
            .unwrap()
            .with_transport(self.emulator.transport())
            .build()
            .unwrap()
    }

    pub(crate) fn w3ipfs(&self) -> Arc<dyn KeyIssuer> {
        pinning_keys::IssuerConfig::from_vars(self.emulator.w3ipfs().vars())
            .unwrap()
            .with_transport(self.emulator.transport())
            .build()
            .unwrap()
    }

    /// A manager of both accounts.
    pub(crate) async fn manager(&self) -> KeyManager {
        self.manager_with(AccountOptions::new()).await
    }

    pub(crate) async fn manager_with(&self, options: AccountOptions) -> KeyManager {
        KeyManager::builder(self.store.clone())
            .account_with("main", self.pinata(), options)
            .account("w3ipfs", self.w3ipfs())
            .build()
            .await
            .unwrap()
    }

    pub(crate) fn advance(&self, time: Duration) {
        self.clock.advance(time);
        self.emulator.set_time(self.clock.now());
    }

    /// The row of a key.
    pub(crate) async fn row(&self, id: &KeyId) -> KeyRow {
        self.store.find(std::slice::from_ref(id)).await.unwrap().pop().expect("a row")
    }

    pub(crate) async fn rows(&self) -> Vec<KeyRow> {
        self.store.keys(&KeyFilter::default(), None, 1000).await.unwrap()
    }

    pub(crate) async fn account(&self, name: &str) -> AccountRow {
        let query = StatusQuery { overdue_before: Timestamp::default() };
        let accounts = self.store.status(query).await.unwrap().accounts.into_iter();
        accounts.map(|(row, _)| row).find(|row| row.name == name).unwrap()
    }

    /// Changes the row of a key behind the manager's back.
    pub(crate) async fn set(
        &self,
        id: &KeyId,
        change: impl Fn(&mut KeyRow) + Send + Sync + 'static,
    ) {
        let scope = Scope { keys: Select::Ids(vec![id.clone()]), ..Scope::default() };
        let decide = move |tx: &mut Tx| {
            change(&mut tx.rows[0]);
            Verdict::Commit
        };
        self.store.transact(scope, Arc::new(decide)).await.unwrap();
    }

    pub(crate) async fn audit(&self) -> Vec<AuditRow> {
        self.store.audit(&AuditFilter::default(), 0, 1000).await.unwrap()
    }
}

pub(crate) fn request(name: &str) -> KeyRequest {
    KeyRequest::new(name, ScopeRequest::reader()).unwrap()
}

/// A store that counts the transactions that change something, and can fail.
#[derive(Clone)]
pub(crate) struct Counting {
    store: MemoryStore,
    commits: Arc<AtomicUsize>,
    /// How many transactions succeed until all fail; `usize::MAX`: all succeed.
    good: Arc<AtomicUsize>,
    /// The account that another process enters before the next transaction.
    entered: Arc<Mutex<Option<AccountRow>>>,
}

impl Counting {
    pub(crate) fn new(store: MemoryStore) -> Self {
        let good = Arc::new(AtomicUsize::new(usize::MAX));
        Self { store, commits: Arc::default(), good, entered: Arc::default() }
    }

    pub(crate) fn commits(&self) -> usize {
        self.commits.load(Ordering::Relaxed)
    }

    /// Lets another process enter an account before the next transaction.
    pub(crate) fn enter_first(&self, account: AccountRow) {
        *self.entered.lock().unwrap() = Some(account);
    }

    /// Lets all transactions after the next `good` fail.
    pub(crate) fn fail_after(&self, good: usize) {
        self.good.store(good, Ordering::Relaxed);
    }
}

#[async_trait]
impl Store for Counting {
    fn clock(&self) -> &dyn Clock {
        self.store.clock()
    }

    async fn transact(&self, scope: Scope, decide: Decide) -> Result<(), StoreError> {
        let entered = self.entered.lock().unwrap().take();
        if let Some(account) = entered {
            let scope = Scope { account: Some(account.name.clone()), ..Scope::default() };
            let enter = move |tx: &mut Tx| {
                tx.account = Some(account.clone());
                Verdict::Commit
            };
            self.store.transact(scope, Arc::new(enter)).await?;
        }
        let good = self.good.load(Ordering::Relaxed);
        if good == 0 {
            let kind = pinning_keys_lifecycle::StoreErrorKind::Unavailable;
            return Err(StoreError::new(kind, "the database has gone"));
        }
        if good < usize::MAX {
            self.good.store(good - 1, Ordering::Relaxed);
        }
        let commits = Arc::clone(&self.commits);
        let counted = move |tx: &mut Tx| {
            let before = tx.clone();
            let verdict = decide(tx);
            let is_same = before.rows == tx.rows
                && before.account == tx.account
                && before.store == tx.store
                && tx.audit.is_empty();
            if verdict == Verdict::Commit && !is_same {
                commits.fetch_add(1, Ordering::Relaxed);
            }
            verdict
        };
        self.store.transact(scope, Arc::new(counted)).await
    }

    async fn find(&self, ids: &[KeyId]) -> Result<Vec<KeyRow>, StoreError> {
        self.store.find(ids).await
    }

    async fn keys(
        &self,
        filter: &KeyFilter,
        after: Option<&KeyPosition>,
        limit: usize,
    ) -> Result<Vec<KeyRow>, StoreError> {
        self.store.keys(filter, after, limit).await
    }

    async fn status(&self, query: StatusQuery) -> Result<Snapshot, StoreError> {
        self.store.status(query).await
    }

    async fn audit(
        &self,
        filter: &AuditFilter,
        after: i64,
        limit: usize,
    ) -> Result<Vec<AuditRow>, StoreError> {
        self.store.audit(filter, after, limit).await
    }

    async fn prune(&self, what: Prune) -> Result<u64, StoreError> {
        self.store.prune(what).await
    }
}
