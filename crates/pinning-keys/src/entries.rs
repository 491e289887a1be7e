//! The providers of a registry, their settings, and the errors about both.

use pinning_keys_core::Error;

use crate::built_in;
use crate::misconfigured::misconfigured;
use crate::provider::Provider;

/// The message for a registry without providers.
const NONE: &str = "no provider is registered";

/// The names of the settings of all providers. Those that providers share repeat.
pub(crate) fn all_settings(providers: &[Provider]) -> impl Iterator<Item = &'static str> {
    providers.iter().flat_map(Provider::settings).copied()
}

/// The provider with this id.
pub(crate) fn find<'a>(providers: &'a [Provider], id: &str) -> Result<&'a Provider, Error> {
    let found = providers.iter().find(|provider| provider.id() == id);
    found.ok_or_else(|| unknown_provider(providers, id))
}

/// Whether a setting is a credential of every provider that has it.
pub(crate) fn is_only_a_credential(providers: &[Provider], setting: &str) -> bool {
    let mut owners = providers.iter().filter(|provider| provider.has(setting)).peekable();
    owners.peek().is_some() && owners.all(|owner| owner.is_credential(setting))
}

/// Refuses a setting that the provider does not have. One that only another provider has was
/// probably left behind when the provider changed.
pub(crate) fn check_setting(
    providers: &[Provider],
    provider: &Provider,
    setting: &str,
) -> Result<(), Error> {
    if provider.has(setting) {
        return Ok(());
    }
    let Some(owners) = owners(providers, setting) else {
        return Err(Error::unknown_setting(setting, provider.settings().iter().copied()));
    };
    let id = provider.id();
    let message = format!("setting {setting:?} belongs to {owners}, not to {id}");
    Err(misconfigured(message).with_next_step("remove the setting"))
}

/// The ids of the providers that have this setting, if any.
pub(crate) fn owners(providers: &[Provider], setting: &str) -> Option<String> {
    let owners = providers.iter().filter(|provider| provider.has(setting)).map(Provider::id);
    let owners: Vec<_> = owners.collect();
    (!owners.is_empty()).then(|| owners.join(" and "))
}

/// The error for an id that names no provider. The id is quoted only if it belongs to one, because
/// a secret may have been pasted in its place.
pub(crate) fn unknown_provider(providers: &[Provider], id: &str) -> Error {
    let built_in = built_in::ALL.into_iter().find(|built_in| built_in.id == id);
    misconfigured(match built_in {
        Some(built_in) if !built_in.is_enabled => {
            format!("provider {id:?} needs the feature {id:?} of this crate")
        }
        _ if providers.is_empty() => NONE.to_owned(),
        Some(_) => format!("this program does not use {id}; expected one of {}", ids(providers)),
        None => match meant(providers, id) {
            Some(provider) => format!("unknown provider; did you mean {}?", named(provider)),
            None => format!("unknown provider; expected one of {}", ids(providers)),
        },
    })
}

/// The message for a configuration that names no provider in this place.
pub(crate) fn no_provider(providers: &[Provider], place: &str) -> String {
    if providers.is_empty() {
        return NONE.to_owned();
    }
    format!("{place} is not set; expected one of {}", ids(providers))
}

fn ids(providers: &[Provider]) -> String {
    let ids: Vec<_> = providers.iter().map(Provider::id).collect();
    ids.join(", ")
}

/// The id, with the best known of its other names.
fn named(provider: &Provider) -> String {
    let id = provider.id();
    match provider.aliases() {
        [alias, ..] => format!("{id:?} ({alias})"),
        [] => format!("{id:?}"),
    }
}

/// The provider that a text refers to: by a name in other letters or with something around it, or
/// with a typing error in the id.
fn meant<'a>(providers: &'a [Provider], text: &str) -> Option<&'a Provider> {
    let text = letters(text);
    let contains = |provider: &&Provider| {
        let aliases = provider.aliases().iter().copied();
        aliases.chain([provider.id()]).any(|name| is_named_in(&text, &letters(name)))
    };
    let distance =
        |provider: &&Provider| strsim::damerau_levenshtein(&text, &letters(provider.id()));
    let is_near = |provider: &&Provider| distance(provider) <= provider.id().len() / 3;
    let mut all = providers.iter();
    let nearest = || providers.iter().filter(is_near).min_by_key(distance);
    all.find(contains).or_else(nearest)
}

/// Whether a text contains a name. A short name is in too many texts by chance, so it has to be all
/// of the text.
fn is_named_in(text: &str, name: &str) -> bool {
    if name.len() < 4 { text == name } else { text.contains(name) }
}

fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}
