//! A store, the providers, the time, and the files of the app.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use pinning_keys_lifecycle::store::{
    AuditFilter, AuditRow, KeyFilter, KeyRow, StatusQuery, StoreRow,
};
use pinning_keys_lifecycle::{KeyId, KeyState, Timestamp};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use crate::clock::SharedClock;
use crate::journal::Entries;
use crate::ledger::Ledger;
use crate::operations::Operation;
use crate::process::{Answer, Process};
use crate::stores;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// The longest time until everything is at rest: the last look at an ended key is 7 days after its
/// end.
const LONGEST: Duration = Duration::from_hours(216);

/// A test's own world. Its nodes are [`Process`]es.
pub(crate) struct World {
    pub(crate) clock: SharedClock,
    pub(crate) ledger: Ledger,
    /// The path or the URL of the store.
    pub(crate) store: String,
    runtime: Runtime,
    folder: TempDir,
}

impl World {
    /// A world with a store in a file.
    pub(crate) fn sqlite(seed: u64) -> Self {
        let mut world = Self::new(seed, String::new());
        world.store = world.file().display().to_string();
        world
    }

    /// A world with a store at this place.
    pub(crate) fn new(seed: u64, store: String) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        // A killed process loses nothing that it has written, wherever that is. In memory, writing
        // takes no time.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        fs::create_dir(folder.path().join("sinks")).unwrap();
        let clock = SharedClock::create(&folder.path().join("clock")).unwrap();
        let ledger = Ledger::start(&runtime, seed, &clock);
        Self { clock, ledger, store, runtime, folder }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The file of a store on SQLite.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder().join("keys.db")
    }

    /// An account's name, address, and token.
    pub(crate) fn credential(&self, account: &'static str) -> (&'static str, String, String) {
        let (pinata, w3ipfs) = (self.ledger.emulator.pinata(), self.ledger.emulator.w3ipfs());
        if account == "pinata" {
            (account, pinata.base_url().to_owned(), pinata.jwt().to_owned())
        } else {
            (account, w3ipfs.base_url().to_owned(), w3ipfs.jwt())
        }
    }

    pub(crate) fn start(&self) -> Process {
        Process::start(self)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.timestamp()
    }

    pub(crate) fn journal(&self) -> Entries {
        Entries::read(&self.folder().join("journal"))
    }

    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    pub(crate) fn rows(&self) -> Vec<KeyRow> {
        self.block_on(async {
            let store = stores::open(&self.store, &self.clock).await.unwrap();
            store.keys(&KeyFilter::default(), None, usize::MAX).await.unwrap()
        })
    }

    /// The rows and the whole audit trail.
    pub(crate) fn rows_and_audit(&self) -> (Vec<KeyRow>, Vec<AuditRow>) {
        self.block_on(async {
            let store = stores::open(&self.store, &self.clock).await.unwrap();
            let rows = store.keys(&KeyFilter::default(), None, usize::MAX).await.unwrap();
            let audit = store.audit(&AuditFilter::default(), 0, usize::MAX).await.unwrap();
            (rows, audit)
        })
    }

    /// The row about the store.
    pub(crate) fn store_row(&self) -> StoreRow {
        let query = StatusQuery { overdue_before: Timestamp::default() };
        self.block_on(async {
            let store = stores::open(&self.store, &self.clock).await.unwrap();
            store.status(query).await.unwrap().store
        })
    }

    /// The row of a key.
    #[track_caller]
    pub(crate) fn row(&self, id: &str) -> KeyRow {
        let found = self.rows().into_iter().find(|row| row.id.as_str() == id);
        found.unwrap_or_else(|| panic!("there is no row {id}"))
    }

    /// Lets time pass.
    pub(crate) fn skip(&mut self, time: Duration) {
        self.ledger.ended();
        self.clock.skip(time);
    }

    /// Lets a node work, and time pass, until every row is at rest and the provider has what the
    /// store says. Returns whether the node survived that.
    pub(crate) fn rest(&mut self, node: &mut Process) -> bool {
        let began = self.now();
        loop {
            match node.ask(&Operation::RunDue) {
                Answer::Done(_) => {}
                Answer::Failed(why) => panic!("run_due: {why}"),
                Answer::Killed => return false,
            }
            let rows = self.rows();
            let alive = self.ledger.alive();
            if rows.iter().all(is_at_rest) && is_managed(&alive, &rows) {
                return true;
            }
            let passed = self.now().since(began);
            assert!(passed < LONGEST, "no rest: {alive:#?} work, {rows:#?}");
            self.step(&rows);
        }
    }

    /// Lets time pass until something is due, but at least as long as schedulers wait.
    fn step(&mut self, rows: &[KeyRow]) {
        let now = self.now();
        let due = |row: &KeyRow| Some(row.due_at?.max(row.claimed_until.unwrap_or(now)));
        let next = rows.iter().filter_map(due).filter(|due| *due > now).min();
        let wait = next.map_or(MINUTE, |next| next.since(now)).clamp(MINUTE, 6 * HOUR);
        self.skip(wait);
    }

    /// Lets all leases run out, and checks that every key has ended.
    pub(crate) fn leases_end(&mut self, node: &mut Process) {
        let last = self.rows().into_iter().filter(|row| row.state == KeyState::Live);
        let last = last.filter_map(|row| row.expires_at).max().unwrap_or(self.now());
        while self.now() <= last.saturating_add(HOUR) {
            self.skip(last.since(self.now()).clamp(HOUR, 20 * HOUR));
            node.must(&Operation::RunDue);
        }
        assert!(self.rest(node));
        let forgotten = self.journal().forgotten;
        // After a long time without a worker, keys wait for the listings, at most for an hour.
        let began = self.now();
        while !self.ledger.alive().is_subset(&forgotten) && self.now().since(began) <= HOUR {
            self.skip(MINUTE);
            node.must(&Operation::RunDue);
            assert!(self.rest(node));
        }
        let alive = self.ledger.alive();
        assert!(alive.is_subset(&forgotten), "leases are over: {alive:#?}: {:#?}", self.rows());
    }
}

fn is_at_rest(row: &KeyRow) -> bool {
    !matches!(
        row.state,
        KeyState::Intended | KeyState::InDoubt | KeyState::Undelivered | KeyState::Revoking
    )
}

/// Whether exactly those keys work that the store says do, besides those that it leaves alone.
fn is_managed(alive: &BTreeSet<KeyId>, rows: &[KeyRow]) -> bool {
    let of = |state| rows.iter().filter(move |row| row.state == state).map(|row| row.id.clone());
    let forgotten: BTreeSet<_> = of(KeyState::Forgotten).collect();
    let live: BTreeSet<_> = of(KeyState::Live).collect();
    alive.difference(&forgotten).eq(live.iter())
}
