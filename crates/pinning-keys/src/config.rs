use std::sync::Arc;

use pinning_keys_core::{Error, KeyIssuer};
use serde::Deserialize;

use crate::environment;

/// Which provider keys are issued at, and how to reach it.
///
/// It comes from the environment ([`from_env`](Self::from_env)), from a file through serde,
/// where the member `provider` tells the provider, or from an adapter's own configuration.
///
/// ```
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
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "provider", rename_all = "lowercase")]
#[non_exhaustive]
pub enum IssuerConfig {
    /// Keys of a Pinata account.
    Pinata(crate::pinata::PinataConfig),
}

impl IssuerConfig {
    /// Reads the configuration from the environment variables named `PINNING_KEYS_*`.
    ///
    /// | variable | value |
    /// |---|---|
    /// | `PINNING_KEYS_PROVIDER` | `pinata`; may be left out where `PINATA_JWT` is set |
    /// | `PINNING_KEYS_JWT` | the account's JWT; without it, `PINATA_JWT` is taken |
    /// | `PINNING_KEYS_JWT_FILE` | the path of a file that holds the JWT |
    /// | `PINNING_KEYS_TABLE` | `resources` or `endpoints` |
    /// | `PINNING_KEYS_BASE_URL` | the base URL of the provider's API |
    /// | `PINNING_KEYS_ALLOW_PLAIN_HTTP` | hosts to which `http` is allowed, with commas between |
    /// | `PINNING_KEYS_DEADLINE_SECONDS` | how long each call may take |
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where a variable of that prefix is misspelt, holds a value
    /// that it cannot hold or contradicts another one, and where no provider is named.
    ///
    /// [`ErrorKind::Configuration`]: crate::ErrorKind::Configuration
    pub fn from_env() -> Result<Self, Error> {
        environment::read(std::env::vars_os())
    }

    /// As [`from_env`](Self::from_env), from these names and values.
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
    /// As [`from_env`](Self::from_env).
    pub fn from_vars<N, V>(variables: impl IntoIterator<Item = (N, V)>) -> Result<Self, Error>
    where
        N: Into<std::ffi::OsString>,
        V: Into<std::ffi::OsString>,
    {
        environment::read(variables.into_iter().map(|(name, value)| (name.into(), value.into())))
    }

    /// Makes the issuer. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) and
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), as the adapter's own
    /// configuration says.
    pub fn build(self) -> Result<Arc<dyn KeyIssuer>, Error> {
        Ok(match self {
            Self::Pinata(config) => Arc::new(config.build()?),
        })
    }
}
