use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, Method};

use super::account::{Account, State};
use super::assumptions::W3ipfsAssumptions;
use super::auth;
use super::routes;

/// The emulated W3IPFS, today called AIOZ Pin, as the tests of an app see it; from
/// [`Emulator::w3ipfs`](crate::Emulator::w3ipfs).
///
/// It is reached with the token of the account's log-in, or with the pair of the account's
/// own key. That key is named `Default`, is admin, is in the list of keys, cannot be deleted,
/// and does not count as a key made.
///
/// ```
/// use pinning_keys_emulator::Emulator;
///
/// let emulator = Emulator::builder().in_memory();
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

    /// Where to send requests, without a slash at the end: `http://127.0.0.1:41873/api`.
    pub fn base_url(&self) -> &str {
        &self.account.base_url
    }

    /// The bearer token of the account's log-in, which may do everything. It is another one
    /// after [`expire_jwt`](Self::expire_jwt), and after a client asked for one with the
    /// [`refresh_token`](Self::refresh_token).
    pub fn jwt(&self) -> String {
        self.account.state().sessions.current().to_owned()
    }

    /// The token that `GET /api/auth/refresh` takes, in a header `refresh_token`. It does
    /// not expire.
    pub fn refresh_token(&self) -> String {
        self.account.state().sessions.refresh_token().to_owned()
    }

    /// Lets every bearer token expire that was given out so far.
    ///
    /// The real ones seem to live two hours (by a document's sample); time does not pass here by itself.
    ///
    /// ```
    /// use pinning_keys_emulator::Emulator;
    ///
    /// let emulator = Emulator::builder().in_memory();
    /// let before = emulator.w3ipfs().jwt();
    /// emulator.w3ipfs().expire_jwt();
    /// assert_ne!(emulator.w3ipfs().jwt(), before);
    /// ```
    pub fn expire_jwt(&self) {
        let mut guard = self.account.state();
        let state: &mut State = &mut guard;
        state.sessions.expire(&mut state.random, &mut state.clock);
    }

    /// The public half of the account's own key.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// The secret half of the account's own key.
    pub fn api_secret(&self) -> &str {
        &self.api_secret
    }

    /// The keys made so far, in the order in which they were made, deleted ones included.
    pub fn keys(&self) -> Vec<W3ipfsKey> {
        let state = self.account.state();
        let keys = state.keys.made().map(|key| W3ipfsKey {
            id: key.id.clone(),
            name: key.name.clone(),
            api_key: key.public.clone(),
            deleted: key.deleted,
            scopes: key.scopes.as_sent().to_string(),
        });
        keys.collect()
    }

    /// How many keys were made. A key counts from the moment that the emulator made it,
    /// whether or not the answer arrived; the account's own does not count.
    ///
    /// ```
    /// use pinning_keys_emulator::Emulator;
    ///
    /// let emulator = Emulator::builder().in_memory();
    /// assert_eq!(emulator.w3ipfs().keys_made(), 0);
    /// ```
    pub fn keys_made(&self) -> usize {
        self.account.state().keys.made().count()
    }

    /// How many of the keys made are not deleted.
    ///
    /// ```
    /// use pinning_keys_emulator::Emulator;
    ///
    /// let emulator = Emulator::builder().in_memory();
    /// assert_eq!(emulator.w3ipfs().keys_live(), 0);
    /// ```
    pub fn keys_live(&self) -> usize {
        self.account.state().keys.live_count()
    }

    /// Whether a request with these credential headers would be let through to this route.
    ///
    /// It asks what a request would ask, authentication and scope, without sending one:
    /// nothing is counted. `path` is that of the request, and so begins with `/api`; a slash
    /// at its end makes no difference, and a query is ignored.
    ///
    /// # Panics
    ///
    /// Where there is no such route: a test that asserts that a key may *not* do something would
    /// otherwise be green for ever after a typing error.
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue, Method};
    /// use pinning_keys_emulator::Emulator;
    ///
    /// let emulator = Emulator::builder().in_memory();
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

/// A key that the emulated W3IPFS made, without its secret.
///
/// ```
/// use pinning_keys_emulator::Emulator;
///
/// let emulator = Emulator::builder().in_memory();
/// let live: Vec<_> = emulator.w3ipfs().keys().into_iter().filter(|key| !key.deleted).collect();
/// assert!(live.is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct W3ipfsKey {
    /// The identifier by which it is deleted.
    pub id: String,
    /// The name that it was made with.
    pub name: String,
    /// Its public half, which may hold `+`, `/` and `=`.
    pub api_key: String,
    /// Whether it was deleted.
    pub deleted: bool,
    /// The `scopes` that it was made with, as JSON text: `{"admin":true}`. The order of
    /// members is not promised, so a test should parse it.
    pub scopes: String,
}
