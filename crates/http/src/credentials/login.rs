use std::fmt;

use async_trait::async_trait;
use pinning_keys_core::{Error, ErrorKind};
use tokio::time::Instant;

use super::account_credential::AccountCredential;
use super::cached::Cached;
use super::credential_source::{Ask, CredentialSource};
use crate::ApiClient;

/// How to log in at a provider, for [`ApiClientBuilder::login`] and [`LoginSource`].
///
/// [`ApiClientBuilder::login`]: crate::ApiClientBuilder::login
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use async_trait::async_trait;
/// use http::Method;
/// use pinning_keys_core::{Error, Operation};
/// use pinning_keys_http::credentials::{AccountCredential, Login};
/// use pinning_keys_http::{ApiClient, Call};
/// use serde::Deserialize;
///
/// struct ExampleLogin;
///
/// #[derive(Deserialize)]
/// struct Session {
///     token: String,
///     account: String,
///     api_url: String,
/// }
///
/// #[async_trait]
/// impl Login for ExampleLogin {
///     async fn log_in(&self, client: &ApiClient) -> Result<AccountCredential, Error> {
///         let asked = SystemTime::now();
///         let answer = client.call(Call::new(Operation::Login, Method::GET, "/login")).await?;
///         let session: Session = serde_json::from_slice(answer.body())
///             .map_err(|_| answer.unreadable("a session"))?;
///         Ok(AccountCredential::bearer(session.token)?
///             .with_expiry(asked + Duration::from_secs(24 * 60 * 60))
///             .with_base_url(session.api_url)
///             .with_fact("accountId", session.account.clone())
///             .with_account_id(session.account))
///     }
/// }
/// ```
#[async_trait]
pub trait Login: Send + Sync {
    /// Logs in and returns the credential of the new session, with all that the provider says about
    /// it: when it [expires](AccountCredential::with_expiry), the
    /// [base URL](AccountCredential::with_base_url) of its calls, the
    /// [facts](AccountCredential::with_fact) that requests need, and the
    /// [account](AccountCredential::with_account_id).
    ///
    /// `client` calls the configured base URL with the credential that was configured. Its calls
    /// have the deadline, the retries and the cleaned errors of all others. A login is safe to
    /// repeat ([`Operation::Login`](pinning_keys_core::Operation::Login)).
    ///
    /// [`Login`] has an example.
    ///
    /// # Errors
    ///
    /// Those of the call, and [`Answer::unreadable`](crate::Answer::unreadable) if the answer is no
    /// session. They contain no secret.
    async fn log_in(&self, client: &ApiClient) -> Result<AccountCredential, Error>;
}

/// A [`CredentialSource`] that logs in.
///
/// One login serves many calls. It is repeated before the session expires and once after the
/// provider refused it, as [`Cached`] describes. [`ApiClientBuilder::login`] creates one for a
/// client; create it yourself if several clients share a login.
///
/// A login that returns a credential which has already expired fails, because its call would be
/// refused.
///
/// [`ApiClientBuilder::login`]: crate::ApiClientBuilder::login
///
/// ```
/// use pinning_keys_http::ApiClient;
/// use pinning_keys_http::credentials::{Login, LoginSource};
///
/// fn shared(client: ApiClient, login: impl Login + 'static) -> LoginSource {
///     LoginSource::new(client, login)
/// }
/// ```
#[derive(Clone)]
pub struct LoginSource {
    sessions: Cached,
}

impl LoginSource {
    /// Logs in with this client, which calls the provider with the configured credential.
    ///
    /// [`LoginSource`] has an example.
    #[must_use]
    pub fn new(client: ApiClient, login: impl Login + 'static) -> Self {
        Self::boxed(client, Box::new(login))
    }

    pub(crate) fn boxed(client: ApiClient, login: Box<dyn Login>) -> Self {
        Self { sessions: Cached::new(Sessions { client, login }) }
    }
}

#[async_trait]
impl CredentialSource for LoginSource {
    async fn credential(&self, ask: Ask) -> Result<AccountCredential, Error> {
        self.sessions.credential(ask).await
    }
}

impl fmt::Debug for LoginSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginSource").finish_non_exhaustive()
    }
}

/// Logs in each time it is asked.
struct Sessions {
    client: ApiClient,
    login: Box<dyn Login>,
}

#[async_trait]
impl CredentialSource for Sessions {
    async fn credential(&self, _ask: Ask) -> Result<AccountCredential, Error> {
        let credential = self.login.log_in(&self.client).await?;
        if credential.expires().is_some_and(|expires| expires <= Instant::now()) {
            let message = "the login returned a credential that has already expired";
            return Err(Error::new(ErrorKind::CredentialUnavailable, message)
                .with_next_step("check this machine's clock"));
        }
        Ok(credential)
    }
}
