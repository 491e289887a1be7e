//! The variables in which users already have credentials, for other programs.

use std::collections::BTreeSet;

use crate::providers;
use crate::similar_names::SimilarName;

/// The variable in which users of Pinata's own client have the JWT. Only this one is ever read.
pub(crate) const PINATA_JWT: &str = "PINATA_JWT";

/// The variables of other programs that are set, and those that nobody reads. If our own are
/// missing, an error names these.
#[derive(Default)]
pub(crate) struct ForeignVariables {
    filled: Vec<&'static Variable>,
    empty: Vec<&'static Variable>,
    similar: Vec<SimilarName>,
}

impl ForeignVariables {
    /// Adds the variable of this name if it is well known, or similar to one of the `known` names,
    /// which are ours.
    pub(crate) fn add(&mut self, name: &str, is_empty: bool, known: &BTreeSet<String>) {
        match KNOWN.iter().find(|known| known.name == name) {
            Some(variable) if is_empty => self.empty.push(variable),
            Some(variable) => self.filled.push(variable),
            None if is_empty => {}
            None => {
                let read = known.iter().map(String::as_str).chain([PINATA_JWT]);
                self.similar.extend(SimilarName::of(name, read));
            }
        }
    }

    /// Continues an error about what is missing. [`PINATA_JWT`] is suggested only if it would help.
    pub(crate) fn summary(&self, may_fall_back: bool) -> String {
        let names = |variables: &[&'static Variable]| -> Vec<&str> {
            variables.iter().map(|variable| variable.name).collect()
        };
        let part = |names: &[&str], state| match names {
            [] => String::new(),
            [name] => format!("; {name} is {state}"),
            _ => format!("; {} are {state}", names.join(" and ")),
        };
        let mut unused = names(&self.filled);
        unused.extend(self.similar.iter().map(|similar| &*similar.name));
        let meant = self.similar.iter().filter_map(|similar| similar.meant.as_deref());
        let meant: Vec<_> = meant.filter(|meant| may_fall_back || *meant != PINATA_JWT).collect();
        let question = match meant[..] {
            [] => String::new(),
            _ => format!("; did you mean {}?", meant.join(" and ")),
        };
        part(&unused, "set, but not used")
            + &part(&names(&self.empty), "set, but empty")
            + &question
    }

    /// What to do with them. `wanted` is the provider whose keys are wanted, if it is known.
    pub(crate) fn advice(&self, wanted: Option<&str>) -> impl Iterator<Item = String> {
        let mut pairs = self.filled.iter().filter(|variable| variable.is_part_of_pinatas_pair());
        // If Pinata is wanted, the advice says so already.
        let needs_route = wanted.is_none() && pairs.next().is_some();
        let route = "for a key pair of pinata, also set PINNING_KEYS_ROUTE=legacy";
        let route = needs_route.then(|| route.to_owned());
        self.filled.iter().map(move |variable| variable.advice(wanted)).chain(route)
    }
}

/// A well-known variable.
struct Variable {
    name: &'static str,
    provider: &'static str,
    /// Our variable for the same value.
    ours: &'static str,
}

/// The variables that the providers' clients and the code of third parties read (seen).
const KNOWN: [Variable; 10] = {
    const JWT: &str = "PINNING_KEYS_JWT";
    const KEY: &str = "PINNING_KEYS_API_KEY";
    const SECRET: &str = "PINNING_KEYS_API_SECRET";
    [
        Variable::new(PINATA_JWT, "pinata", JWT),
        Variable::new("PINATA_API_KEY", "pinata", KEY),
        Variable::new("PINATA_SECRET_API_KEY", "pinata", SECRET),
        Variable::new("PINATA_API_SECRET", "pinata", SECRET),
        Variable::new("AIOZ_PIN_JWT", "w3ipfs", JWT),
        Variable::new("AIOZ_JWT_TOKEN", "w3ipfs", JWT),
        Variable::new("AIOZ_PIN_API_KEY", "w3ipfs", KEY),
        Variable::new("AIOZ_PIN_SECRET_KEY", "w3ipfs", SECRET),
        Variable::new("PINNING_API_KEY", "w3ipfs", KEY),
        Variable::new("PINNING_SECRET_KEY", "w3ipfs", SECRET),
    ]
};

impl Variable {
    const fn new(name: &'static str, provider: &'static str, ours: &'static str) -> Self {
        Self { name, provider, ours }
    }

    /// Whether it holds a half of a key pair that only the legacy route of Pinata accepts.
    fn is_part_of_pinatas_pair(&self) -> bool {
        let is_usable = providers::IDS.contains(&self.provider);
        is_usable && self.provider == "pinata" && self.name != PINATA_JWT
    }

    fn advice(&self, wanted: Option<&str>) -> String {
        let Self { name, provider, ours } = self;
        if wanted.is_some_and(|wanted| wanted != *provider) {
            return format!("{name} belongs to {provider}");
        }
        if !providers::IDS.contains(provider) {
            return format!("{name} needs the feature {provider:?} of this crate");
        }
        let scope = if wanted.is_none() { format!("for {provider}, ") } else { String::new() };
        format!("{scope}set {ours} to the value of {name}")
    }
}
