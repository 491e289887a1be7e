//! What the account's owner does without the app under test, and without a request.

use serde_json::{Map, Value};

use super::account::State;
use super::answer::Answer;
use super::create;
use super::handle::{W3ipfs, W3ipfsKey};
use crate::propagation::Delays;

impl W3ipfs {
    /// Creates a key without a request, as the account's owner does in the dashboard.
    ///
    /// `scopes` is JSON text in the form of a request: `{"admin":true}`. The key counts as created.
    ///
    /// # Panics
    ///
    /// Panics if `scopes` is not JSON, or if a create would be refused, for example because a live
    /// key has the name.
    ///
    /// ```
    /// use pinning_keys_emulator::Emulator;
    ///
    /// let emulator = Emulator::in_memory();
    /// let made = emulator.w3ipfs().create_key("by-hand", r#"{"admin":true}"#);
    /// assert_eq!(emulator.w3ipfs().keys(), [made]);
    /// assert_eq!(emulator.requests(), 0);
    /// ```
    pub fn create_key(&self, name: &str, scopes: &str) -> W3ipfsKey {
        let body = Map::from_iter([
            ("name".to_owned(), Value::from(name)),
            ("scopes".to_owned(), json_of(scopes)),
        ]);
        let account = self.account();
        let mut guard = account.state();
        let state: &mut State = &mut guard;
        let new = create::read(&body, &state.keys, &account.assumptions, None);
        let new = new.unwrap_or_else(|refusal| refused(refusal));
        let delays = Delays::default();
        W3ipfsKey::of(state.keys.make(new, delays, &mut state.random, &mut state.clock))
    }

    /// Deletes the key with this public half without a request, as the account's owner does in the
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
    /// let made = emulator.w3ipfs().create_key("by-hand", r#"{"admin":true}"#);
    /// assert!(emulator.w3ipfs().revoke_key(&made.api_key));
    /// assert!(!emulator.w3ipfs().revoke_key(&made.api_key));
    /// ```
    pub fn revoke_key(&self, api_key: &str) -> bool {
        let account = self.account();
        let mut state = account.state();
        let made = state.keys.made().find(|key| key.public == api_key);
        let id = made.map_or_else(|| unknown(api_key), |key| key.id.clone());
        state.keys.delete(&id, Delays::default()).is_ok()
    }

    /// Gives the key with this public half other scopes, wider or narrower, without a request.
    ///
    /// No source shows a way to do so at the real service. A test needs it for a client that must
    /// not trust what it recorded when the key was created.
    ///
    /// # Panics
    ///
    /// Panics if no such key was created, or if `scopes` is not JSON, or not accepted in a create.
    ///
    /// ```
    /// use pinning_keys_emulator::Emulator;
    ///
    /// let lists_pins = r#"{
    ///     "data": { "pin_list": true, "nft_list": false },
    ///     "pinning": { "unpin": false, "pin_by_hash": false, "pin_file_to_ipfs": false },
    ///     "pin_nft": { "unpin_nft": false, "pin_nft_to_ipfs": false }
    /// }"#;
    ///
    /// let emulator = Emulator::in_memory();
    /// let made = emulator.w3ipfs().create_key("by-hand", lists_pins);
    /// emulator.w3ipfs().set_scopes(&made.api_key, r#"{"admin":true}"#);
    /// assert_eq!(emulator.w3ipfs().keys()[0].scopes, r#"{"admin":true}"#);
    /// ```
    pub fn set_scopes(&self, api_key: &str, scopes: &str) {
        let body = Map::from_iter([("scopes".to_owned(), json_of(scopes))]);
        let account = self.account();
        let scopes = create::scopes(&body, &account.assumptions);
        let scopes = scopes.unwrap_or_else(|refusal| refused(refusal));
        if !account.state().keys.set_scopes(api_key, scopes) {
            unknown(api_key)
        }
    }
}

fn json_of(scopes: &str) -> Value {
    match serde_json::from_str(scopes) {
        Ok(scopes) => scopes,
        Err(error) => panic!("scopes are not JSON: {error}"),
    }
}

fn refused(refusal: Answer) -> ! {
    panic!("the emulated W3IPFS refuses this key: {}", refusal.into_body())
}

fn unknown(api_key: &str) -> ! {
    panic!("the emulated W3IPFS has created no key {api_key}")
}
