use std::collections::{HashMap, HashSet};

use super::create::NewKey;
use super::scopes::Scopes;
use crate::clock::Clock;
use crate::faults::history::History;
use crate::propagation::{Delays, Propagation, Standing};
use crate::random::Random;

/// The name of the account's own key, which no other key may have [CODE].
pub(crate) const DEFAULT_NAME: &str = "Default";

/// A key with everything that the server knows about it. No `Debug`: it holds the secret.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) name: String,
    /// The public half.
    pub(crate) public: String,
    pub(crate) secret: String,
    pub(crate) scopes: Scopes,
    pub(crate) deleted: bool,
    propagation: Propagation,
    pub(crate) created_at: String,
}

/// All keys of the account.
pub(crate) struct KeyStore {
    /// The account's own key: listed, but not deletable.
    own: Key,
    /// All other keys. Deleted ones are kept for the counters and never shown to a client.
    made: Vec<Key>,
    history: History<Key>,
    /// The places of the deleted keys in `made`, in the order of their deletion.
    ended: Vec<usize>,
    /// The index of a key in `made`.
    by_public: HashMap<String, usize>,
    by_id: HashMap<String, usize>,
    /// The names of the keys that are not deleted, which are unique.
    live_names: HashSet<String>,
}

/// Why a key could not be deleted.
pub(crate) enum NotDeleted {
    Unknown,
    IsDefault,
}

impl KeyStore {
    pub(crate) fn new(random: &mut Random, clock: &mut Clock) -> Self {
        let own = NewKey { name: DEFAULT_NAME.to_owned(), scopes: Scopes::admin() };
        let own = mint(own, random, clock);
        Self {
            own,
            made: Vec::new(),
            history: History::new(),
            ended: Vec::new(),
            by_public: HashMap::new(),
            by_id: HashMap::new(),
            live_names: HashSet::new(),
        }
    }

    /// The account's own key.
    pub(crate) fn own(&self) -> &Key {
        &self.own
    }

    /// The keys created, oldest first, including deleted ones.
    pub(crate) fn made(&self) -> impl DoubleEndedIterator<Item = &Key> {
        self.made.iter()
    }

    /// How many of the keys created are not deleted.
    pub(crate) fn live_count(&self) -> usize {
        self.live_names.len()
    }

    pub(crate) fn has_live(&self, name: &str) -> bool {
        self.live_names.contains(name)
    }

    /// The deleted keys, in the order of their deletion.
    pub(crate) fn ended(&self) -> impl Iterator<Item = &Key> {
        self.ended.iter().filter_map(|place| self.made.get(*place))
    }

    /// The keys that lists showed this many changes ago, oldest first.
    pub(crate) fn listed(&self, changes_ago: usize) -> impl DoubleEndedIterator<Item = &Key> {
        let made = self.history.view(&self.made, changes_ago).filter(|key| !key.deleted);
        std::iter::once(&self.own).chain(made)
    }

    /// Makes a key; `delays` make it work late.
    pub(crate) fn make(
        &mut self,
        new: NewKey,
        delays: Delays,
        random: &mut Random,
        clock: &mut Clock,
    ) -> &Key {
        let mut key = mint(new, random, clock);
        key.propagation = Propagation::begin(delays);
        self.by_public.insert(key.public.clone(), self.made.len());
        self.by_id.insert(key.id.clone(), self.made.len());
        self.live_names.insert(key.name.clone());
        self.history.added(self.made.len());
        self.made.push(key);
        // The last key is the one just pushed, so the account's own is never returned.
        self.made.last().unwrap_or(&self.own)
    }

    /// Deletes a key for good: then, or after `delays`, it is like a key that never existed [CODE].
    pub(crate) fn delete(&mut self, id: &str, delays: Delays) -> Result<(), NotDeleted> {
        if self.own.id == id {
            return Err(NotDeleted::IsDefault);
        }
        let place = *self.by_id.get(id).ok_or(NotDeleted::Unknown)?;
        let key = self.made.get_mut(place).filter(|key| !key.deleted);
        let key = key.ok_or(NotDeleted::Unknown)?;
        self.history.changed(place, key.clone());
        key.deleted = true;
        key.propagation.revoke(delays);
        self.live_names.remove(&key.name);
        self.ended.push(place);
        Ok(())
    }

    /// Gives a key that was created other scopes. Returns whether there is such a key.
    pub(crate) fn set_scopes(&mut self, public: &str, scopes: Scopes) -> bool {
        let Some(place) = self.by_public.get(public).copied() else { return false };
        let Some(key) = self.made.get_mut(place) else { return false };
        self.history.changed(place, key.clone());
        key.scopes = scopes;
        true
    }

    pub(crate) fn by_pair(&self, public: &str, secret: &str) -> Option<&Key> {
        let made = || self.by_public.get(public).and_then(|place| self.made.get(*place));
        let key = if self.own.public == public { Some(&self.own) } else { made() };
        key.filter(|known| known.secret == secret)
    }

    /// How a key is treated at the moment; the account's own is always live.
    pub(crate) fn standing(&self, key: &Key, delays: Delays) -> Standing {
        if key.id == self.own.id {
            return Standing::Live;
        }
        key.propagation.standing(key.deleted, delays)
    }

    /// Counts a request that was treated as one of a live key.
    pub(crate) fn count_honoured(&mut self, public: &str) {
        if let Some(key) = self.made_mut(public) {
            key.propagation.count_honoured(key.deleted);
        }
    }

    /// Counts a request that was refused because the key is new.
    pub(crate) fn count_refused_as_new(&mut self, public: &str) {
        if let Some(key) = self.made_mut(public) {
            key.propagation.count_refused();
        }
    }

    fn made_mut(&mut self, public: &str) -> Option<&mut Key> {
        self.by_public.get(public).and_then(|place| self.made.get_mut(*place))
    }
}

/// The two halves are 16 and 32 bytes in base64, with `+`, `/` and `=` [CODE].
fn mint(NewKey { name, scopes }: NewKey, random: &mut Random, clock: &mut Clock) -> Key {
    Key {
        id: random.uuid(),
        name,
        public: random.base64(16),
        secret: random.base64(32),
        scopes,
        deleted: false,
        propagation: Propagation::default(),
        created_at: clock.tick().iso_micros(),
    }
}
