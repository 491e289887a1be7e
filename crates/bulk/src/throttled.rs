use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use pinning_keys_core::{
    Account, Credential, CredentialFacts, Error, ErrorKind, IssuedKey, IssuerProfile, KeyIssuer,
    KeyPage, KeyQuery, KeyRef, KeyRequest, Operation, Plan, ProbeAnswer, ProbeConsent, ProbeReport,
    Revocation, Verification,
};

use crate::bucket::Bucket;
use crate::{RateLimits, runtime};

/// An issuer whose calls keep to a provider's rate limits by waiting for their turn.
///
/// Turns come at an even pace, 2 % below the limit, and do not accumulate while nothing is sent.
/// A provider that counts per minute would refuse a client that sends a minute's worth of
/// requests at once and then continues at the right pace.
///
/// Clones share the turns, so that all parts of a program keep to the limits together. Other
/// programs with the same account are not included. No call waits behind another, so a clone can
/// be used in the loop that reads a batch. If a refusal with 429 names a time, all calls under
/// that limit wait for it, but for no more than two minutes.
///
/// * The wait comes before the wrapped issuer's deadline starts and has no limit. Put a
///   [`timeout`](tokio::time::timeout) around a call that needs one. A call that is dropped while
///   it waits sends nothing and uses no turn.
/// * A call takes one turn, however many requests the adapter sends for it. Adapters retry lists
///   and revocations, and if keys are revoked by an id ([`IssuerProfile::revokes_by_id`]),
///   revoking by a reference without one reads the list. For many keys, use
///   [`revoke_many`](crate::revoke_many), which looks up the ids once and takes a turn per page.
/// * A probe takes a turn for each request of its [plan](IssuerProfile::probe_plan) and one for the
///   verification, all before its first request.
/// * A call that [`profile`](KeyIssuer::profile) rules out is refused without waiting.
/// * Waiting needs a tokio runtime with time enabled. Without a runtime, calls fail with
///   [`ErrorKind::Configuration`].
///
/// ```
/// use std::sync::Arc;
///
/// use pinning_keys_bulk::{RateLimits, Throttled, issue_many};
/// use pinning_keys_core::{KeyRequest, ScopeRequest};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), pinning_keys_core::Error> {
/// # let emulator = pinning_keys_emulator::Emulator::in_memory();
/// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
/// #     .with_transport(emulator.transport())
/// #     .build()?;
/// # let beginning = tokio::time::Instant::now();
/// let issuer = Arc::new(Throttled::new(issuer, RateLimits::PINATA_FREE));
/// let requests = (0..10).map(|n| KeyRequest::new(format!("user {n}"), ScopeRequest::reader()));
/// let mut keys = issue_many(issuer, requests.collect::<Result<Vec<_>, _>>()?);
/// while let Some((_, key)) = keys.next().await {
///     println!("{}", key?.name()); // one per second
/// }
/// # assert_eq!(beginning.elapsed().as_secs(), 9);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Throttled<I> {
    issuer: I,
    limits: RateLimits,
    buckets: Arc<Buckets>,
}

struct Buckets {
    shared: Bucket,
    issue: Option<Bucket>,
    list: Option<Bucket>,
    revoke: Option<Bucket>,
    verify: Option<Bucket>,
}

impl<I: KeyIssuer> Throttled<I> {
    /// Wraps an issuer so that its calls keep to these limits.
    ///
    /// ```
    /// use pinning_keys_bulk::{RateLimits, Throttled};
    /// use pinning_keys_core::KeyIssuer;
    ///
    /// fn throttled<I: KeyIssuer>(issuer: I) -> Throttled<I> {
    ///     Throttled::new(issuer, RateLimits::W3IPFS)
    /// }
    /// ```
    pub fn new(issuer: I, limits: RateLimits) -> Self {
        let RateLimits { shared, issue, list, revoke, verify } = limits;
        let buckets = Buckets {
            shared: Bucket::new(shared),
            issue: issue.map(Bucket::new),
            list: list.map(Bucket::new),
            revoke: revoke.map(Bucket::new),
            verify: verify.map(Bucket::new),
        };
        Self { issuer, limits, buckets: Arc::new(buckets) }
    }

    /// The limits.
    pub fn limits(&self) -> &RateLimits {
        &self.limits
    }

    /// The issuer without the limits.
    pub fn into_inner(self) -> I {
        self.issuer
    }

    /// Makes a call in its turn.
    async fn in_turn<T>(
        &self,
        operation: Operation,
        own: Option<&Bucket>,
        call: impl Future<Output = Result<T, Error>> + Send,
    ) -> Result<T, Error> {
        runtime::require_for(&self.issuer, operation)?;
        let bucket = own.unwrap_or(&self.buckets.shared);
        bucket.turn().await;
        let result = call.await;
        if let Some(wait) = result.as_ref().err().and_then(asked_wait) {
            bucket.close(wait);
        }
        result
    }
}

#[async_trait]
impl<I: KeyIssuer> KeyIssuer for Throttled<I> {
    fn profile(&self) -> &IssuerProfile {
        self.issuer.profile()
    }

    fn plan(&self, request: &KeyRequest) -> Result<Plan, Error> {
        self.issuer.plan(request)
    }

    async fn issue(&self, request: &KeyRequest) -> Result<IssuedKey, Error> {
        // The issuer plans the request itself, so the profile's check is enough here.
        self.profile().check_request(request)?;
        self.in_turn(Operation::Issue, self.buckets.issue.as_ref(), self.issuer.issue(request))
            .await
    }

    async fn list(&self, query: &KeyQuery) -> Result<KeyPage, Error> {
        self.profile().check_query(query)?;
        self.in_turn(Operation::List, self.buckets.list.as_ref(), self.issuer.list(query)).await
    }

    async fn revoke(&self, key: &KeyRef) -> Result<Revocation, Error> {
        self.profile().check_key_ref(key)?;
        self.in_turn(Operation::Revoke, self.buckets.revoke.as_ref(), self.issuer.revoke(key)).await
    }

    async fn verify(&self, credential: &Credential) -> Result<Verification, Error> {
        self.profile().check_credential(credential)?;
        self.in_turn(
            Operation::Verify,
            self.buckets.verify.as_ref(),
            self.issuer.verify(credential),
        )
        .await
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
        let (limits, buckets) = (self.limits, Arc::clone(&self.buckets));
        Some(Arc::new(Throttled { issuer, limits, buckets }))
    }

    async fn probe(
        &self,
        credential: &Credential,
        consent: ProbeConsent,
    ) -> Result<ProbeReport, Error> {
        self.profile().check_credential(credential)?;
        let probing = self.issuer.probe(credential, consent);
        let Some(plan) = self.profile().probe_plan() else { return probing.await };
        let bucket = self.buckets.verify.as_ref().unwrap_or(&self.buckets.shared);
        runtime::require_for(&self.issuer, Operation::Probe)?;
        for _ in plan.requests() {
            bucket.turn().await;
        }
        let report = self.in_turn(Operation::Probe, Some(bucket), probing).await?;
        let mut errors = report.answers().iter().filter_map(ProbeAnswer::error);
        if let Some(wait) = errors.find_map(asked_wait) {
            bucket.close(wait);
        }
        Ok(report)
    }
}

/// How long the provider asked to wait, if it refused a call because of the rate limit.
fn asked_wait(error: &Error) -> Option<Duration> {
    error.retry_after().filter(|_| error.kind() == ErrorKind::RateLimited)
}

/// Does not show the issuer, which holds a credential.
impl<I> fmt::Debug for Throttled<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Throttled").field("limits", &self.limits).finish_non_exhaustive()
    }
}
