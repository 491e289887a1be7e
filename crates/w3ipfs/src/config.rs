use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use pinning_keys_core::Error;
use pinning_keys_http::{ApiSettings, Setting, api_setters, provider_config};
use serde::Deserialize;

use crate::base_url;
use crate::claims;
use crate::error::{read_failure, refuses_credential};
use crate::issuer::W3ipfsIssuer;
use crate::wire::{PAIR_HEADERS, PROVIDER};

/// The base URL of the provider's API today (documented).
pub const DEFAULT_BASE_URL: &str = base_url::AIOZ_PIN;

/// The default page size. The provider's maximum is not known; a shorter page is read correctly.
const DEFAULT_PAGE_SIZE: NonZeroUsize = NonZeroUsize::new(100).unwrap();

/// The configuration of a [`W3ipfsIssuer`].
///
/// Settings come from setters, from a configuration file, or from text by name, as in environment
/// variables.
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
/// The same kind of configuration in a file:
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
    /// Creates a configuration for the provider's own address, without a credential.
    ///
    /// ```
    /// use pinning_keys_w3ipfs::{DEFAULT_BASE_URL, W3ipfsConfig};
    ///
    /// assert_eq!(W3ipfsConfig::new().base_url(), DEFAULT_BASE_URL);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    api_setters!("page_size");

    /// Sets the page size used when listing keys (default: 100; at least 2, because each page
    /// begins with the last row of the page before).
    ///
    /// The provider's maximum is not documented. If it refuses this size or returns shorter pages,
    /// set a smaller one: the provider's dashboard uses 10 (seen).
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    ///
    /// use pinning_keys_core::KeyIssuer;
    /// use pinning_keys_w3ipfs::W3ipfsConfig;
    ///
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// let issuer = W3ipfsConfig::new()
    ///     .with_page_size(NonZeroUsize::new(10).unwrap())
    ///     .with_jwt("eyJhbGciOi")
    /// #   .with_transport(emulator.transport())
    ///     .build()?;
    /// assert_eq!(issuer.profile().page_size(), Some(10));
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_page_size(mut self, keys: NonZeroUsize) -> Self {
        self.page_size = Some(keys);
        self
    }

    /// Returns the base URL that the issuer will call.
    pub fn base_url(&self) -> &str {
        self.api.base_url.as_deref().unwrap_or(DEFAULT_BASE_URL)
    }

    /// Sets one of the [`SETTINGS`](Self::SETTINGS) by its name, as in files and environment
    /// variables.
    ///
    /// * `jwt_file`, `api_key_file` and `api_secret_file` are paths of files that hold the secret.
    /// * `allow_plain_http` is a list of hosts, separated by commas.
    ///
    /// An empty value leaves the setting as it is; the base URL and credentials must not be empty.
    ///
    /// ```
    /// use pinning_keys_w3ipfs::W3ipfsConfig;
    ///
    /// let config = W3ipfsConfig::new().with_setting("page_size", "10")?;
    /// let error = config.with_setting("page_sise", "10").unwrap_err();
    /// assert!(error.to_string().contains("\"page_size\""), "the nearest setting is named");
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](pinning_keys_core::ErrorKind::Configuration) for an unknown
    /// setting (the error names the nearest one), for a value that the setting does not accept,
    /// and for a secret that is set twice.
    pub fn with_setting(mut self, name: &str, value: impl Into<Setting>) -> Result<Self, Error> {
        let value = value.into();
        match name {
            "page_size" if value.is_blank() => {}
            "page_size" => self.page_size = Some(value.count(name)?),
            _ if self.api.set(name, value)? => {}
            _ => return Err(Error::unknown_setting(name, Self::SETTINGS.iter().copied())),
        }
        Ok(self)
    }

    /// Builds the issuer. Nothing is sent yet.
    ///
    /// ```
    /// use pinning_keys_core::ErrorKind;
    /// use pinning_keys_w3ipfs::W3ipfsConfig;
    ///
    /// let error = W3ipfsConfig::new().build().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Configuration, "no credential is set");
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](pinning_keys_core::ErrorKind::Configuration) if
    ///
    /// * no credential is set, more than one, or half of one,
    /// * the base URL is invalid, ends in a route or is not the API's, or the deadline is zero,
    /// * no transport is set and none is built in.
    ///
    /// [`ErrorKind::InvalidInput`](pinning_keys_core::ErrorKind::InvalidInput) if the JWT or the
    /// key pair is empty, contains a character that no header can carry, or begins or ends with
    /// what is part of no credential, such as a quotation mark.
    pub fn build(self) -> Result<W3ipfsIssuer, Error> {
        self.into_issuer().map_err(|error| error.with_provider(PROVIDER))
    }

    fn into_issuer(self) -> Result<W3ipfsIssuer, Error> {
        let client = self
            .api
            .client(PROVIDER, DEFAULT_BASE_URL, PAIR_HEADERS)?
            .failure_reader(read_failure)
            .refuses_credential(refuses_credential)
            .account_reader(claims::account);
        base_url::check(client.base_url())?;
        Ok(W3ipfsIssuer::new(client.build()?, self.page_size.unwrap_or(DEFAULT_PAGE_SIZE)))
    }
}

provider_config!(W3ipfsConfig, PROVIDER);
