//! Settings from environment variables.

use std::ffi::{OsStr, OsString};
use std::slice;

use pinning_keys_core::Error;
use pinning_keys_http::Setting;

use crate::entries;
use crate::found_variables::{Found, Variable, text};
use crate::our_variables::{PROVIDER, setting, unknown_variable};
use crate::provider::Provider;

/// What the environment configures.
pub(crate) struct Environment {
    pub(crate) provider: Provider,
    pub(crate) settings: Vec<Variable>,
}

impl Environment {
    /// Applies the settings to a configuration.
    pub(crate) fn apply<C>(
        self,
        config: C,
        set: impl Fn(C, &str, String) -> Result<C, Error>,
    ) -> Result<C, Error> {
        self.settings.into_iter().try_fold(config, |config, variable| {
            let config = set(config, &variable.setting, variable.value);
            config.map_err(|error| error.with_origin(variable.name))
        })
    }
}

/// The variables of this process.
pub(crate) fn variables() -> impl Iterator<Item = (OsString, OsString)> {
    // Windows does not distinguish the cases of names.
    let name = |name: OsString| if cfg!(windows) { name.to_ascii_uppercase() } else { name };
    std::env::vars_os().map(move |(variable, value)| (name(variable), value))
}

pub(crate) fn read(
    providers: &[Provider],
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<Environment, Error> {
    let mut found = Found::among(variables, providers)?;
    let chosen = match found.ours.remove(PROVIDER) {
        Some(id) => Some(chosen_provider(providers, &id)?),
        None => None,
    };
    if let Some(name) = found.ours.keys().find(|name| !found.known.contains(*name)) {
        return Err(unknown_variable(name, &found.known));
    }
    // Without a provider, a credential in one of our variables may be for any of them. It must not
    // be passed over only because another program's variable is set.
    let candidates = chosen.map_or(providers, slice::from_ref);
    let has_credential = found.has_credential_of(candidates);
    let fallback = if has_credential { None } else { found.fallback(candidates)? };
    let (provider, fallback) = match (chosen, fallback) {
        (_, Some((provider, variables))) => (provider, variables),
        (Some(provider), None) if has_credential || provider.credentials().is_empty() => {
            (provider, Vec::new())
        }
        (Some(provider), None) => return Err(found.no_credential(provider)),
        (None, None) => return Err(found.no_provider(has_credential)),
    };
    let mut settings = Vec::new();
    for (name, value) in found.ours {
        let setting = setting(&name);
        // The credentials of the other accounts wait here until their provider is chosen.
        if provider.has(&setting) || !entries::is_only_a_credential(providers, &setting) {
            let value = text(&name, &value)?;
            settings.push(Variable { name, setting, value });
        }
    }
    settings.extend(fallback);
    Ok(Environment { provider: *provider, settings })
}

/// The provider that our variable names.
fn chosen_provider<'a>(providers: &'a [Provider], id: &OsStr) -> Result<&'a Provider, Error> {
    let id = Setting::from(text(PROVIDER, id)?).text("provider");
    id.and_then(|id| entries::find(providers, &id)).map_err(|error| error.with_origin(PROVIDER))
}
