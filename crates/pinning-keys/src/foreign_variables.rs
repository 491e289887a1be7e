//! The variables in which users already have credentials, for other programs.

use std::collections::BTreeSet;

use pinning_keys_http::ForeignVariable;

use crate::built_in;
use crate::our_variables::variable;
use crate::provider::Provider;
use crate::similar_names::SimilarName;

/// The variables of other programs that are set, and those that nobody reads. If our own are
/// missing, an error names these.
pub(crate) struct ForeignVariables {
    known: Vec<Known>,
    /// The words that appear in the names of a provider's variables.
    words: Vec<String>,
    filled: Vec<Known>,
    empty: Vec<Known>,
    similar: Vec<SimilarName>,
}

impl ForeignVariables {
    /// None is set yet. Those of the built-in providers are known even if the registry does not
    /// have the provider.
    pub(crate) fn of(providers: &[Provider]) -> Self {
        let is_registered = |id: &str| providers.iter().any(|provider| provider.id() == id);
        let others = built_in::ALL.into_iter().filter(|other| !is_registered(other.id));
        let ids = providers.iter().map(|provider| (provider.id(), provider.aliases()));
        let ids = ids.chain(others.clone().map(|other| (other.id, other.aliases)));
        let words = ids.flat_map(|(id, aliases)| aliases.iter().copied().chain([id])).map(word);
        let words = words.collect();
        let registered = providers.iter().flat_map(|provider| {
            let known = |variable| Known { variable, owner: Owner::Registered(*provider) };
            provider.variables().iter().map(known)
        });
        let others = others.flat_map(|other| {
            let owner = if other.is_enabled { Owner::Unused } else { Owner::NotBuilt };
            other.variables.iter().map(move |variable| Known { variable, owner: owner(other.id) })
        });
        let known = registered.chain(others).collect();
        Self { known, words, filled: Vec::new(), empty: Vec::new(), similar: Vec::new() }
    }

    /// Adds the variable of this name if it is well known, or similar to one of the names in `ours`
    /// or to one that is read.
    pub(crate) fn add(&mut self, name: &str, is_empty: bool, ours: &BTreeSet<String>) {
        match self.known.iter().find(|known| known.variable.name() == name) {
            Some(known) if is_empty => self.empty.push(*known),
            Some(known) => self.filled.push(*known),
            None if is_empty => {}
            None => {
                let others = self.known.iter().map(|known| known.variable);
                let others = others.filter(|variable| variable.is_read());
                let others: Vec<_> = others.map(ForeignVariable::name).collect();
                let read = ours.iter().map(String::as_str).chain(others.iter().copied());
                self.similar.extend(SimilarName::of(name, read, &self.words));
            }
        }
    }

    /// Continues an error about what is missing. A variable that is not ours is suggested only if
    /// it is one of the `helpful` ones.
    pub(crate) fn summary(&self, helpful: &BTreeSet<&str>, ours: &BTreeSet<String>) -> String {
        let names = |variables: &[Known]| -> Vec<&str> {
            variables.iter().map(|known| known.variable.name()).collect()
        };
        let part = |names: &[&str], state| match names {
            [] => String::new(),
            [name] => format!("; {name} is {state}"),
            _ => format!("; {} are {state}", names.join(" and ")),
        };
        let mut unused = names(&self.filled);
        unused.extend(self.similar.iter().map(|similar| &*similar.name));
        let meant = self.similar.iter().filter_map(|similar| similar.meant.as_deref());
        let would_help = |meant: &&str| helpful.contains(meant) || ours.contains(*meant);
        let meant: Vec<_> = meant.filter(would_help).collect();
        let question = match meant[..] {
            [] => String::new(),
            _ => format!("; did you mean {}?", meant.join(" and ")),
        };
        part(&unused, "set, but not used")
            + &part(&names(&self.empty), "set, but empty")
            + &question
    }

    /// What to do with them. `wanted` is the provider whose keys are wanted, if it is known.
    pub(crate) fn advice(&self, wanted: Option<&Provider>) -> impl Iterator<Item = String> {
        let mut needs = self.filled.iter().filter_map(Known::pair_needs);
        // If the provider is wanted, the advice says so already.
        let needs = if wanted.is_none() { needs.next() } else { None };
        self.filled.iter().map(move |known| known.advice(wanted)).chain(needs)
    }
}

/// A well-known variable and whose it is.
#[derive(Clone, Copy)]
struct Known {
    variable: &'static ForeignVariable,
    owner: Owner,
}

#[derive(Clone, Copy)]
enum Owner {
    Registered(Provider),
    /// A built-in provider whose adapter is not in this build.
    NotBuilt(&'static str),
    /// A built-in provider that the registry does not have.
    Unused(&'static str),
}

impl Known {
    fn advice(&self, wanted: Option<&Provider>) -> String {
        let name = self.variable.name();
        let id = match &self.owner {
            Owner::Registered(provider) => provider.id(),
            Owner::NotBuilt(id) | Owner::Unused(id) => id,
        };
        if wanted.is_some_and(|wanted| wanted.id() != id) {
            return format!("{name} belongs to {id}");
        }
        match self.owner {
            Owner::NotBuilt(_) => format!("{name} needs the feature {id:?} of this crate"),
            Owner::Unused(_) => format!("{name} belongs to {id}, which this program does not use"),
            Owner::Registered(_) => {
                let scope = if wanted.is_none() { format!("for {id}, ") } else { String::new() };
                let ours = variable(self.variable.setting());
                format!("{scope}set {ours} to the value of {name}")
            }
        }
    }

    /// What else a key pair needs, if this variable holds half of one.
    fn pair_needs(&self) -> Option<String> {
        let Owner::Registered(provider) = &self.owner else { return None };
        let needs = provider.pair_needs()?;
        let setting = self.variable.setting();
        let mut credentials = provider.credentials().iter();
        let is_half = credentials.any(|parts| parts.len() > 1 && parts.contains(&setting));
        is_half.then(|| format!("for a key pair of {}, also set {needs}", provider.id()))
    }
}

/// The form in which a provider's name appears in names of variables.
fn word(name: &str) -> String {
    name.to_ascii_uppercase().replace(['-', ' '], "_")
}
