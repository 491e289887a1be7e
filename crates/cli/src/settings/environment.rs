//! The environment variables that the program reads.

use std::ffi::{OsStr, OsString};
use std::sync::Arc;

use pinning_keys::adapter::{ApiSettings, Setting};
use pinning_keys::credentials::from_fn;
use pinning_keys::{Error, ErrorKind, IssuerConfig};

use crate::failure::Failure;

pub(crate) const PROFILE: &str = "PINNING_KEYS_PROFILE";
pub(crate) const CONFIG: &str = "PINNING_KEYS_CONFIG";
#[cfg(feature = "store")]
pub(crate) const STORE: &str = "PINNING_KEYS_STORE";
pub(crate) const PROVIDER: &str = "PINNING_KEYS_PROVIDER";
pub(crate) const REQUESTS_PER_MINUTE: &str = "PINNING_KEYS_REQUESTS_PER_MINUTE";
pub(crate) const PINATA_JWT: &str = "PINATA_JWT";

/// The variables that set an account's settings, and the settings.
const SETTINGS: [(&str, &str); 13] = [
    ("PINNING_KEYS_JWT", "jwt"),
    ("PINNING_KEYS_JWT_FILE", "jwt_file"),
    ("PINNING_KEYS_API_KEY", "api_key"),
    ("PINNING_KEYS_API_KEY_FILE", "api_key_file"),
    ("PINNING_KEYS_API_SECRET", "api_secret"),
    ("PINNING_KEYS_API_SECRET_FILE", "api_secret_file"),
    ("PINNING_KEYS_BASE_URL", "base_url"),
    ("PINNING_KEYS_UPLOAD_URL", "upload_url"),
    ("PINNING_KEYS_ALLOW_PLAIN_HTTP", "allow_plain_http"),
    ("PINNING_KEYS_TABLE", "table"),
    ("PINNING_KEYS_ROUTE", "route"),
    ("PINNING_KEYS_DEADLINE_SECONDS", "deadline_seconds"),
    ("PINNING_KEYS_PAGE_SIZE", "page_size"),
];

/// The settings that decide where the credential is sent.
const PLACES: [&str; 3] = ["base_url", "upload_url", "allow_plain_http"];

/// The environment of the program.
#[derive(Default)]
pub(crate) struct Environment {
    variables: Vec<(OsString, OsString)>,
}

impl Environment {
    pub(crate) fn read() -> Self {
        // Windows does not distinguish the cases of names.
        let name = |name: OsString| if cfg!(windows) { name.to_ascii_uppercase() } else { name };
        Self { variables: std::env::vars_os().map(|(key, value)| (name(key), value)).collect() }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables.iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }

    /// The value of a variable for which an empty one counts as not set.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, Failure> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let Some(text) = value.to_str() else {
            return Err(Failure::configuration(format!("the value of {name} is not UTF-8")));
        };
        Ok(Some(text).filter(|text| !Setting::from(*text).is_blank()))
    }

    /// The settings of an account for which a variable is set, each with that variable.
    pub(crate) fn settings(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        SETTINGS.into_iter().filter(|(variable, _)| self.get(variable).is_some())
    }

    /// The first variable that holds a credential or a part of one.
    pub(crate) fn credential(&self) -> Option<&'static str> {
        let mut set = self.settings();
        set.find(|(_, setting)| ApiSettings::is_credential(setting)).map(|(variable, _)| variable)
    }

    /// The variables that name an account of their own: its provider, its credential, and where
    /// that is sent.
    pub(crate) fn account_variables(&self) -> Vec<&'static str> {
        let is_part =
            |setting: &str| ApiSettings::is_credential(setting) || PLACES.contains(&setting);
        let provider = self.get(PROVIDER).map(|_| PROVIDER);
        let others = self.settings().filter(|(_, setting)| is_part(setting));
        provider.into_iter().chain(others.map(|(variable, _)| variable)).collect()
    }

    /// Whether a variable holds a credential, ours or that of Pinata's own client.
    pub(crate) fn has_credential(&self) -> bool {
        let is_blank =
            |value: &OsStr| value.to_str().is_some_and(|value| Setting::from(value).is_blank());
        let pinata = self.get(PINATA_JWT).is_some_and(|value| !is_blank(value));
        self.credential().is_some() || pinata
    }

    /// Whether a variable names an account, or a part of one.
    pub(crate) fn names_an_account(&self) -> bool {
        self.get(PINATA_JWT).is_some() || !self.account_variables().is_empty()
    }

    /// Refuses variables with our prefix that are not known, and those whose names look like ours.
    pub(crate) fn check_names(&self) -> Result<(), Failure> {
        let is_known = |name: &OsStr| SETTINGS.iter().any(|(known, _)| name == *known);
        let unknown = self.variables.iter().filter(|(name, _)| !is_known(name) && name != PROVIDER);
        let names = unknown.map(|(name, _)| (name.clone(), OsString::new()));
        // The library finds and words these errors, as for a program without profiles. What it
        // needs besides is harmless.
        let complete = [(PROVIDER, "pinata"), ("PINNING_KEYS_JWT", "unused")];
        let complete = complete.map(|(name, value)| (OsString::from(name), OsString::from(value)));
        IssuerConfig::from_vars(names.chain(complete)).map_err(Failure::from).map(drop)
    }

    /// The configuration of the account that the environment names, with a provider if the
    /// environment has none.
    pub(crate) fn issuer_config(&self, provider: Option<&str>) -> Result<IssuerConfig, Failure> {
        let provider = provider.filter(|_| self.get(PROVIDER).is_none());
        let provider = provider.map(|id| (OsString::from(PROVIDER), OsString::from(id)));
        let variables = self.variables.iter().cloned().chain(provider);
        Ok(IssuerConfig::from_vars(variables)?)
    }

    /// The configuration without a credential, with a provider if the environment has none. A call
    /// that needs the account's credential fails.
    pub(crate) fn without_credential(
        &self,
        provider: Option<&str>,
    ) -> Result<IssuerConfig, Failure> {
        let none = from_fn(|_| async {
            Err(Error::new(ErrorKind::CredentialUnavailable, "no account is configured"))
        });
        let provider = provider.filter(|_| self.get(PROVIDER).is_none());
        let provider = provider.map(|id| (OsString::from(PROVIDER), OsString::from(id)));
        // It satisfies the library's check for a credential, and is never asked for.
        let unused = (OsString::from("PINNING_KEYS_JWT"), OsString::from("unused"));
        let variables = self.variables.iter().cloned().chain(provider).chain([unused]);
        Ok(IssuerConfig::from_vars(variables)?.with_credentials(Arc::new(none)))
    }
}

#[cfg(test)]
mod tests {
    use pinning_keys::IssuerConfig;

    use super::SETTINGS;

    #[test]
    fn every_setting_of_the_library_has_its_variable() {
        let configs = IssuerConfig::PROVIDERS.iter().map(|id| IssuerConfig::for_provider(id));
        for config in configs {
            for setting in config.expect("the provider is known").settings() {
                let variable = format!("PINNING_KEYS_{}", setting.to_uppercase());
                assert!(SETTINGS.contains(&(&variable, setting)), "{variable}");
            }
        }
    }
}
