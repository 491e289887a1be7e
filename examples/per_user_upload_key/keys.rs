//! One upload key a user at most, and none that nobody knows about.

use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pinning_keys::{
    Effect, Error, ErrorKind, IssuedKey, KeyIssuer, KeyIssuerExt, KeyName, KeyRef, KeyRequest,
    KeyScope, Permission, PermissionSet, Plan, Reconciliation, Revocation, ScopeRequest,
};
use tokio::time::Instant;

/// How many requests a key is good for, where the provider can limit that. Ones that it refuses
/// may count too.
const MAX_USES: NonZeroU64 = NonZeroU64::new(20).expect("20 is not zero");

/// What a key can do that is handed out.
const UPLOADING: KeyScope = KeyScope::of(PermissionSet::of(&[Permission::PinsAddFile]));

/// The upload keys of all users.
pub(crate) struct UploadKeys {
    issuer: Arc<dyn KeyIssuer>,
    users: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Slot>>>>,
    is_closing: AtomicBool,
}

/// What is left of a user's last key, and since when nothing was under way that changes it.
///
/// An app keeps it in its database, and writes it there before the create goes out: then not even
/// a crash leaves a key behind that nobody knows about. After a crash, that moment is the create's
/// beginning and the issuer's deadline.
type Slot = Option<(Trace, Instant)>;

enum Trace {
    /// A key of this name was asked for, and may exist.
    Asked(KeyName),
    /// This key was made.
    Made(KeyRef),
}

/// Why there is no key.
pub(crate) enum Trouble {
    /// The provider, or the way there, failed.
    Failed(Error),
    /// An earlier key may still work, so that another one would be one too many.
    Unsettled,
    /// The provider gave a token, and no key pair besides.
    NoPair,
    /// The service is ending.
    Closing,
}

impl UploadKeys {
    /// Upload keys from this issuer, if it can make any.
    ///
    /// # Errors
    ///
    /// What the issuer says where its keys cannot upload, or not without doing more.
    pub(crate) fn new(issuer: Arc<dyn KeyIssuer>) -> Result<Self, Error> {
        let keys = Self { issuer, users: Mutex::default(), is_closing: AtomicBool::new(false) };
        check(&keys.issuer.plan(&keys.request("nobody")?)?)?;
        Ok(keys)
    }

    /// Revokes the user's key, if there is one, and makes another.
    ///
    /// It goes on where the client hangs up: what is dropped half way has no outcome that could be
    /// written down, and the user's next request would not know how long to wait for it.
    pub(crate) async fn renew(
        self: &Arc<Self>,
        user: &str,
    ) -> Result<(IssuedKey, Option<u64>), Trouble> {
        let (keys, user) = (Arc::clone(self), user.to_owned());
        let renewal = tokio::spawn(async move { keys.renew_to_the_end(&user).await });
        renewal.await.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()))
    }

    async fn renew_to_the_end(&self, user: &str) -> Result<(IssuedKey, Option<u64>), Trouble> {
        let slot = self.slot(user);
        let mut slot = slot.lock().await; // a user's requests wait for one another
        if self.is_closing.load(Ordering::SeqCst) {
            return Err(Trouble::Closing);
        }
        self.close(&mut slot).await?;

        let request = self.request(user)?;
        let asked = || Trace::Asked(request.name().clone());
        *slot = Some((asked(), Instant::now()));
        match self.issuer.issue(&request).await {
            Ok(key) => {
                *slot = Some((Trace::Made(key.key_ref().clone()), Instant::now()));
                if key.credential().api_key().is_none() {
                    self.close(&mut slot).await?;
                    return Err(Trouble::NoPair);
                }
                Ok((key, request.max_uses().map(u64::from)))
            }
            Err(error) if error.effect() == Effect::Unknown => {
                // The key may be as young as the failure, and a list that lags not show it yet.
                *slot = Some((asked(), Instant::now()));
                // What cannot be settled now stays in the slot, for the next time.
                let _ = self.close(&mut slot).await;
                Err(error.into())
            }
            Err(error) => {
                *slot = None;
                Err(error.into())
            }
        }
    }

    /// Revokes the user's key, if there is one.
    pub(crate) async fn close_for(&self, user: &str) -> Result<(), Trouble> {
        let slot = self.slot(user);
        let mut slot = slot.lock().await;
        self.close(&mut slot).await
    }

    /// Makes no further keys, revokes those of all users, and tells for whom that failed.
    pub(crate) async fn close_all(&self) -> Vec<(String, Trouble)> {
        // First of all: whoever finds this unset holds a slot that is among those below.
        self.is_closing.store(true, Ordering::SeqCst);
        let users: Vec<_> = self.users().keys().cloned().collect();
        let mut failed = Vec::new();
        for user in users {
            if let Err(trouble) = self.close_for(&user).await {
                failed.push((user, trouble));
            }
        }
        failed
    }

    async fn close(&self, slot: &mut Slot) -> Result<(), Trouble> {
        let Some((trace, since)) = slot else { return Ok(()) };
        // Listings lag behind: only after a while does one without the key mean that there is none.
        let can_be_taken_for_gone = since.elapsed() > self.issuer.profile().propagation();
        let revocation = match trace {
            Trace::Made(key) => self.issuer.revoke(key).await?,
            Trace::Asked(name) => match self.issuer.reconcile(name).await? {
                Reconciliation::Settled { revocation, .. } => revocation,
                Reconciliation::NothingFound { discrepancies, .. } if discrepancies.is_empty() => {
                    Revocation::NotFound
                }
                _ => return Err(Trouble::Unsettled),
            },
        };
        match revocation {
            Revocation::Revoked | Revocation::AlreadyGone => {}
            Revocation::NotFound if can_be_taken_for_gone => {}
            _ => return Err(Trouble::Unsettled),
        }
        *slot = None;
        Ok(())
    }

    fn request(&self, user: &str) -> Result<KeyRequest, Error> {
        // A name of its own, by which a create whose answer gets lost can be settled.
        let name = KeyName::unique(&format!("user-{user}"))?;
        let request = KeyRequest::new(name, ScopeRequest::uploader())?;
        if self.issuer.profile().supports_max_uses() {
            return Ok(request.with_max_uses(MAX_USES));
        }
        Ok(request)
    }

    fn slot(&self, user: &str) -> Arc<tokio::sync::Mutex<Slot>> {
        Arc::clone(self.users().entry(user.to_owned()).or_default())
    }

    fn users(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<tokio::sync::Mutex<Slot>>>> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Refuses a plan by which a key could do anything but upload files.
pub(crate) fn check(plan: &Plan) -> Result<(), Error> {
    let granted = plan.translation().granted();
    if granted == UPLOADING {
        return Ok(());
    }
    let message = format!("a user's key must be good for {UPLOADING} alone, not for {granted}");
    Err(Error::new(ErrorKind::Inexpressible, message))
}

impl Trouble {
    /// Whether the same request may succeed in a while.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Failed(error) => error.is_retryable() || error.effect() == Effect::Unknown,
            Self::Unsettled | Self::Closing => true,
            Self::NoPair => false,
        }
    }

    /// How long the provider asks to wait.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Failed(error) => error.retry_after(),
            _ => None,
        }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// For whoever runs the service, and not for its users. Holds no secret.
impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => error.fmt(f),
            Self::Unsettled => f.write_str("an earlier key may still work; it is tried again"),
            Self::NoPair => f.write_str("the provider gave no key pair; the key is revoked"),
            Self::Closing => f.write_str("the service is ending"),
        }
    }
}
