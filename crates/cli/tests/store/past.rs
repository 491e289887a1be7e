//! Keys that were issued at another time, by another program on the same store.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use http::{Method, StatusCode};
use pinning_keys::{KeyRequest, ScopeRequest};
use pinning_keys_emulator::{Fault, FaultRule, Stage};
use pinning_keys_lifecycle::{Delivery, KeyManager, Lease, ManualClock, SqliteStore};

use crate::support::Stand;

pub(crate) const HOUR: Duration = Duration::from_secs(60 * 60);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Stand {
    /// The file of the default store, whose folder exists then.
    pub(crate) fn store_file(&self) -> PathBuf {
        let folder = self.home().join(".local/state/pinning-keys");
        std::fs::create_dir_all(&folder).expect("a folder");
        folder.join("keys.db")
    }

    /// The default store with the account at Pinata, whose clock is this far behind.
    pub(crate) fn manager(&self, behind: Duration) -> KeyManager {
        let clock = ManualClock::at(SystemTime::now() - behind);
        let issuer = self.pinata_issuer();
        self.block_on(async {
            let store =
                SqliteStore::options().clock(clock).open(self.store_file()).await.expect("a store");
            let builder = KeyManager::builder(store).account("pinata", issuer);
            builder.build().await.expect("a manager")
        })
    }

    /// Issues a key that nobody has confirmed yet.
    pub(crate) fn undelivered(&self, manager: &KeyManager, name: &str, lease: Lease) -> Delivery {
        let request = KeyRequest::new(name, ScopeRequest::reader()).expect("a valid request");
        let keys = manager.account("pinata").expect("the account");
        self.block_on(keys.issue(&request, lease)).expect("a key")
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
}
