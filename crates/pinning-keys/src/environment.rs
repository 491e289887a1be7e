//! Settings from environment variables.

use std::collections::BTreeMap;
use std::ffi::OsString;

use pinning_keys_core::{Error, ErrorKind};

use crate::providers;

const PREFIX: &str = "PINNING_KEYS_";
const PROVIDER: &str = "PINNING_KEYS_PROVIDER";

/// The variable in which users of Pinata's own client already have the JWT.
const PINATA_JWT: &str = "PINATA_JWT";

/// The settings that hold a credential or a part of one.
const SECRETS: [&str; 6] =
    ["jwt", "jwt_file", "api_key", "api_key_file", "api_secret", "api_secret_file"];

/// What the environment configures.
pub(crate) struct Environment {
    pub(crate) provider: String,
    pub(crate) settings: Vec<Variable>,
}

/// The value of one setting and the variable that holds it.
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) setting: String,
    pub(crate) value: String,
}

/// The values of the variables with our prefix, by name.
type Values = BTreeMap<String, String>;

pub(crate) fn read(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<Environment, Error> {
    let (mut values, pinata_jwt) = collect(variables)?;
    let has_credential = SECRETS.iter().any(|setting| values.contains_key(&variable(setting)));
    let provider = match values.remove(PROVIDER) {
        Some(provider) => provider.trim().to_owned(),
        // If one of our variables holds a credential, it may be for another provider. It must not
        // go to Pinata only because another program's variable is set.
        None if pinata_jwt.is_some() && !has_credential && cfg!(feature = "pinata") => {
            "pinata".to_owned()
        }
        None => return Err(no_provider(&values, has_credential)),
    };
    if !providers::IDS.contains(&provider.as_str()) {
        return Err(providers::unknown_provider(&provider).with_origin(PROVIDER));
    }
    check_names(&values)?;
    let mut settings: Vec<_> = values.into_iter().map(into_setting).collect();
    if !has_credential {
        let jwt = pinata_jwt.filter(|_| provider == "pinata");
        settings.push(fallback(&jwt.ok_or_else(|| no_credential(&provider))?));
    }
    Ok(Environment { provider, settings })
}

/// The variables with our prefix, and the JWT to fall back on.
fn collect(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<(Values, Option<String>), Error> {
    let (mut values, mut pinata_jwt) = (Values::new(), None);
    for (name, value) in variables {
        let Some(name) = name.to_str() else { continue };
        if name == PINATA_JWT {
            // This variable belongs to another program: a blank or unreadable value is ignored.
            pinata_jwt = value.into_string().ok().filter(|jwt| !jwt.trim().is_empty());
        } else if name.starts_with(PREFIX) {
            let value = value
                .into_string()
                .map_err(|_| misconfigured(format!("the value of {name} is not UTF-8")))?;
            values.insert(name.to_owned(), value);
        }
    }
    Ok((values, pinata_jwt))
}

fn into_setting((name, value): (String, String)) -> Variable {
    Variable { setting: name[PREFIX.len()..].to_lowercase(), name, value }
}

fn fallback(jwt: &str) -> Variable {
    let (name, setting) = (PINATA_JWT.to_owned(), "jwt".to_owned());
    Variable { name, setting, value: jwt.trim().to_owned() }
}

/// The variable that holds a setting.
fn variable(setting: &str) -> String {
    format!("{PREFIX}{}", setting.to_uppercase())
}

/// Refuses unknown variables with our prefix, because the setting behind a misspelt one would
/// silently keep its default.
fn check_names(values: &Values) -> Result<(), Error> {
    let mut known: Vec<String> = providers::all_settings().map(variable).collect();
    known.push(PROVIDER.to_owned());
    known.sort();
    known.dedup();
    match values.keys().find(|name| !known.contains(name)) {
        Some(name) => Err(Error::unknown_setting(name, known.iter().map(String::as_str))),
        None => Ok(()),
    }
}

fn no_provider(values: &Values, has_credential: bool) -> Error {
    // A misspelt PROVIDER is the likelier mistake than none at all.
    if let Err(misspelt) = check_names(values) {
        return misspelt;
    }
    let error = providers::no_provider(PROVIDER);
    // With a credential in one of our variables, PINATA_JWT is not used.
    if cfg!(feature = "pinata") && !has_credential {
        return error.with_next_step(format!("set it, or set {PINATA_JWT}, which selects pinata"));
    }
    error
}

fn no_credential(provider: &str) -> Error {
    let fallback = if provider == "pinata" { format!(" (or {PINATA_JWT})") } else { String::new() };
    let [jwt, key, secret] = ["jwt", "api_key", "api_secret"].map(variable);
    misconfigured(format!("no credential is set for the {provider} account")).with_next_step(
        format!(
            "set {jwt}{fallback}, or {key} and {secret}; append _FILE to a PINNING_KEYS_ name to \
             read the value from a file"
        ),
    )
}

fn misconfigured(message: String) -> Error {
    Error::new(ErrorKind::Configuration, message)
}
