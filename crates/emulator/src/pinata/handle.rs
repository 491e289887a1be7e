use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, Method};

use super::account::Account;
use super::assumptions::PinataAssumptions;
use super::auth;
use super::routes;
use super::scopes::Access;

/// The emulated Pinata, as the tests of an app see it; from
/// [`Emulator::pinata`](crate::Emulator::pinata).
///
/// The admin credential belongs to the account itself: it may do everything, is not in any
/// list of keys, cannot be revoked, and does not count as a key made.
///
/// ```
/// use pinning_keys_emulator::Emulator;
///
/// let emulator = Emulator::builder().in_memory();
/// let pinata = emulator.pinata();
/// assert_eq!(pinata.api_key().len(), 20);
/// assert_eq!(pinata.api_secret().len(), 64);
/// assert!(!format!("{pinata:?}").contains(pinata.api_secret()));
/// ```
#[derive(Clone)]
pub struct Pinata {
    account: Arc<Account>,
    jwt: String,
    api_key: String,
    api_secret: String,
}

impl Pinata {
    pub(crate) fn new(seed: u64, assumptions: PinataAssumptions, base_url: String) -> Self {
        let account = Account::new(seed, assumptions, base_url);
        let (jwt, api_key, api_secret) = {
            let state = account.state();
            let admin = state.keys.admin();
            (admin.jwt.clone(), admin.public.clone(), admin.secret.clone())
        };
        Self { account: Arc::new(account), jwt, api_key, api_secret }
    }

    pub(crate) fn account(&self) -> Arc<Account> {
        Arc::clone(&self.account)
    }

    /// Where to send requests, without a slash at the end: `http://127.0.0.1:41873`.
    ///
    /// The real service has a second host for uploads; here both are this one.
    pub fn base_url(&self) -> &str {
        &self.account.base_url
    }

    /// The bearer token of the admin credential.
    pub fn jwt(&self) -> &str {
        &self.jwt
    }

    /// The public half of the admin credential's key pair.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// The secret half of the admin credential's key pair.
    pub fn api_secret(&self) -> &str {
        &self.api_secret
    }

    /// The keys made so far, in the order in which they were made, revoked ones included.
    pub fn keys(&self) -> Vec<MadeKey> {
        let state = self.account.state();
        let keys = state.keys.made().map(|key| MadeKey {
            name: key.name.clone(),
            key: key.public.clone(),
            revoked: key.revoked,
            uses: key.uses,
            max_uses: key.max_uses,
            scopes: key.scopes.to_string(),
        });
        keys.collect()
    }

    /// How many keys were made. A key counts from the moment that the emulator made it,
    /// whether or not the answer arrived; the admin credential does not count.
    ///
    /// ```
    /// use pinning_keys_emulator::Emulator;
    ///
    /// let emulator = Emulator::builder().in_memory();
    /// assert_eq!(emulator.pinata().keys_made(), 0);
    /// ```
    pub fn keys_made(&self) -> usize {
        self.account.state().keys.made().count()
    }

    /// How many of the keys made are not revoked. One that has used up its `maxUses` is
    /// among them.
    ///
    /// ```
    /// use pinning_keys_emulator::Emulator;
    ///
    /// let emulator = Emulator::builder().in_memory();
    /// assert_eq!(emulator.pinata().keys_live(), 0);
    /// ```
    pub fn keys_live(&self) -> usize {
        self.account.state().keys.made().filter(|key| !key.revoked).count()
    }

    /// Whether a request with these credential headers would be let through to this route.
    ///
    /// It asks what a request would ask, authentication and scope, without sending one:
    /// nothing is counted and no use is spent. A signed upload URL needs no key, so no headers
    /// open it. A query in `path` is ignored.
    ///
    /// # Panics
    ///
    /// Where there is no such route: a test that asserts that a key may *not* do something would
    /// otherwise be green for ever after a typing error.
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue, Method, header::AUTHORIZATION};
    /// use pinning_keys_emulator::Emulator;
    ///
    /// let emulator = Emulator::builder().in_memory();
    /// let pinata = emulator.pinata();
    /// let mut headers = HeaderMap::new();
    /// assert!(!pinata.may(&headers, &Method::GET, "/v3/files/public"));
    ///
    /// let bearer = HeaderValue::from_str(&format!("Bearer {}", pinata.jwt())).unwrap();
    /// headers.insert(AUTHORIZATION, bearer);
    /// assert!(pinata.may(&headers, &Method::GET, "/v3/files/public"));
    /// ```
    pub fn may(&self, headers: &HeaderMap, method: &Method, path: &str) -> bool {
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        let Some(found) = routes::find(method, path) else {
            panic!("the emulated Pinata has no route {method} {path}");
        };
        let (state, opens) = (self.account.state(), found.route.opens);
        opens != Access::SignedUrl
            && auth::authorize(&state.keys, &self.account.assumptions, opens, headers).is_ok()
    }
}

impl fmt::Debug for Pinata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pinata").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}

/// A key that the emulator made, without its secrets.
///
/// ```
/// use pinning_keys_emulator::Emulator;
///
/// let emulator = Emulator::builder().in_memory();
/// let live: Vec<_> = emulator.pinata().keys().into_iter().filter(|key| !key.revoked).collect();
/// assert!(live.is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MadeKey {
    /// The name that it was made with.
    pub name: String,
    /// Its public key, by which it is revoked.
    pub key: String,
    /// Whether it was revoked.
    pub revoked: bool,
    /// How many requests it was used for.
    pub uses: u64,
    /// How many requests it may be used for, if limited.
    pub max_uses: Option<u64>,
    /// The `permissions` that it was made with, as JSON text: `{"admin":true}`. The order of
    /// members is not promised, so a test should parse it.
    pub scopes: String,
}
