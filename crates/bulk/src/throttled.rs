use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use pinning_keys_core::{
    Credential, Error, ErrorKind, IssuedKey, IssuerProfile, KeyIssuer, KeyPage, KeyQuery, KeyRef,
    KeyRequest, Plan, Revocation, Verification,
};

use crate::RateLimits;
use crate::bucket::Bucket;

/// An issuer whose calls keep to a provider's rate limits: a call waits for its turn, and then
/// goes out.
///
/// Turns come at an even pace, 2 % below the limit, and are not saved up while nothing is sent:
/// a provider that counts from minute to minute refuses whoever sends a minute's requests at
/// once and then goes on at the right pace.
///
/// Clones share the turns, so that all parts of a program together keep to the limits; other
/// programs with the same account do not take part. No call waits for another one to go first: a
/// clone serves in the loop that reads a batch, too. A refusal for too many requests (429) that
/// says for how long has all calls of its limit wait that long, two minutes at most.
///
/// * The wait comes before the wrapped issuer's own deadline begins, and has no end of its own:
///   put a [`timeout`](tokio::time::timeout) around a call where it needs one. Giving up while waiting
///   sends nothing and uses up no turn.
/// * A call takes one turn, whatever the adapter sends for it. The adapters repeat lists and
///   revocations that fail in passing; and where keys are revoked by an id
///   ([`IssuerProfile::revokes_by_id`]), revoking by a reference without one lists. For many
///   keys, [`revoke_many`](crate::revoke_many) looks the ids up once, and takes a turn a page.
/// * What the wrapped issuer would refuse without sending anything is refused at once.
///
/// ```
/// use std::sync::Arc;
///
/// use pinning_keys_bulk::{RateLimits, Throttled, issue_many};
/// use pinning_keys_core::{KeyRequest, ScopeRequest};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), pinning_keys_core::Error> {
/// # let emulator = pinning_keys_emulator::Emulator::builder().in_memory();
/// # let issuer = pinning_keys_pinata::PinataConfig::new()
/// #     .with_base_url(emulator.pinata().base_url())
/// #     .with_jwt(emulator.pinata().jwt())
/// #     .with_transport(Arc::new(emulator.transport()))
/// #     .build()?;
/// # let beginning = tokio::time::Instant::now();
/// let issuer = Arc::new(Throttled::new(issuer, RateLimits::PINATA_FREE));
/// let requests = (0..10).map(|n| KeyRequest::new(format!("user {n}"), ScopeRequest::reader()));
/// let mut keys = issue_many(issuer, requests.collect::<Result<Vec<_>, _>>()?);
/// while let Some((_, key)) = keys.next().await {
///     println!("{}", key?.name()); // one a second
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
    /// Has all calls of this issuer keep to these limits.
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

    /// The limits that calls keep to.
    pub fn limits(&self) -> &RateLimits {
        &self.limits
    }

    /// The issuer without the limits.
    pub fn into_inner(self) -> I {
        self.issuer
    }

    /// Makes a call when it is its turn.
    async fn in_turn<T>(
        &self,
        own: Option<&Bucket>,
        call: impl Future<Output = Result<T, Error>> + Send,
    ) -> Result<T, Error> {
        let bucket = own.unwrap_or(&self.buckets.shared);
        bucket.turn().await;
        let result = call.await;
        if let Err(error) = &result {
            let told = error.retry_after().filter(|_| error.kind() == ErrorKind::RateLimited);
            if let Some(time) = told {
                bucket.close(time);
            }
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
        self.issuer.plan(request)?;
        self.in_turn(self.buckets.issue.as_ref(), self.issuer.issue(request)).await
    }

    async fn list(&self, query: &KeyQuery) -> Result<KeyPage, Error> {
        self.profile().check_query(query)?;
        self.in_turn(self.buckets.list.as_ref(), self.issuer.list(query)).await
    }

    async fn revoke(&self, key: &KeyRef) -> Result<Revocation, Error> {
        self.profile().check_key_ref(key)?;
        self.in_turn(self.buckets.revoke.as_ref(), self.issuer.revoke(key)).await
    }

    async fn verify(&self, credential: &Credential) -> Result<Verification, Error> {
        self.profile().check_credential(credential)?;
        self.in_turn(self.buckets.verify.as_ref(), self.issuer.verify(credential)).await
    }
}

/// Says nothing of the issuer, which holds a credential.
impl<I> fmt::Debug for Throttled<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Throttled").field("limits", &self.limits).finish_non_exhaustive()
    }
}
