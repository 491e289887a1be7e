//! What is to be revoked, as the command line says it.

use pinning_keys::adapter::IssuerProfile;
use pinning_keys::{KeyQuery, KeyRecord};

use crate::failure::Failure;
use crate::keys::age::Age;
use crate::keys::filter::Filter;
use crate::keys::selector::Selector;
use crate::keys::state::State;

/// Filters, all of which a key has to match.
#[derive(clap::Args)]
#[group(id = "filters", multiple = true)]
pub(super) struct Filters {
    /// Keys whose name begins with this
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,
    /// Keys with no uses left
    #[arg(long)]
    used_up: bool,
    /// Keys that are older than this many hours, days or weeks, such as 30d
    #[arg(long, value_name = "AGE")]
    older_than: Option<String>,
}

/// What is to be revoked.
pub(super) enum Wanted {
    Named(Vec<Selector>),
    Filtered {
        chosen: Chosen,
        /// Whether the filters match keys that the store does not manage.
        #[cfg(feature = "store")]
        with_foreign: bool,
    },
}

/// What the filters choose.
pub(super) struct Chosen {
    filter: Filter,
    older_than: Option<Age>,
}

impl Filters {
    /// `None` if there is no filter.
    pub(super) fn chosen(&self) -> Result<Option<Chosen>, Failure> {
        let Self { prefix, used_up, older_than } = self;
        let older_than = older_than.as_deref().map(Age::parse).transpose()?;
        if prefix.is_none() && !used_up && older_than.is_none() {
            return Ok(None);
        }
        let filter = Filter::new(prefix.as_deref(), used_up.then_some(State::UsedUp))?;
        Ok(Some(Chosen { filter, older_than }))
    }
}

impl Chosen {
    /// The query that makes the provider leave out as many other keys as it can.
    pub(super) fn query(&self, profile: &IssuerProfile) -> KeyQuery {
        let query = self.filter.query(profile);
        if profile.filters().revoked() { query.with_revoked(false) } else { query }
    }

    /// Whether this key, by this name, is meant and not revoked.
    pub(super) fn admits(&self, record: &KeyRecord, name: &str) -> bool {
        let age = record.created_at().map(Age::since);
        let is_young = self.older_than.zip(age).is_some_and(|(least, age)| age <= least);
        self.filter.admits_name(name)
            && self.filter.admits_state(record)
            && State::of(record) != State::Revoked
            && !is_young
    }

    /// Why the provider's keys cannot match.
    pub(super) fn caveat(&self, profile: &IssuerProfile) -> Option<String> {
        self.filter.caveat(profile)
    }
}
