//! The variables of an environment that matter.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};

use pinning_keys_core::Error;
use pinning_keys_http::{ForeignVariable, Setting};

use crate::foreign_variables::ForeignVariables;
use crate::misconfigured::misconfigured;
use crate::our_variables::{
    OF_THE_COMMAND_LINE, PREFIX, PROVIDER, known_names, misspelt_variable, setting,
};
use crate::provider::Provider;
use crate::variable_names::{is_meant_to_have, meant, misspelt};

/// The variables that matter.
pub(crate) struct Found<'a> {
    pub(crate) providers: &'a [Provider],
    /// The names of all our variables.
    pub(crate) known: BTreeSet<String>,
    /// The values of the variables with our prefix, by name.
    pub(crate) ours: BTreeMap<String, OsString>,
    /// The values of the variables of other programs that may be read.
    read: BTreeMap<&'static str, OsString>,
    /// Names that are meant to be those of other programs that may be read, and these.
    misspelt: Vec<(String, &'static str)>,
    pub(crate) foreign: ForeignVariables,
}

/// The value of one setting and the variable that holds it.
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) setting: String,
    pub(crate) value: String,
}

impl<'a> Found<'a> {
    pub(crate) fn among(
        variables: impl Iterator<Item = (OsString, OsString)>,
        providers: &'a [Provider],
    ) -> Result<Self, Error> {
        let mut found = Self {
            providers,
            known: known_names(providers),
            ours: BTreeMap::new(),
            read: BTreeMap::new(),
            misspelt: Vec::new(),
            foreign: ForeignVariables::of(providers),
        };
        for (name, value) in variables {
            // Bytes that are not text are one more thing that nobody sees in a name.
            found.add(name.to_string_lossy().into_owned(), value)?;
        }
        Ok(found)
    }

    fn add(&mut self, name: String, value: OsString) -> Result<(), Error> {
        if OF_THE_COMMAND_LINE.contains(&&*name) {
            return Ok(());
        }
        if name.starts_with(PREFIX) {
            self.ours.insert(name, value);
            return Ok(());
        }
        if is_meant_to_have(PREFIX, &name, &self.known) {
            return Err(misspelt_variable(&name, &self.known));
        }
        self.foreign.add(&name, is_blank(&value), &self.known);
        let read = || self.providers.iter().flat_map(Provider::read_names);
        if let Some(known) = read().find(|known| *known == name) {
            self.read.insert(known, value);
        } else if let Some(meant) = meant(&name, read()) {
            self.misspelt.push((name, meant));
        }
        Ok(())
    }

    /// Whether one of our variables holds a credential of one of these providers.
    pub(crate) fn has_credential_of(&self, candidates: &[Provider]) -> bool {
        self.ours
            .keys()
            .map(|name| setting(name))
            .any(|setting| candidates.iter().any(|candidate| candidate.is_credential(&setting)))
    }

    /// The provider that the variables of another program select, and these, to fall back on if
    /// none of our variables holds a credential.
    pub(crate) fn fallback(
        &self,
        candidates: &'a [Provider],
    ) -> Result<Option<(&'a Provider, Vec<Variable>)>, Error> {
        let mut selected = Vec::new();
        for candidate in candidates {
            let is_read = |meant: &str| candidate.read_names().any(|name| name == meant);
            if let Some((name, meant)) = self.misspelt.iter().find(|(_, meant)| is_read(meant)) {
                return Err(misspelt(name, &BTreeSet::from([(*meant).to_owned()])));
            }
            if candidate.is_selectable() && candidate.read_names().all(|name| self.has(name)) {
                selected.push(candidate);
            }
        }
        let provider = match selected[..] {
            [] => return Ok(None),
            [provider] => provider,
            _ => return Err(several_selected(&selected)),
        };
        // Half of a credential is more likely a mistake than left over from another program. The
        // keys would be issued at the wrong provider.
        let has_half = |it: &&Provider| it.read_names().any(|name| self.has(name));
        let others = candidates.iter().filter(|candidate| candidate.id() != provider.id());
        if let Some(half) = others.into_iter().find(has_half) {
            return Err(self.half_selected(provider, half));
        }
        let variable = |variable: &ForeignVariable| {
            let name = variable.name();
            let value = text(name, &self.read[name])?;
            Ok(Variable { name: name.to_owned(), setting: variable.setting().to_owned(), value })
        };
        let variables = provider.read_variables().map(variable).collect::<Result<_, Error>>()?;
        Ok(Some((provider, variables)))
    }
}

impl Found<'_> {
    /// Whether a variable of another program is set. That program may leave it empty.
    fn has(&self, name: &str) -> bool {
        self.read.get(name).is_some_and(|value| !is_blank(value))
    }

    /// The error if one provider is selected, and only some of another's variables are set.
    fn half_selected(&self, selected: &Provider, half: &Provider) -> Error {
        let joined = |names: Vec<_>| names.join(" and ");
        let set = joined(half.read_names().filter(|name| self.has(name)).collect());
        let missing = joined(half.read_names().filter(|name| !self.has(name)).collect());
        let selecting = joined(selected.read_names().collect());
        misconfigured(format!(
            "{PROVIDER} is not set, {selecting} would select {}, and {set} would select {} with \
             {missing}",
            selected.id(),
            half.id()
        ))
        .with_next_step(format!("set {PROVIDER} to {} or {}", selected.id(), half.id()))
    }
}

fn several_selected(selected: &[&Provider]) -> Error {
    let choices: Vec<_> = selected.iter().map(|provider| selection(provider)).collect();
    let ids: Vec<_> = selected.iter().map(|provider| provider.id()).collect();
    misconfigured(format!("{PROVIDER} is not set, but {}", choices.join(", and ")))
        .with_next_step(format!("set {PROVIDER} to one of {}", ids.join(", ")))
}

/// Which provider its variables of other programs select, in words.
fn selection(provider: &Provider) -> String {
    let names: Vec<_> = provider.read_names().collect();
    let select = if names.len() == 1 { "selects" } else { "select" };
    format!("{} {select} {}", names.join(" and "), provider.id())
}

fn is_blank(value: &OsStr) -> bool {
    value.to_str().is_some_and(|value| Setting::from(value).is_blank())
}

/// The value of a variable as text.
pub(crate) fn text(name: &str, value: &OsStr) -> Result<String, Error> {
    let text = value.to_str().map(str::to_owned);
    text.ok_or_else(|| misconfigured(format!("the value of {name} is not UTF-8")))
}
