use std::sync::{Mutex, MutexGuard, PoisonError};

use super::assumptions::W3ipfsAssumptions;
use super::session::Sessions;
use super::shelf::Shelf;
use super::store::KeyStore;
use crate::clock::Clock;
use crate::random::Random;

/// Makes this provider's identifiers differ from those of the other, which follow from the same
/// seed. Any number would do.
const SALT: u64 = 0x5733_4950_4653;

/// The only account of the emulated W3IPFS. No `Debug`: it holds the secrets of all keys.
pub(crate) struct Account {
    pub(crate) base_url: String,
    pub(crate) assumptions: W3ipfsAssumptions,
    state: Mutex<State>,
}

/// The mutable state, behind one lock: requests do not see each other's work in progress.
pub(crate) struct State {
    pub(crate) random: Random,
    pub(crate) clock: Clock,
    pub(crate) sessions: Sessions,
    pub(crate) keys: KeyStore,
    pub(crate) pins: Shelf,
    pub(crate) nfts: Shelf,
}

impl Account {
    pub(crate) fn new(seed: u64, assumptions: W3ipfsAssumptions, base_url: String) -> Self {
        let mut random = Random::new(seed ^ SALT);
        let mut clock = Clock::default();
        let sessions = Sessions::new(&mut random, &mut clock);
        let keys = KeyStore::new(&mut random, &mut clock);
        let (pins, nfts) = (Shelf::default(), Shelf::default());
        let state = State { random, clock, sessions, keys, pins, nfts };
        Self { base_url, assumptions, state: Mutex::new(state) }
    }

    /// No panic leaves the state half changed, so a poisoned lock is ignored.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
