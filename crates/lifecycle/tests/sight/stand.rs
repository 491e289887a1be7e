//! An emulator, a clock that the test moves, a store, and a manager on them.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use http::Method;
use pinning_keys_bulk::RateLimit;
use pinning_keys_core::{KeyIssuer, KeyRef, KeyRequest, ScopeRequest};
use pinning_keys_emulator::{
    Cut, Emulator, Fault, FaultRule, FaultTally, ListFault, MadeKey, W3ipfsAssumptions, W3ipfsKey,
};
use pinning_keys_lifecycle::store::{
    AccountRow, AuditFilter, AuditRow, KeyRow, Scope, StatusQuery, Store, StoreRow, Tx, Verdict,
};
use pinning_keys_lifecycle::{
    AccountOptions, Clock as _, ErrorKind, KeyFilter, KeyId, KeyManager, KeyState, Lease,
    ManualClock, MemoryStore, Suffix, Timestamp,
};

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MINUTE: Duration = Duration::from_mins(1);
pub(crate) const HOUR: Duration = Duration::from_hours(1);
pub(crate) const DAY: Duration = Duration::from_hours(24);

/// How many keys are on a page, at both providers.
pub(crate) const PAGE: u64 = 10;

/// Longer than any provider needs until a change shows.
pub(crate) const PROPAGATION: Duration = Duration::from_mins(5);

/// Which provider the account is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// Filters names, lists 10 keys on a page, lists revoked keys.
    Pinata,
    /// Filters nothing, lists revoked keys, and the credential does not show its account.
    Legacy,
    /// Filters nothing, and deletes revoked keys.
    W3ipfs,
}

pub(crate) struct Stand {
    pub(crate) at: At,
    pub(crate) emulator: Arc<Emulator>,
    pub(crate) clock: ManualClock,
    pub(crate) store: MemoryStore,
    pub(crate) manager: KeyManager,
}

impl Stand {
    pub(crate) async fn at(at: At) -> Self {
        let clock = ManualClock::at(UNIX_EPOCH + Duration::from_hours(500_000));
        let emulator = Arc::new(emulator());
        emulator.set_time(clock.now());
        let dated_by = clock.clone();
        emulator.set_date_header(move || Some(dated_by.now()));
        let store = MemoryStore::new(clock.clone()).unwrap();
        Self::on(at, emulator, clock, store).await
    }

    /// Another store on the same account.
    pub(crate) async fn beside(&self) -> Self {
        let store = MemoryStore::new(self.clock.clone()).unwrap();
        self.with(store).await
    }

    /// A manager of this account on another store.
    pub(crate) async fn with(&self, store: MemoryStore) -> Self {
        Self::on(self.at, Arc::clone(&self.emulator), self.clock.clone(), store).await
    }

    async fn on(at: At, emulator: Arc<Emulator>, clock: ManualClock, store: MemoryStore) -> Self {
        let manager = manager(at, &emulator, store.clone()).await;
        Self { at, emulator, clock, store, manager }
    }

    /// A manager of this account, and nothing else, on another store.
    pub(crate) async fn manager_on(&self, store: impl Store + 'static) -> KeyManager {
        manager(self.at, &self.emulator, store).await
    }

    /// A manager of this account with a rate limit.
    pub(crate) async fn limited(&self, limit: RateLimit) -> KeyManager {
        let options = AccountOptions::new().rate_limit(limit);
        let issuer = issuer(self.at, &self.emulator);
        let builder = KeyManager::builder(self.store.clone());
        builder.account_with("main", issuer, options).build().await.unwrap()
    }

    pub(crate) fn advance(&self, time: Duration) {
        self.clock.advance(time);
        self.emulator.set_time(self.clock.now());
    }

    /// Does all that is due now.
    pub(crate) async fn run(&self) {
        self.manager.run_due(1_000).await.unwrap();
    }

    /// Lets time pass in steps, and does what is due after each.
    pub(crate) async fn run_for(&self, time: Duration, step: Duration) {
        let end = self.clock.now() + time;
        while self.clock.now() < end {
            self.advance(step);
            self.run().await;
        }
    }

    /// Issues a key and confirms it.
    pub(crate) async fn live(&self, name: &str, lease: Lease) -> KeyId {
        let keys = self.manager.account("main").unwrap();
        let delivery = keys.issue(&request(name), lease).await.unwrap();
        delivery.confirm().await.unwrap();
        delivery.id().clone()
    }

    /// Issues a key whose outcome stays unknown, because of this fault.
    pub(crate) async fn doubtful(&self, name: &str, fault: Fault) -> KeyId {
        let rule = self.fault(FaultRule::new(fault).method(Method::POST).first(1));
        let keys = self.manager.account("main").unwrap();
        let error = keys.issue(&request(name), Lease::of(HOUR)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InDoubt, "{error}");
        assert_eq!(rule.hits(), 1);
        self.emulator.faults().clear();
        error.key().unwrap().clone()
    }

    pub(crate) fn fault(&self, rule: FaultRule) -> FaultTally {
        self.emulator.faults().add(rule)
    }

    /// Distorts all listings from now on.
    pub(crate) fn distort(&self, fault: ListFault) {
        self.fault(FaultRule::new(Fault::List(fault)).method(Method::GET));
    }

    pub(crate) async fn row(&self, id: &KeyId) -> KeyRow {
        self.store.find(std::slice::from_ref(id)).await.unwrap().pop().expect("a row")
    }

    pub(crate) async fn state(&self, id: &KeyId) -> KeyState {
        self.row(id).await.state
    }

    pub(crate) async fn rows(&self) -> Vec<KeyRow> {
        self.store.keys(&KeyFilter::default(), None, 10_000).await.unwrap()
    }

    pub(crate) async fn account(&self) -> AccountRow {
        let query = StatusQuery { overdue_before: Timestamp::default() };
        self.store.status(query).await.unwrap().accounts.remove(0).0
    }

    pub(crate) async fn store_row(&self) -> StoreRow {
        let query = StatusQuery { overdue_before: Timestamp::default() };
        self.store.status(query).await.unwrap().store
    }

    pub(crate) async fn missing(&self) -> u64 {
        let query = StatusQuery { overdue_before: Timestamp::default() };
        self.store.status(query).await.unwrap().accounts[0].1.missing
    }

    pub(crate) async fn audit(&self, id: &KeyId) -> Vec<AuditRow> {
        let filter = AuditFilter { key: Some(id.clone()), ..AuditFilter::default() };
        self.store.audit(&filter, 0, 1_000).await.unwrap()
    }

    /// Changes the account's row, as another node does.
    pub(crate) async fn change_account(
        &self,
        change: impl Fn(&mut AccountRow) + Send + Sync + 'static,
    ) {
        let scope = Scope { account: Some("main".to_owned()), ..Scope::default() };
        let decide = move |tx: &mut Tx| {
            change(tx.account.as_mut().unwrap());
            Verdict::Commit
        };
        self.store.transact(scope, Arc::new(decide)).await.unwrap();
    }

    /// The keys at the provider: public half, name, and whether it is revoked or deleted.
    pub(crate) fn keys(&self) -> Vec<(String, String, bool)> {
        let pinata = |key: MadeKey| (key.key, key.name, key.revoked);
        let w3ipfs = |key: W3ipfsKey| (key.api_key, key.name, key.deleted);
        match self.at {
            At::Pinata | At::Legacy => {
                self.emulator.pinata().keys().into_iter().map(pinata).collect()
            }
            At::W3ipfs => self.emulator.w3ipfs().keys().into_iter().map(w3ipfs).collect(),
        }
    }

    /// The key of this id that was made last.
    pub(crate) fn key(&self, id: &KeyId) -> (String, String, bool) {
        let is_its = |name: &str| Suffix::of_name(name).is_some_and(|suffix| suffix.id() == id);
        self.keys().into_iter().rfind(|(_, name, _)| is_its(name)).expect("a key")
    }

    /// Creates a key by hand, and returns its public half.
    pub(crate) fn create(&self, name: &str) -> String {
        match self.at {
            At::Pinata | At::Legacy => {
                let scopes = r#"{"resources":["org:files:read"]}"#;
                self.emulator.pinata().create_key(name, scopes).key
            }
            At::W3ipfs => self.emulator.w3ipfs().create_key(name, r#"{"admin":true}"#).api_key,
        }
    }

    /// Revokes a key by hand.
    pub(crate) fn revoke(&self, key: &str) {
        match self.at {
            At::Pinata | At::Legacy => self.emulator.pinata().revoke_key(key),
            At::W3ipfs => self.emulator.w3ipfs().revoke_key(key),
        };
    }

    /// How many pages were listed since `before`.
    pub(crate) fn requests_since(&self, before: u64) -> u64 {
        self.emulator.requests() - before
    }
}

/// An emulator that has room for many keys.
fn emulator() -> Emulator {
    let roomy = W3ipfsAssumptions::default().max_keys(10_000);
    Emulator::builder().w3ipfs_assumptions(roomy).in_memory()
}

async fn manager(at: At, emulator: &Emulator, store: impl Store + 'static) -> KeyManager {
    let issuer = issuer(at, emulator);
    KeyManager::builder(store).account("main", issuer).build().await.unwrap()
}

pub(crate) fn issuer(at: At, emulator: &Emulator) -> Arc<dyn KeyIssuer> {
    let vars: Vec<_> = match at {
        At::Pinata => emulator.pinata().vars(),
        At::Legacy => vec![
            ("PINNING_KEYS_PROVIDER", "pinata".to_owned()),
            ("PINNING_KEYS_ROUTE", "legacy".to_owned()),
            ("PINNING_KEYS_BASE_URL", emulator.pinata().base_url().to_owned()),
            ("PINNING_KEYS_API_KEY", emulator.pinata().api_key().to_owned()),
            ("PINNING_KEYS_API_SECRET", emulator.pinata().api_secret().to_owned()),
        ],
        At::W3ipfs => {
            let mut vars = emulator.w3ipfs().vars();
            vars.push(("PINNING_KEYS_PAGE_SIZE", PAGE.to_string()));
            vars
        }
    };
    let config = pinning_keys::IssuerConfig::from_vars(vars).unwrap();
    config.with_transport(emulator.transport()).build().unwrap()
}

pub(crate) fn request(name: &str) -> KeyRequest {
    KeyRequest::new(name, ScopeRequest::reader()).unwrap()
}

/// The answer to a create is lost.
pub(crate) fn answer_lost() -> Fault {
    Fault::CutConnection(Cut::AfterCommit)
}

/// The connection breaks before the create is carried out.
pub(crate) fn request_lost() -> Fault {
    Fault::CutConnection(Cut::BeforeRead)
}

/// The public halves of the keys that a row knows.
pub(crate) fn references(row: &KeyRow) -> Vec<String> {
    let keys: Vec<KeyRef> = serde_json::from_str(&row.references).unwrap();
    keys.iter().map(|key| key.api_key().to_owned()).collect()
}

/// Whether the key is revoked or about to be.
pub(crate) fn is_ending(state: KeyState) -> bool {
    matches!(state, KeyState::Revoking | KeyState::Revoked)
}
