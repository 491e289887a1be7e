use std::collections::BTreeMap;
use std::sync::Arc;

use pinning_keys_core::{Error, ErrorKind, KeyIssuer};
use pinning_keys_http::credentials::CredentialSource;
use pinning_keys_http::{Setting, Transport};
use serde::Deserialize;

use crate::environment;
#[cfg(feature = "pinata")]
use crate::pinata::PinataConfig;
#[cfg(feature = "w3ipfs")]
use crate::w3ipfs::W3ipfsConfig;

/// Which provider keys are issued at, and how to reach it.
///
/// It comes from the environment ([`from_env`](Self::from_env)), from a file through serde,
/// where the member `provider` tells the provider, or from an adapter's own configuration.
///
/// Errors name settings and quote no value. Some parsers, `toml` among them, add the line of the
/// file to an error, though: keep secrets in variables or files of their own, or show the
/// parser's `message()` alone.
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

/// Does the same to whichever configuration it is; some of them give the same type back.
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
    /// The ids of the providers that this build has.
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
    /// | `PINNING_KEYS_PROVIDER` | `pinata` or `w3ipfs`; may be left out where `PINATA_JWT` is all that is set |
    /// | `PINNING_KEYS_JWT` | the account's JWT; at Pinata, `PINATA_JWT` is taken where no credential is set |
    /// | `PINNING_KEYS_API_KEY`, `PINNING_KEYS_API_SECRET` | the account's key pair, in place of a JWT |
    /// | `PINNING_KEYS_JWT_FILE`, `…_API_KEY_FILE`, `…_API_SECRET_FILE` | the path of a file that holds it |
    /// | `PINNING_KEYS_BASE_URL` | the base URL of the provider's API |
    /// | `PINNING_KEYS_ALLOW_PLAIN_HTTP` | hosts to which `http` is allowed, with commas between |
    /// | `PINNING_KEYS_DEADLINE_SECONDS` | how long each call may take |
    /// | `PINNING_KEYS_ROUTE` | at Pinata: `v3`, `sdk` or `legacy` |
    /// | `PINNING_KEYS_TABLE` | at Pinata: `resources` or `endpoints` |
    /// | `PINNING_KEYS_PAGE_SIZE` | at W3IPFS: how many keys a page of a listing is asked to have |
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where a variable of that prefix is misspelt, holds a value
    /// that it cannot hold or contradicts another one, and where no provider is named.
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

    /// The configuration for a provider, by its id, and no credential yet.
    ///
    #[cfg_attr(all(feature = "w3ipfs", feature = "tls-ring"), doc = "```")]
    #[cfg_attr(not(all(feature = "w3ipfs", feature = "tls-ring")), doc = "```no_run")]
    /// use pinning_keys::IssuerConfig;
    ///
    /// // As where the settings come from a database or a command line.
    /// let issuer = IssuerConfig::for_provider("w3ipfs")?.with_setting("jwt", "eyJhbGciOi")?.build()?;
    /// # Ok::<(), pinning_keys::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where this build has no such provider.
    pub fn for_provider(id: &str) -> Result<Self, Error> {
        match id {
            #[cfg(feature = "pinata")]
            "pinata" => Ok(Self::Pinata(PinataConfig::new())),
            #[cfg(feature = "w3ipfs")]
            "w3ipfs" => Ok(Self::W3ipfs(W3ipfsConfig::new())),
            _ => Err(no_such_provider(id)),
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

    /// Takes a setting by its name, as the adapter's own configuration does.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for a setting that there is not, for a value that the setting
    /// does not take, and for a secret that is set twice.
    pub fn with_setting(self, name: &str, value: impl Into<Setting>) -> Result<Self, Error> {
        if !self.settings().contains(&name) {
            if let Some(other) = all_settings().find(|(_, setting)| *setting == name) {
                return Err(setting_of(other));
            }
        }
        Ok(each!(self, config => config.with_setting(name, value)?))
    }

    /// Works with whatever credential of the account this source gives at each call. It goes
    /// before a JWT and a key pair.
    #[must_use]
    pub fn with_credentials(self, source: Arc<dyn CredentialSource>) -> Self {
        each!(self, config => config.with_credentials(source))
    }

    /// Reaches the network through this transport.
    #[must_use]
    pub fn with_transport(self, transport: Arc<dyn Transport>) -> Self {
        each!(self, config => config.with_transport(transport))
    }

    /// Makes the issuer. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] and [`ErrorKind::InvalidInput`], as the adapter's own
    /// configuration says.
    pub fn build(self) -> Result<Arc<dyn KeyIssuer>, Error> {
        Ok(match self {
            #[cfg(feature = "pinata")]
            Self::Pinata(config) => Arc::new(config.build()?),
            #[cfg(feature = "w3ipfs")]
            Self::W3ipfs(config) => Arc::new(config.build()?),
        })
    }
}

/// The members of a configuration file, one of which names the provider.
impl TryFrom<BTreeMap<String, Setting>> for IssuerConfig {
    type Error = Error;

    fn try_from(mut settings: BTreeMap<String, Setting>) -> Result<Self, Error> {
        let Some(provider) = settings.remove("provider") else {
            let message = format!("provider is not set; it must be {}", providers());
            return Err(Error::new(ErrorKind::Configuration, message));
        };
        let config = Self::for_provider(&provider.text("provider")?)?;
        let mut settings = settings.into_iter();
        settings.try_fold(config, |config, (name, value)| config.with_setting(&name, value))
    }
}

/// Every setting of this build's providers, with its provider.
pub(crate) fn all_settings() -> impl Iterator<Item = (&'static str, &'static str)> {
    IssuerConfig::PROVIDERS.iter().flat_map(|id| {
        let settings = IssuerConfig::for_provider(id).map_or(&[][..], |config| config.settings());
        settings.iter().map(|setting| (*id, *setting))
    })
}

/// The error for a setting of another provider: likely one that was left behind at a change.
fn setting_of((provider, setting): (&str, &str)) -> Error {
    let message = format!("{setting:?} is a setting of {provider}, and this is another provider");
    Error::new(ErrorKind::Configuration, message).with_next_step("remove it")
}

/// The providers of this build, as an error names them.
pub(crate) fn providers() -> String {
    let ids = IssuerConfig::PROVIDERS.iter().map(|id| format!("{id:?}"));
    ids.collect::<Vec<_>>().join(" or ")
}

fn no_such_provider(id: &str) -> Error {
    let there = providers();
    // Quoted only where it is a provider's: a secret may have been pasted in its place.
    let message = match id {
        "pinata" | "w3ipfs" => {
            format!("the feature {id} is off in this build; provider must be {there}")
        }
        _ => format!("provider must be {there}"),
    };
    Error::new(ErrorKind::Configuration, message)
}
