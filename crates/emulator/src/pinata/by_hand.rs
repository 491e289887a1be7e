//! What the account's owner does without the app under test, and without a request.

use serde_json::{Map, Value};

use super::account::State;
use super::answer::Answer;
use super::create;
use super::handle::{MadeKey, Pinata};
use super::scopes::Family;
use super::store::{NewKey, NotRevoked};
use crate::propagation::Delays;

impl Pinata {
    /// Creates a key without a request, as the account's owner does in the dashboard.
    ///
    /// `permissions` is JSON text in the form of a request: `{"admin":true}`. The key counts as
    /// created, and any number of keys may have its name.
    ///
    /// # Panics
    ///
    /// Panics if `permissions` is not JSON, or not accepted in a create.
    ///
    /// ```
    /// use pinning_keys_emulator::Emulator;
    ///
    /// let emulator = Emulator::in_memory();
    /// let made = emulator.pinata().create_key("by-hand", r#"{"resources":["org:files:read"]}"#);
    /// assert_eq!(emulator.pinata().keys(), [made]);
    /// assert_eq!(emulator.requests(), 0);
    /// ```
    pub fn create_key(&self, name: &str, permissions: &str) -> MadeKey {
        let new = self.checked(name, permissions);
        let account = self.account();
        let mut guard = account.state();
        let state: &mut State = &mut guard;
        let delays = Delays::default();
        MadeKey::of(state.keys.make(new, delays, &mut state.random, &mut state.clock))
    }

    /// Revokes the key with this public half without a request, as the account's owner does in the
    /// dashboard. Returns whether it was live.
    ///
    /// # Panics
    ///
    /// Panics if no such key was created.
    ///
    /// ```
    /// use pinning_keys_emulator::Emulator;
    ///
    /// let emulator = Emulator::in_memory();
    /// let made = emulator.pinata().create_key("by-hand", "{}");
    /// assert!(emulator.pinata().revoke_key(&made.key));
    /// assert!(!emulator.pinata().revoke_key(&made.key));
    /// ```
    pub fn revoke_key(&self, key: &str) -> bool {
        let account = self.account();
        let mut guard = account.state();
        let state: &mut State = &mut guard;
        let now = state.clock.tick();
        match state.keys.revoke(key, Delays::default(), now) {
            Ok(()) => true,
            Err(NotRevoked::Already) => false,
            Err(NotRevoked::Unknown) => panic!("the emulated Pinata has created no key {key}"),
        }
    }

    /// Gives the key with this public half other permissions, wider or narrower, without a request.
    ///
    /// No source shows a way to do so at the real service. A test needs it for a client that must
    /// not trust what it recorded when the key was created.
    ///
    /// # Panics
    ///
    /// Panics if no such key was created, or if `permissions` is not JSON, or not accepted in a
    /// create.
    ///
    /// ```
    /// use pinning_keys_emulator::Emulator;
    ///
    /// let emulator = Emulator::in_memory();
    /// let made = emulator.pinata().create_key("by-hand", "{}");
    /// emulator.pinata().set_scopes(&made.key, r#"{"admin":true}"#);
    /// assert_eq!(emulator.pinata().keys()[0].scopes, r#"{"admin":true}"#);
    /// ```
    pub fn set_scopes(&self, key: &str, permissions: &str) {
        let NewKey { scopes, .. } = self.checked("", permissions);
        let account = self.account();
        let mut guard = account.state();
        let state: &mut State = &mut guard;
        let now = state.clock.tick();
        let is_known = state.keys.set_scopes(key, scopes, now);
        assert!(is_known, "the emulated Pinata has created no key {key}");
    }

    /// A key that a request of the admin could create.
    fn checked(&self, name: &str, permissions: &str) -> NewKey {
        let body = serde_json::from_str(permissions).map(|permissions: Value| {
            let name = ("keyName".to_owned(), Value::from(name));
            Map::from_iter([name, ("permissions".to_owned(), permissions)])
        });
        let new = body.map_err(|error| error.to_string()).and_then(|body| {
            create::read(&body, true, Family::V3, &self.account().assumptions)
                .map_err(Answer::into_body)
        });
        new.unwrap_or_else(|refusal| panic!("the emulated Pinata refuses this key: {refusal}"))
    }
}
