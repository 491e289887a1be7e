use std::fmt;
use std::future::Future;

use async_trait::async_trait;
use pinning_keys_core::Error;

use super::account_credential::AccountCredential;

/// Where the account's own credential comes from. It is asked once for each call.
///
/// Tokens expire and get replaced while a program runs. An [`AccountCredential`] is a source
/// itself, [`StoredCredential`] reads the environment or files each time, and [`from_fn`] calls an
/// async function. [`Cached`] keeps what such a function fetches.
///
/// # What an implementation owes
///
/// Its errors, with their sources, contain no secret. It need not limit its time: the deadline of
/// the call covers it.
///
/// ```
/// use async_trait::async_trait;
/// use pinning_keys_core::Error;
/// use pinning_keys_http::credentials::{AccountCredential, Ask, CredentialSource};
///
/// struct Vault;
///
/// #[async_trait]
/// impl CredentialSource for Vault {
///     async fn credential(&self, _ask: Ask) -> Result<AccountCredential, Error> {
///         let token = "eyJhbGciOi"; // … look it up …
///         AccountCredential::bearer(token)
///     }
/// }
/// ```
///
/// [`Cached`]: crate::credentials::Cached
/// [`StoredCredential`]: crate::credentials::StoredCredential
#[async_trait]
pub trait CredentialSource: Send + Sync {
    /// Returns the credential to use now.
    ///
    /// ```
    /// use pinning_keys_http::credentials::{AccountCredential, Ask, CredentialSource};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let source = AccountCredential::bearer("eyJhbGciOi")?;
    /// let credential = source.credential(Ask::Current).await?;
    /// assert!(credential.is_same_as(&source));
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// Why there is no credential, usually of the kind
    /// [`CredentialUnavailable`](pinning_keys_core::ErrorKind::CredentialUnavailable).
    async fn credential(&self, ask: Ask) -> Result<AccountCredential, Error>;
}

/// Always returns itself.
#[async_trait]
impl CredentialSource for AccountCredential {
    async fn credential(&self, _ask: Ask) -> Result<AccountCredential, Error> {
        Ok(self.clone())
    }
}

/// Why a [`CredentialSource`] is asked.
///
/// ```
/// use pinning_keys_http::credentials::{AccountCredential, Ask, from_fn};
///
/// let source = from_fn(|ask| async move {
///     let token = match ask {
///         Ask::AfterRefusal(_) => "eyJ0eXAiOi", // … fetch another one …
///         _ => "eyJhbGciOi",
///     };
///     AccountCredential::bearer(token)
/// });
/// # let _ = source;
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Ask {
    /// A call begins. A cached credential will do.
    Current,
    /// The provider refused this credential (HTTP 401). If the source has cached it, it should
    /// fetch another one. A different credential is tried once.
    ///
    /// Calls run side by side, so that the refused credential may be older than the cached one:
    /// see [`AccountCredential::is_same_as`].
    AfterRefusal(AccountCredential),
}

/// Creates a source that calls this function.
///
/// ```
/// use pinning_keys_http::credentials::{AccountCredential, from_fn};
///
/// let source = from_fn(|_ask| async {
///     // … log in, or ask a vault …
///     AccountCredential::bearer("eyJhbGciOi")
/// });
/// ```
pub fn from_fn<F, Fut>(function: F) -> FromFn<F>
where
    F: Fn(Ask) -> Fut + Send + Sync,
    Fut: Future<Output = Result<AccountCredential, Error>> + Send,
{
    FromFn { function }
}

/// The source that [`from_fn`] returns.
///
/// ```
/// use pinning_keys_http::credentials::{AccountCredential, FromFn, from_fn};
///
/// let source: FromFn<_> = from_fn(|_ask| async { AccountCredential::bearer("eyJhbGciOi") });
/// ```
pub struct FromFn<F> {
    function: F,
}

#[async_trait]
impl<F, Fut> CredentialSource for FromFn<F>
where
    F: Fn(Ask) -> Fut + Send + Sync,
    Fut: Future<Output = Result<AccountCredential, Error>> + Send,
{
    async fn credential(&self, ask: Ask) -> Result<AccountCredential, Error> {
        (self.function)(ask).await
    }
}

impl<F> fmt::Debug for FromFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromFn").finish_non_exhaustive()
    }
}
