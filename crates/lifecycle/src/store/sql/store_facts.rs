//! The row about the store, which each transaction reads.

use std::sync::atomic::{AtomicI64, Ordering};

use super::engine::Session;
use super::schema::{self, Version};
use super::statements::Sql;
use super::table::{Table, unreadable};
use super::value::{Field, Value};
use crate::Timestamp;
use crate::store::{StoreError, StoreRow};

/// The highest time that this process has seen.
#[derive(Debug, Default)]
pub(in crate::store) struct HighMark(AtomicI64);

impl HighMark {
    /// The time, but never one below the highest that was seen.
    fn raise(&self, now: Timestamp) -> Timestamp {
        let before = self.0.fetch_max(now.as_micros(), Ordering::Relaxed);
        Timestamp::from_micros(before.max(now.as_micros()))
    }
}

/// The facts that a transaction reads before it decides.
pub(in crate::store) struct Facts {
    /// The store's time.
    pub(in crate::store) now: Timestamp,
    /// What the clock shows.
    pub(in crate::store) clock: Timestamp,
    pub(in crate::store) identity: String,
    /// The row as it was read.
    pub(in crate::store) store: StoreRow,
}

/// Reads the row about the store, refuses what this version cannot use, and takes the time.
pub(in crate::store) async fn facts(
    session: &mut dyn Session,
    sql: &Sql,
    mark: &HighMark,
) -> Result<Facts, StoreError> {
    let rows = session.fetch(&sql.store, Vec::new()).await?;
    let mut row = rows.into_iter().next().ok_or_else(|| unreadable(StoreRow::NAME))?.into_iter();
    let mut number = || row.next().and_then(i64::take).ok_or_else(|| unreadable(StoreRow::NAME));
    schema::admit(Version { schema: number()?, min_program: number()? })?;
    let store = StoreRow::from_values(&mut row).ok_or_else(|| unreadable(StoreRow::NAME))?;
    let observed = session.observe(row.collect::<Vec<Value>>())?;
    let now = mark.raise(observed.now.max(store.time_high));
    Ok(Facts { now, clock: observed.now, identity: observed.identity, store })
}
