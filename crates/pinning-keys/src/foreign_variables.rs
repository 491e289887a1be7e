//! The variables in which users already have credentials, for other programs.

use crate::providers;

/// The variable in which users of Pinata's own client have the JWT. Only this one is ever read.
pub(crate) const PINATA_JWT: &str = "PINATA_JWT";

/// The variables of other programs that are set. If our own are missing, an error names these.
#[derive(Default)]
pub(crate) struct ForeignVariables {
    filled: Vec<&'static Variable>,
    empty: Vec<&'static Variable>,
}

impl ForeignVariables {
    /// Adds the variable of this name if it is well known.
    pub(crate) fn add(&mut self, name: &str, is_empty: bool) {
        let list = if is_empty { &mut self.empty } else { &mut self.filled };
        list.extend(KNOWN.iter().find(|known| known.name == name));
    }

    /// Continues an error about what is missing.
    pub(crate) fn summary(&self) -> String {
        let part = |variables: &[&Variable], state| {
            let names: Vec<_> = variables.iter().map(|variable| variable.name).collect();
            match names[..] {
                [] => String::new(),
                [name] => format!("; {name} is {state}"),
                _ => format!("; {} are {state}", names.join(" and ")),
            }
        };
        part(&self.filled, "set, but not used") + &part(&self.empty, "set, but empty")
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
