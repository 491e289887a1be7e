use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use http::{HeaderMap, Method};

use super::account::{Account, State};
use super::assumptions::W3ipfsAssumptions;
use super::auth;
use super::routes;
use super::store::Key;
use crate::vars;

/// The emulated W3IPFS, now called AIOZ Pin, as the tests of an app see it; from
/// [`Emulator::w3ipfs`](crate::Emulator::w3ipfs).
///
/// It accepts the token of the account's session and the pair of the account's own key. That key
/// is named `Default`, is admin, is listed, cannot be deleted, and does not count as a key created.
///
/// ```
/// use pinning_keys_emulator::Emulator;
///
/// let emulator = Emulator::in_memory();
/// let w3ipfs = emulator.w3ipfs();
/// assert!(w3ipfs.base_url().ends_with("/api"));
/// assert_eq!(w3ipfs.api_key().len(), 24);
/// assert_eq!(w3ipfs.api_secret().len(), 44);
/// assert!(!format!("{w3ipfs:?}").contains(w3ipfs.api_secret()));
/// ```
#[derive(Clone)]
pub struct W3ipfs {
    account: Arc<Account>,
    api_key: String,
    api_secret: String,
}

impl W3ipfs {
    pub(crate) fn new(seed: u64, assumptions: W3ipfsAssumptions, base_url: String) -> Self {
        let account = Account::new(seed, assumptions, base_url);
        let (api_key, api_secret) = {
            let state = account.state();
            let own = state.keys.own();
            (own.public.clone(), own.secret.clone())
        };
        Self { account: Arc::new(account), api_key, api_secret }
    }

    pub(crate) fn account(&self) -> Arc<Account> {
        Arc::clone(&self.account)
    }

    pub(crate) fn set_time(&self, time: SystemTime) {
        self.account.state().clock.set(time);
    }

    /// Returns the base URL without a trailing slash: `http://127.0.0.1:41873/api`.
    pub fn base_url(&self) -> &str {
        &self.account.base_url
    }

    /// Returns the bearer token of the account's session, which may do everything. It changes with
    /// [`expire_jwt`](Self::expire_jwt), and when a client asks for a new one with the
    /// [`refresh_token`](Self::refresh_token).
    pub fn jwt(&self) -> String {
        self.account.state().sessions.current().to_owned()
    }

    /// Returns the environment variables with which `pinning-keys` reaches this W3IPFS as the
    /// account itself.
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
    /// app.envs(emulator.w3ipfs().vars());
    /// ```
    pub fn vars(&self) -> Vec<(&'static str, String)> {
        vars::of("w3ipfs", self.base_url(), &self.jwt())
    }

    /// Returns the token that `GET /api/auth/refresh` takes in the header `refresh_token`. It
    /// does not expire.
    pub fn refresh_token(&self) -> String {
        self.account.state().sessions.refresh_token().to_owned()
    }

    /// Expires every bearer token given out so far.
    ///
    /// The real ones seem to live two hours, by a document's sample; here they do not expire by
    /// themselves.
    ///
    /// ```
    /// use pinning_keys_emulator::Emulator;
    ///
    /// let emulator = Emulator::in_memory();
    /// let before = emulator.w3ipfs().jwt();
    /// emulator.w3ipfs().expire_jwt();
    /// assert_ne!(emulator.w3ipfs().jwt(), before);
    /// ```
    pub fn expire_jwt(&self) {
        let mut guard = self.account.state();
        let state: &mut State = &mut guard;
        state.sessions.expire(&mut state.random, &mut state.clock);
    }

    /// Returns the public half of the account's own key.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// Returns the secret half of the account's own key.
    pub fn api_secret(&self) -> &str {
        &self.api_secret
    }

    /// Returns the keys created so far, oldest first, including deleted ones.
    pub fn keys(&self) -> Vec<W3ipfsKey> {
        self.account.state().keys.made().map(W3ipfsKey::of).collect()
    }

    /// Returns the keys that were deleted, in the order in which that happened, by requests and
    /// by hand. Each comes once, since a key is deleted once, whatever is requested.
    ///
    /// ```
    /// use pinning_keys_emulator::Emulator;
    ///
    /// let emulator = Emulator::in_memory();
    /// let w3ipfs = emulator.w3ipfs();
    /// let [first, second] = ["1", "2"].map(|name| w3ipfs.create_key(name, r#"{"admin":true}"#));
    /// w3ipfs.revoke_key(&second.api_key);
    /// w3ipfs.revoke_key(&first.api_key);
    /// let names: Vec<_> = w3ipfs.revocations().into_iter().map(|key| key.name).collect();
    /// assert_eq!(names, ["2", "1"]);
    /// ```
    pub fn revocations(&self) -> Vec<W3ipfsKey> {
        self.account.state().keys.ended().map(W3ipfsKey::of).collect()
    }

    /// Returns how many keys were created. A key counts as soon as the emulator created it, whether
    /// or not the response arrived; the account's own key does not count.
    pub fn keys_made(&self) -> usize {
        self.account.state().keys.made().count()
    }

    /// Returns how many of the keys created are not deleted.
    pub fn keys_live(&self) -> usize {
        self.account.state().keys.live_count()
    }

    /// Returns whether a request with these credential headers would be let through to this route.
    ///
    /// It checks authentication and scope like a request, but counts nothing. `path` begins with
    /// `/api`, as in a request; a trailing slash makes no difference, and a query is ignored.
    ///
    /// # Panics
    ///
    /// Panics if there is no such route: otherwise a test that asserts that a key may *not* do
    /// something would stay green after a typing error.
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue, Method};
    /// use pinning_keys_emulator::Emulator;
    ///
    /// let emulator = Emulator::in_memory();
    /// let w3ipfs = emulator.w3ipfs();
    /// let mut headers = HeaderMap::new();
    /// assert!(!w3ipfs.may(&headers, &Method::GET, "/api/pinning/pins/"));
    ///
    /// let value = |text| HeaderValue::from_str(text).unwrap();
    /// headers.insert("pinning_api_key", value(w3ipfs.api_key()));
    /// headers.insert("pinning_secret_key", value(w3ipfs.api_secret()));
    /// assert!(w3ipfs.may(&headers, &Method::GET, "/api/pinning/pins/"));
    /// ```
    pub fn may(&self, headers: &HeaderMap, method: &Method, path: &str) -> bool {
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        let Some(found) = routes::find(method, path) else {
            panic!("the emulated W3IPFS has no route {method} {path}");
        };
        let (state, opens) = (self.account.state(), found.route.opens);
        auth::authorize(&state, &self.account.assumptions, opens, headers).is_ok()
    }
}

impl fmt::Debug for W3ipfs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("W3ipfs").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}

/// A key that the emulated W3IPFS created, without its secret; from [`W3ipfs::keys`].
///
/// ```
/// use pinning_keys_emulator::Emulator;
///
/// let emulator = Emulator::in_memory();
/// let live: Vec<_> = emulator.w3ipfs().keys().into_iter().filter(|key| !key.deleted).collect();
/// assert!(live.is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct W3ipfsKey {
    /// The identifier by which it is deleted.
    pub id: String,
    /// The name that was recorded.
    pub name: String,
    /// Its public half, which may contain `+`, `/` and `=`.
    pub api_key: String,
    /// Whether it was deleted.
    pub deleted: bool,
    /// Its `scopes`, as JSON text: `{"admin":true}`. The order of members may change, so a test
    /// should parse it.
    pub scopes: String,
}

impl W3ipfsKey {
    pub(crate) fn of(key: &Key) -> Self {
        Self {
            id: key.id.clone(),
            name: key.name.clone(),
            api_key: key.public.clone(),
            deleted: key.deleted,
            scopes: key.scopes.as_sent().to_string(),
        }
    }
}
