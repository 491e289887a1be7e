use std::sync::Arc;

use super::engine::Engine;
use super::table::{Column, Table, names};
use super::value::Kind;
use super::works::{OPEN, in_states, works};
use crate::KeyState;
use crate::store::{AccountRow, AuditRow, KeyRow, StoreRow, Work};

/// The SQL of a database, as text that it prepares once per connection.
pub(in crate::store) struct Sql {
    pub(super) prefix: &'static str,
    pub(super) for_update: &'static str,
    pub(super) for_share_free: Option<&'static str>,
    pub(super) time_step: i64,
    pub(super) elements: &'static str,
    /// `schema` and `min_program`, the row about the store, and what the engine observes.
    pub(super) store: Arc<str>,
    pub(super) update_store: Arc<str>,
    pub(super) raise_time: Arc<str>,
    /// The account of the name `$1`.
    pub(super) lock_account: Arc<str>,
    pub(super) insert_account: Arc<str>,
    pub(super) update_account: Arc<str>,
    /// `SELECT … FROM … WHERE`, without rows of states that this version does not know.
    pub(super) keys_where: String,
    due: [Arc<str>; 3],
    pub(super) agenda: Arc<str>,
    /// The number of open keys of the account `$1`.
    pub(super) open: Arc<str>,
    /// Whether a key of the account `$1` must end at the time `$2`.
    pub(super) ends_due: Arc<str>,
    pub(super) insert_key: Arc<str>,
    update: fn(&str, &[(&str, Kind)]) -> String,
    /// Gives up what the unique indexes hold of the keys `$1`.
    pub(super) release: Arc<str>,
    pub(super) insert_audit: Arc<str>,
}

impl Sql {
    pub(in crate::store) fn new<E: Engine>() -> Self {
        let prefix = E::PREFIX;
        let keys_where = format!(
            "SELECT {} FROM {prefix}keys WHERE {}",
            names::<KeyRow>(),
            in_states(KeyState::ALL)
        );
        let works = works().map(|(_, states)| states);
        let is_due = |states: &str| {
            format!(
                "{states} AND account = $1 AND due_at IS NOT NULL AND due_at <= $2 \
                 AND (claimed_until IS NULL OR claimed_until <= $2)"
            )
        };
        // By hand or not is compared, and not only sorted by, so that the index ends the search at
        // the first row that is not due.
        let due = works.each_ref().map(|states| {
            let due = is_due(states);
            let free = E::FOR_UPDATE_FREE;
            format!("{keys_where} AND {due} AND by_hand = $3 ORDER BY due_at, id LIMIT $4{free}")
        });
        let end_is_due = |by_hand: bool| {
            let due = is_due(&works[0]);
            format!("EXISTS (SELECT 1 FROM {prefix}keys WHERE {due} AND by_hand = {by_hand})")
        };
        let open = format!("SELECT COUNT(*) FROM {prefix}keys WHERE {OPEN} AND account = $1");
        let ends_due = format!("SELECT {} OR {}", end_is_due(true), end_is_due(false));
        let accounts = format!("{prefix}accounts");
        let store = names::<StoreRow>();
        let observed = E::OBSERVED;
        Self {
            prefix,
            for_update: E::FOR_UPDATE,
            for_share_free: E::FOR_SHARE_FREE,
            time_step: E::TIME_STEP,
            elements: E::ELEMENTS,
            store: format!("SELECT schema, min_program, {store}{observed} FROM {prefix}meta")
                .into(),
            update_store: update_store(prefix).into(),
            raise_time: format!("UPDATE {prefix}meta SET time_high = $1 WHERE time_high < $1")
                .into(),
            lock_account: format!(
                "SELECT {} FROM {accounts} WHERE name = $1{}",
                names::<AccountRow>(),
                E::FOR_UPDATE
            )
            .into(),
            insert_account: E::insert(&accounts, &columns::<AccountRow>("")).into(),
            update_account: update_account(prefix).into(),
            keys_where,
            due: due.map(Into::into),
            agenda: super::agenda_statement::agenda(prefix).into(),
            open: open.into(),
            ends_due: ends_due.into(),
            insert_key: E::insert(&format!("{prefix}keys"), &columns::<KeyRow>("")).into(),
            update: E::update,
            release: format!(
                "UPDATE {prefix}keys SET open_holder = NULL, open_successor = NULL \
                 WHERE id IN ({})",
                E::ELEMENTS
            )
            .into(),
            insert_audit: E::insert(&format!("{prefix}audit"), &columns::<AuditRow>("number"))
                .into(),
        }
    }

    /// Updates these columns of keys, by their places, given `id` and `version` before their values.
    pub(super) fn update_keys(&self, places: &[usize]) -> Arc<str> {
        let column = |at: &usize| KeyRow::COLUMNS.get(*at).map(|it| (it.name, it.kind));
        let mut columns = vec![("id", Kind::Text), ("version", Kind::Int)];
        columns.extend(places.iter().filter_map(column));
        (self.update)(&format!("{}keys", self.prefix), &columns).into()
    }

    /// At most `$4` rows of the account `$1` that are due at `$2`, by hand or not (`$3`).
    pub(super) fn due(&self, work: Work) -> &Arc<str> {
        match work {
            Work::Ends => &self.due[0],
            Work::Settle => &self.due[1],
            Work::Watch => &self.due[2],
        }
    }
}

/// The columns of a row, without this one.
fn columns<T: Table>(without: &str) -> Vec<(&'static str, Kind)> {
    let columns = T::COLUMNS.iter().filter(|column| column.name != without);
    columns.map(|Column { name, kind, .. }| (*name, *kind)).collect()
}

/// Sets all columns but the first, by which the row is found.
fn update_account(prefix: &str) -> String {
    let sets = AccountRow::COLUMNS.iter().zip(1..).skip(1);
    let sets: Vec<String> = sets.map(|(column, at)| format!("{} = ${at}", column.name)).collect();
    format!("UPDATE {prefix}accounts SET {} WHERE name = $1", sets.join(", "))
}

/// Sets what a decision has changed in the row about the store, given the new values and the old.
/// No transaction locks that row before it writes, so nothing that another has decided in the
/// meantime may be overwritten; the two times only grow.
fn update_store(prefix: &str) -> String {
    let (mut sets, mut same) = (Vec::new(), Vec::new());
    let count = StoreRow::COLUMNS.len();
    for (column, at) in StoreRow::COLUMNS.iter().zip(1..) {
        let name = column.name;
        if matches!(name, "last_tick_at" | "time_high") {
            sets.push(format!(
                "{name} = CASE WHEN ${at} IS NULL OR {name} > ${at} THEN {name} ELSE ${at} END"
            ));
        } else {
            sets.push(format!("{name} = ${at}"));
            same.push(format!("{name} IS NOT DISTINCT FROM ${}", at + count));
        }
    }
    format!("UPDATE {prefix}meta SET {} WHERE {}", sets.join(", "), same.join(" AND "))
}
