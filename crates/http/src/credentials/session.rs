/// What a login reports besides the credential. None of it is a secret.
#[derive(Clone, Default)]
pub(crate) struct Session {
    /// As the provider wrote it; checked before each use.
    pub(super) base_url: Option<String>,
    facts: Vec<(&'static str, String)>,
    pub(super) account_id: Option<String>,
}

impl Session {
    pub(crate) fn base_url(&self) -> Option<&str> {
        self.base_url.as_deref()
    }

    pub(crate) fn account_id(&self) -> Option<&str> {
        self.account_id.as_deref()
    }

    /// The value of a fact, if the session has it.
    pub(crate) fn fact(&self, name: &str) -> Option<&str> {
        self.facts.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Adds a fact, or replaces the one of this name.
    pub(super) fn set_fact(&mut self, name: &'static str, value: String) {
        self.facts.retain(|(known, _)| *known != name);
        self.facts.push((name, value));
    }
}
