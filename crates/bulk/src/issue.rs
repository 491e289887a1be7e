use std::sync::Arc;

use pinning_keys_core::{Effect, Error, ErrorKind, IssuedKey, KeyIssuer, KeyRequest};

use crate::Batch;
use crate::work::{Answer, Work};

/// Keys that are being issued, each with the request that it is for; from [`issue_many`].
pub type IssueMany = Batch<KeyRequest, IssuedKey>;

/// Issues many keys, several at a time; [`Batch`] says how. Nothing is sent until it is read.
///
/// Give each key a name of its own, by which a create of unknown effect can be settled
/// ([`KeyName::unique`](pinning_keys_core::KeyName::unique) makes one, and a name that follows
/// from the user lets a second run see what the first one made).
///
/// ```
/// use std::sync::Arc;
///
/// use pinning_keys_bulk::issue_many;
/// use pinning_keys_core::{Effect, KeyIssuer, KeyRequest, ScopeRequest};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), pinning_keys_core::Error> {
/// # let emulator = pinning_keys_emulator::Emulator::builder().in_memory();
/// # let issuer = pinning_keys_pinata::PinataConfig::new()
/// #     .with_base_url(emulator.pinata().base_url())
/// #     .with_jwt(emulator.pinata().jwt())
/// #     .with_transport(Arc::new(emulator.transport()))
/// #     .build()?;
/// let issuer: Arc<dyn KeyIssuer> = Arc::new(issuer);
/// let requests = ["ann", "bob", "eve"].map(|user| KeyRequest::new(user, ScopeRequest::reader()));
/// let requests = requests.into_iter().collect::<Result<Vec<_>, _>>()?;
///
/// let mut keys = issue_many(Arc::clone(&issuer), requests);
/// while let Some((request, result)) = keys.next().await {
///     match result {
///         Ok(key) => println!("{} may {}", key.name(), key.granted()), // store it here
///         Err(error) if error.effect() == Effect::Unknown => println!("to settle: {error}"),
///         Err(error) => println!("no key for {}: {error}", request.name()),
///     }
/// }
/// assert_eq!(keys.progress().succeeded(), 3);
/// # assert_eq!(emulator.keys_made(), 3);
/// # Ok(())
/// # }
/// ```
pub fn issue_many<S>(issuer: impl KeyIssuer + 'static, requests: S) -> IssueMany
where
    S: IntoIterator<Item = KeyRequest>,
    S::IntoIter: Send + 'static,
{
    Batch::new(Issuing { issuer: Arc::new(issuer) }, requests.into_iter())
}

struct Issuing {
    issuer: Arc<dyn KeyIssuer>,
}

impl Work<KeyRequest, IssuedKey> for Issuing {
    fn call(&self, request: Arc<KeyRequest>) -> Answer<IssuedKey> {
        let issuer = Arc::clone(&self.issuer);
        Box::pin(async move { issuer.issue(&request).await })
    }

    /// Only where certainly no key was made, whatever else an adapter says of its error.
    fn may_repeat(&self, error: &Error) -> bool {
        let certainly_not = match error.effect() {
            Effect::NotSent => true,
            Effect::Rejected => error.kind() == ErrorKind::RateLimited,
            Effect::Unknown => false,
        };
        certainly_not && error.is_retryable()
    }
}
