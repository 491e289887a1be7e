//! An emulator, a clock that the test moves, a store in memory, and managers on it.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use http::{Method, StatusCode};
use pinning_keys::IssuerConfig;
use pinning_keys_bulk::RateLimit;
use pinning_keys_core::{KeyIssuer, KeyRequest, ScopeRequest};
use pinning_keys_emulator::{Emulator, Fault, FaultRule, FaultTally, Stage};
use pinning_keys_lifecycle::store::{
    AccountRow, KeyRow, Scope, Select, StatusQuery, Store, Tx, Verdict,
};
use pinning_keys_lifecycle::{
    AccountOptions, Clock as _, KeyFilter, KeyId, KeyManager, KeyState, Lease, ManualClock,
    MemoryStore, Tick, Timestamp,
};

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MINUTE: Duration = Duration::from_mins(1);
pub(crate) const HOUR: Duration = Duration::from_hours(1);
pub(crate) const DAY: Duration = Duration::from_hours(24);

/// Which credential the manager's account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    Pinata,
    /// The pair of legacy routes, which does not show its account.
    PinataPair,
    W3ipfs,
}

pub(crate) struct World {
    pub(crate) of: Of,
    pub(crate) emulator: Arc<Emulator>,
    pub(crate) clock: ManualClock,
    pub(crate) store: MemoryStore,
    pub(crate) manager: KeyManager,
}

impl World {
    pub(crate) async fn new(of: Of) -> Self {
        Self::with(of, AccountOptions::new()).await
    }

    pub(crate) async fn with(of: Of, options: AccountOptions) -> Self {
        let clock = ManualClock::at(UNIX_EPOCH + Duration::from_hours(500_000));
        let emulator = Arc::new(Emulator::in_memory());
        emulator.set_time(clock.now());
        let dates = clock.clone();
        emulator.set_date_header(move || Some(dates.now()));
        let store = MemoryStore::new(clock.clone()).unwrap();
        let builder = KeyManager::builder(store.clone());
        let builder = builder.account_with("main", issuer(of, &emulator), options);
        let manager = builder.build().await.unwrap();
        Self { of, emulator, clock, store, manager }
    }

    /// Another process on the same store and account.
    pub(crate) async fn node(&self) -> KeyManager {
        self.node_on(self.store.clone()).await
    }

    pub(crate) async fn node_on(&self, store: impl Store + 'static) -> KeyManager {
        let builder = KeyManager::builder(store);
        builder.account("main", issuer(self.of, &self.emulator)).build().await.unwrap()
    }

    /// Lets time pass, at the provider too.
    pub(crate) fn advance(&self, time: Duration) {
        self.clock.advance(time);
        self.emulator.set_time(self.clock.now());
    }

    pub(crate) async fn run(&self) -> Tick {
        self.manager.run_due(1_000).await.unwrap()
    }

    /// Lets time pass whenever the future waits for it.
    pub(crate) async fn drive<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = std::pin::pin!(future);
        loop {
            tokio::select! {
                biased;
                done = &mut future => return done,
                () = tokio::task::yield_now() => {}
            }
            if let Some(time) = self.clock.next_wake() {
                self.advance(time);
            }
        }
    }

    /// Does what is due each `step`, until it was done `times` times.
    pub(crate) async fn run_each(&self, step: Duration, times: u32) {
        for _ in 0..times {
            self.advance(step);
            self.run().await;
        }
    }

    /// Issues and confirms a key.
    pub(crate) async fn live(&self, name: &str, lease: Lease) -> KeyId {
        let keys = self.manager.account("main").unwrap();
        let delivery = keys.issue(&request(name), lease).await.unwrap();
        delivery.confirm().await.unwrap();
        delivery.id().clone()
    }

    pub(crate) async fn several(&self, count: usize, lease: Lease) -> Vec<KeyId> {
        let mut ids = Vec::new();
        for number in 0..count {
            ids.push(self.live(&format!("key-{number}"), lease).await);
        }
        ids
    }

    pub(crate) async fn row(&self, id: &KeyId) -> KeyRow {
        self.store.find(std::slice::from_ref(id)).await.unwrap().pop().expect("a row")
    }

    /// All rows, in the order of their creation.
    pub(crate) async fn store_rows(&self) -> Vec<KeyRow> {
        self.store.keys(&KeyFilter::default(), None, 10_000).await.unwrap()
    }

    pub(crate) async fn count(&self, state: KeyState) -> u64 {
        let status = self.manager.status().await.unwrap();
        status.accounts().map(|account| account.count(state)).sum()
    }

    pub(crate) async fn account(&self) -> AccountRow {
        let query = StatusQuery { overdue_before: Timestamp::default() };
        self.store.status(query).await.unwrap().accounts.remove(0).0
    }

    /// Changes a row, as another process does.
    pub(crate) async fn change(
        &self,
        id: &KeyId,
        change: impl Fn(&mut KeyRow, Timestamp) + Send + Sync + 'static,
    ) {
        let scope = Scope { keys: Select::Ids(vec![id.clone()]), ..Scope::default() };
        let decide = move |tx: &mut Tx| {
            let now = tx.now;
            change(&mut tx.rows[0], now);
            Verdict::Commit
        };
        self.store.transact(scope, Arc::new(decide)).await.unwrap();
    }

    /// Lets the next pass over the listing begin in a year.
    pub(crate) async fn put_off_pass(&self) {
        self.pass_in(365 * DAY).await;
    }

    /// Lets the next pass over the listing begin now.
    pub(crate) async fn begin_pass(&self) {
        self.pass_in(Duration::ZERO).await;
    }

    async fn pass_in(&self, time: Duration) {
        let scope = Scope { account: Some("main".to_owned()), ..Scope::default() };
        let decide = move |tx: &mut Tx| {
            let account = tx.account.as_mut().unwrap();
            account.pass_due_at = tx.now.saturating_add(time);
            Verdict::Commit
        };
        self.store.transact(scope, Arc::new(decide)).await.unwrap();
    }

    /// Lets a person revoke a key, which the worker then finds.
    pub(crate) async fn revoke_by_hand(&self, id: &KeyId) {
        self.change(id, |row, now| {
            row.state = KeyState::Revoking;
            row.open_holder = None;
            row.by_hand = true;
            row.due_at = Some(now);
            row.end_due = Some(now);
        })
        .await;
    }

    /// Lets the provider answer each revocation with this status.
    pub(crate) fn refuse_revocations(&self, code: StatusCode) -> FaultTally {
        self.fault(Fault::status(code, Stage::BeforeCommit))
    }

    /// Lets each revocation meet this fault.
    pub(crate) fn fault(&self, fault: Fault) -> FaultTally {
        let (method, path) = self.revoking();
        self.emulator.faults().add(FaultRule::new(fault).method(method).path(format!("{path}*")))
    }

    /// How many revocations were sent.
    pub(crate) fn revocations(&self) -> u64 {
        let (method, path) = self.revoking();
        self.emulator.requests_to(&method, path)
    }

    fn revoking(&self) -> (Method, &'static str) {
        match self.of {
            Of::Pinata => (Method::DELETE, "/v3/api_keys"),
            Of::PinataPair => (Method::PUT, "/users/revokeApiKey"),
            Of::W3ipfs => (Method::DELETE, "/api/apiKeys"),
        }
    }

    /// How many keys work at the provider.
    pub(crate) fn keys_live(&self) -> usize {
        match self.of {
            Of::Pinata | Of::PinataPair => {
                self.emulator.pinata().keys().iter().filter(|key| !key.revoked).count()
            }
            Of::W3ipfs => self.emulator.w3ipfs().keys().iter().filter(|key| !key.deleted).count(),
        }
    }
}

pub(crate) fn issuer(of: Of, emulator: &Emulator) -> Arc<dyn KeyIssuer> {
    let vars: Vec<_> = match of {
        Of::Pinata => emulator.pinata().vars(),
        Of::PinataPair => vec![
            ("PINNING_KEYS_PROVIDER", "pinata".to_owned()),
            ("PINNING_KEYS_ROUTE", "legacy".to_owned()),
            ("PINNING_KEYS_TABLE", "endpoints".to_owned()),
            ("PINNING_KEYS_BASE_URL", emulator.pinata().base_url().to_owned()),
            ("PINNING_KEYS_API_KEY", emulator.pinata().api_key().to_owned()),
            ("PINNING_KEYS_API_SECRET", emulator.pinata().api_secret().to_owned()),
        ],
        Of::W3ipfs => emulator.w3ipfs().vars(),
    };
    let config = IssuerConfig::from_vars(vars).unwrap();
    config.with_transport(emulator.transport()).build().unwrap()
}

pub(crate) fn request(name: &str) -> KeyRequest {
    KeyRequest::new(name, ScopeRequest::reader()).unwrap()
}

pub(crate) fn per_second(requests: u32) -> RateLimit {
    RateLimit::per_second(NonZeroU32::new(requests).unwrap())
}

/// The public half of a row's key.
pub(crate) fn api_key(row: &KeyRow) -> String {
    let keys: Vec<pinning_keys_core::KeyRef> = serde_json::from_str(&row.references).unwrap();
    keys[0].api_key().to_owned()
}
