use pinning_keys_core::{IssuerProfile, KeyName, Operation};

use crate::harness::{BoxError, Harness};

/// The assumed page size if neither harness nor profile names one.
const USUAL_PAGE: usize = 10;

/// How many characters [`KeyName::unique`] adds.
const UNIQUE_CHARS: usize = 14;

/// What is known before a run.
pub(crate) struct Facts {
    pub(crate) profile: IssuerProfile,
    pub(crate) page_size: usize,
    /// Whether harness or profile names the page size; otherwise it is a guess.
    pub(crate) page_size_is_known: bool,
    /// Whether admin keys and keys that can create keys are allowed.
    pub(crate) may_escalate: bool,
    pub(crate) can_list: bool,
    pub(crate) seed: u64,
}

impl Facts {
    /// # Errors
    ///
    /// If the harness's label leaves no room for the part that makes names unique, or is not the
    /// beginning of a valid name, or if the provider does not allow a character of the names.
    pub(crate) fn new(harness: &dyn Harness, profile: &IssuerProfile) -> Result<Self, BoxError> {
        let page_size = harness.page_size().or_else(|| profile.page_size());
        let facts = Self {
            profile: profile.clone(),
            page_size: page_size.unwrap_or(USUAL_PAGE),
            page_size_is_known: page_size.is_some(),
            may_escalate: harness.may_make_admin_keys(),
            can_list: !harness.lacks(Operation::List),
            seed: harness.seed(),
        };
        facts.check_label(harness.label())?;
        Ok(facts)
    }

    /// Whether the provider has admin keys, and they are allowed.
    pub(crate) fn may_make_admin(&self) -> bool {
        self.may_escalate && self.profile.supports_admin_keys()
    }

    /// The longest name before the part that makes it unique.
    pub(crate) fn prefix_chars(&self) -> usize {
        let most = self.profile.max_name_chars().unwrap_or(KeyName::MAX_CHARS);
        most.min(KeyName::MAX_CHARS).saturating_sub(UNIQUE_CHARS)
    }

    /// A label is never cut: a shorter one could be somebody else's.
    fn check_label(&self, label: &str) -> Result<(), BoxError> {
        let (chars, room) = (label.chars().count(), self.prefix_chars());
        if chars > room {
            return Err(format!(
                "label {label:?} has {chars} characters, but key names of {} leave room for {room}",
                self.profile.table()
            )
            .into());
        }
        KeyName::new(label).map_err(|error| format!("invalid label {label:?}: {error}"))?;
        self.check_chars(label)
    }

    /// The rest of a name is the id of a case, and what makes it unique.
    fn check_chars(&self, label: &str) -> Result<(), BoxError> {
        let Some(allowed) = self.profile.name_chars() else { return Ok(()) };
        let mut used = label.chars().chain("-".chars()).chain('a'..='z').chain('0'..='9');
        match used.find(|character| !allowed.allows(*character)) {
            Some(character) => Err(format!(
                "keys are named \"{label}-…\" with lower-case letters and digits, but {} does not \
                 allow {character:?} in names, only {allowed}",
                self.profile.table()
            )
            .into()),
            None => Ok(()),
        }
    }
}
