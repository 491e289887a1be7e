//! The effective settings for people and programs, with where each came from.
//!
//! No secret is part of it. The place of a secret is shown only if something is there, because a
//! secret may have been put where its place belongs.

use std::env;

use pinning_keys::IssuerConfig;
use pinning_keys::adapter::Setting;
use pinning_keys::credentials::SecretFrom;
use pinning_keys::pinata::DEFAULT_UPLOAD_URL;
use pinning_keys_core::contains_jwt;
use serde::Serialize;
use serde_json::{Value, json};

use super::effective::{Effective, Sourced};
use super::files::{ConfigFile, Kind};
use super::limits::{FREE, REQUESTS};
use super::loaded::Settings;
use super::origin::Origin;
use super::output::OutputSettings;
use super::sections::Account;
use super::value::{is_secret, secret_of};
use crate::failure::Failure;

/// One setting.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// `null` if it is not set and has no default. A secret is only `"set"`.
    pub(crate) value: Value,
    /// Where a secret is stored, if it is not in the setting itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stored_in: Option<StoredIn>,
    pub(crate) source: Origin,
}

/// The place of a secret.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum StoredIn {
    Variable {
        name: String,
    },
    File {
        path: String,
    },
    /// A variable that is not set, or a file that does not exist. Its name may be a secret.
    Missing,
}

/// The account that commands work with.
#[derive(Debug, Serialize)]
pub(crate) struct AccountRow {
    pub(crate) provider: &'static str,
    /// `null` if the environment names the account.
    pub(crate) profile: Option<String>,
    pub(crate) selected_by: Origin,
}

/// A configuration file that was looked for.
#[derive(Debug, Serialize)]
pub(crate) struct FileRow {
    pub(crate) kind: Kind,
    pub(crate) path: String,
    pub(crate) exists: bool,
}

impl AccountRow {
    pub(crate) fn of(effective: &Effective) -> Self {
        let (provider, by) = &effective.provider;
        let (profile, selected_by) = match &effective.profile {
            Some((name, by)) => (Some(name.as_str().to_owned()), by.clone()),
            None => (None, by.clone()),
        };
        Self { provider, profile, selected_by }
    }
}

impl FileRow {
    pub(crate) fn of(file: &ConfigFile) -> Self {
        let path = file.path.to_string_lossy().into_owned();
        Self { kind: file.kind, path, exists: file.exists }
    }
}

impl Row {
    /// The output settings.
    pub(crate) fn of_output(output: &OutputSettings) -> [Self; 3] {
        let (color, json, quiet) = (&output.color, &output.json, &output.quiet);
        [
            Self::new("color", json!(color.0.name()), color.1.clone()),
            Self::new("json", json!(json.0), json.1.clone()),
            Self::new("quiet", json!(quiet.0), quiet.1.clone()),
        ]
    }

    /// The store, if the program has one.
    #[cfg(feature = "store")]
    pub(crate) fn of_store(settings: &Settings) -> Result<Option<Self>, Failure> {
        let store = settings.store()?;
        Ok(Some(Self::new("store", json!(store.place.to_string()), store.origin)))
    }

    #[cfg(not(feature = "store"))]
    #[expect(clippy::unnecessary_wraps, reason = "with a store, its address can be invalid")]
    pub(crate) fn of_store(_settings: &Settings) -> Result<Option<Self>, Failure> {
        Ok(None)
    }

    /// The settings of the account.
    pub(crate) fn of_account(effective: &Effective) -> Vec<Self> {
        let account = Account::at(effective.provider.0);
        let names = account.iter().flat_map(Account::keys).copied();
        let rows = names.filter_map(|name| match effective.settings.get(name) {
            Some(sourced) => Some(Self::of_setting(name, sourced)),
            // One of several ways to give a credential is enough.
            None if is_secret(name) => None,
            None => Some(Self::new(name, default_of(name, effective), Origin::Default)),
        });
        let (provider, by) = &effective.provider;
        let profile = effective.profile.as_ref();
        let profile =
            profile.map(|(name, by)| Self::new("profile", json!(name.as_str()), by.clone()));
        let provider = Self::new("provider", json!(provider), by.clone());
        profile.into_iter().chain([provider]).chain(rows).collect()
    }

    fn of_setting(name: &'static str, sourced: &Sourced) -> Self {
        let Sourced { value, origin } = sourced;
        if !is_secret(name) {
            return Self::new(name, shown_value(name, value.clone()), origin.clone());
        }
        let row = Self::new(name, json!("set"), origin.clone());
        Self { stored_in: stored_in(name, value.clone()), ..row }
    }

    /// The value for people.
    pub(crate) fn shown(&self) -> String {
        match (&self.stored_in, &self.value) {
            (Some(StoredIn::Variable { name }), _) => format!("set, in variable {name}"),
            (Some(StoredIn::File { path }), _) => format!("set, in file {path}"),
            (Some(StoredIn::Missing), _) => "set, but its variable or file is missing".to_owned(),
            (None, Value::Null) => "not set".to_owned(),
            (None, Value::Array(items)) if items.is_empty() => "none".to_owned(),
            (None, Value::Array(items)) => {
                items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
            }
            (None, Value::String(text)) => text.clone(),
            (None, value) => value.to_string(),
        }
    }

    fn new(name: &'static str, value: Value, source: Origin) -> Self {
        Self { name, value, stored_in: None, source }
    }
}

/// The value of a setting that is no secret. If a secret was put there by mistake, it is null, and
/// the settings are invalid.
fn shown_value(name: &str, value: Setting) -> Value {
    let shown = match name {
        "deadline_seconds" => value.seconds(name).map(|time| json!(time.as_secs())),
        "page_size" | REQUESTS => value.count(name).map(|count| json!(count)),
        "allow_plain_http" => value.texts(name).map(|hosts| json!(hosts)),
        _ => value.text(name).map(|text| json!(text)),
    };
    shown.ok().filter(|value| !contains_jwt(&value.to_string())).unwrap_or_default()
}

fn stored_in(name: &str, value: Setting) -> Option<StoredIn> {
    match secret_of(name, value).ok()? {
        SecretFrom::Variable(name) if env::var_os(&name).is_some() => {
            Some(StoredIn::Variable { name })
        }
        SecretFrom::File(path) if path.exists() => {
            Some(StoredIn::File { path: path.to_string_lossy().into_owned() })
        }
        SecretFrom::Variable(_) | SecretFrom::File(_) => Some(StoredIn::Missing),
        _ => None,
    }
}

/// The value of a setting that is not set.
fn default_of(name: &str, effective: &Effective) -> Value {
    let is_set = |name| effective.settings.contains_key(name);
    let text = |name| effective.settings.get(name)?.value.clone().text(name).ok();
    match name {
        "base_url" => json!(base_url(&effective.config)),
        // A test server's JWT must not go to the provider's own host.
        "upload_url" if is_set("base_url") => Value::Null,
        "upload_url" => json!(DEFAULT_UPLOAD_URL),
        "allow_plain_http" => json!([]),
        "route" => json!("v3"),
        "table" if text("route").as_deref() == Some("legacy") => json!("endpoints"),
        "table" => json!("resources"),
        "deadline_seconds" => json!(30),
        "page_size" => json!(100),
        REQUESTS => json!(FREE),
        _ => Value::Null,
    }
}

fn base_url(config: &IssuerConfig) -> Option<&str> {
    match config {
        IssuerConfig::Pinata(config) => Some(config.base_url()),
        IssuerConfig::W3ipfs(config) => Some(config.base_url()),
        _ => None,
    }
}
