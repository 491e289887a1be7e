use std::fmt;
use std::future::Future;

use async_trait::async_trait;
use pinning_keys_core::Error;

use super::account_credential::AccountCredential;

/// Where the account's own credential comes from, asked once for every call.
///
/// Tokens expire and get replaced while a program runs. An
/// [`AccountCredential`] is a source by itself, [`StoredCredential`](crate::credentials::StoredCredential)
/// reads the environment or files anew each time, and [`from_fn`] takes an async function,
/// which may keep what it fetched as long as it likes.
///
/// # What an implementation owes
///
/// Its errors, with their sources, hold no secret. It need not bound its time: the call's
/// deadline covers it.
#[async_trait]
pub trait CredentialSource: Send + Sync {
    /// The credential to use now.
    ///
    /// # Errors
    ///
    /// Whatever keeps the credential away, as a rule of the kind
    /// [`CredentialUnavailable`](pinning_keys_core::ErrorKind::CredentialUnavailable).
    async fn credential(&self, ask: Ask) -> Result<AccountCredential, Error>;
}

/// Gives itself, always.
#[async_trait]
impl CredentialSource for AccountCredential {
    async fn credential(&self, _ask: Ask) -> Result<AccountCredential, Error> {
        Ok(self.clone())
    }
}

/// Why a [`CredentialSource`] is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ask {
    /// A call begins. What the source has kept will do.
    Current,
    /// The provider has just refused what the source gave (HTTP 401). What it has kept is to
    /// be fetched anew; what is given differently is tried once.
    AfterRefusal,
}

/// A source that calls this function.
///
/// ```
/// use pinning_keys_http::credentials::{AccountCredential, Ask, from_fn};
///
/// let source = from_fn(|ask| async move {
///     let fetch_anew = ask == Ask::AfterRefusal;
///     # let _ = fetch_anew;
///     // … log in, or look into a vault …
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

/// The source that [`from_fn`] makes.
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
