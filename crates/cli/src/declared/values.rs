//! Values of the file, each checked by itself. No failure quotes one, which may be a misplaced secret.

use std::num::NonZeroU64;
use std::time::Duration;

use pinning_keys::KeyName;
use toml::de::DeValue;

use crate::durations;
use crate::failure::Failure;
use crate::keys::selector::is_reference;
use crate::output::escape::escaped;
use crate::secret_words::looks_secret;
use crate::settings::problems::Value;

/// The name of a key for problems, unless it may be a secret.
pub(super) fn label(name: &str) -> Option<String> {
    let is_short = name.len() <= KeyName::MAX_CHARS.min(80) && !name.is_empty();
    (is_short && !looks_secret(name)).then(|| escaped(name))
}

pub(super) fn text<'a>(key: &str, value: &'a Value<'_>) -> Result<&'a str, Failure> {
    let text = value.get_ref().as_str();
    text.ok_or_else(|| Failure::configuration(format!("{key} must be a string")))
}

pub(super) fn texts(key: &str, value: &Value<'_>) -> Result<Vec<String>, Failure> {
    let wrong = || Failure::configuration(format!("{key} must be a list of strings"));
    let DeValue::Array(items) = value.get_ref() else { return Err(wrong()) };
    if items.is_empty() {
        return Err(Failure::configuration(format!("{key} is empty")));
    }
    items.iter().map(|item| item.get_ref().as_str().map(str::to_owned).ok_or_else(wrong)).collect()
}

pub(super) fn name(text: &str) -> Result<KeyName, Failure> {
    if looks_secret(text) {
        return Err(Failure::configuration("name looks like a secret, which every listing shows"));
    }
    if is_reference(text) {
        let what = "name looks like a key reference (\"v1:…\"), so no command could find the key";
        return Err(Failure::configuration(what));
    }
    Ok(KeyName::new(text)?)
}

pub(super) fn admin(value: &Value<'_>) -> Result<(), Failure> {
    match value.get_ref().as_bool() {
        Some(true) => Ok(()),
        _ => Err(Failure::configuration("admin must be true, or left out")),
    }
}

pub(super) fn uses(value: &Value<'_>) -> Result<NonZeroU64, Failure> {
    let number = match value.get_ref() {
        DeValue::Integer(number) => {
            let digits = number.as_str();
            u64::from_str_radix(digits, number.radix()).ok().and_then(NonZeroU64::new)
        }
        _ => None,
    };
    number.ok_or_else(|| Failure::configuration("max_uses must be a whole number of at least 1"))
}

pub(super) fn duration(key: &str, value: &Value<'_>) -> Result<Duration, Failure> {
    let read = value.get_ref().as_str().and_then(durations::parse);
    read.ok_or_else(|| {
        Failure::configuration(format!("{key} must be a length of time"))
            .with_next(format!("for example:  {key} = \"90min\", \"12h\", \"30d\" or \"8w\""))
    })
}
