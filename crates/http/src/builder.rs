use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use pinning_keys_core::{Account, Error};

use crate::credentials::{Cached, CredentialSource, Login, SessionSource};
use crate::misconfigured::misconfigured;
use crate::session_rules::SessionRules;
use crate::settings::Settings;
use crate::{Answer, ApiClient, BaseUrl, Failure, Transport};

const DEADLINE: Duration = Duration::from_secs(30);
const LONGEST_DEADLINE: Duration = Duration::from_secs(24 * 60 * 60);
const MAX_ATTEMPTS: u32 = 4;

impl ApiClient {
    /// Creates a builder for a client of the provider with this id.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use pinning_keys_http::credentials::AccountCredential;
    /// use pinning_keys_http::{ApiClient, BaseUrl};
    ///
    /// let base_url = BaseUrl::parse("https://api.example.com", &[])?;
    /// let credential = AccountCredential::bearer("eyJhbGciOi")?;
    /// let builder = ApiClient::builder("example", base_url, Arc::new(credential));
    /// assert_eq!(builder.base_url().as_str(), "https://api.example.com");
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    pub fn builder(
        provider: &'static str,
        base_url: BaseUrl,
        credentials: Arc<dyn CredentialSource>,
    ) -> ApiClientBuilder {
        ApiClientBuilder {
            provider,
            base_url,
            credentials,
            transport: None,
            deadline: DEADLINE,
            max_attempts: MAX_ATTEMPTS,
            bearer_only: false,
            failure_reader: |_| Failure::new(),
            refuses_credential: |response| response.status() == StatusCode::UNAUTHORIZED,
            login: None,
            sessions: SessionRules::default(),
        }
    }

    /// Creates a builder for a client of the same provider at another base URL. It has the settings
    /// of this client except for the [session domains](ApiClientBuilder::session_domains), and
    /// shares the transport, the credential source with its login, and the account.
    ///
    /// ```
    /// use pinning_keys_core::Error;
    /// use pinning_keys_http::{ApiClient, BaseUrl};
    ///
    /// fn at_uploads(client: &ApiClient) -> Result<ApiClient, Error> {
    ///     let base_url = BaseUrl::parse("https://uploads.example.com", &[])?;
    ///     client.builder_at(base_url).bearer_only().build()
    /// }
    /// ```
    pub fn builder_at(&self, base_url: BaseUrl) -> ApiClientBuilder {
        ApiClientBuilder {
            provider: self.settings.provider,
            base_url,
            credentials: Arc::clone(&self.settings.credentials),
            transport: Some(Arc::clone(&self.settings.transport)),
            deadline: self.settings.deadline,
            max_attempts: self.settings.max_attempts,
            bearer_only: self.settings.bearer_only,
            failure_reader: self.settings.failure_reader,
            refuses_credential: self.settings.refuses_credential,
            login: None,
            sessions: SessionRules { domains: None, ..self.settings.sessions.clone() },
        }
    }
}

/// Builds an [`ApiClient`]; created by [`ApiClient::builder`].
///
/// ```
/// use std::num::NonZeroU32;
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use pinning_keys_core::Error;
/// use pinning_keys_http::{Answer, ApiClient, ApiClientBuilder, Failure, Transport};
///
/// fn finish(builder: ApiClientBuilder, transport: Arc<dyn Transport>) -> Result<ApiClient, Error> {
///     builder
///         .transport(transport)
///         .deadline(Duration::from_secs(10))
///         .max_attempts(NonZeroU32::MIN)
///         .bearer_only()
///         .failure_reader(|answer: &Answer| {
///             Failure::new().with_message(String::from_utf8_lossy(answer.body()))
///         })
///         .refuses_credential(|response| matches!(response.status().as_u16(), 401 | 419))
///         .build()
/// }
/// ```
#[must_use]
pub struct ApiClientBuilder {
    provider: &'static str,
    base_url: BaseUrl,
    credentials: Arc<dyn CredentialSource>,
    transport: Option<Arc<dyn Transport>>,
    deadline: Duration,
    max_attempts: u32,
    bearer_only: bool,
    failure_reader: fn(&Answer) -> Failure,
    refuses_credential: fn(&Response<Bytes>) -> bool,
    login: Option<Box<dyn Login>>,
    sessions: SessionRules,
}

impl ApiClientBuilder {
    /// Returns the base URL of the provider's routes.
    pub fn base_url(&self) -> &BaseUrl {
        &self.base_url
    }

    /// Sets the transport that sends requests (default: a `ReqwestTransport`).
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Sets the time limit of a call with all its attempts (default: 30 s).
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sets how many times a request is sent at most (default: 4).
    ///
    /// Following a redirect and trying a fresh credential do not count; each happens once at most.
    pub fn max_attempts(mut self, attempts: NonZeroU32) -> Self {
        self.max_attempts = attempts.get();
        self
    }

    /// Refuses everything but bearer tokens from the credential source before it is sent, because
    /// the provider's routes accept nothing else.
    pub fn bearer_only(mut self) -> Self {
        self.bearer_only = true;
        self
    }

    /// Sets the function that reads the provider's error bodies (default: only the status counts).
    ///
    /// It is called once for an answer of failure and must return nothing but known fields of the
    /// body.
    pub fn failure_reader(mut self, reader: fn(&Answer) -> Failure) -> Self {
        self.failure_reader = reader;
        self
    }

    /// Sets which answers refuse the account's credential (default: those with the status 401).
    ///
    /// Such an answer means that nothing was done. The [credential source](CredentialSource) is
    /// asked for another credential once.
    pub fn refuses_credential(mut self, refuses: fn(&Response<Bytes>) -> bool) -> Self {
        self.refuses_credential = refuses;
        self
    }

    /// Logs in with the credential of the source, and makes the calls with the session's.
    ///
    /// One login serves many calls. It is repeated before the session expires, and once after the
    /// provider has refused the session, as [`Cached`] describes. The login itself calls the base
    /// URL of this builder. A login that returns an expired credential fails.
    ///
    /// ```
    /// use pinning_keys_core::Error;
    /// use pinning_keys_http::credentials::Login;
    /// use pinning_keys_http::{ApiClient, ApiClientBuilder};
    ///
    /// fn finish(builder: ApiClientBuilder, login: impl Login + 'static) -> Result<ApiClient, Error> {
    ///     builder.login(login).session_domains(&["example.com"]).build()
    /// }
    /// ```
    pub fn login(mut self, login: impl Login + 'static) -> Self {
        self.login = Some(Box::new(login));
        self
    }

    /// Sends calls to the [base URL that the credential names], which must be at one of these
    /// domains or below it (default: the credential's base URL is ignored).
    ///
    /// It must be https, and have no user information, port, query or fragment. If the base URL of
    /// this builder is at none of the domains or is plain http, the credential's must have the same
    /// scheme, host and port, so a test server cannot send credentials to the provider. Otherwise
    /// calls fail before the credential is sent. Calls [as a key holder](crate::Call::as_holder) go
    /// to the base URL of this builder.
    ///
    /// [base URL that the credential names]: crate::credentials::AccountCredential::with_base_url
    ///
    /// ```
    /// use pinning_keys_http::ApiClientBuilder;
    ///
    /// /// Accepts `https://api005.backblazeb2.com`, but not `https://evilbackblazeb2.com`.
    /// fn at_b2(builder: ApiClientBuilder) -> ApiClientBuilder {
    ///     builder.session_domains(&["backblazeb2.com"])
    /// }
    /// ```
    pub fn session_domains(mut self, domains: &'static [&'static str]) -> Self {
        self.sessions.domains = Some(domains);
        self
    }

    /// Sets the function that reads the account in a bearer token or in the value of a header, such
    /// as a claim of a JWT (default: tokens do not show their account).
    ///
    /// What the token shows has precedence over the account that the credential's source
    /// [named](crate::credentials::AccountCredential::with_account_id). An id that is longer than
    /// 128 characters or contains others than letters, digits, `-`, `_`, `:` and `|` is ignored,
    /// because it could be an address or a secret. The function is called only if the account
    /// matters: by [`ApiClient::account`], and for the calls of a client that serves one account.
    ///
    /// ```
    /// use pinning_keys_core::Account;
    /// use pinning_keys_http::{ApiClientBuilder, jwt_claims};
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// struct Subject {
    ///     sub: String,
    /// }
    ///
    /// fn of_jwts(builder: ApiClientBuilder) -> ApiClientBuilder {
    ///     builder.account_reader(|jwt| {
    ///         let Subject { sub } = jwt_claims::read(jwt)?;
    ///         Some(Account::new(sub).with_credential_expiry(jwt_claims::expiry(jwt)))
    ///     })
    /// }
    /// ```
    pub fn account_reader(mut self, reader: fn(&str) -> Option<Account>) -> Self {
        self.sessions.account_reader = Some(reader);
        self
    }

    /// Sets the account that the client serves (default: that of the first credential that
    /// [names its account](crate::credentials::AccountCredential::with_account_id)).
    ///
    /// A credential of another account is refused before it is sent, and so is one that shows no
    /// account once the account is known.
    ///
    /// ```
    /// use pinning_keys_http::ApiClientBuilder;
    ///
    /// fn of_account(builder: ApiClientBuilder) -> ApiClientBuilder {
    ///     builder.account("a1b2c3")
    /// }
    /// ```
    pub fn account(mut self, id: impl Into<String>) -> Self {
        self.sessions.account = Arc::new(OnceLock::from(id.into()));
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if
    ///
    /// * the deadline is zero or longer than a day,
    /// * a session domain is not a name in lower case with at least two parts,
    /// * no transport is set and the feature `reqwest` is off,
    /// * no transport is set, the base URL is https and no feature for TLS is on.
    ///
    /// [`ErrorKind::Configuration`]: pinning_keys_core::ErrorKind::Configuration
    pub fn build(mut self) -> Result<ApiClient, Error> {
        check_deadline(self.deadline)?;
        self.sessions.check()?;
        let transport = match self.transport.take() {
            Some(transport) => transport,
            None => self.own_transport()?,
        };
        let mut settings = Settings {
            provider: self.provider,
            base_url: self.base_url,
            credentials: self.credentials,
            transport,
            deadline: self.deadline,
            max_attempts: self.max_attempts,
            bearer_only: self.bearer_only,
            failure_reader: self.failure_reader,
            refuses_credential: self.refuses_credential,
            sessions: self.sessions,
        };
        if let Some(login) = self.login {
            let client = login_client(&settings);
            settings.credentials = Arc::new(Cached::new(SessionSource { client, login }));
        }
        Ok(ApiClient { settings: Arc::new(settings) })
    }

    /// A transport that gives up connecting well before the deadline: a create that could not
    /// connect was definitely not sent, while one that the deadline cut off may have been.
    #[cfg(feature = "reqwest")]
    fn own_transport(&self) -> Result<Arc<dyn Transport>, Error> {
        if self.base_url.is_https() && !cfg!(feature = "_tls") {
            return Err(misconfigured(
                "the base URL is https, but this build supports only plain http",
            )
            .with_next_step("turn on the feature tls-ring or tls-aws-lc, or set a transport"));
        }
        let connecting = crate::ReqwestTransport::CONNECT_TIMEOUT.min(self.deadline / 2);
        Ok(Arc::new(crate::ReqwestTransport::builder().connect_timeout(connecting).build()?))
    }

    #[cfg(not(feature = "reqwest"))]
    #[allow(clippy::unused_self, reason = "as with the feature")]
    fn own_transport(&self) -> Result<Arc<dyn Transport>, Error> {
        Err(misconfigured("no transport is set, and this build has no default one")
            .with_next_step("set a transport, or turn on the feature reqwest"))
    }
}

/// The client that logs in: with the configured credential, at the configured base URL.
fn login_client(settings: &Settings) -> ApiClient {
    let sessions = SessionRules::default();
    let settings = Settings { bearer_only: false, sessions, ..settings.clone() };
    ApiClient { settings: Arc::new(settings) }
}

/// Refuses a deadline that no call can keep, or that is surely a mistake.
pub(crate) fn check_deadline(deadline: Duration) -> Result<(), Error> {
    if deadline.is_zero() || deadline > LONGEST_DEADLINE {
        let message = "deadline_seconds must be more than zero and at most one day";
        return Err(misconfigured(message));
    }
    Ok(())
}

impl fmt::Debug for ApiClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiClientBuilder")
            .field("provider", &self.provider)
            .field("base_url", &self.base_url)
            .field("deadline", &self.deadline)
            .field("max_attempts", &self.max_attempts)
            .finish_non_exhaustive()
    }
}
