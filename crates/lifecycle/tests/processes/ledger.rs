//! What really happened at the providers, which the test serves itself.

use std::collections::{BTreeMap, BTreeSet};

use pinning_keys_emulator::{Emulator, ListedSecret, PinataAssumptions, W3ipfsAssumptions};
use pinning_keys_lifecycle::{KeyId, Suffix, Timestamp};
use tokio::runtime::Runtime;

use crate::clock::SharedClock;

/// A key as the provider has it.
#[derive(Clone, Debug)]
pub(crate) struct LedgerKey {
    pub(crate) account: &'static str,
    pub(crate) name: String,
    pub(crate) is_live: bool,
}

impl LedgerKey {
    /// The key's id in its store; `None` if no store has made it.
    pub(crate) fn id(&self) -> Option<KeyId> {
        Some(Suffix::of_name(&self.name)?.id().clone())
    }
}

/// Both providers on loopback.
pub(crate) struct Ledger {
    pub(crate) emulator: Emulator,
    clock: SharedClock,
    /// When each revoked key was first found to be so.
    ended: BTreeMap<KeyId, Timestamp>,
}

impl Ledger {
    /// Starts providers whose lists show secrets, which is the harder choice.
    pub(crate) fn start(runtime: &Runtime, seed: u64, clock: &SharedClock) -> Self {
        let pinata = PinataAssumptions::default().list_shows_secret(true);
        let w3ipfs = W3ipfsAssumptions::default().listed_secret(ListedSecret::Full);
        let builder =
            Emulator::builder().seed(seed).pinata_assumptions(pinata).w3ipfs_assumptions(w3ipfs);
        let emulator = runtime.block_on(builder.start()).unwrap();
        let dates = clock.clone();
        emulator.set_date_header(move || Some(dates.timestamp().into()));
        Self { emulator, clock: clock.clone(), ended: BTreeMap::new() }
    }

    /// Every key that was ever created.
    pub(crate) fn keys(&self) -> Vec<LedgerKey> {
        let pinata = self.emulator.pinata().keys().into_iter();
        let pinata = pinata.map(|key| LedgerKey {
            account: "pinata",
            is_live: !key.revoked,
            name: key.name,
        });
        let w3ipfs = self.emulator.w3ipfs().keys().into_iter();
        let w3ipfs = w3ipfs.map(|key| LedgerKey {
            account: "w3ipfs",
            is_live: !key.deleted,
            name: key.name,
        });
        pinata.chain(w3ipfs).collect()
    }

    /// The keys of stores that work.
    pub(crate) fn alive(&self) -> BTreeSet<KeyId> {
        self.keys().iter().filter(|key| key.is_live).filter_map(LedgerKey::id).collect()
    }

    /// When each key ended. Call it before time is skipped.
    pub(crate) fn ended(&mut self) -> &BTreeMap<KeyId, Timestamp> {
        let now = self.clock.timestamp();
        for id in self.keys().iter().filter(|key| !key.is_live).filter_map(LedgerKey::id) {
            self.ended.entry(id).or_insert(now);
        }
        &self.ended
    }
}
