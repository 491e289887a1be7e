use std::collections::HashMap;

use serde_json::{Value, json};

use super::scopes::Grants;
use crate::clock::{Clock, Moment};
use crate::faults::history::History;
use crate::jwt::{self, TOKEN_END};
use crate::propagation::{Delays, Propagation, Standing};
use crate::random::Random;

/// A key with everything that the server knows about it. No `Debug`: it holds the secrets.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) name: String,
    /// The public half, which identifies the key.
    pub(crate) public: String,
    pub(crate) secret: String,
    pub(crate) jwt: String,
    /// `permissions` as sent.
    pub(crate) scopes: Value,
    pub(crate) grants: Grants,
    pub(crate) max_uses: Option<u64>,
    pub(crate) uses: u64,
    pub(crate) revoked: bool,
    pub(crate) propagation: Propagation,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
}

impl Key {
    pub(crate) fn is_exhausted(&self) -> bool {
        self.max_uses.is_some_and(|most| self.uses >= most)
    }
}

/// A checked create.
pub(crate) struct NewKey {
    pub(crate) name: String,
    pub(crate) scopes: Value,
    pub(crate) max_uses: Option<u64>,
}

/// Why a key could not be revoked.
pub(crate) enum NotRevoked {
    Unknown,
    Already,
}

/// All keys of the account. All families of key routes share this store [INF].
pub(crate) struct KeyStore {
    user_id: String,
    /// The account's own credential: not listed, not revocable, unlimited.
    admin: Key,
    made: Vec<Key>,
    history: History<Key>,
    /// The places of the revoked keys in `made`, in the order of their revocation.
    ended: Vec<usize>,
    /// The index of a key in `made`.
    by_public: HashMap<String, usize>,
    by_jwt: HashMap<String, usize>,
}

impl KeyStore {
    pub(crate) fn new(random: &mut Random, clock: &mut Clock) -> Self {
        let user_id = random.uuid();
        let new =
            NewKey { name: "Admin".to_owned(), scopes: json!({ "admin": true }), max_uses: None };
        let mut admin = mint(&user_id, new, random, clock.tick());
        admin.grants = Grants::admin();
        Self {
            user_id,
            admin,
            made: Vec::new(),
            history: History::new(),
            ended: Vec::new(),
            by_public: HashMap::new(),
            by_jwt: HashMap::new(),
        }
    }

    pub(crate) fn user_id(&self) -> &str {
        &self.user_id
    }

    pub(crate) fn admin(&self) -> &Key {
        &self.admin
    }

    /// The keys created, oldest first.
    pub(crate) fn made(&self) -> impl DoubleEndedIterator<Item = &Key> {
        self.made.iter()
    }

    /// The revoked keys, in the order of their revocation.
    pub(crate) fn ended(&self) -> impl Iterator<Item = &Key> {
        self.ended.iter().filter_map(|place| self.made.get(*place))
    }

    /// The keys that lists showed this many changes ago, oldest first.
    pub(crate) fn listed(&self, changes_ago: usize) -> impl DoubleEndedIterator<Item = &Key> {
        self.history.view(&self.made, changes_ago)
    }

    /// Makes a key; `delays` make it work late.
    pub(crate) fn make(
        &mut self,
        new: NewKey,
        delays: Delays,
        random: &mut Random,
        clock: &mut Clock,
    ) -> &Key {
        let mut key = mint(&self.user_id, new, random, clock.tick());
        key.propagation = Propagation::begin(delays);
        self.by_public.insert(key.public.clone(), self.made.len());
        self.by_jwt.insert(key.jwt.clone(), self.made.len());
        self.history.added(self.made.len());
        self.made.push(key);
        // The last key is the one just pushed, so the admin is never returned.
        self.made.last().unwrap_or(&self.admin)
    }

    /// Revokes a key that was created; `delays` let it go on working. The admin credential cannot
    /// be revoked.
    pub(crate) fn revoke(
        &mut self,
        public: &str,
        delays: Delays,
        now: Moment,
    ) -> Result<(), NotRevoked> {
        let place = *self.by_public.get(public).ok_or(NotRevoked::Unknown)?;
        let key = self.made.get_mut(place).ok_or(NotRevoked::Unknown)?;
        if key.revoked {
            return Err(NotRevoked::Already);
        }
        self.history.changed(place, key.clone());
        key.revoked = true;
        key.propagation.revoke(delays);
        key.updated_at = now.iso();
        self.ended.push(place);
        Ok(())
    }

    /// Gives a key that was created other permissions. Returns whether there is such a key.
    pub(crate) fn set_scopes(&mut self, public: &str, scopes: Value, now: Moment) -> bool {
        let Some(place) = self.by_public.get(public).copied() else { return false };
        let Some(key) = self.made.get_mut(place) else { return false };
        self.history.changed(place, key.clone());
        key.grants = Grants::read(&scopes);
        key.scopes = scopes;
        key.updated_at = now.iso();
        true
    }

    pub(crate) fn by_jwt(&self, token: &str) -> Option<&Key> {
        if self.admin.jwt == token {
            return Some(&self.admin);
        }
        self.by_jwt.get(token).and_then(|place| self.made.get(*place))
    }

    pub(crate) fn by_pair(&self, key: &str, secret: &str) -> Option<&Key> {
        self.by_public(key).filter(|known| known.secret == secret)
    }

    /// Whether the key with this public half is admin.
    pub(crate) fn is_admin(&self, key: &str) -> bool {
        self.by_public(key).is_some_and(|known| known.grants.admin)
    }

    /// How a key is treated at the moment; the admin credential is always live.
    pub(crate) fn standing(&self, key: &Key, delays: Delays) -> Standing {
        if key.public == self.admin.public {
            return Standing::Live;
        }
        key.propagation.standing(key.revoked, delays)
    }

    /// Counts a request that was treated as one of a live key; the admin credential has no uses.
    pub(crate) fn count_honoured(&mut self, key: &str, is_use: bool) {
        if let Some(key) = self.made_mut(key) {
            key.uses += u64::from(is_use);
            key.propagation.count_honoured(key.revoked);
        }
    }

    /// Counts a request that was refused because the key is new.
    pub(crate) fn count_refused_as_new(&mut self, key: &str) {
        if let Some(key) = self.made_mut(key) {
            key.propagation.count_refused();
        }
    }

    fn made_mut(&mut self, key: &str) -> Option<&mut Key> {
        self.by_public.get(key).and_then(|place| self.made.get_mut(*place))
    }

    fn by_public(&self, key: &str) -> Option<&Key> {
        if self.admin.public == key {
            return Some(&self.admin);
        }
        self.by_public.get(key).and_then(|place| self.made.get(*place))
    }
}

fn mint(user_id: &str, new: NewKey, random: &mut Random, now: Moment) -> Key {
    let (key, secret) = (random.hex(20), random.hex(64));
    let jwt = token(user_id, &key, &secret, random, now);
    Key {
        id: random.uuid(),
        name: new.name,
        public: key,
        secret,
        jwt,
        grants: Grants::read(&new.scopes),
        scopes: new.scopes,
        max_uses: new.max_uses,
        uses: 0,
        revoked: false,
        propagation: Propagation::default(),
        created_at: now.iso(),
        updated_at: now.iso(),
    }
}

/// A token in the form of the real ones: the payload contains the owner's e-mail, the key and its
/// secret in plain base64 [3P]. The signature is as long as an HMAC-SHA256.
fn token(user_id: &str, key: &str, secret: &str, random: &mut Random, now: Moment) -> String {
    let payload = json!({
        "userInformation": {
            "id": user_id,
            "email": "owner@emulator.invalid",
            "email_verified": true,
            "pin_policy": {
                "regions": [{ "desiredReplicationCount": 1, "id": "FRA1" }],
                "version": 1,
            },
            "mfa_enabled": false,
            "status": "ACTIVE",
        },
        "authenticationType": "scopedKey",
        "scopedKeyKey": key,
        "scopedKeySecret": secret,
        "iat": now.unix(),
        "exp": TOKEN_END,
    });
    jwt::token("HS256", &payload, 32, random)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// Compared with the time that making takes, so that a slow machine does not matter: a linear
    /// search for each key would take many times as long.
    #[test]
    fn many_keys_are_found_faster_than_made() {
        const KEYS: usize = 20_000;
        let (mut random, mut clock) = (Random::new(1), Clock::default());
        let mut store = KeyStore::new(&mut random, &mut clock);
        let begin = Instant::now();
        for _ in 0..KEYS {
            let new = NewKey { name: String::new(), scopes: json!({}), max_uses: None };
            store.make(new, Delays::default(), &mut random, &mut clock);
        }
        let making = begin.elapsed();
        let credentials: Vec<_> = store
            .made()
            .map(|key| (key.public.clone(), key.secret.clone(), key.jwt.clone()))
            .collect();
        let begin = Instant::now();
        for (public, secret, jwt) in &credentials {
            assert_eq!(store.by_jwt(jwt).unwrap().public, *public);
            assert_eq!(store.by_pair(public, secret).unwrap().public, *public);
            assert!(store.by_pair(public, "").is_none());
            store.count_honoured(public, true);
        }
        assert!(begin.elapsed() < making, "{:?} > {making:?}", begin.elapsed());
        assert!(store.made().all(|key| key.uses == 1));
    }
}
