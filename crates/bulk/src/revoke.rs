use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pinning_keys_core::{Error, ErrorKind, KeyIssuer, KeyRef, Revocation};

use crate::lookup::{Ids, Lookup};
use crate::pause::Pause;
use crate::work::{Answer, MANY, Work};
use crate::{Batch, Unstarted};

/// A batch that revokes keys, returned by [`revoke_many`].
///
/// ```
/// use pinning_keys_bulk::RevokeMany;
///
/// async fn run(mut batch: RevokeMany) -> usize {
///     while batch.next().await.is_some() {}
///     batch.progress().succeeded()
/// }
/// ```
pub type RevokeMany = Batch<KeyRef, Revocation>;

/// Revokes many keys, several at a time, as described for [`Batch`]. Nothing is sent until the
/// batch is read.
///
/// Some providers revoke by their own id for a key, which a reference from
/// [`issue`](KeyIssuer::issue) lacks
/// ([`revokes_by_id`](pinning_keys_core::IssuerProfile::revokes_by_id)). For those, a batch first
/// reads all references from their source and lists the account's keys once, as far as needed,
/// instead of once per key. A key that is not in the list is [`Revocation::NotFound`], as for
/// [`revoke`](KeyIssuer::revoke). If the list has discrepancies, a missing key is left to `revoke`.
///
/// Revoking twice is harmless, so transient failures are retried three times.
///
/// A provider may refuse to revoke a single key, such as one of another account, with
/// [`ErrorKind::PermissionDenied`]. The other keys must not stay live because of it, so only 16 such
/// refusals in a row stop the batch. A list that cannot be read for lack of permission stops it at
/// once.
///
/// ```
/// use std::sync::Arc;
///
/// use pinning_keys_bulk::{issue_many, revoke_many};
/// use pinning_keys_core::{KeyIssuer, KeyRequest, Revocation, ScopeRequest};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), pinning_keys_core::Error> {
/// # let emulator = pinning_keys_emulator::Emulator::in_memory();
/// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.w3ipfs().vars())?
/// #     .with_transport(emulator.transport())
/// #     .build()?;
/// # let request = |name| KeyRequest::new(name, ScopeRequest::reader()).unwrap();
/// # let mut stored = Vec::new();
/// # let mut keys = issue_many(Arc::clone(&issuer), ["ann", "bob"].map(request));
/// # while let Some((_, key)) = keys.next().await {
/// #     stored.push(key?.key_ref().clone());
/// # }
/// let mut keys = revoke_many(issuer, stored);
/// while let Some((key, result)) = keys.next().await {
///     if result? != Revocation::Revoked {
///         println!("{key} did not exist");
///     }
/// }
/// assert_eq!(emulator.keys_live(), 0);
/// # Ok(())
/// # }
/// ```
pub fn revoke_many<S>(issuer: impl KeyIssuer + 'static, keys: S) -> RevokeMany
where
    S: IntoIterator<Item = KeyRef>,
    S::IntoIter: Send + 'static,
{
    let issuer: Arc<dyn KeyIssuer> = Arc::new(issuer);
    let by_id = issuer.profile().revokes_by_id();
    let ids = if by_id { Knowledge::Missing } else { Knowledge::NotNeeded };
    Batch::new(Revoking { issuer, ids }, keys.into_iter())
}

struct Revoking {
    issuer: Arc<dyn KeyIssuer>,
    ids: Knowledge,
}

/// The ids that keys are revoked by, if this provider needs them.
enum Knowledge {
    NotNeeded,
    Missing,
    InProgress(Box<Lookup>),
    Complete(Ids),
}

impl Revoking {
    /// Whether the id of the key has to be looked up. What the profile refuses, such as a key of
    /// another provider, is not in the list, and the issuer refuses it.
    fn lacks_id(&self, key: &KeyRef) -> bool {
        key.id().is_none() && self.issuer.profile().check_key_ref(key).is_ok()
    }

    fn lookup(&self, keys: &[Arc<KeyRef>]) -> Lookup {
        let lacking = keys.iter().filter(|key| self.lacks_id(key));
        let wanted = lacking.map(|key| key.api_key().to_owned()).collect();
        Lookup::new(Arc::clone(&self.issuer), wanted)
    }
}

impl Work<KeyRef, Revocation> for Revoking {
    fn poll_ready(
        &mut self,
        keys: &mut Unstarted<KeyRef>,
        pause: &mut Pause,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Error>> {
        if matches!(self.ids, Knowledge::Missing) {
            self.ids = Knowledge::InProgress(Box::new(self.lookup(&keys.gather())));
        }
        if let Knowledge::InProgress(lookup) = &mut self.ids {
            self.ids = Knowledge::Complete(ready!(lookup.poll(pause, cx))?);
        }
        Poll::Ready(Ok(()))
    }

    fn call(&self, key: Arc<KeyRef>) -> Answer<Revocation> {
        let issuer = Arc::clone(&self.issuer);
        let known = match &self.ids {
            Knowledge::Complete(ids) if self.lacks_id(&key) => ids.of(&key),
            _ => Some(key),
        };
        Box::pin(async move {
            match known {
                Some(key) => issuer.revoke(&key).await,
                None => Ok(Revocation::NotFound),
            }
        })
    }

    fn may_repeat(&self, error: &Error) -> bool {
        error.is_retryable()
    }

    fn failures_to_stop(&self, kind: ErrorKind) -> Option<usize> {
        match kind {
            ErrorKind::PermissionDenied | ErrorKind::Refused => Some(MANY),
            kind => kind.affects_all_keys().then_some(1),
        }
    }
}
