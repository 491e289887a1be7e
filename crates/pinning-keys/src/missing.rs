//! The errors for an environment in which the provider or its credential is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use pinning_keys_core::Error;
use pinning_keys_http::{ApiSettings, ForeignVariable, Setting};

use crate::entries;
use crate::found_variables::{Found, text};
use crate::misconfigured::misconfigured;
use crate::our_variables::{PROVIDER, setting, variable};
use crate::provider::Provider;

impl Found<'_> {
    pub(crate) fn no_provider(&self, has_credential: bool) -> Error {
        // An unusable credential is a likelier mistake than a forgotten provider.
        for (name, value) in &self.ours {
            let value = match text(name, value) {
                Ok(value) => value,
                Err(error) => return error,
            };
            if let Err(error) = self.check_value(&setting(name), &value) {
                return error.with_origin(name.clone());
            }
        }
        // With a credential in one of our variables, those of other programs are not needed.
        let selecting = if has_credential { &[] } else { self.providers };
        let helpful = selecting.iter().flat_map(Provider::read_names).collect();
        let message = entries::no_provider(self.providers, PROVIDER)
            + &self.foreign.summary(&helpful, &self.known);
        if has_credential {
            return misconfigured(message).with_next_step(format!("set {PROVIDER}"));
        }
        let selecting = selecting.iter().filter(|provider| provider.is_selectable());
        let or = selecting.map(|provider| {
            let names: Vec<_> = provider.read_names().collect();
            let selects = if names.len() == 1 { "selects" } else { "select" };
            format!(", or set {}, which {selects} {}", names.join(" and "), provider.id())
        });
        let step = format!("set {PROVIDER}{}", or.collect::<String>());
        let steps = iter::once(step).chain(self.foreign.advice(None));
        misconfigured(message).with_next_step(joined(steps))
    }

    /// Refuses a value that no provider accepts for a setting that adapters share.
    fn check_value(&self, setting: &str, value: &str) -> Result<(), Error> {
        let is_shared = ApiSettings::default().set(setting, Setting::from(value))?;
        if !is_shared && entries::is_only_a_credential(self.providers, setting) {
            return Setting::from(value).secret_into(setting, &mut None);
        }
        Ok(())
    }

    pub(crate) fn no_credential(&self, provider: &Provider) -> Error {
        let id = provider.id();
        let helpful = provider.read_names().collect();
        let summary = self.foreign.summary(&helpful, &self.known);
        let steps = [
            format!("set {}", credentials_of(provider)),
            "append _FILE to a PINNING_KEYS_ name to read the value from a file".to_owned(),
        ];
        let steps =
            steps.into_iter().chain(self.of_others()).chain(self.foreign.advice(Some(provider)));
        misconfigured(format!("no credential is set for the {id} account{summary}"))
            .with_next_step(joined(steps))
    }

    /// The credentials of other providers in our variables: a clause for each group of owners.
    fn of_others(&self) -> impl Iterator<Item = String> {
        let mut names = BTreeMap::<_, Vec<&str>>::new();
        for name in self.ours.keys() {
            let setting = setting(name);
            if entries::is_only_a_credential(self.providers, &setting) {
                let owners = entries::owners(self.providers, &setting);
                names.entry(owners).or_default().push(name);
            }
        }
        names.into_iter().filter_map(|(owners, names)| {
            let (are, belong) =
                if names.len() == 1 { ("is", "belongs") } else { ("are", "belong") };
            Some(format!("{} {are} set, but {belong} to {}", names.join(" and "), owners?))
        })
    }
}

/// The variables that hold a credential of a provider: one, or several that go together.
fn credentials_of(provider: &Provider) -> String {
    let read: BTreeSet<_> = provider.read_variables().map(ForeignVariable::setting).collect();
    let names = |settings: &[&str]| {
        let names: Vec<_> = settings.iter().map(|setting| variable(setting)).collect();
        names.join(" and ")
    };
    let credential = |settings: &&[&'static str]| {
        let needs = provider.pair_needs().filter(|_| settings.len() > 1);
        let needs = needs.map_or_else(String::new, |needs| format!("with {needs}, "));
        let comma = if needs.is_empty() { "" } else { "," };
        let is_read = settings.iter().copied().collect::<BTreeSet<_>>() == read;
        let read: Vec<_> = provider.read_names().filter(|_| is_read).collect();
        let read = if is_read { format!(" (or {})", read.join(" and ")) } else { String::new() };
        (comma, format!("{needs}{}{read}", names(settings)))
    };
    let mut all = provider.credentials().iter().map(|settings| credential(&&**settings));
    let first = all.next().map(|(_, first)| first).unwrap_or_default();
    all.fold(first, |all, (comma, next)| format!("{all}, or{comma} {next}"))
}

fn joined(steps: impl Iterator<Item = String>) -> String {
    steps.collect::<Vec<_>>().join("; ")
}
