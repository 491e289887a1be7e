//! A store, two accounts, and the nodes that share them.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pinning_keys_core::KeyRequest;
use pinning_keys_lifecycle::store::{AuditFilter, AuditRow, KeyFilter, KeyRow, Store as _};
use pinning_keys_lifecycle::{Clock as _, Error, KeyManager, ManualClock, MemoryStore, Timestamp};
use tokio::task::JoinHandle;

use crate::journal::Journal;
use crate::provider::Provider;
use crate::tap::Tap;
use crate::tapped::{TappedIssuer, TappedStore};
use crate::wire::Wire;

/// 2026-11-26, in the morning.
const BEGIN: Duration = Duration::from_hours(498_800);

/// The names of the accounts, in the order of [`World::wires`].
pub(crate) const ACCOUNTS: [&str; 2] = ["main", "other"];

/// The longest time that an operation may wait for.
const PATIENCE: Duration = Duration::from_hours(1);

#[derive(Clone)]
pub(crate) struct World {
    /// The time of everything, unless a node has its own clock.
    pub(crate) clock: ManualClock,
    pub(crate) store: MemoryStore,
    pub(crate) wires: [Wire; 2],
    pub(crate) journal: Journal,
    /// The clocks of nodes that see another time. Time passes for them at the same rate.
    other_clocks: Arc<Mutex<Vec<ManualClock>>>,
}

/// One process.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) tap: Tap,
    pub(crate) manager: Arc<KeyManager>,
    pub(crate) journal: Journal,
    pub(crate) clock: ManualClock,
    pub(crate) provider: Provider,
}

impl World {
    pub(crate) fn new(provider: Provider) -> Self {
        let clock = ManualClock::at(UNIX_EPOCH + BEGIN);
        let store = MemoryStore::new(clock.clone()).unwrap();
        let wires = [1, 2].map(|seed| Wire::new(provider, seed, &clock));
        Self { clock, store, wires, journal: Journal::default(), other_clocks: Arc::default() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now().into()
    }

    /// A clock that shows this time instead.
    pub(crate) fn other_clock(&self, shows: SystemTime) -> ManualClock {
        let clock = ManualClock::at(shows);
        self.other_clocks.lock().unwrap().push(clock.clone());
        clock
    }

    /// Lets time pass.
    pub(crate) fn advance(&self, time: Duration) {
        self.clocks().iter().for_each(|clock| clock.advance(time));
    }

    /// How long until the first who waits for a clock wakes.
    fn next_wake(&self) -> Option<Duration> {
        self.clocks().iter().filter_map(ManualClock::next_wake).min()
    }

    fn clocks(&self) -> Vec<ManualClock> {
        let mut clocks = self.other_clocks.lock().unwrap().clone();
        clocks.push(self.clock.clone());
        clocks
    }

    /// A process that has started.
    pub(crate) async fn node(&self) -> Node {
        self.start(Tap::new()).await.expect("a node starts")
    }

    /// Starts a process on this store, whose calls are numbered from the beginning.
    pub(crate) async fn start(&self, tap: Tap) -> Result<Node, Error> {
        self.start_on(self.store.clone(), self.clock.clone(), tap).await
    }

    /// Starts a process with its own view of the store and the time.
    pub(crate) async fn start_on(
        &self,
        store: MemoryStore,
        clock: ManualClock,
        tap: Tap,
    ) -> Result<Node, Error> {
        let store = TappedStore { tap: tap.clone(), store: store.with_clock(clock.clone()) };
        let mut builder = KeyManager::builder(store);
        for (name, wire) in ACCOUNTS.iter().zip(&self.wires) {
            let issuer = wire.provider.issuer(&wire.emulator, Arc::new(wire.clone()));
            builder = builder.account(*name, TappedIssuer { tap: tap.clone(), issuer });
        }
        let manager = Arc::new(builder.build().await?);
        let (journal, provider) = (self.journal.clone(), self.wires[0].provider);
        Ok(Node { tap, manager, journal, clock, provider })
    }

    pub(crate) async fn rows(&self) -> Vec<KeyRow> {
        self.store.keys(&KeyFilter::default(), None, usize::MAX).await.unwrap()
    }

    pub(crate) async fn audit(&self) -> Vec<AuditRow> {
        self.store.audit(&AuditFilter::default(), 0, usize::MAX).await.unwrap()
    }

    pub(crate) fn requests(&self) -> usize {
        self.wires.iter().map(Wire::requests).sum()
    }

    /// Lets everything run that can run without a clock moving. Tokio's time is paused, so this
    /// returns when all tasks wait for something else.
    pub(crate) async fn rest(&self) {
        tokio::time::sleep(PATIENCE).await;
    }

    /// Runs a task of a node until it ends, the node stops, or nothing moves any more. Time passes
    /// only as far as somebody waits for it.
    pub(crate) async fn run<T>(&self, node: &Tap, task: &mut JoinHandle<T>) -> Option<T> {
        let mut patience = PATIENCE;
        loop {
            self.rest().await;
            if task.is_finished() {
                return Some(task.await.expect("no task panics"));
            }
            let wake = self.next_wake()?;
            if node.is_dead() || node.is_parked() || wake > patience {
                return None;
            }
            patience -= wake;
            self.advance(wake);
        }
    }
}

/// What the keys of a holder may do.
pub(crate) fn request(provider: Provider, name: &str) -> KeyRequest {
    KeyRequest::new(name, provider.scope()).unwrap()
}
