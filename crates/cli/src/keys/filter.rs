//! Which keys of the list are meant.

use pinning_keys::adapter::IssuerProfile;
use pinning_keys::{KeyQuery, KeyRecord};

use crate::failure::Failure;
use crate::keys::state::State;
use crate::secret_words::refuse_secret;

/// Selects keys by the beginning of their names and by their state; at first all keys.
#[derive(Clone, Default)]
pub(crate) struct Filter {
    prefix: Option<String>,
    state: Option<State>,
}

impl Filter {
    /// Fails if the prefix is empty, because it would match every key, which nobody types on
    /// purpose.
    pub(crate) fn new(prefix: Option<&str>, state: Option<State>) -> Result<Self, Failure> {
        if let Some(prefix) = prefix {
            if prefix.is_empty() {
                return Err(Failure::usage("--prefix is empty, and would match every key"));
            }
            refuse_secret("--prefix", prefix)?;
        }
        Ok(Self { prefix: prefix.map(str::to_owned), state })
    }

    /// The query that asks the provider for as few other keys as it can leave out.
    pub(crate) fn query(&self, profile: &IssuerProfile) -> KeyQuery {
        let (supported, mut query) = (profile.filters(), KeyQuery::new());
        if let Some(prefix) = self.prefix.as_ref().filter(|_| supported.name()) {
            query = query.with_name_containing(prefix);
        }
        if self.state == Some(State::UsedUp) && supported.uses() {
            query = query.with_exhausted(true);
        }
        match self.state.filter(|_| supported.revoked()) {
            Some(state) => query.with_revoked(state == State::Revoked),
            None => query,
        }
    }

    /// Whether this key is meant. A provider's own filters can be wider.
    pub(crate) fn admits(&self, record: &KeyRecord) -> bool {
        self.admits_name(record.name()) && self.admits_state(record)
    }

    pub(crate) fn admits_name(&self, name: &str) -> bool {
        self.prefix.as_ref().is_none_or(|prefix| name.starts_with(prefix.as_str()))
    }

    pub(crate) fn admits_state(&self, record: &KeyRecord) -> bool {
        self.state.is_none_or(|state| state == State::of(record))
    }

    /// Why the provider's keys cannot match, whatever their state is.
    pub(crate) fn caveat(&self, profile: &IssuerProfile) -> Option<String> {
        let is_vain = self.state == Some(State::UsedUp) && !profile.supports_max_uses();
        is_vain.then(|| format!("{} does not limit the uses of keys", profile.provider()))
    }
}
