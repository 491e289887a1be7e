//! Configuration from environment variables.

use std::collections::BTreeMap;
use std::ffi::OsString;

use pinning_keys_core::{Error, ErrorKind, header_fault};

use crate::IssuerConfig;
use crate::pinata::PinataConfig;

const PREFIX: &str = "PINNING_KEYS_";
const PROVIDER: &str = "PINNING_KEYS_PROVIDER";

/// The name under which apps of the provider's own client already have the JWT.
const PINATA_JWT: &str = "PINATA_JWT";

/// The variables of our prefix, by name.
type Settings = BTreeMap<String, String>;

pub(crate) fn read(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<IssuerConfig, Error> {
    let (mut settings, fallback) = collect(variables)?;
    let provider = match (settings.remove(PROVIDER), &fallback) {
        (Some(provider), _) => provider,
        (None, Some(_)) => "pinata".to_owned(),
        (None, None) => {
            // A misspelt PROVIDER is the likelier mistake than none at all.
            check_names(&settings)?;
            return Err(misconfigured(format!("{PROVIDER} is not set"))
                .with_hint(format!("set it to \"pinata\", or set {PINATA_JWT}")));
        }
    };
    match provider.as_str() {
        "pinata" => pinata(settings, fallback).map(IssuerConfig::Pinata),
        _ => Err(misconfigured(format!("{PROVIDER} names no provider; there is \"pinata\""))),
    }
}

/// The variables of our prefix, and the JWT to fall back on.
fn collect(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<(Settings, Option<String>), Error> {
    let (mut settings, mut fallback) = (Settings::new(), None);
    for (name, value) in variables {
        let Some(name) = name.to_str() else { continue };
        if name == PINATA_JWT {
            // Another program's variable: what is blank or no text is as good as not set.
            fallback = value.into_string().ok().filter(|jwt| !jwt.trim().is_empty());
        } else if name.starts_with(PREFIX) {
            let value = value
                .into_string()
                .map_err(|_| misconfigured(format!("the value of {name} is not UTF-8")))?;
            settings.insert(name.to_owned(), value);
        }
    }
    Ok((settings, fallback))
}

fn pinata(settings: Settings, fallback: Option<String>) -> Result<PinataConfig, Error> {
    check_names(&settings)?;
    let (inline, file) = (format!("{PREFIX}JWT"), format!("{PREFIX}JWT_FILE"));
    let mut config = PinataConfig::new();
    match (settings.contains_key(&inline), settings.contains_key(&file), fallback) {
        (true, true, _) => {
            return Err(misconfigured(format!("{inline} and {file} are both set"))
                .with_hint("remove one of them"));
        }
        (false, false, Some(jwt)) => {
            check_jwt(PINATA_JWT, jwt.trim())?;
            config = config.with_jwt(jwt.trim());
        }
        (false, false, None) => {
            return Err(misconfigured("no credential of the Pinata account is set".to_owned())
                .with_hint(format!("set {inline}, {file} or {PINATA_JWT} to an admin key's JWT")));
        }
        _ => {}
    }
    if let Some(jwt) = settings.get(&inline) {
        check_jwt(&inline, jwt)?;
    }
    for (variable, value) in settings {
        let setting = variable[PREFIX.len()..].to_lowercase();
        config = config
            .with_setting(&setting, &value)
            .map_err(|error| error.with_hint(format!("it was read from {variable}")))?;
    }
    Ok(config)
}

/// Says which variable holds what cannot be a token, while its name is known.
fn check_jwt(variable: &str, jwt: &str) -> Result<(), Error> {
    match header_fault(jwt) {
        Some(fault) => Err(misconfigured(format!("{variable} {fault}"))
            .with_hint("set it to the JWT alone, without what stands around it")),
        None => Ok(()),
    }
}

/// Refuses a variable of our prefix that is none of ours: it is misspelt, and what it was to
/// set would silently be something else.
fn check_names(settings: &Settings) -> Result<(), Error> {
    let known: Vec<String> = PinataConfig::SETTINGS
        .iter()
        .map(|setting| format!("{PREFIX}{}", setting.to_uppercase()))
        .chain([PROVIDER.to_owned()])
        .collect();
    match settings.keys().find(|name| !known.contains(name)) {
        Some(name) => Err(Error::unknown_setting(name, known.iter().map(String::as_str))),
        None => Ok(()),
    }
}

fn misconfigured(message: String) -> Error {
    Error::new(ErrorKind::Configuration, message)
}
