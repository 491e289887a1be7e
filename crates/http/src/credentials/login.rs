use async_trait::async_trait;
use pinning_keys_core::{Error, ErrorKind};
use tokio::time::Instant;

use super::account_credential::AccountCredential;
use super::credential_source::{Ask, CredentialSource};
use crate::ApiClient;

/// How to log in at a provider, for [`ApiClientBuilder::login`].
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
///             .with_expires_at(asked + Duration::from_secs(24 * 60 * 60))
///             .with_base_url(session.api_url)
///             .with_fact("accountId", session.account.clone())
///             .with_account_id(session.account))
///     }
/// }
/// ```
#[async_trait]
pub trait Login: Send + Sync {
    /// Logs in and returns the credential of the new session, with all that the provider reports
    /// about it: when it [expires](AccountCredential::with_expires_at), the
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

/// The sessions of a client: logs in each time it is asked.
pub(crate) struct SessionSource {
    /// Calls the provider with the configured credential.
    pub(crate) client: ApiClient,
    pub(crate) login: Box<dyn Login>,
}

#[async_trait]
impl CredentialSource for SessionSource {
    async fn credential(&self, _ask: Ask) -> Result<AccountCredential, Error> {
        let credential = self.login.log_in(&self.client).await?;
        // Its call would be refused.
        if credential.expires().is_some_and(|expires| expires <= Instant::now()) {
            let message = "the login returned a credential that has already expired";
            return Err(Error::new(ErrorKind::CredentialUnavailable, message)
                .with_next_step("check this machine's clock"));
        }
        Ok(credential)
    }
}
