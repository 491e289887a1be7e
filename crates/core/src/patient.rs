use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::{
    Account, Credential, CredentialFacts, Effect, Error, ErrorKind, IssuedKey, IssuerProfile,
    KeyIssuer, KeyPage, KeyQuery, KeyRef, KeyRequest, Plan, ProbeConsent, ProbeReport, Revocation,
    Verification,
};

/// A provider that asks for no wait would be called without end.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

type Sleep = dyn Fn(Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync;

/// An issuer that waits when a rate limit is exceeded, as long as the provider asks, and then makes
/// the call again.
///
/// An issuer's own deadline bounds the waits of a call too, but is usually shorter than the minute
/// that providers count requests in. With `Patient`, a call that hangs still ends at the deadline,
/// while a listing of many keys ([`keys`], [`find`], [`reconcile`]) outlasts the rate limit.
///
/// It makes a call again only after a refusal that names a time and certainly had no effect, so no
/// key is issued twice. The `bulk` crate's `Throttled` keeps within the limits instead.
///
/// It also waits until a new key works ([`wait_until_live`](Self::wait_until_live)), or until a
/// revoked one has stopped working ([`wait_until_dead`](Self::wait_until_dead)).
///
/// ```
/// use std::time::Duration;
///
/// use pinning_keys_core::{KeyIssuerExt, KeyQuery, Patient};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), pinning_keys_core::Error> {
/// # let emulator = pinning_keys_emulator::Emulator::in_memory();
/// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
/// #     .with_transport(emulator.transport())
/// #     .build()?;
/// let issuer = Patient::new(issuer, Duration::from_secs(120), tokio::time::sleep);
/// let listing = issuer.keys(KeyQuery::new()).into_listing().await?;
/// # assert!(listing.records().is_empty());
/// # Ok(())
/// # }
/// ```
///
/// [`keys`]: crate::KeyIssuerExt::keys
/// [`find`]: crate::KeyIssuerExt::find
/// [`reconcile`]: crate::KeyIssuerExt::reconcile
#[derive(Clone)]
pub struct Patient<I> {
    pub(crate) issuer: I,
    pub(crate) longest: Duration,
    pub(crate) sleep: Arc<Sleep>,
}

impl<I: KeyIssuer> Patient<I> {
    /// Wraps an issuer. Each call waits for at most `longest` in all; `sleep` is the function of
    /// your runtime, such as `tokio::time::sleep`.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use pinning_keys_core::{KeyIssuer, Patient};
    ///
    /// fn patient<I: KeyIssuer>(issuer: I) -> Patient<I> {
    ///     Patient::new(issuer, Duration::from_secs(120), tokio::time::sleep)
    /// }
    /// ```
    pub fn new<F>(
        issuer: I,
        longest: Duration,
        sleep: impl Fn(Duration) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self { issuer, longest, sleep: Arc::new(move |wait| Box::pin(sleep(wait))) }
    }

    /// The issuer that does not wait.
    pub fn into_inner(self) -> I {
        self.issuer
    }

    async fn patiently<'c, T>(
        &self,
        call: impl Fn() -> Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'c>> + Send + Sync,
    ) -> Result<T, Error> {
        let mut left = self.longest;
        loop {
            let error = match call().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            match affordable_wait(&error, &mut left) {
                None => return Err(error),
                Some(wait) => (self.sleep)(wait).await,
            }
        }
    }
}

/// How long to wait before the call is made again, which is taken from what is left; `None` if it
/// must not be, or if that is not enough.
pub(crate) fn affordable_wait(error: &Error, left: &mut Duration) -> Option<Duration> {
    let wait = requested_wait(error)?;
    *left = left.checked_sub(wait)?;
    Some(wait)
}

/// How long to wait before the call is made again; `None` if it must not be.
fn requested_wait(error: &Error) -> Option<Duration> {
    let had_no_effect = error.effect() != Effect::Unknown;
    let wait = error.retry_after()?;
    (error.kind() == ErrorKind::RateLimited && had_no_effect).then_some(wait.max(SHORTEST_WAIT))
}

#[async_trait]
impl<I: KeyIssuer> KeyIssuer for Patient<I> {
    fn profile(&self) -> &IssuerProfile {
        self.issuer.profile()
    }

    fn plan(&self, request: &KeyRequest) -> Result<Plan, Error> {
        self.issuer.plan(request)
    }

    async fn issue(&self, request: &KeyRequest) -> Result<IssuedKey, Error> {
        self.patiently(|| self.issuer.issue(request)).await
    }

    async fn list(&self, query: &KeyQuery) -> Result<KeyPage, Error> {
        self.patiently(|| self.issuer.list(query)).await
    }

    async fn revoke(&self, key: &KeyRef) -> Result<Revocation, Error> {
        self.patiently(|| self.issuer.revoke(key)).await
    }

    async fn verify(&self, credential: &Credential) -> Result<Verification, Error> {
        self.patiently(|| self.issuer.verify(credential)).await
    }

    async fn probe(
        &self,
        credential: &Credential,
        consent: ProbeConsent,
    ) -> Result<ProbeReport, Error> {
        // Only the verification fails as an error, and after that nothing else was sent.
        self.patiently(|| self.issuer.probe(credential, consent)).await
    }

    fn credential_facts(&self, credential: &Credential) -> Result<CredentialFacts, Error> {
        self.issuer.credential_facts(credential)
    }

    async fn is_own_key(&self, key: &KeyRef) -> Result<Option<bool>, Error> {
        self.issuer.is_own_key(key).await
    }

    async fn account(&self) -> Result<Option<Account>, Error> {
        self.issuer.account().await
    }

    fn confined_to(&self, account_id: &str) -> Option<Arc<dyn KeyIssuer>> {
        let issuer = self.issuer.confined_to(account_id)?;
        Some(Arc::new(Patient { issuer, longest: self.longest, sleep: Arc::clone(&self.sleep) }))
    }
}

/// Does not show the issuer, which holds a credential.
impl<I> fmt::Debug for Patient<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Patient").field("longest", &self.longest).finish_non_exhaustive()
    }
}
