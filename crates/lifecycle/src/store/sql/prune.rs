//! The removal of rows that are no longer needed.

use super::engine::Session;
use super::statements::Sql;
use super::value::{Field, Value};
use super::works::in_states;
use crate::store::{Prune, StoreError, Work};
use crate::{KeyState, Timestamp};

/// How many lines of the audit trail are examined at once. The next call continues after them.
const LINES: i64 = 10_000;

/// What was done.
pub(in crate::store) struct Pruned {
    /// How many rows and lines were removed.
    pub(in crate::store) removed: u64,
    /// Whether anything is to be committed.
    pub(in crate::store) has_changed: bool,
}

/// Removes what need not be kept.
pub(in crate::store) async fn prune(
    session: &mut dyn Session,
    sql: &Sql,
    what: Prune,
    now: Timestamp,
) -> Result<Pruned, StoreError> {
    let limit = i64::try_from(what.limit).unwrap_or(i64::MAX);
    let keys = prune_keys(session, sql, now, limit).await?;
    let left = limit.saturating_sub(i64::try_from(keys).unwrap_or(i64::MAX));
    let before = read_place(session, sql).await?;
    let window = Window::after(session, sql, before).await?;
    let lines = if window.first_at.is_some_and(|at| at < what.audit_before) && left > 0 {
        prune_lines(session, sql, &window, what.audit_before, left).await?
    } else {
        0
    };
    let place = if lines == u64::try_from(left).unwrap_or_default() {
        // There may be more lines to remove here.
        before
    } else {
        window.next(what.audit_before)
    };
    if place != before {
        let update = format!("UPDATE {}meta SET audit_pruned_to = $1", sql.prefix);
        session.execute(&update.into(), vec![Value::int(place)]).await?;
    }
    Ok(Pruned { removed: keys + lines, has_changed: keys + lines > 0 || place != before })
}

/// A forgotten key may still work. As long as it is listed, its row is kept; so the row goes only
/// after a complete listing that began when its time was over.
async fn prune_keys(
    session: &mut dyn Session,
    sql: &Sql,
    now: Timestamp,
    limit: i64,
) -> Result<u64, StoreError> {
    let (prefix, ended) = (sql.prefix, in_states(Work::Watch.states()));
    let forgotten = KeyState::Forgotten;
    let delete = format!(
        "DELETE FROM {prefix}keys WHERE id IN (SELECT id FROM {prefix}keys old WHERE {ended} \
         AND keep_until IS NOT NULL AND keep_until <= $1 AND (state <> '{forgotten}' OR EXISTS ( \
             SELECT 1 FROM {prefix}accounts WHERE name = old.account \
             AND full_pass_began >= old.keep_until)) \
         ORDER BY keep_until LIMIT $2)"
    );
    session.execute(&delete.into(), vec![now.put(), Value::int(limit)]).await
}

/// Removes old lines about rows that are gone.
async fn prune_lines(
    session: &mut dyn Session,
    sql: &Sql,
    window: &Window,
    before: Timestamp,
    limit: i64,
) -> Result<u64, StoreError> {
    let prefix = sql.prefix;
    let delete = format!(
        "DELETE FROM {prefix}audit WHERE number IN (SELECT number FROM {prefix}audit line \
         WHERE number > $1 AND number <= $2 AND at < $3 \
         AND NOT EXISTS (SELECT 1 FROM {prefix}keys WHERE id = line.key_id) \
         ORDER BY number LIMIT $4)"
    );
    let values =
        vec![Value::int(window.after), Value::int(window.last), before.put(), Value::int(limit)];
    session.execute(&delete.into(), values).await
}

/// Up to which line the trail was examined.
async fn read_place(session: &mut dyn Session, sql: &Sql) -> Result<i64, StoreError> {
    let select = format!("SELECT audit_pruned_to FROM {}meta", sql.prefix);
    let rows = session.fetch(&select.into(), Vec::new()).await?;
    Ok(rows.into_iter().flatten().next().and_then(i64::take).unwrap_or_default())
}

/// The lines that one call examines.
struct Window {
    after: i64,
    last: i64,
    lines: i64,
    first_at: Option<Timestamp>,
}

impl Window {
    async fn after(session: &mut dyn Session, sql: &Sql, after: i64) -> Result<Self, StoreError> {
        let select = format!(
            "SELECT MAX(number), COUNT(*), MIN(at) FROM (SELECT number, at FROM {}audit \
             WHERE number > $1 ORDER BY number LIMIT $2) AS lines",
            sql.prefix
        );
        let values = vec![Value::int(after), Value::int(LINES)];
        let mut row = session.fetch(&select.into(), values).await?.into_iter().flatten();
        let mut number = || row.next().and_then(i64::take);
        let (last, lines) = (number().unwrap_or(after), number().unwrap_or_default());
        Ok(Self { after, last, lines, first_at: number().map(Timestamp::from_micros) })
    }

    /// Where the next call continues: at the beginning, once the lines are too new or there are no
    /// more.
    fn next(&self, before: Timestamp) -> i64 {
        let is_end = self.lines < LINES || self.first_at.is_none_or(|at| at >= before);
        if is_end { 0 } else { self.last }
    }
}
