//! The effective settings: flags, environment, files.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::Arc;

use pinning_keys::adapter::ApiSettings;
use pinning_keys::credentials::from_fn;
use pinning_keys::{Error, ErrorKind, IssuerConfig};

use crate::cli::Global;
use crate::failure::Failure;
use crate::scope_args::TargetArgs;

pub(crate) struct Settings {}

impl Settings {
    /// Reads and checks everything that the program is configured with.
    pub(crate) fn load(_global: &Global) -> Result<Self, Failure> {
        Ok(Self {})
    }

    /// The configuration of the account's issuer.
    pub(crate) fn issuer_config(&self, _target: &TargetArgs) -> Result<IssuerConfig, Failure> {
        Ok(IssuerConfig::from_env()?)
    }

    /// The configuration for calls with the credential of a key, and whether it has an account's
    /// credential too. Without one, the settings or the key name the provider.
    pub(crate) fn holder_config(
        &self,
        provider: Option<&str>,
    ) -> Result<(IssuerConfig, bool), Failure> {
        let mut variables: BTreeMap<_, _> = std::env::vars_os().collect();
        let is_credential = |name: &OsString| {
            let setting = name.to_str().and_then(|name| name.strip_prefix("PINNING_KEYS_"));
            name == "PINATA_JWT"
                || setting.is_some_and(|name| ApiSettings::is_credential(&name.to_lowercase()))
        };
        if variables.keys().any(is_credential) {
            return Ok((self.issuer_config(&TargetArgs::default())?, true));
        }
        if let Some(provider) = provider {
            variables.entry("PINNING_KEYS_PROVIDER".into()).or_insert(provider.into());
        }
        // It satisfies the check for one, and is never asked for.
        variables.insert("PINNING_KEYS_JWT".into(), "none".into());
        let none = from_fn(|_| async {
            Err(Error::new(ErrorKind::CredentialUnavailable, "no account is configured"))
        });
        Ok((IssuerConfig::from_vars(variables)?.with_credentials(Arc::new(none)), false))
    }
}
