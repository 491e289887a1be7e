//! A folder with a file of declared keys, and a profile for each emulated account.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use pinning_keys::{IssuerConfig, KeyIssuer, KeyRequest, ScopeRequest};
use pinning_keys_emulator::Emulator;
use pinning_keys_lifecycle::{KeyManager, Lease, ManagedKey, ManualClock, SqliteStore};
use serde_json::Value;

use crate::support::{Run, Stand};

/// A key that may list pins, in `ci.json`.
pub(crate) const CI: &str = "[[key]]\nname = \"ci\"\nprofile = \"main\"\npreset = \"reader\"\n\
    to = \"file:ci.json\"\n";

/// A second key.
pub(crate) const SITE: &str = "[[key]]\nname = \"site\"\nprofile = \"main\"\npreset = \"reader\"\n\
    to = \"file:site.json\"\n";

/// The profiles `main` at Pinata and `w3` at W3IPFS, and a file that declares these keys.
pub(crate) fn declaring(keys: &str) -> Stand {
    let stand = Stand::start(Emulator::builder(), |_| Vec::new());
    let (pinata, w3ipfs) = (stand.emulator().pinata(), stand.emulator().w3ipfs());
    let profile = |name: &str, provider: &str, base_url: &str, jwt: &str| {
        format!(
            "[profiles.{name}]\nprovider = {provider:?}\nbase_url = {base_url:?}\njwt = {jwt:?}\n\
             requests_per_minute = 60000000\n"
        )
    };
    let main = profile("main", "pinata", pinata.base_url(), pinata.jwt());
    let w3 = profile("w3", "w3ipfs", w3ipfs.base_url(), &w3ipfs.jwt());
    stand.write_private(".config/pinning-keys/config.toml", &format!("{main}\n{w3}"));
    stand.write("keys.toml", keys);
    stand
}

impl Stand {
    /// Declares these keys from now on.
    pub(crate) fn declare(&self, keys: &str) {
        self.write("keys.toml", keys);
    }

    /// A manager of the default store and the account `main`, whose clock stands still at this time
    /// before now. The store's time never goes back, so the oldest comes first.
    pub(crate) fn manager_ago(&self, ago: Duration) -> KeyManager {
        self.manager_at(SystemTime::now() - ago)
    }

    /// The same at any time.
    pub(crate) fn manager_at(&self, time: SystemTime) -> KeyManager {
        let path = self.store();
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        let clock = ManualClock::at(time);
        let vars = self.emulator().pinata().vars();
        let issuer: Arc<dyn KeyIssuer> =
            IssuerConfig::from_vars(vars).and_then(IssuerConfig::build).expect("an issuer");
        self.block_on(async {
            let store = SqliteStore::options().clock(clock).open(path).await.expect("a store");
            KeyManager::builder(store).account("main", issuer).build().await.expect("a manager")
        })
    }

    /// Issues and confirms a reader's key this long ago.
    pub(crate) fn issued_ago(&self, name: &str, ago: Duration, lease: Lease) -> ManagedKey {
        let manager = self.manager_ago(ago);
        let request = KeyRequest::new(name, ScopeRequest::reader()).expect("a valid request");
        self.block_on(async {
            let keys = manager.account("main").expect("the account");
            let delivery = keys.issue(&request, lease).await.expect("a key");
            delivery.confirm().await.expect("it is in time")
        })
    }

    /// The number of keys that were made, and of those that are live.
    pub(crate) fn keys(&self) -> (usize, usize) {
        (self.emulator().keys_made(), self.emulator().keys_live())
    }

    /// The reference of the key in a file.
    pub(crate) fn delivered(&self, path: &str) -> String {
        let stored: Value = serde_json::from_str(&self.read(path)).expect("an object");
        stored["key_ref"].as_str().expect("a reference").to_owned()
    }
}

/// Action and name of each line, and the words for its reasons.
pub(crate) fn actions(run: &Run) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let line = |object: &Value| {
        let reasons = object["reasons"].as_array().expect("a list");
        let reasons: Vec<_> = reasons.iter().map(|reason| text(&reason["kind"])).collect();
        let line =
            format!("{} {} {}", text(&object["action"]), text(&object["name"]), reasons.join(","));
        line.trim_end().to_owned()
    };
    run.objects().iter().map(line).collect()
}

/// Result and name of each line.
pub(crate) fn results(run: &Run) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let line = |object: &Value| format!("{} {}", text(&object["result"]), text(&object["name"]));
    run.objects().iter().map(line).collect()
}
