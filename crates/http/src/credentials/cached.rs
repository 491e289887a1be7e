use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use pinning_keys_core::{Error, ErrorKind};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::account_credential::AccountCredential;
use super::credential_source::{Ask, CredentialSource};
use crate::runtime;

/// How long before its expiry a credential is renewed: longer than the usual deadline of a call.
const MARGIN: Duration = Duration::from_secs(60);

/// A refresh that hangs must not keep later calls from trying again.
const LONGEST_REFRESH: Duration = Duration::from_secs(30);

/// The time between a failed renewal and the next one while the credential is still valid. Without
/// it, each call would log in again.
const RENEWAL_PAUSE: Duration = Duration::from_secs(1);

/// A [`CredentialSource`] that caches what another source returns.
///
/// Wrap a source that logs in, refreshes a token or asks a vault, so that it does so once for many
/// calls:
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use pinning_keys_core::Error;
/// use pinning_keys_http::credentials::{AccountCredential, Cached, from_fn};
///
/// /// Logs in at W3IPFS, whose JWT expires after two hours.
/// async fn log_in() -> Result<AccountCredential, Error> {
///     let now = SystemTime::now();
///     let jwt = "eyJhbGciOi"; // … POST /auth/login …
///     Ok(AccountCredential::bearer(jwt)?.with_expires_at(now + Duration::from_secs(2 * 60 * 60)))
/// }
///
/// let source = Cached::new(from_fn(|_| log_in()));
/// # let _ = source;
/// ```
///
/// * **One refresh at a time.** Calls that need a credential while one is being fetched wait for
///   it.
/// * **Early renewal.** A credential with an [expiry](AccountCredential::with_expires_at) is
///   renewed a minute before it ([`with_margin`](Self::with_margin)). Calls use it meanwhile, and
///   no call waits for the renewal or fails with it.
/// * **One refresh after a refusal.** If the provider refuses the cached credential, it is dropped
///   and fetched again. A refusal of an older credential returns the cached one.
/// * **Failures are not cached.** The error of a refresh reaches every call that waits for it, as
///   the source of that call's error. The next call tries again, but an early renewal only a second
///   after it failed.
///
/// A refresh runs as a task of the tokio runtime; without one, the source fails. The task continues
/// if the calls that wait for it are dropped, so that a refresh token that can be used only once is
/// not lost with them. It fails after 30 s.
///
/// The wrapped source should fetch a credential each time it is asked. Copies share the cache.
#[derive(Clone)]
pub struct Cached {
    shared: Arc<Shared>,
    margin: Duration,
}

struct Shared {
    source: Box<dyn CredentialSource>,
    /// Locked for a few instructions at a time: never while the source works.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// The refresh that was started last.
    refresh: Option<Refresh>,
    /// When the last refresh failed, unless one has succeeded since.
    failed_at: Option<Instant>,
}

struct Held {
    credential: AccountCredential,
    since: Instant,
}

/// A refresh in flight.
#[derive(Clone)]
struct Refresh {
    /// What the source was asked.
    ask: Ask,
    /// Nothing until it is over; closed without an outcome if its task was cut short.
    outcome: watch::Receiver<Option<Outcome>>,
}

/// Shared, since every call that waits gets the error.
type Outcome = Result<AccountCredential, Arc<Error>>;

impl Cached {
    /// Caches the credentials of this source.
    ///
    /// ```
    /// use pinning_keys_http::credentials::{AccountCredential, Cached, from_fn};
    ///
    /// let source = from_fn(|_ask| async { AccountCredential::bearer("eyJhbGciOi") });
    /// let source = Cached::new(source);
    /// ```
    #[must_use]
    pub fn new(source: impl CredentialSource + 'static) -> Self {
        let shared = Shared { source: Box::new(source), state: Mutex::default() };
        Self { shared: Arc::new(shared), margin: MARGIN }
    }

    /// Sets how long before its expiry a credential is renewed (default: 1 min), but at most half
    /// of its lifetime.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use pinning_keys_http::credentials::{AccountCredential, Cached, from_fn};
    ///
    /// let source = from_fn(|_| async { AccountCredential::bearer("eyJhbGciOi") });
    /// let source = Cached::new(source).with_margin(Duration::from_secs(5 * 60));
    /// # let _ = source;
    /// ```
    #[must_use]
    pub fn with_margin(mut self, margin: Duration) -> Self {
        self.margin = margin;
        self
    }

    /// The cached credential, or the refresh to wait for.
    fn look(&self, ask: &Ask, runtime: &Handle) -> Result<AccountCredential, Refresh> {
        let mut state = self.shared.lock();
        let now = Instant::now();
        state.held.take_if(|held| held.is_expired(now) || is_refused(&held.credential, ask));
        let running = state.refresh.as_ref().filter(|refresh| refresh.is_running()).cloned();
        let Some(held) = &state.held else {
            return Err(running.unwrap_or_else(|| self.start(state, ask.clone(), runtime)));
        };
        let credential = held.credential.clone();
        let may_renew = state.failed_at.is_none_or(|failed_at| now >= failed_at + RENEWAL_PAUSE);
        if running.is_none() && may_renew && held.is_due(now, self.margin) {
            self.start(state, Ask::Current, runtime);
        }
        Ok(credential)
    }

    /// Starts a refresh.
    fn start(&self, mut state: MutexGuard<'_, State>, ask: Ask, runtime: &Handle) -> Refresh {
        let (sender, outcome) = watch::channel(None);
        let refresh = Refresh { ask: ask.clone(), outcome };
        state.refresh = Some(refresh.clone());
        drop(state);
        let shared = Arc::clone(&self.shared);
        runtime.spawn(async move {
            let outcome = shared.fetch(ask).await;
            // Before the outcome is known, so that nobody finds the refresh over and nothing held.
            shared.lock().learn_from(&outcome);
            sender.send_replace(Some(outcome));
        });
        refresh
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is whole between any two of its changes.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn fetch(&self, ask: Ask) -> Outcome {
        match timeout(LONGEST_REFRESH, self.source.credential(ask)).await {
            Ok(fetched) => fetched.map_err(Arc::new),
            Err(_) => Err(Arc::new(unavailable("the credential source did not answer in 30 s"))),
        }
    }
}

impl State {
    fn learn_from(&mut self, outcome: &Outcome) {
        let now = Instant::now();
        match outcome {
            Ok(credential) => {
                self.held = Some(Held { credential: credential.clone(), since: now });
                self.failed_at = None;
            }
            Err(_) => self.failed_at = Some(now),
        }
    }
}

impl Held {
    fn is_expired(&self, now: Instant) -> bool {
        self.credential.expires().is_some_and(|expires| expires <= now)
    }

    fn is_due(&self, now: Instant, margin: Duration) -> bool {
        self.credential.expires().is_some_and(|expires| {
            let lifetime = expires.saturating_duration_since(self.since);
            expires.saturating_duration_since(now) <= margin.min(lifetime / 2)
        })
    }
}

impl Refresh {
    fn is_running(&self) -> bool {
        self.outcome.borrow().is_none() && self.outcome.has_changed().is_ok()
    }

    /// Waits for the outcome; nothing if the task was cut short.
    async fn outcome(&mut self) -> Option<Outcome> {
        self.outcome.wait_for(Option::is_some).await.ok()?.clone()
    }
}

#[async_trait]
impl CredentialSource for Cached {
    async fn credential(&self, ask: Ask) -> Result<AccountCredential, Error> {
        let runtime = runtime::current()?;
        loop {
            let mut refresh = match self.look(&ask, &runtime) {
                Ok(credential) => return Ok(credential),
                Err(refresh) => refresh,
            };
            match refresh.outcome().await {
                // A refresh that began before the refusal may bring the refused credential once
                // more. Only one that was told of the refusal settles it.
                Some(Ok(credential))
                    if is_refused(&credential, &ask) && !is_refused(&credential, &refresh.ask) => {}
                Some(Ok(credential)) => return Ok(credential),
                Some(Err(error)) => return Err(shared(error)),
                None => {
                    return Err(unavailable(
                        "the credential source panicked, or its runtime ended",
                    ));
                }
            }
        }
    }
}

impl fmt::Debug for Cached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cached").field("margin", &self.margin).finish_non_exhaustive()
    }
}

fn is_refused(credential: &AccountCredential, ask: &Ask) -> bool {
    matches!(ask, Ask::AfterRefusal(refused) if refused.is_same_as(credential))
}

/// A separate error for one of the calls that waited.
fn shared(error: Arc<Error>) -> Error {
    let mut own = Error::new(error.kind(), "the account's credential could not be refreshed");
    if let Some(step) = error.next_step() {
        own = own.with_next_step(step);
    }
    if let Some(wait) = error.retry_after() {
        own = own.with_retry_after(wait);
    }
    own.with_source(error)
}

fn unavailable(message: &'static str) -> Error {
    Error::new(ErrorKind::CredentialUnavailable, message)
}
