use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use pinning_keys_core::{Error, KeyIssuer};
use pinning_keys_http::{Setting, Transport};

use crate::credentials::CredentialSource;
use crate::entries;
use crate::misconfigured::misconfigured;
use crate::provider::{Config, Provider};

/// The configuration of the selected provider, from [`Providers`](crate::Providers).
///
/// ```
/// use pinning_keys::{AnyConfig, Error};
///
/// fn with_short_deadline(config: AnyConfig) -> Result<AnyConfig, Error> {
///     config.with_setting("deadline_seconds", "5")
/// }
/// ```
#[derive(Clone)]
pub struct AnyConfig {
    provider: Provider,
    /// All providers of the registry, because a setting may belong to another one.
    providers: Vec<Provider>,
    config: Box<dyn Config>,
}

impl AnyConfig {
    pub(crate) fn new(provider: &Provider, providers: Vec<Provider>) -> Self {
        Self { provider: *provider, providers, config: provider.new_config() }
    }

    /// The id of the provider.
    pub fn provider(&self) -> &'static str {
        self.provider.id()
    }

    /// The names of the settings that [`with_setting`](Self::with_setting) takes.
    pub fn settings(&self) -> &'static [&'static str] {
        self.provider.settings()
    }

    /// Sets a setting by its name, in the form that files and variables use.
    ///
    /// ```
    /// use pinning_keys::{AnyConfig, Error};
    /// use pinning_keys::credentials::SecretFrom;
    ///
    /// fn with_account(config: AnyConfig) -> Result<AnyConfig, Error> {
    ///     config.with_setting("jwt", SecretFrom::file("/run/secrets/jwt"))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the setting is unknown or
    /// belongs to another provider, if the value is invalid, or if a secret is set twice.
    pub fn with_setting(self, name: &str, value: impl Into<Setting>) -> Result<Self, Error> {
        entries::check_setting(&self.providers, &self.provider, name)?;
        let config = self.config.set(name, value.into())?;
        Ok(Self { config, ..self })
    }

    /// Sets the base URL of the API (default: the provider's own).
    ///
    /// ```
    /// use pinning_keys::AnyConfig;
    ///
    /// fn through_a_proxy(config: AnyConfig) -> AnyConfig {
    ///     config.with_base_url("https://proxy.example.com/pinning")
    /// }
    /// ```
    #[must_use]
    pub fn with_base_url(mut self, url: impl Into<String>) -> Self {
        self.config.api().base_url = Some(url.into());
        self
    }

    /// Sets the source of the account's credential, which is asked for each call. It takes
    /// precedence over the settings that hold a credential.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use pinning_keys::AnyConfig;
    /// use pinning_keys::credentials::{AccountCredential, from_fn};
    ///
    /// fn with_vault(config: AnyConfig) -> AnyConfig {
    ///     let vault = from_fn(|_| async { AccountCredential::bearer("eyJhbGciOi") });
    ///     config.with_credentials(Arc::new(vault))
    /// }
    /// ```
    #[must_use]
    pub fn with_credentials(mut self, source: Arc<dyn CredentialSource>) -> Self {
        self.config.api().credentials = Some(source);
        self
    }

    /// Allows plain `http` to this host. This machine is always allowed. Such requests use no
    /// proxy.
    ///
    /// ```
    /// use pinning_keys::AnyConfig;
    ///
    /// fn at_the_mock(config: AnyConfig) -> AnyConfig {
    ///     config.with_base_url("http://mock.internal").with_plain_http_host("mock.internal")
    /// }
    /// ```
    #[must_use]
    pub fn with_plain_http_host(mut self, host: impl Into<String>) -> Self {
        self.config.api().plain_http_hosts.push(host.into());
        self
    }

    /// Sets the time limit for each call, all attempts included (default: 30 s).
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use pinning_keys::AnyConfig;
    ///
    /// fn impatient(config: AnyConfig) -> AnyConfig {
    ///     config.with_deadline(Duration::from_secs(5))
    /// }
    /// ```
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.config.api().deadline = Some(deadline);
        self
    }

    /// Sets the transport that requests are sent through.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use pinning_keys::AnyConfig;
    /// use pinning_keys::transport::Transport;
    ///
    /// fn through(config: AnyConfig, client: impl Transport + 'static) -> AnyConfig {
    ///     config.with_transport(Arc::new(client))
    /// }
    /// ```
    #[must_use]
    pub fn with_transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.config.api().transport = Some(transport);
        self
    }

    /// Creates the issuer. This sends nothing.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) and
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), as documented for the
    /// adapter's own configuration, and
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the issuer is for another
    /// provider.
    pub fn build(self) -> Result<Arc<dyn KeyIssuer>, Error> {
        let id = self.provider.id();
        let issuer = self.config.issuer()?;
        match issuer.profile().provider() {
            same if same == id => Ok(issuer),
            // The references to its keys would not name the provider of the configuration.
            other => Err(misconfigured(format!("provider {id} builds an issuer of {other}"))
                .with_next_step(format!("give {id:?} to the permission tables, too"))),
        }
    }
}

impl fmt::Debug for AnyConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyConfig")
            .field("provider", &self.provider.id())
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
