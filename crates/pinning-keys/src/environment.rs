//! Settings from environment variables.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::iter;

use pinning_keys_core::{Error, ErrorKind};
use pinning_keys_http::{ApiSettings, Setting};

use crate::foreign_variables::{ForeignVariables, PINATA_JWT};
use crate::providers;
use crate::variable_names::{is_meant_to_have, meant, misspelt};

const PREFIX: &str = "PINNING_KEYS_";
const PROVIDER: &str = "PINNING_KEYS_PROVIDER";

/// The variables that only the command line `pinning-keys` reads. They may be set for it in the same
/// environment, so they are ignored.
const OF_THE_COMMAND_LINE: [&str; 4] = [
    "PINNING_KEYS_CONFIG",
    "PINNING_KEYS_PROFILE",
    "PINNING_KEYS_REQUESTS_PER_MINUTE",
    "PINNING_KEYS_STORE",
];

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

/// The variables that matter.
#[derive(Default)]
struct Found {
    /// The values of the variables with our prefix, by name.
    ours: BTreeMap<String, String>,
    /// The value of [`PINATA_JWT`].
    pinata_jwt: Option<OsString>,
    /// A name that is meant to be [`PINATA_JWT`].
    misspelt_pinata_jwt: Option<String>,
    foreign: ForeignVariables,
}

pub(crate) fn read(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<Environment, Error> {
    let known = known_names();
    let mut found = collect(variables, &known)?;
    let provider = match found.ours.remove(PROVIDER) {
        Some(id) => Some(known_provider(id).map_err(|error| error.with_origin(PROVIDER))?),
        None => None,
    };
    if let Some(name) = found.ours.keys().find(|name| !known.contains(*name)) {
        return Err(unknown_variable(name, &known));
    }
    // If one of our variables holds a credential, it may be for another provider. It must not
    // go to Pinata only because another program's variable is set.
    let has_credential = found.ours.keys().any(|name| ApiSettings::is_credential(&setting(name)));
    let fallback = if has_credential { None } else { found.fallback(provider.as_deref())? };
    let provider = match (provider, &fallback) {
        (Some(provider), _) => provider,
        (None, Some(_)) => "pinata".to_owned(),
        (None, None) => return Err(found.no_provider(has_credential)),
    };
    if fallback.is_none() && !has_credential {
        return Err(found.no_credential(&provider));
    }
    let ours = found.ours.into_iter();
    let settings =
        ours.map(|(name, value)| Variable { setting: setting(&name), name, value }).chain(fallback);
    Ok(Environment { provider, settings: settings.collect() })
}

fn collect(
    variables: impl Iterator<Item = (OsString, OsString)>,
    known: &BTreeSet<String>,
) -> Result<Found, Error> {
    let mut found = Found::default();
    for (name, value) in variables {
        // Bytes that are not text are one more thing that nobody sees in a name.
        let name = name.to_string_lossy().into_owned();
        if OF_THE_COMMAND_LINE.contains(&&*name) {
            continue;
        }
        if name.starts_with(PREFIX) {
            let Ok(value) = value.into_string() else {
                let is_known = known.contains(&name);
                return Err(if is_known {
                    not_utf8(&name)
                } else {
                    misspelt_variable(&name, known)
                });
            };
            found.ours.insert(name, value);
        } else if is_meant_to_have(PREFIX, &name, known) {
            return Err(misspelt_variable(&name, known));
        } else {
            found.foreign.add(&name, is_blank(&value), known);
            if name == PINATA_JWT {
                found.pinata_jwt = Some(value);
            } else if meant(&name, [PINATA_JWT]).is_some() {
                found.misspelt_pinata_jwt = Some(name);
            }
        }
    }
    Ok(found)
}

impl Found {
    /// The JWT to fall back on if none of our variables holds a credential.
    fn fallback(&self, provider: Option<&str>) -> Result<Option<Variable>, Error> {
        if !cfg!(feature = "pinata") || provider.is_some_and(|provider| provider != "pinata") {
            return Ok(None);
        }
        if let Some(name) = &self.misspelt_pinata_jwt {
            return Err(misspelt(name, &BTreeSet::from([PINATA_JWT.to_owned()])));
        }
        let Some(jwt) = &self.pinata_jwt else { return Ok(None) };
        // It belongs to another program, which may leave it empty.
        if is_blank(jwt) {
            return Ok(None);
        }
        let value = jwt.to_str().ok_or_else(|| not_utf8(PINATA_JWT))?.to_owned();
        let (name, setting) = (PINATA_JWT.to_owned(), "jwt".to_owned());
        Ok(Some(Variable { name, setting, value }))
    }

    fn no_provider(&self, has_credential: bool) -> Error {
        // An unusable credential is a likelier mistake than a forgotten provider.
        for (name, value) in &self.ours {
            let checked = ApiSettings::default().set(&setting(name), Setting::from(&**value));
            if let Err(error) = checked {
                return error.with_origin(name.clone());
            }
        }
        let may_fall_back = cfg!(feature = "pinata") && !has_credential;
        let message = providers::no_provider(PROVIDER) + &self.foreign.summary(may_fall_back);
        // With a credential in one of our variables, those of other programs are not needed.
        if has_credential {
            return misconfigured(message).with_next_step(format!("set {PROVIDER}"));
        }
        let or = if may_fall_back { ", or set PINATA_JWT, which selects pinata" } else { "" };
        let steps = iter::once(format!("set {PROVIDER}{or}")).chain(self.foreign.advice(None));
        misconfigured(message).with_next_step(joined(steps))
    }

    fn no_credential(&self, provider: &str) -> Error {
        let summary = self.foreign.summary(provider == "pinata");
        let pair = "PINNING_KEYS_API_KEY and PINNING_KEYS_API_SECRET";
        let steps = [
            match provider {
                "pinata" => format!(
                    "set PINNING_KEYS_JWT (or PINATA_JWT), or, with \
                     PINNING_KEYS_ROUTE=legacy, {pair}"
                ),
                _ => format!("set PINNING_KEYS_JWT, or {pair}"),
            },
            "append _FILE to a PINNING_KEYS_ name to read the value from a file".to_owned(),
        ];
        misconfigured(format!("no credential is set for the {provider} account{summary}"))
            .with_next_step(joined(steps.into_iter().chain(self.foreign.advice(Some(provider)))))
    }
}

/// The error for a variable that has our prefix and is not known.
fn unknown_variable(name: &str, known: &BTreeSet<String>) -> Error {
    if !is_service_variable(name) {
        return misspelt_variable(name, known);
    }
    misconfigured(format!("unknown setting {name:?}; Kubernetes sets such variables for services"))
        .with_next_step("set enableServiceLinks to false in the pod's spec, or rename the service")
}

/// The error for a variable that is not known. It suggests a name of the command line only if that
/// is what was meant, because the library does not read those.
fn misspelt_variable(name: &str, known: &BTreeSet<String>) -> Error {
    let distance = |known: &str| strsim::damerau_levenshtein(name, known);
    let nearest = known.iter().map(|known| distance(known)).min().unwrap_or(usize::MAX);
    let is_slip = |known: &&str| distance(known) <= 2 && distance(known) < nearest;
    let slip = || OF_THE_COMMAND_LINE.into_iter().find(is_slip);
    match meant(name, OF_THE_COMMAND_LINE).or_else(slip) {
        Some(meant) => misspelt(name, &BTreeSet::from([meant.to_owned()])),
        None => misspelt(name, known),
    }
}

/// Whether Kubernetes gives such a name to a variable that holds the address of a service, such as
/// one called `pinning-keys`.
fn is_service_variable(name: &str) -> bool {
    let words: Vec<_> = name[PREFIX.len()..].split('_').collect();
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_plain && (words.contains(&"PORT") || words.ends_with(&["SERVICE", "HOST"]))
}

fn joined(steps: impl Iterator<Item = String>) -> String {
    steps.collect::<Vec<_>>().join("; ")
}

/// The id of a provider of this build.
fn known_provider(id: String) -> Result<String, Error> {
    let id = Setting::from(id).text("provider")?;
    if providers::IDS.contains(&&*id) { Ok(id) } else { Err(providers::unknown_provider(&id)) }
}

/// The names of all our variables. One that is unknown is refused, because its setting would
/// silently keep the default.
fn known_names() -> BTreeSet<String> {
    let settings = providers::all_settings().map(str::to_uppercase);
    settings.map(|setting| format!("{PREFIX}{setting}")).chain([PROVIDER.to_owned()]).collect()
}

/// The setting of one of our variables.
fn setting(name: &str) -> String {
    name[PREFIX.len()..].to_lowercase()
}

fn is_blank(value: &OsStr) -> bool {
    value.to_str().is_some_and(|value| Setting::from(value).is_blank())
}

fn not_utf8(name: &str) -> Error {
    misconfigured(format!("the value of {name} is not UTF-8"))
}

fn misconfigured(message: String) -> Error {
    Error::new(ErrorKind::Configuration, message)
}
