//! How a key is shown.

use std::time::SystemTime;

use jiff::Timestamp;
use pinning_keys::{KeyRecord, KeyRef};
use serde::Serialize;

use crate::keys::age::Age;
use crate::keys::state::State;
use crate::output::table::{Cell, Table};

/// A key for programs: what the provider's list shows, and the state that follows from it.
#[derive(Serialize)]
pub(crate) struct KeyObject<'a> {
    #[serde(flatten)]
    record: &'a KeyRecord,
    state: State,
}

impl<'a> KeyObject<'a> {
    pub(crate) fn of(record: &'a KeyRecord) -> Self {
        Self { record, state: State::of(record) }
    }
}

/// Keys for people, one a row.
pub(crate) fn table<'a>(records: impl Iterator<Item = &'a KeyRecord> + Clone) -> Table {
    let counts_uses = records.clone().any(|record| record.max_uses().is_some());
    let columns = |cells: [Cell; 6]| {
        let [name, state, scope, age, uses, key] = cells;
        let uses = Some(uses).filter(|_| counts_uses);
        [name, state, scope, age].into_iter().chain(uses).chain([key])
    };
    let header = ["name", "state", "scope", "age", "uses", "key"].map(Cell::new);
    let mut table = Table::new(columns(header));
    for record in records {
        table.push(columns([
            Cell::new(record.name()),
            state(record),
            Cell::new(scope(record)),
            Cell::new(age(record)),
            Cell::new(uses(record)),
            Cell::new(short_reference(record.key_ref())),
        ]));
    }
    table
}

pub(crate) fn state(record: &KeyRecord) -> Cell {
    let state = State::of(record);
    Cell::new(state.to_string()).with_tone(state.tone())
}

/// What the key may do, such as `pins:list and more`, or `pins:list (in bucket b1)`.
pub(crate) fn scope(record: &KeyRecord) -> String {
    record.reading().to_string()
}

pub(crate) fn age(record: &KeyRecord) -> String {
    record.created_at().map_or_else(|| "unknown".to_owned(), |time| Age::since(time).to_string())
}

/// Such as `3 of 10`; empty if the provider does not count.
pub(crate) fn uses(record: &KeyRecord) -> String {
    match (record.uses(), record.max_uses()) {
        (Some(uses), Some(most)) => format!("{uses} of {most}"),
        (Some(uses), None) => uses.to_string(),
        (None, Some(most)) => format!("at most {most}"),
        (None, None) => String::new(),
    }
}

/// The reference without the provider's own id, which only saves a look at the list.
pub(crate) fn short_reference(key_ref: &KeyRef) -> String {
    let short = KeyRef::new(key_ref.provider(), key_ref.api_key());
    short.as_ref().unwrap_or(key_ref).to_string()
}

/// Such as `2025-01-01 00:00:01 UTC`; `None` for a time that no calendar shows.
pub(crate) fn moment(time: SystemTime) -> Option<String> {
    let time = Timestamp::try_from(time).ok()?;
    Some(time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}
