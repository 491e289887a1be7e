use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use pinning_keys_core::{Error, ErrorKind};

use crate::credentials::CredentialSource;
use crate::settings::Settings;
use crate::{Answer, ApiClient, BaseUrl, Failure, Transport};

const DEADLINE: Duration = Duration::from_secs(30);
const LONGEST_DEADLINE: Duration = Duration::from_secs(24 * 60 * 60);
const MAX_ATTEMPTS: u32 = 4;

impl ApiClient {
    /// Begins a client for the provider of this id.
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
        }
    }
}

/// Gathers what an [`ApiClient`] needs; made by [`ApiClient::builder`].
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
}

impl ApiClientBuilder {
    /// Where the provider's routes lie.
    pub fn base_url(&self) -> &BaseUrl {
        &self.base_url
    }

    /// Sends requests by this transport instead of a `ReqwestTransport` of its own.
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// The longest that a call may take, with all its attempts; 30 seconds where nothing is
    /// said.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How often a request is sent at most; 4 times where nothing is said.
    ///
    /// The redirect that is followed and the request with a fresh credential come on top, once
    /// each.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Refuses key pairs that the credential source gives, before they are sent: the provider's
    /// routes take bearer tokens alone.
    pub fn bearer_only(mut self) -> Self {
        self.bearer_only = true;
        self
    }

    /// Reads the provider's error bodies. Without it, only their status tells.
    ///
    /// It is called once for an answer that is not of success, and must hand over nothing but
    /// known fields of the body.
    pub fn failure_reader(mut self, reader: fn(&Answer) -> Failure) -> Self {
        self.failure_reader = reader;
        self
    }

    /// Says which answers refuse the account's credential, so that nothing was done and the
    /// [credential source](CredentialSource) is asked for another one, once. Where nothing is
    /// said, those with the status 401 do.
    pub fn refuses_credential(mut self, refuses: fn(&Response<Bytes>) -> bool) -> Self {
        self.refuses_credential = refuses;
        self
    }

    /// The client, with the transport that was given or else one of its own.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where a limit makes no sense, where no transport was given
    /// and the feature `reqwest` is off, or where the address is https and no feature for TLS is
    /// on.
    pub fn build(mut self) -> Result<ApiClient, Error> {
        self.check()?;
        let transport = match self.transport.take() {
            Some(transport) => transport,
            None => self.own_transport()?,
        };
        let settings = Settings {
            provider: self.provider,
            base_url: self.base_url,
            credentials: self.credentials,
            transport,
            deadline: self.deadline,
            max_attempts: self.max_attempts,
            bearer_only: self.bearer_only,
            failure_reader: self.failure_reader,
            refuses_credential: self.refuses_credential,
        };
        Ok(ApiClient { settings: Arc::new(settings) })
    }

    /// A transport that gives up connecting well before the deadline: a create that could not
    /// connect was certainly not sent, while one that the deadline cut off may have been.
    #[cfg(feature = "reqwest")]
    fn own_transport(&self) -> Result<Arc<dyn Transport>, Error> {
        if self.base_url.is_https() && !cfg!(feature = "_tls") {
            return Err(Error::new(
                ErrorKind::Configuration,
                "the base URL is https, and this build can only speak plain http",
            )
            .with_next_step("turn on the feature tls-ring or tls-aws-lc, or bring a transport"));
        }
        let connecting = crate::ReqwestTransport::CONNECT_TIMEOUT.min(self.deadline / 2);
        Ok(Arc::new(crate::ReqwestTransport::builder().connect_timeout(connecting).build()?))
    }

    #[cfg(not(feature = "reqwest"))]
    #[allow(clippy::unused_self, reason = "as with the feature")]
    fn own_transport(&self) -> Result<Arc<dyn Transport>, Error> {
        Err(Error::new(
            ErrorKind::Configuration,
            "no transport is set, and this build has none of its own",
        )
        .with_next_step("call with_transport, or turn on the feature reqwest"))
    }

    fn check(&self) -> Result<(), Error> {
        let fault = |what| Err(Error::new(ErrorKind::Configuration, what));
        if self.deadline.is_zero() || self.deadline > LONGEST_DEADLINE {
            return fault(
                "the deadline (deadline_seconds) must be more than nothing and at most a day",
            );
        }
        if self.max_attempts == 0 {
            return fault("at least one attempt must be allowed");
        }
        Ok(())
    }
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
