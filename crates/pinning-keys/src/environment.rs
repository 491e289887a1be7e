//! Configuration from environment variables.

use std::collections::BTreeMap;
use std::ffi::OsString;

use pinning_keys_core::{Error, ErrorKind};

use crate::config::{IssuerConfig, all_settings, providers};

const PREFIX: &str = "PINNING_KEYS_";
const PROVIDER: &str = "PINNING_KEYS_PROVIDER";

/// The name under which apps of Pinata's own client already have the JWT.
const PINATA_JWT: &str = "PINATA_JWT";

/// The settings that hold a credential, or a part of one.
const SECRETS: [&str; 6] =
    ["jwt", "jwt_file", "api_key", "api_key_file", "api_secret", "api_secret_file"];

/// The variables of our prefix, by name.
type Settings = BTreeMap<String, String>;

pub(crate) fn read(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<IssuerConfig, Error> {
    let (mut settings, pinata_jwt) = collect(variables)?;
    let has_credential = SECRETS.iter().any(|name| settings.contains_key(&variable(name)));
    let provider = match settings.remove(PROVIDER) {
        Some(provider) => provider.trim().to_owned(),
        // A credential that is set for us is of a provider that nobody has named, and must not
        // get to Pinata because another program's variable is there.
        None if pinata_jwt.is_some() && !has_credential && cfg!(feature = "pinata") => {
            "pinata".to_owned()
        }
        None => return Err(no_provider(&settings)),
    };
    let config =
        IssuerConfig::for_provider(&provider).map_err(|error| read_from(error, PROVIDER))?;
    check_names(&settings)?;
    let config = settings.into_iter().try_fold(config, |config, (variable, value)| {
        let name = variable[PREFIX.len()..].to_lowercase();
        config.with_setting(&name, value).map_err(|error| read_from(error, &variable))
    })?;
    match pinata_jwt.filter(|_| provider == "pinata") {
        _ if has_credential => Ok(config),
        Some(jwt) => {
            config.with_setting("jwt", jwt.trim()).map_err(|error| read_from(error, PINATA_JWT))
        }
        None => Err(no_credential(&provider)),
    }
}

/// The variables of our prefix, and the JWT to fall back on.
fn collect(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<(Settings, Option<String>), Error> {
    let (mut settings, mut pinata_jwt) = (Settings::new(), None);
    for (name, value) in variables {
        let Some(name) = name.to_str() else { continue };
        if name == PINATA_JWT {
            // Another program's variable: what is blank or no text is as good as not set.
            pinata_jwt = value.into_string().ok().filter(|jwt| !jwt.trim().is_empty());
        } else if name.starts_with(PREFIX) {
            let value = value
                .into_string()
                .map_err(|_| misconfigured(format!("the value of {name} is not UTF-8")))?;
            settings.insert(name.to_owned(), value);
        }
    }
    Ok((settings, pinata_jwt))
}

/// The variable that holds a setting.
fn variable(setting: &str) -> String {
    format!("{PREFIX}{}", setting.to_uppercase())
}

/// Refuses a variable of our prefix that is none of ours: it is misspelt, and what it was to
/// set would silently be something else.
fn check_names(settings: &Settings) -> Result<(), Error> {
    let mut known: Vec<String> = all_settings().map(|(_, setting)| variable(setting)).collect();
    known.push(PROVIDER.to_owned());
    known.sort();
    known.dedup();
    match settings.keys().find(|name| !known.contains(name)) {
        Some(name) => Err(Error::unknown_setting(name, known.iter().map(String::as_str))),
        None => Ok(()),
    }
}

fn no_provider(settings: &Settings) -> Error {
    // A misspelt PROVIDER is the likelier mistake than none at all.
    if let Err(misspelt) = check_names(settings) {
        return misspelt;
    }
    let ids = providers();
    let or = if cfg!(feature = "pinata") { ", or set PINATA_JWT" } else { "" };
    misconfigured(format!("{PROVIDER} is not set")).with_next_step(format!("set it to {ids}{or}"))
}

fn no_credential(provider: &str) -> Error {
    let fallback = if provider == "pinata" { format!(" (or {PINATA_JWT})") } else { String::new() };
    let [jwt, key, secret] = ["jwt", "api_key", "api_secret"].map(variable);
    misconfigured(format!("no credential of the {provider} account is set")).with_next_step(format!(
        "set {jwt}{fallback}, or {key} and {secret}; with _FILE behind its name, each holds the \
         path of a file instead"
    ))
}

/// Says which variable an error is about, beside what it advises.
fn read_from(error: Error, variable: &str) -> Error {
    let hint = match error.next_step() {
        Some(advice) => format!("it was read from {variable}; {advice}"),
        None => format!("it was read from {variable}"),
    };
    error.with_next_step(hint)
}

fn misconfigured(message: String) -> Error {
    Error::new(ErrorKind::Configuration, message)
}
