//! A key as the provider and the store know it.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use pinning_keys::{KeyRecord, KeyRef};
use pinning_keys_lifecycle::{KeyState, ManagedKey};
use serde::Serialize;

use crate::keys::state::State;
use crate::keys::view::{self, KeyObject};
use crate::output::table::{Cell, Table};
use crate::output::tone::Tone;

use super::key_view::{self, ManagedObject};
use super::rows::base_name;

/// Whose key a listed key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Ownership {
    /// The store has a row for it.
    Managed,
    /// It has the store's label, but the store lost it.
    Stray,
    /// The store does not manage it.
    Foreign,
}

impl Ownership {
    /// Whose key the key of a row is. A forgotten key is foreign.
    pub(crate) fn of(row: &ManagedKey) -> Self {
        match row.state() {
            KeyState::Forgotten => Self::Foreign,
            _ if row.is_adopted() => Self::Stray,
            _ => Self::Managed,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Managed => "managed",
            Self::Stray => "stray",
            Self::Foreign => "foreign",
        }
    }
}

/// A key that is listed, that the store manages, or both.
pub(crate) struct JoinedKey<'a> {
    record: Option<KeyRecord>,
    pub(crate) ownership: Ownership,
    key: Option<Cow<'a, ManagedKey>>,
    /// Whether the provider should list the key but does not.
    is_missing: bool,
}

impl<'a> JoinedKey<'a> {
    pub(crate) fn listed(
        record: KeyRecord,
        ownership: Ownership,
        key: Option<Cow<'a, ManagedKey>>,
    ) -> Self {
        Self { record: Some(record), ownership, key, is_missing: false }
    }

    /// A key that a complete list does not show. A new one may take this long to appear.
    pub(crate) fn unlisted(key: Cow<'a, ManagedKey>, propagation: Duration) -> Self {
        let ownership = Ownership::of(&key);
        let was_to_be_listed = matches!(key.state(), KeyState::Undelivered | KeyState::Live);
        let appears_by = key.created_at().checked_add(propagation);
        let is_missing = was_to_be_listed && appears_by.is_some_and(|by| by < SystemTime::now());
        Self { record: None, ownership, key: Some(key), is_missing }
    }

    pub(crate) fn record(&self) -> Option<&KeyRecord> {
        self.record.as_ref()
    }

    pub(crate) fn key(&self) -> Option<&ManagedKey> {
        self.key.as_deref()
    }

    pub(crate) fn into_key(self) -> Option<ManagedKey> {
        self.key.map(Cow::into_owned)
    }

    /// The name for people, without what the store appended to it.
    pub(crate) fn name(&self) -> &str {
        match (&self.key, &self.record) {
            (Some(key), _) => base_name(key),
            (None, Some(record)) => record.name(),
            (None, None) => "",
        }
    }

    pub(crate) fn key_ref(&self) -> Option<KeyRef> {
        let listed = self.record.as_ref().map(|record| record.key_ref().clone());
        listed.or_else(|| self.key()?.key_refs().into_iter().next())
    }

    /// Whether the provider should list the key but does not.
    pub(crate) fn is_missing(&self) -> bool {
        self.is_missing
    }

    /// Whether a list shows it as revoked.
    pub(crate) fn is_revoked(&self) -> bool {
        self.record.as_ref().is_some_and(|record| State::of(record) == State::Revoked)
    }

    /// The state of the key. While the store is working on the key, its row decides.
    pub(crate) fn state(&self) -> Cell {
        match (&self.record, self.key()) {
            (None, Some(_)) if self.is_missing => Cell::new("missing").with_tone(Tone::Bad),
            (None, Some(key)) => key_view::state(key),
            (Some(record), Some(key)) if State::of(record) != State::Revoked => match key.state() {
                KeyState::Live => view::state(record),
                KeyState::Closed | KeyState::Revoked => {
                    Cell::new(State::of(record).to_string()).with_tone(Tone::Bad)
                }
                _ => key_view::state(key),
            },
            (Some(record), _) => view::state(record),
            (None, None) => Cell::default(),
        }
    }

    /// When the lease ends, unless the key has ended.
    pub(crate) fn lease(&self) -> Cell {
        self.key().filter(|_| !self.is_revoked()).map_or_else(Cell::default, key_view::lease)
    }

    /// What needs attention, besides the state and the lease.
    pub(crate) fn facts(&self) -> Vec<String> {
        let Some(key) = self.key() else { return Vec::new() };
        let ended = match (self.is_revoked(), key.state()) {
            (true, state) if state.is_open() => Some("revoked without the store"),
            (false, KeyState::Closed | KeyState::Revoked) if self.record.is_some() => {
                Some("the store has it as ended")
            }
            _ => None,
        };
        ended.map(str::to_owned).into_iter().chain(key_view::facts(key)).collect()
    }

    pub(crate) fn object(&self) -> JoinedObject<'_> {
        let listed = match &self.record {
            Some(record) => Listed::Record(KeyObject::of(record)),
            None => Listed::Unlisted(self.unlisted_object()),
        };
        let managed = self.key().map(ManagedObject::of);
        JoinedObject { listed, ownership: self.ownership, managed }
    }

    fn unlisted_object(&self) -> UnlistedObject<'_> {
        let name = self.key().map_or("", ManagedKey::name);
        let state = if self.is_missing { "missing" } else { "unknown" };
        UnlistedObject { key_ref: self.key_ref(), name, state, ..UnlistedObject::default() }
    }
}

/// A key for programs.
#[derive(Serialize)]
pub(crate) struct JoinedObject<'a> {
    #[serde(flatten)]
    listed: Listed<'a>,
    ownership: Ownership,
    /// Null if the store has no row for it.
    managed: Option<ManagedObject<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Listed<'a> {
    Record(KeyObject<'a>),
    Unlisted(UnlistedObject<'a>),
}

/// The members of a listed key, without what only a list says.
#[derive(Default, Serialize)]
struct UnlistedObject<'a> {
    key_ref: Option<KeyRef>,
    name: &'a str,
    table: (),
    scope: (),
    native_grants: (),
    unknown_grants: (),
    partial_grants: (),
    restrictions: (),
    uses: (),
    max_uses: (),
    revoked: (),
    created_at: (),
    expires_at: (),
    state: &'static str,
}

/// Keys for people, one a row.
pub(crate) fn table(keys: &[JoinedKey<'_>]) -> Table {
    let counts_uses =
        keys.iter().filter_map(JoinedKey::record).any(|record| record.max_uses().is_some());
    let has_facts = keys.iter().any(|key| !key.facts().is_empty());
    let columns = |[name, owner, state, scope, lease, seen, age, uses, key, facts]: [Cell; 10]| {
        let uses = Some(uses).filter(|_| counts_uses);
        let facts = Some(facts).filter(|_| has_facts);
        let first = [name, owner, state, scope, lease, seen, age];
        first.into_iter().chain(uses).chain([key]).chain(facts)
    };
    let header =
        ["name", "owner", "state", "scope", "lease", "seen", "age", "uses", "key", "notes"];
    let mut table = Table::new(columns(header.map(Cell::new)));
    for joined in keys {
        table.push(columns(cells(joined)));
    }
    table
}

fn cells(joined: &JoinedKey<'_>) -> [Cell; 10] {
    let record = joined.record();
    let of_record =
        |show: fn(&KeyRecord) -> String| Cell::new(record.map(show).unwrap_or_default());
    let owner = match joined.ownership {
        Ownership::Stray => Tone::Notable,
        Ownership::Managed | Ownership::Foreign => Tone::Plain,
    };
    [
        Cell::new(joined.name()),
        Cell::new(joined.ownership.as_str()).with_tone(owner),
        joined.state(),
        of_record(view::scope),
        joined.lease(),
        Cell::new(joined.key().map(key_view::seen).unwrap_or_default()),
        of_record(view::age),
        of_record(view::uses),
        Cell::new(joined.key_ref().as_ref().map(view::short_reference).unwrap_or_default()),
        Cell::new(joined.facts().join("; ")).with_tone(Tone::Notable),
    ]
}
