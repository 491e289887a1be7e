//! Keys that were issued a while ago, so that no test waits for the end of a lease.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use http::{Method, StatusCode};
use pinning_keys::{KeyRequest, ScopeRequest};
use pinning_keys_emulator::{Fault, FaultRule, Stage};
use pinning_keys_lifecycle::{Delivery, KeyManager, Lease, ManagedKey, ManualClock, SqliteStore};

use crate::support::Stand;

pub(crate) const HOUR: Duration = Duration::from_secs(60 * 60);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Stand {
    /// The file of the default store.
    pub(crate) fn store(&self) -> PathBuf {
        self.home().join(".local/state/pinning-keys/keys.db")
    }

    /// A manager of the default store and the account of the program, whose clock stands still at
    /// this time before now. The store's time never goes back, so the oldest comes first.
    pub(crate) fn manager(&self, ago: Duration) -> KeyManager {
        let path = self.store();
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        let clock = ManualClock::at(SystemTime::now() - ago);
        let issuer = self.pinata_issuer();
        self.block_on(async {
            let store = SqliteStore::options().clock(clock).open(path).await.expect("a store");
            let builder = KeyManager::builder(store).account("pinata", issuer);
            builder.actor("test").build().await.expect("a manager")
        })
    }

    /// Issues a key that nobody has confirmed yet.
    pub(crate) fn undelivered(&self, manager: &KeyManager, name: &str, lease: Lease) -> Delivery {
        let keys = manager.account("pinata").expect("the account");
        self.block_on(keys.issue(&request(name), lease)).expect("a key")
    }

    /// Issues a key, and returns its id.
    pub(crate) fn live(&self, manager: &KeyManager, name: &str, lease: Lease) -> String {
        let delivery = self.undelivered(manager, name, lease);
        self.block_on(delivery.confirm()).expect("it is confirmed").id().to_string()
    }

    /// Rotates a key, and returns the id of its successor.
    pub(crate) fn rotated(&self, manager: &KeyManager, id: &str, overlap: Duration) -> String {
        let id = id.parse().expect("an id");
        let delivery = self.block_on(manager.rotate(&id).overlap(overlap).start());
        let successor = self.block_on(delivery.expect("a successor").confirm());
        successor.expect("it is confirmed").id().to_string()
    }

    /// Makes Pinata fail to revoke the key whose name contains this, until the faults end.
    pub(crate) fn refuse_to_revoke(&self, name: &str) {
        let keys = self.emulator().pinata().keys();
        let key = keys.iter().find(|key| key.name.contains(name)).expect("a key of this name");
        let fault = Fault::status(StatusCode::BAD_REQUEST, Stage::BeforeCommit);
        let rule = FaultRule::new(fault).method(Method::DELETE);
        self.emulator().faults().add(rule.path(format!("/v3/api_keys/{}", key.key)));
    }

    /// Issues and confirms a key this long ago.
    pub(crate) fn issued(&self, name: &str, ago: Duration, lease: Lease) -> ManagedKey {
        self.confirmed(&self.manager(ago), name, lease)
    }

    /// Issues and confirms a key.
    pub(crate) fn confirmed(&self, manager: &KeyManager, name: &str, lease: Lease) -> ManagedKey {
        self.block_on(async {
            let keys = manager.account("pinata").expect("the account");
            let delivery = keys.issue(&request(name), lease).await.expect("a key");
            delivery.confirm().await.expect("it is in time")
        })
    }

    /// Restores the store as it was before `lost`, a key that is issued now with a lease of 30
    /// days, and lets the worker find it.
    pub(crate) fn with_stray(&self, lost: &str) {
        self.run("issue known --preset reader --to file:known.json").exits(0);
        let backup = std::fs::read(self.store()).expect("the store exists");
        let line = format!("issue {lost} --preset reader --lease 30d --to file:{lost}.json");
        self.run(&line).exits(0);
        std::fs::write(self.store(), backup).expect("it can be written");
        self.run("run --once").exits(0);
    }
}

pub(crate) fn request(name: &str) -> KeyRequest {
    KeyRequest::new(name, ScopeRequest::reader()).expect("a valid request")
}
