//! At most one upload key for each user, and none that nobody knows of.

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

/// The uses of a key, if the provider can limit them. A refused request may count as one.
const MAX_USES: NonZeroU64 = NonZeroU64::new(20).expect("20 is not zero");

/// What a user's key can do.
const UPLOADING: KeyScope = KeyScope::of(PermissionSet::of(&[Permission::PinsAddFile]));

/// The upload keys of all users.
pub(crate) struct UploadKeys {
    issuer: Arc<dyn KeyIssuer>,
    users: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Slot>>>>,
    is_closing: AtomicBool,
}

/// The state of a user's last key, and when the last request about it ended.
///
/// An app keeps this in its database and writes it before it sends the create, so that not even a
/// crash leaves an unknown key. After a crash, the time is that of the create plus the deadline.
type Slot = Option<(Trace, Instant)>;

enum Trace {
    /// A key of this name was requested and may exist.
    Asked(KeyName),
    /// This key was created.
    Made(KeyRef),
}

/// Why there is no key.
pub(crate) enum Trouble {
    /// The provider or the network failed.
    Failed(Error),
    /// An earlier key may still work, and a user has only one.
    Unsettled,
    /// The provider returned a token without a key pair.
    NoPair,
    /// The service is stopping.
    Closing,
}

impl UploadKeys {
    /// Upload keys from this issuer.
    ///
    /// # Errors
    ///
    /// If its keys cannot upload, or can do more than that.
    pub(crate) fn new(issuer: Arc<dyn KeyIssuer>) -> Result<Self, Error> {
        let keys = Self { issuer, users: Mutex::default(), is_closing: AtomicBool::new(false) };
        check(&keys.issuer.plan(&keys.request("nobody")?)?)?;
        Ok(keys)
    }

    /// Revokes the user's key, if there is one, and issues another.
    ///
    /// Runs to its end even if the client disconnects: a dropped call has no outcome to record, so
    /// the user's next request would not know how long to wait for it.
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
        let mut slot = slot.lock().await; // one request of a user at a time
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
                // The key may be as new as the failure, so that a list does not show it yet.
                *slot = Some((asked(), Instant::now()));
                // If this fails, the slot keeps the name for the next attempt.
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

    /// Issues no more keys, revokes those of all users, and returns the users for whom that failed.
    pub(crate) async fn close_all(&self) -> Vec<(String, Trouble)> {
        // First: a request that finds this unset holds a slot that is among those below.
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
        // A list lags: only after a while does the absence of a key mean that there is none.
        let is_absence_proof = since.elapsed() > self.issuer.profile().propagation();
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
            Revocation::NotFound if is_absence_proof => {}
            _ => return Err(Trouble::Unsettled),
        }
        *slot = None;
        Ok(())
    }

    fn request(&self, user: &str) -> Result<KeyRequest, Error> {
        // A unique name, by which a lost create can be settled.
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

/// Refuses a plan for a key that could do more than upload files.
pub(crate) fn check(plan: &Plan) -> Result<(), Error> {
    let granted = plan.translation().granted();
    if granted == UPLOADING {
        return Ok(());
    }
    let message = format!("a user's key must be limited to {UPLOADING}, not {granted}");
    Err(Error::new(ErrorKind::Inexpressible, message))
}

impl Trouble {
    /// Whether the same request may succeed later.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Failed(error) => error.is_retryable() || error.effect() == Effect::Unknown,
            Self::Unsettled | Self::Closing => true,
            Self::NoPair => false,
        }
    }

    /// The wait that the provider asks for.
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

/// For the operator of the service, not for its users. Contains no secret.
impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => error.fmt(f),
            Self::Unsettled => f.write_str("an earlier key may still work"),
            Self::NoPair => f.write_str("the provider returned no key pair; the key is revoked"),
            Self::Closing => f.write_str("the service is stopping"),
        }
    }
}
