//! The names of our variables, and the errors about those that are not known.

use std::collections::BTreeSet;

use pinning_keys_core::Error;

use crate::entries;
use crate::misconfigured::misconfigured;
use crate::provider::Provider;
use crate::variable_names::{meant, misspelt};

pub(crate) const PREFIX: &str = "PINNING_KEYS_";
pub(crate) const PROVIDER: &str = "PINNING_KEYS_PROVIDER";

/// The variables that only the command line `pinning-keys` reads. They may be set for it in the
/// same environment, so they are ignored.
pub(crate) const OF_THE_COMMAND_LINE: [&str; 4] = [
    "PINNING_KEYS_CONFIG",
    "PINNING_KEYS_PROFILE",
    "PINNING_KEYS_REQUESTS_PER_MINUTE",
    "PINNING_KEYS_STORE",
];

/// The names of all our variables. One that is unknown is refused, because its setting would
/// silently keep the default.
pub(crate) fn known_names(providers: &[Provider]) -> BTreeSet<String> {
    let settings = entries::all_settings(providers).map(variable);
    settings.chain([PROVIDER.to_owned()]).collect()
}

/// Our variable for a setting.
pub(crate) fn variable(setting: &str) -> String {
    format!("{PREFIX}{}", setting.to_uppercase())
}

/// Whether the name has another meaning in files or for the command line, so that no setting may
/// have it.
pub(crate) fn is_reserved(setting: &str) -> bool {
    let variable = variable(setting);
    variable == PROVIDER || OF_THE_COMMAND_LINE.contains(&&*variable)
}

/// The setting of one of our variables.
pub(crate) fn setting(name: &str) -> String {
    name[PREFIX.len()..].to_lowercase()
}

/// The error for a variable that has our prefix and is not known.
pub(crate) fn unknown_variable(name: &str, known: &BTreeSet<String>) -> Error {
    if !is_service_variable(name) {
        return misspelt_variable(name, known);
    }
    misconfigured(format!("unknown setting {name:?}; Kubernetes sets such variables for services"))
        .with_next_step("set enableServiceLinks to false in the pod's spec, or rename the service")
}

/// The error for a variable that is not known. It suggests a name of the command line only if that
/// is what was meant, because the library does not read those.
pub(crate) fn misspelt_variable(name: &str, known: &BTreeSet<String>) -> Error {
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
