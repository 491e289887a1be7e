use std::sync::Arc;

use pinning_keys_core::{Effect, Error, ErrorKind, IssuedKey, KeyIssuer, KeyRequest};

use crate::Batch;
use crate::work::{Answer, Work};

/// A batch that issues keys, returned by [`issue_many`].
///
/// ```
/// use pinning_keys_bulk::IssueMany;
/// use pinning_keys_core::{Error, IssuedKey};
///
/// async fn first_key(mut batch: IssueMany) -> Option<Result<IssuedKey, Error>> {
///     batch.next().await.map(|(_request, result)| result)
/// }
/// ```
pub type IssueMany = Batch<KeyRequest, IssuedKey>;

/// Issues many keys, several at a time, as described for [`Batch`]. Nothing is sent until the
/// batch is read.
///
/// Give each key its own name, so that a create of unknown effect can be settled.
/// [`KeyName::unique`](pinning_keys_core::KeyName::unique) makes such a name. A name that is
/// derived from the user lets a second run find the keys of the first.
///
/// ```
/// use std::sync::Arc;
///
/// use pinning_keys_bulk::issue_many;
/// use pinning_keys_core::{Effect, KeyIssuer, KeyRequest, ScopeRequest};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), pinning_keys_core::Error> {
/// # let emulator = pinning_keys_emulator::Emulator::in_memory();
/// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
/// #     .with_transport(emulator.transport())
/// #     .build()?;
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

    /// Retries only if definitely no key was made, even if an adapter marks more as retryable.
    fn may_repeat(&self, error: &Error) -> bool {
        let definitely_not = match error.effect() {
            Effect::NotSent => true,
            Effect::Rejected => error.kind() == ErrorKind::RateLimited,
            Effect::Unknown => false,
        };
        definitely_not && error.is_retryable()
    }
}
