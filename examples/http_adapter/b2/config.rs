use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use pinning_keys::Error;
use pinning_keys::adapter::{
    ApiSettings, ForeignVariable, SentAs, Setting, api_setters, provider_config,
};
use serde::Deserialize;

use super::error::{ends_session, read_failure};
use super::issuer::B2Issuer;
use super::permissions::PROVIDER;
use super::session::{DOMAINS, KeyLogin};

/// The address at which the account logs in. The login gives the address of all other calls.
const DEFAULT_BASE_URL: &str = "https://api.backblazeb2.com";

/// The most keys that are listed at the price of one call.
const DEFAULT_PAGE_SIZE: NonZeroUsize = NonZeroUsize::new(1000).unwrap();

/// The configuration of an issuer of B2 keys.
///
/// `api_key` and `api_secret` are the id and the secret of the account's master key, or of a key
/// with the capabilities `writeKeys`, `listKeys` and `deleteKeys`. They are sent as `Basic`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "BTreeMap<String, Setting>")]
pub(crate) struct B2Config {
    api: ApiSettings,
    page_size: Option<NonZeroUsize>,
}

// The provider's own program reads these variables, too.
provider_config!(B2Config, PROVIDER, {
    const VARIABLES: &'static [ForeignVariable] = &[
        ForeignVariable::read("B2_APPLICATION_KEY_ID", "api_key"),
        ForeignVariable::read("B2_APPLICATION_KEY", "api_secret"),
    ];
});

impl B2Config {
    api_setters!("page_size");

    /// Creates a configuration for the provider's own address, without a credential.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Sets the page size used when listing keys (default: 1000; at most 10 000).
    pub(crate) fn with_page_size(mut self, keys: NonZeroUsize) -> Self {
        self.page_size = Some(keys);
        self
    }

    /// Sets one of the [`SETTINGS`](Self::SETTINGS) by its name, as in files and environment
    /// variables.
    pub(crate) fn with_setting(
        mut self,
        name: &str,
        value: impl Into<Setting>,
    ) -> Result<Self, Error> {
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
    pub(crate) fn build(self) -> Result<B2Issuer, Error> {
        let client = self
            .api
            .client(PROVIDER, DEFAULT_BASE_URL, SentAs::Basic)?
            .failure_reader(read_failure)
            .refuses_credential(ends_session)
            .session_domains(DOMAINS)
            .login(KeyLogin)
            .build()?;
        Ok(B2Issuer::new(client, self.page_size.unwrap_or(DEFAULT_PAGE_SIZE)))
    }
}
