//! The keys that a case has asked for, whatever became of them.

use std::sync::{Mutex, MutexGuard};

use pinning_keys_core::{Credential, Effect, Error, IssuedKey, KeyName, KeyRef};

use crate::panics::lock;

/// All keys that a case has asked for.
#[derive(Default)]
pub(crate) struct AskedKeys {
    /// The names that this run made unique, so that nobody else's key can have them.
    unique: Mutex<Vec<KeyName>>,
    keys: Mutex<Vec<AskedKey>>,
}

/// A key that a case has asked for.
#[derive(Clone)]
pub(crate) struct AskedKey {
    pub(crate) name: KeyName,
    /// Whether no other key can have this name. Keys with other names, such as a reserved one,
    /// may belong to the account.
    pub(crate) has_unique_name: bool,
    pub(crate) key_ref: Option<KeyRef>,
    pub(crate) credential: Option<Credential>,
    /// Whether the provider may have created a key that was not returned.
    pub(crate) maybe_made: bool,
    pub(crate) state: State,
}

/// What became of the key, according to the adapter.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Open,
    NotSent,
    Revoked,
}

impl AskedKeys {
    /// Records a name that nobody else's key can have.
    pub(crate) fn note_unique(&self, name: KeyName) {
        lock(&self.unique).push(name);
    }

    /// Records a key before it is asked for, and returns its position.
    pub(crate) fn ask_for(&self, name: &KeyName) -> usize {
        let mut keys = self.all();
        keys.push(AskedKey {
            name: name.clone(),
            has_unique_name: self.is_unique(name),
            key_ref: None,
            credential: None,
            maybe_made: true,
            state: State::Open,
        });
        keys.len() - 1
    }

    /// Records the answer to the request for the key at this position.
    pub(crate) fn answered(&self, at: usize, answer: &Result<IssuedKey, Error>) {
        let asked = &mut self.all()[at];
        match answer {
            Ok(key) => {
                asked.key_ref = Some(key.key_ref().clone());
                asked.credential = Some(key.credential().clone());
                asked.maybe_made = false;
            }
            Err(error) => {
                asked.maybe_made = error.effect() == Effect::Unknown;
                if error.effect() == Effect::NotSent {
                    asked.state = State::NotSent;
                }
            }
        }
    }

    /// Records that a key was revoked, according to the adapter.
    pub(crate) fn revoked(&self, key: &KeyRef) {
        for asked in self.all().iter_mut().filter(|asked| asked.key_ref.as_ref() == Some(key)) {
            asked.state = State::Revoked;
        }
    }

    pub(crate) fn all(&self) -> MutexGuard<'_, Vec<AskedKey>> {
        lock(&self.keys)
    }

    /// Whether a name was made unique here, or begins with such a name.
    fn is_unique(&self, name: &KeyName) -> bool {
        lock(&self.unique).iter().any(|unique| name.as_str().starts_with(unique.as_str()))
    }
}
