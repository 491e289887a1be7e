use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use http::{HeaderMap, Method};

use super::account::Account;
use super::assumptions::PinataAssumptions;
use super::auth;
use super::routes;
use super::scopes::Access;
use super::store::Key;
use crate::vars;

/// The emulated Pinata as the tests of an app see it; from
/// [`Emulator::pinata`](crate::Emulator::pinata).
///
/// The admin credential belongs to the account itself: it may do everything, appears in no list of
/// keys, cannot be revoked, and does not count as a key created.
///
/// ```
/// use pinning_keys_emulator::Emulator;
///
/// let emulator = Emulator::in_memory();
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

    pub(crate) fn set_time(&self, time: SystemTime) {
        self.account.state().clock.set(time);
    }

    /// Returns the base URL without a trailing slash: `http://127.0.0.1:41873`.
    ///
    /// The real service has a second host for uploads; here both are this one.
    pub fn base_url(&self) -> &str {
        &self.account.base_url
    }

    /// Returns the bearer token of the admin credential.
    pub fn jwt(&self) -> &str {
        &self.jwt
    }

    /// Returns the environment variables with which `pinning-keys` reaches this Pinata as admin.
    ///
    /// Pass them to `IssuerConfig::from_vars`, or to the app as a process:
    ///
    /// ```
    /// use std::process::Command;
    ///
    /// use pinning_keys_emulator::Emulator;
    ///
    /// let emulator = Emulator::in_memory();
    /// let mut app = Command::new("app");
    /// app.envs(emulator.pinata().vars());
    /// ```
    pub fn vars(&self) -> Vec<(&'static str, String)> {
        let mut vars = vars::of("pinata", self.base_url(), self.jwt());
        vars.push(("PINNING_KEYS_UPLOAD_URL", self.base_url().to_owned()));
        vars
    }

    /// Returns the public half of the admin credential's key pair.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// Returns the secret half of the admin credential's key pair.
    pub fn api_secret(&self) -> &str {
        &self.api_secret
    }

    /// Returns the keys created so far, oldest first, including revoked ones.
    pub fn keys(&self) -> Vec<MadeKey> {
        self.account.state().keys.made().map(MadeKey::of).collect()
    }

    /// Returns the keys that were revoked, in the order in which that happened, by requests and by
    /// hand. Each key appears once, because a key is revoked only once, even if several requests
    /// revoke it.
    ///
    /// ```
    /// use pinning_keys_emulator::Emulator;
    ///
    /// let emulator = Emulator::in_memory();
    /// let pinata = emulator.pinata();
    /// let [first, second] = ["1", "2"].map(|name| pinata.create_key(name, r#"{"admin":true}"#));
    /// pinata.revoke_key(&second.key);
    /// pinata.revoke_key(&first.key);
    /// let names: Vec<_> = pinata.revocations().into_iter().map(|key| key.name).collect();
    /// assert_eq!(names, ["2", "1"]);
    /// ```
    pub fn revocations(&self) -> Vec<MadeKey> {
        self.account.state().keys.ended().map(MadeKey::of).collect()
    }

    /// Returns how many keys were created. A key counts as soon as the emulator created it, whether
    /// or not the response arrived; the admin credential does not count.
    pub fn keys_made(&self) -> usize {
        self.account.state().keys.made().count()
    }

    /// Returns how many of the keys created are not revoked, including those that have used up
    /// their `maxUses`.
    pub fn keys_live(&self) -> usize {
        self.account.state().keys.made().filter(|key| !key.revoked).count()
    }

    /// Returns whether a request with these credential headers would be let through to this route.
    ///
    /// It checks authentication and scope like a request, but counts nothing and spends no use. A
    /// signed upload URL needs no key, so no headers open it. A query in `path` is ignored.
    ///
    /// # Panics
    ///
    /// Panics if there is no such route: otherwise a test that asserts that a key may *not* do
    /// something would stay green after a typing error.
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue, Method, header::AUTHORIZATION};
    /// use pinning_keys_emulator::Emulator;
    ///
    /// let emulator = Emulator::in_memory();
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

/// A key that the emulated Pinata created, without its secrets; from [`Pinata::keys`].
///
/// ```
/// use pinning_keys_emulator::Emulator;
///
/// let emulator = Emulator::in_memory();
/// let live: Vec<_> = emulator.pinata().keys().into_iter().filter(|key| !key.revoked).collect();
/// assert!(live.is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MadeKey {
    /// The identifier that lists show.
    pub id: String,
    /// The name that was recorded.
    pub name: String,
    /// Its public half, by which it is revoked.
    pub key: String,
    /// Whether it was revoked.
    pub revoked: bool,
    /// The number of requests that it was used for.
    pub uses: u64,
    /// The greatest number of requests that it may be used for, if limited.
    pub max_uses: Option<u64>,
    /// Its `permissions`, as JSON text: `{"admin":true}`. The order of members may change, so a test
    /// should parse it.
    pub scopes: String,
}

impl MadeKey {
    pub(crate) fn of(key: &Key) -> Self {
        Self {
            id: key.id.clone(),
            name: key.name.clone(),
            key: key.public.clone(),
            revoked: key.revoked,
            uses: key.uses,
            max_uses: key.max_uses,
            scopes: key.scopes.to_string(),
        }
    }
}
