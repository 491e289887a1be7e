use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use pinning_keys_core::{Error, KeyIssuer};
use pinning_keys_http::{Setting, Transport};
use serde::Deserialize;

use crate::credentials::{CredentialSource, SecretFrom};
use crate::environment;
#[cfg(feature = "pinata")]
use crate::pinata::PinataConfig;
use crate::providers::Providers;
#[cfg(feature = "w3ipfs")]
use crate::w3ipfs::W3ipfsConfig;

/// Selects a provider and configures how to reach it.
///
/// A configuration comes from one of these:
///
/// * environment variables: [`from_env`](Self::from_env),
/// * a file, through serde: the member `provider` selects the provider, and the other members are
///   its [`settings`](Self::settings),
/// * [`for_provider`](Self::for_provider) and setters,
/// * an adapter's own configuration, which also has the setters that only one provider needs:
///   `IssuerConfig::Pinata(PinataConfig::new())`.
///
/// It knows the built-in providers. With an adapter for another one, use
/// [`Providers`](crate::Providers).
///
/// This is a file in TOML, read with the crate `toml`. Any other serde format works as well:
///
#[cfg_attr(all(feature = "pinata", feature = "w3ipfs", feature = "tls-ring"), doc = "```")]
#[cfg_attr(
    not(all(feature = "pinata", feature = "w3ipfs", feature = "tls-ring")),
    doc = "```no_run"
)]
/// use pinning_keys::{IssuerConfig, KeyIssuer};
///
/// let config: IssuerConfig = toml::from_str(
///     r#"
///         provider = "pinata"
///         table = "endpoints"
///         jwt = "eyJhbGciOiJIUzI1NiJ9.e30.sample"
///     "#,
/// )?;
/// assert_eq!(config.build()?.profile().table().to_string(), "pinata (endpoints)");
///
/// let config: IssuerConfig = toml::from_str(
///     r#"
///         provider = "w3ipfs"
///         api_key = { variable = "W3IPFS_KEY" }
///         api_secret = { file = "/run/secrets/w3ipfs" }
///     "#,
/// )?;
/// assert_eq!(config.build()?.profile().table().to_string(), "w3ipfs (scopes)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Values are read by the same rule as in [`from_env`](Self::from_env). Errors name settings and
/// never quote a value. However, some parsers, `toml` among them, add the line of the file to an
/// error. Keep secrets in variables or in separate files, or show only the parser's
/// `message()`.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "BTreeMap<String, Setting>")]
#[non_exhaustive]
pub enum IssuerConfig {
    /// Keys of a Pinata account.
    #[cfg(feature = "pinata")]
    Pinata(PinataConfig),
    /// Keys of a W3IPFS account (AIOZ Pin).
    #[cfg(feature = "w3ipfs")]
    W3ipfs(W3ipfsConfig),
}

/// Applies an expression to the configuration of the selected provider.
macro_rules! each {
    ($config:expr, $bound:ident => $same:expr) => {
        match $config {
            #[cfg(feature = "pinata")]
            IssuerConfig::Pinata($bound) => IssuerConfig::Pinata($same),
            #[cfg(feature = "w3ipfs")]
            IssuerConfig::W3ipfs($bound) => IssuerConfig::W3ipfs($same),
        }
    };
}

impl IssuerConfig {
    /// The ids of the providers in this build.
    pub const PROVIDERS: &'static [&'static str] = &[
        #[cfg(feature = "pinata")]
        "pinata",
        #[cfg(feature = "w3ipfs")]
        "w3ipfs",
    ];

    /// Reads the configuration from the environment variables named `PINNING_KEYS_*`.
    ///
    /// | variable | value |
    /// |---|---|
    /// | `PINNING_KEYS_PROVIDER` | `pinata` or `w3ipfs`; optional if `PINATA_JWT` is the only credential |
    /// | `PINNING_KEYS_JWT` | the account's JWT; for Pinata, `PINATA_JWT` is used if no credential is set |
    /// | `PINNING_KEYS_API_KEY`, `PINNING_KEYS_API_SECRET` | the account's key pair instead of a JWT, for W3IPFS, or for Pinata with `PINNING_KEYS_ROUTE=legacy` |
    /// | `PINNING_KEYS_JWT_FILE`, `…_API_KEY_FILE`, `…_API_SECRET_FILE` | the path of a file that holds the value |
    /// | `PINNING_KEYS_BASE_URL` | the base URL of the API (default: the provider's) |
    /// | `PINNING_KEYS_ALLOW_PLAIN_HTTP` | hosts that may be reached over `http`, separated by commas |
    /// | `PINNING_KEYS_DEADLINE_SECONDS` | the time limit for each call, in seconds (default: 30) |
    /// | `PINNING_KEYS_ROUTE` | Pinata only: `v3` (default), `sdk` or `legacy` |
    /// | `PINNING_KEYS_TABLE` | Pinata only: `resources` or `endpoints` |
    /// | `PINNING_KEYS_UPLOAD_URL` | Pinata only: the base URL for signing uploads (default: Pinata's, unless `PINNING_KEYS_BASE_URL` is set) |
    /// | `PINNING_KEYS_PAGE_SIZE` | W3IPFS only: the page size used when listing keys |
    ///
    /// Variables that only the command line reads are ignored, so that both can share an
    /// environment: `PINNING_KEYS_PROFILE`, `PINNING_KEYS_CONFIG`, `PINNING_KEYS_STORE` and
    /// `PINNING_KEYS_REQUESTS_PER_MINUTE`.
    ///
    /// All values are read by one rule, which also applies to configuration files and to files that
    /// hold a secret:
    ///
    /// * Whitespace, line ends and a byte order mark around a value are ignored.
    /// * An empty value counts as not set. However, `PINNING_KEYS_PROVIDER`,
    ///   `PINNING_KEYS_BASE_URL` and the credentials in `PINNING_KEYS_*` variables must not be
    ///   empty: a default or another program's variable could send a credential elsewhere.
    /// * A value with quotation marks around it, with `Bearer ` or `NAME=` before it, or in the
    ///   form `<…>`, `$NAME` or JSON, is an error.
    ///
    /// A variable is an error too if its name differs from one of these only in characters that are
    /// hard to see, such as a blank or a byte order mark, in the case of its letters, or in a word
    /// before it, such as `export`.
    ///
    /// ```no_run
    /// use pinning_keys::IssuerConfig;
    ///
    /// let issuer = IssuerConfig::from_env()?.build()?;
    /// # Ok::<(), pinning_keys::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if a variable with this
    /// prefix is unknown, holds an invalid value or contradicts another one, or if no provider or
    /// no credential is set. [`Error::origin`] is the variable that holds an invalid value. If a
    /// provider or credential is missing, the error names variables that are set but not read: the
    /// well-known ones, such as `PINATA_API_KEY`, and names that look like those that are read,
    /// such as `PINNING_KEY_JWT`.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_vars(environment::variables())
    }

    /// Reads the configuration from these names and values, as [`from_env`](Self::from_env) does
    /// from the environment.
    ///
    /// ```
    /// use pinning_keys::IssuerConfig;
    ///
    /// let variables = [("PINNING_KEYS_PROVIDR", "pinata")];
    /// let error = IssuerConfig::from_vars(variables).unwrap_err();
    /// assert!(error.to_string().contains("did you mean \"PINNING_KEYS_PROVIDER\"?"));
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`from_env`](Self::from_env).
    pub fn from_vars<N, V>(variables: impl IntoIterator<Item = (N, V)>) -> Result<Self, Error>
    where
        N: Into<OsString>,
        V: Into<OsString>,
    {
        let environment = registry().environment(variables)?;
        let config = Self::for_provider(environment.provider.id())?;
        environment.apply(config, Self::with_setting)
    }

    /// Creates a configuration for the provider with this id. It has no credential yet.
    ///
    #[cfg_attr(all(feature = "w3ipfs", feature = "tls-ring"), doc = "```")]
    #[cfg_attr(not(all(feature = "w3ipfs", feature = "tls-ring")), doc = "```no_run")]
    /// use pinning_keys::IssuerConfig;
    ///
    /// let provider = "w3ipfs"; // perhaps from a database or a command line
    /// let issuer = IssuerConfig::for_provider(provider)?.with_jwt("eyJhbGciOi").build()?;
    /// # Ok::<(), pinning_keys::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if this build does not have
    /// the provider. The error suggests the id of a provider that is known by another name.
    pub fn for_provider(id: &str) -> Result<Self, Error> {
        match id {
            #[cfg(feature = "pinata")]
            "pinata" => Ok(Self::Pinata(PinataConfig::new())),
            #[cfg(feature = "w3ipfs")]
            "w3ipfs" => Ok(Self::W3ipfs(W3ipfsConfig::new())),
            _ => Err(registry().unknown_provider(id)),
        }
    }

    /// The id of the provider.
    pub fn provider(&self) -> &'static str {
        match self {
            #[cfg(feature = "pinata")]
            Self::Pinata(_) => "pinata",
            #[cfg(feature = "w3ipfs")]
            Self::W3ipfs(_) => "w3ipfs",
        }
    }

    /// The names of the settings that [`with_setting`](Self::with_setting) takes.
    pub fn settings(&self) -> &'static [&'static str] {
        match self {
            #[cfg(feature = "pinata")]
            Self::Pinata(_) => PinataConfig::SETTINGS,
            #[cfg(feature = "w3ipfs")]
            Self::W3ipfs(_) => W3ipfsConfig::SETTINGS,
        }
    }

    /// Sets a setting by its name, in the form that files and variables use.
    ///
    /// ```
    /// use pinning_keys::IssuerConfig;
    ///
    /// for provider in IssuerConfig::PROVIDERS {
    ///     let config = IssuerConfig::for_provider(provider)?;
    ///     let config = config.with_setting("deadline_seconds", "10")?;
    ///     let error = config.with_setting("deadline_second", "10").unwrap_err();
    ///     assert!(error.to_string().contains("did you mean \"deadline_seconds\"?"));
    /// }
    /// # Ok::<(), pinning_keys::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the setting is unknown or
    /// belongs to another provider, if the value is invalid, or if a secret is set twice.
    pub fn with_setting(self, name: &str, value: impl Into<Setting>) -> Result<Self, Error> {
        registry().check_setting(self.provider(), name)?;
        Ok(each!(self, config => config.with_setting(name, value)?))
    }

    /// Sets the base URL of the API (default: the provider's own).
    ///
    /// ```no_run
    /// use pinning_keys::IssuerConfig;
    ///
    /// let config = IssuerConfig::from_env()?.with_base_url("https://proxy.example.com/pinning");
    /// # Ok::<(), pinning_keys::Error>(())
    /// ```
    #[must_use]
    pub fn with_base_url(self, url: impl Into<String>) -> Self {
        each!(self, config => config.with_base_url(url))
    }

    /// Sets the account's JWT, either its text or where it is kept. A variable or a file is read
    /// again for each call.
    ///
    /// ```no_run
    /// use pinning_keys::IssuerConfig;
    /// use pinning_keys::credentials::SecretFrom;
    ///
    /// let jwt = SecretFrom::file("/run/secrets/pinata-jwt");
    /// let config = IssuerConfig::for_provider("pinata")?.with_jwt(jwt);
    /// # Ok::<(), pinning_keys::Error>(())
    /// ```
    #[must_use]
    pub fn with_jwt(self, jwt: impl Into<SecretFrom>) -> Self {
        each!(self, config => config.with_jwt(jwt))
    }

    /// Sets the account's key pair, either its texts or where they are kept. Variables and files
    /// are read again for each call.
    ///
    /// ```no_run
    /// use pinning_keys::IssuerConfig;
    /// use pinning_keys::credentials::SecretFrom;
    ///
    /// let secret = SecretFrom::variable("ACCOUNT_API_SECRET");
    /// let config = IssuerConfig::for_provider("w3ipfs")?.with_key_pair("ec03b6f8a1", secret);
    /// # Ok::<(), pinning_keys::Error>(())
    /// ```
    #[must_use]
    pub fn with_key_pair(self, key: impl Into<SecretFrom>, secret: impl Into<SecretFrom>) -> Self {
        each!(self, config => config.with_key_pair(key, secret))
    }

    /// Sets the source of the account's credential, which is asked for each call. It takes
    /// precedence over a JWT and a key pair.
    ///
    /// ```no_run
    /// use std::sync::Arc;
    ///
    /// use pinning_keys::IssuerConfig;
    /// use pinning_keys::credentials::{AccountCredential, from_fn};
    ///
    /// let vault = from_fn(|_| async { AccountCredential::bearer("eyJhbGciOi") });
    /// let config = IssuerConfig::for_provider("w3ipfs")?.with_credentials(Arc::new(vault));
    /// # Ok::<(), pinning_keys::Error>(())
    /// ```
    #[must_use]
    pub fn with_credentials(self, source: Arc<dyn CredentialSource>) -> Self {
        each!(self, config => config.with_credentials(source))
    }

    /// Adds a host that may be reached over `http`. Loopback always may. Such requests use no
    /// proxy, whatever `HTTP_PROXY` says, because it could read the credential.
    ///
    /// ```no_run
    /// use pinning_keys::IssuerConfig;
    ///
    /// let config = IssuerConfig::from_env()?
    ///     .with_base_url("http://proxy.internal:8080")
    ///     .with_plain_http_host("proxy.internal");
    /// # Ok::<(), pinning_keys::Error>(())
    /// ```
    #[must_use]
    pub fn with_plain_http_host(self, host: impl Into<String>) -> Self {
        each!(self, config => config.with_plain_http_host(host))
    }

    /// Sets the time limit for each call, all attempts included (default: 30 s).
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// use pinning_keys::IssuerConfig;
    ///
    /// let config = IssuerConfig::from_env()?.with_deadline(Duration::from_secs(10));
    /// # Ok::<(), pinning_keys::Error>(())
    /// ```
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        each!(self, config => config.with_deadline(deadline))
    }

    /// Sets the transport that requests are sent through.
    ///
    /// ```no_run
    /// use std::sync::Arc;
    ///
    /// use pinning_keys::IssuerConfig;
    /// use pinning_keys::transport::Transport;
    ///
    /// fn through(config: IssuerConfig, client: impl Transport + 'static) -> IssuerConfig {
    ///     config.with_transport(Arc::new(client))
    /// }
    /// ```
    #[must_use]
    pub fn with_transport(self, transport: Arc<dyn Transport>) -> Self {
        each!(self, config => config.with_transport(transport))
    }

    /// Creates the issuer. This sends nothing.
    ///
    /// For what only one provider offers, such as `PinataIssuer::sign_upload`, build that
    /// provider's own configuration instead:
    ///
    #[cfg_attr(feature = "pinata", doc = "```no_run")]
    #[cfg_attr(not(feature = "pinata"), doc = "```ignore")]
    /// use pinning_keys::pinata::PinataIssuer;
    /// use pinning_keys::{Error, IssuerConfig};
    ///
    /// fn pinata_from_env() -> Result<Option<PinataIssuer>, Error> {
    ///     match IssuerConfig::from_env()? {
    ///         IssuerConfig::Pinata(config) => config.build().map(Some),
    ///         _ => Ok(None), // another provider is configured
    ///     }
    /// }
    /// ```
    ///
    /// # Runtime
    ///
    /// The issuer's calls need a tokio runtime with I/O and time enabled, such as that of
    /// `#[tokio::main]`. Without a runtime, they fail with
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration); with a runtime that lacks I/O
    /// or time, tokio panics. A synchronous program creates a runtime and blocks on each call:
    ///
    #[cfg_attr(feature = "pinata", doc = "```")]
    #[cfg_attr(not(feature = "pinata"), doc = "```no_run")]
    /// use pinning_keys::{IssuerConfig, KeyIssuer, KeyRequest, ScopeRequest};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let vars = emulator.pinata().vars();
    /// # let config = IssuerConfig::from_vars(vars)?.with_transport(emulator.transport());
    /// let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// let issuer = config.build()?;
    /// let request = KeyRequest::new("dashboard", ScopeRequest::reader())?;
    /// let key = runtime.block_on(issuer.issue(&request))?;
    /// println!("{} may {}", key.name(), key.granted());
    /// println!("{}", runtime.block_on(issuer.revoke(key.key_ref()))?);
    /// # assert_eq!((emulator.keys_made(), emulator.keys_live()), (1, 0));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Inside an async function, await the call instead: a runtime cannot be blocked on from within
    /// another.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) and
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), as documented for the
    /// adapter's own configuration.
    pub fn build(self) -> Result<Arc<dyn KeyIssuer>, Error> {
        Ok(match self {
            #[cfg(feature = "pinata")]
            Self::Pinata(config) => Arc::new(config.build()?),
            #[cfg(feature = "w3ipfs")]
            Self::W3ipfs(config) => Arc::new(config.build()?),
        })
    }
}

/// Converts the members of a configuration file, one of which names the provider.
impl TryFrom<BTreeMap<String, Setting>> for IssuerConfig {
    type Error = Error;

    fn try_from(mut settings: BTreeMap<String, Setting>) -> Result<Self, Error> {
        let config = Self::for_provider(&registry().take_provider(&mut settings)?)?;
        let mut settings = settings.into_iter();
        settings.try_fold(config, |config, (name, value)| config.with_setting(&name, value))
    }
}

/// The providers in this build.
fn registry() -> Providers {
    let providers = Providers::new();
    #[cfg(feature = "pinata")]
    let providers = providers.with(crate::pinata());
    #[cfg(feature = "w3ipfs")]
    let providers = providers.with(crate::w3ipfs());
    providers
}
