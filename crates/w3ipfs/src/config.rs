use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use pinning_keys_core::{Error, ErrorKind};
use pinning_keys_http::{ApiSettings, Setting, api_setters};
use serde::Deserialize;

use crate::error::{read_failure, refuses_credential};
use crate::wire::{PAIR_HEADERS, PROVIDER};
use crate::{W3ipfsIssuer, base_url};

/// The base URL of the provider's API today.
pub const DEFAULT_BASE_URL: &str = base_url::AIOZ_PIN;

/// How many keys a page is asked to have. What the provider allows is not known, and pages count
/// by what comes.
const DEFAULT_PAGE_SIZE: usize = 100;

/// How a [`W3ipfsIssuer`] is made: with setters, from a configuration file, or from texts such
/// as environment variables hold.
///
/// ```no_run
/// use pinning_keys_w3ipfs::{W3ipfsConfig, base_url};
///
/// let issuer = W3ipfsConfig::new()
///     .with_base_url(base_url::W3IPFS_STORAGE)
///     .with_key_pair("c2FtcGxlLWtleQ==", "c2FtcGxlLXNlY3JldA==")
///     .build()?;
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
///
/// In a file:
///
/// ```
/// use pinning_keys_w3ipfs::W3ipfsConfig;
///
/// let config: W3ipfsConfig = toml::from_str(
///     r#"
///         api_key = { variable = "W3IPFS_KEY" }
///         api_secret = { file = "/run/secrets/w3ipfs" }
///     "#,
/// )?;
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "BTreeMap<String, Setting>")]
pub struct W3ipfsConfig {
    api: ApiSettings,
    page_size: Option<NonZeroUsize>,
}

impl W3ipfsConfig {
    /// The names of the settings that [`with_setting`](Self::with_setting) takes.
    pub const SETTINGS: &'static [&'static str] = &[
        "base_url",
        "jwt",
        "jwt_file",
        "api_key",
        "api_key_file",
        "api_secret",
        "api_secret_file",
        "allow_plain_http",
        "deadline_seconds",
        "page_size",
    ];

    /// The configuration for the provider itself, and no credential yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    api_setters!();

    /// Asks for so many keys on a page of a listing; 100 unless set.
    ///
    /// What the provider allows is not documented. Should it refuse that number, or cut pages
    /// short, set a smaller one: the provider's dashboard asks for 10 (seen).
    #[must_use]
    pub fn with_page_size(mut self, keys: NonZeroUsize) -> Self {
        self.page_size = Some(keys);
        self
    }

    /// The base URL that the issuer will talk to.
    pub fn base_url(&self) -> &str {
        self.api.base_url.as_deref().unwrap_or(DEFAULT_BASE_URL)
    }

    /// Takes a setting by its name, as files and environment variables hold it.
    ///
    /// The names are those of [`SETTINGS`](Self::SETTINGS). `jwt_file`, `api_key_file` and
    /// `api_secret_file` are paths of files that hold the secret, `allow_plain_http` takes hosts
    /// separated by commas.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for a setting that there is not, with the nearest one that
    /// there is, for a value that the setting does not take, and for a secret that is set twice.
    pub fn with_setting(mut self, name: &str, value: impl Into<Setting>) -> Result<Self, Error> {
        let value = value.into();
        match name {
            "page_size" => self.page_size = Some(value.count(name)?),
            _ if self.api.set(name, value)? => {}
            _ => return Err(Error::unknown_setting(name, Self::SETTINGS.iter().copied())),
        }
        Ok(self)
    }

    /// Makes the issuer. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where no credential is set or more than one, the base URL
    /// cannot be used, the deadline is zero or no transport is there;
    /// [`ErrorKind::InvalidInput`] where the JWT or the key pair cannot be one.
    pub fn build(self) -> Result<W3ipfsIssuer, Error> {
        self.into_issuer().map_err(|error| error.with_provider(PROVIDER))
    }

    fn into_issuer(self) -> Result<W3ipfsIssuer, Error> {
        let client = self
            .api
            .client(PROVIDER, DEFAULT_BASE_URL, PAIR_HEADERS)?
            .failure_reader(read_failure)
            .refuses_credential(refuses_credential);
        if client.base_url().path().is_empty() {
            return Err(misconfigured(
                "the base URL has no path, and the provider's API is at /api",
            )
            .with_next_step("add it, as in https://api.aiozpin.network/api"));
        }
        let page_size = self.page_size.map_or(DEFAULT_PAGE_SIZE, NonZeroUsize::get);
        Ok(W3ipfsIssuer::new(client.build()?, page_size))
    }
}

impl TryFrom<BTreeMap<String, Setting>> for W3ipfsConfig {
    type Error = Error;

    fn try_from(settings: BTreeMap<String, Setting>) -> Result<Self, Error> {
        let mut settings = settings.into_iter();
        settings.try_fold(Self::new(), |config, (name, value)| config.with_setting(&name, value))
    }
}

fn misconfigured(message: &'static str) -> Error {
    Error::new(ErrorKind::Configuration, message)
}
