use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pinning_keys_core::{Error, KeyIssuer, KeyRef, Revocation};

use crate::lookup::{Ids, Lookup};
use crate::pause::Pause;
use crate::work::{Answer, Work};
use crate::{Batch, Unstarted};

/// Keys that are being revoked, each with the reference that was given; from [`revoke_many`].
pub type RevokeMany = Batch<KeyRef, Revocation>;

/// Revokes many keys, several at a time; [`Batch`] says how. Nothing is sent until it is read.
///
/// Some providers revoke by an id of their own that a reference from
/// [`issue`](KeyIssuer::issue) does not have
/// ([`revokes_by_id`](pinning_keys_core::IssuerProfile::revokes_by_id)). There a batch first takes all its references from
/// their source, and lists the account's keys once, as far as needed, in place of once a key. A
/// key that the list does not have is [`Revocation::NotFound`], as it is for
/// [`revoke`](KeyIssuer::revoke); where the list does not add up, it is left to `revoke`.
///
/// Revoking twice is harmless, so that failures which pass are tried again three times.
///
/// ```
/// use std::sync::Arc;
///
/// use pinning_keys_bulk::{issue_many, revoke_many};
/// use pinning_keys_core::{KeyIssuer, KeyRequest, Revocation, ScopeRequest};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), pinning_keys_core::Error> {
/// # let emulator = pinning_keys_emulator::Emulator::builder().in_memory();
/// # let issuer = pinning_keys_w3ipfs::W3ipfsConfig::new()
/// #     .with_base_url(emulator.w3ipfs().base_url())
/// #     .with_jwt(emulator.w3ipfs().jwt())
/// #     .with_transport(Arc::new(emulator.transport()))
/// #     .build()?;
/// # let issuer: Arc<dyn KeyIssuer> = Arc::new(issuer);
/// # let requests = ["ann", "bob"].map(|name| KeyRequest::new(name, ScopeRequest::reader()).unwrap());
/// # let mut stored = Vec::new();
/// # let mut keys = issue_many(Arc::clone(&issuer), requests);
/// # while let Some((_, key)) = keys.next().await {
/// #     stored.push(key?.key_ref().clone());
/// # }
/// let mut keys = revoke_many(issuer, stored);
/// while let Some((key, result)) = keys.next().await {
///     if result? != Revocation::Revoked {
///         println!("{key} was not there");
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
    let ids =
        if issuer.profile().revokes_by_id() { Knowledge::Nothing } else { Knowledge::NotNeeded };
    Batch::new(Revoking { issuer, ids }, keys.into_iter())
}

struct Revoking {
    issuer: Arc<dyn KeyIssuer>,
    ids: Knowledge,
}

/// What is known of the ids that keys are revoked by.
enum Knowledge {
    NotNeeded,
    Nothing,
    Underway(Lookup),
    Complete(Ids),
}

impl Revoking {
    /// Whether the list has to tell by what the key is revoked. Another provider's key is not in
    /// it, and is left to the issuer to refuse.
    fn lacks_id(&self, key: &KeyRef) -> bool {
        key.id().is_none() && key.provider() == self.issuer.profile().provider()
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
    ) -> Poll<()> {
        if matches!(self.ids, Knowledge::Nothing) {
            self.ids = Knowledge::Underway(self.lookup(&keys.gather()));
        }
        if let Knowledge::Underway(lookup) = &mut self.ids {
            self.ids = Knowledge::Complete(ready!(lookup.poll(pause, cx)));
        }
        Poll::Ready(())
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
}
