use std::sync::{Mutex, MutexGuard, PoisonError};

use super::assumptions::PinataAssumptions;
use super::files::FileStore;
use super::gateways::GatewayStore;
use super::groups::GroupStore;
use super::jobs::JobStore;
use super::marks::MarkStore;
use super::signed::SignedUploads;
use super::store::KeyStore;
use crate::clock::Clock;
use crate::random::Random;

/// The only account of the emulated Pinata. No `Debug`: it holds the secrets of all keys.
pub(crate) struct Account {
    pub(crate) base_url: String,
    pub(crate) assumptions: PinataAssumptions,
    state: Mutex<State>,
}

/// The mutable state, behind one lock: requests do not see each other's work in progress.
pub(crate) struct State {
    pub(crate) random: Random,
    pub(crate) clock: Clock,
    pub(crate) keys: KeyStore,
    pub(crate) files: FileStore,
    pub(crate) groups: GroupStore,
    pub(crate) jobs: JobStore,
    pub(crate) marks: MarkStore,
    pub(crate) gateways: GatewayStore,
    pub(crate) signed_uploads: SignedUploads,
}

impl Account {
    pub(crate) fn new(seed: u64, assumptions: PinataAssumptions, base_url: String) -> Self {
        let mut random = Random::new(seed);
        let mut clock = Clock::default();
        let keys = KeyStore::new(&mut random, &mut clock);
        let state = State {
            random,
            clock,
            keys,
            files: FileStore::default(),
            groups: GroupStore::default(),
            jobs: JobStore::default(),
            marks: MarkStore::default(),
            gateways: GatewayStore::default(),
            signed_uploads: SignedUploads::default(),
        };
        Self { base_url, assumptions, state: Mutex::new(state) }
    }

    /// No panic leaves the state half changed, so a poisoned lock is ignored.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
