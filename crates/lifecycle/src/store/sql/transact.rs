use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::engine::Session;
use super::statements::Sql;
use super::store_facts::{Facts, HighMark, facts};
use super::table::{Table, decode};
use super::value::{Field, Value};
use crate::store::{
    AccountRow, Counts, Decide, KeyRow, Scope, Select, StoreError, StoreErrorKind, StoreRow, Tx,
    Verdict,
};
use crate::{KeyId, Timestamp};

/// Runs a transaction that the caller has begun: reads, decides, and writes. Returns whether there
/// is anything to commit.
pub(in crate::store) async fn transact(
    session: &mut dyn Session,
    sql: &Sql,
    mark: &HighMark,
    scope: &Scope,
    decide: &Decide,
) -> Result<bool, StoreError> {
    let account = match &scope.account {
        Some(name) => lock_account(session, sql, name).await?,
        None => None,
    };
    let (facts, rows) = if let Select::Due { work, limit } = scope.keys {
        // Waits for no lock, so that the time is still right afterwards.
        let facts = facts(session, sql, mark).await?;
        let account = scope.account.as_deref().unwrap_or_default();
        let due = sql.due(work);
        let mut rows = due_rows(session, due, account, facts.now, true, limit).await?;
        let left = limit - rows.len();
        if left > 0 {
            rows.extend(due_rows(session, due, account, facts.now, false, left).await?);
        }
        (facts, rows)
    } else {
        let rows = select(session, sql, &scope.keys).await?;
        // After all waiting, so that no transaction has an earlier time than one it waited for.
        (facts(session, sql, mark).await?, rows)
    };
    let counts = counts(session, sql, scope, facts.now).await?;
    let Facts { now, clock, identity, store } = facts;
    let read = Read { account, rows, store };
    let mut tx = Tx {
        now,
        clock,
        identity,
        store: StoreRow { time_high: now, ..read.store.clone() },
        account: read.account.clone(),
        rows: read.rows.clone(),
        counts,
        audit: Vec::new(),
    };
    match decide(&mut tx) {
        Verdict::Abort => Ok(false),
        Verdict::Commit => read.write(session, sql, tx, scope.account.is_some()).await,
    }
}

async fn lock_account(
    session: &mut dyn Session,
    sql: &Sql,
    name: &str,
) -> Result<Option<AccountRow>, StoreError> {
    let rows = session.fetch(&sql.lock_account, vec![Value::text(name)]).await?;
    rows.into_iter().next().map(decode).transpose()
}

async fn due_rows(
    session: &mut dyn Session,
    due: &Arc<str>,
    account: &str,
    now: Timestamp,
    by_hand: bool,
    limit: usize,
) -> Result<Vec<KeyRow>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let values = vec![Value::text(account), now.put(), by_hand.put(), Value::int(limit)];
    session.fetch(due, values).await?.into_iter().map(decode).collect()
}

/// Locks keys in the order of their ids.
async fn select(
    session: &mut dyn Session,
    sql: &Sql,
    keys: &Select,
) -> Result<Vec<KeyRow>, StoreError> {
    let (which, value) = match keys {
        Select::Ids(ids) if !ids.is_empty() => (format!("id IN ({})", sql.elements), json(ids)),
        Select::Nothing | Select::Due { .. } | Select::Ids(_) => return Ok(Vec::new()),
        Select::Family(id) => {
            let replaced = format!("(SELECT replaces FROM {}keys WHERE id = $1)", sql.prefix);
            let which =
                format!("(id = $1 OR replaces = $1 OR id = {replaced} OR replaces = {replaced})");
            (which, id.put())
        }
        Select::Holder(holder) => ("open_holder = $1".to_owned(), holder.put()),
    };
    let (keys_where, lock) = (&sql.keys_where, sql.for_update);
    let text = format!("{keys_where} AND {which} ORDER BY id{lock}");
    session.fetch(&text.into(), vec![value]).await?.into_iter().map(decode).collect()
}

/// The ids as a JSON array.
pub(super) fn json(ids: &[KeyId]) -> Value {
    let ids: Vec<&str> = ids.iter().map(KeyId::as_str).collect();
    Value::text(serde_json::Value::from(ids).to_string())
}

/// What the scope asks for. An account that it does not name has nothing.
async fn counts(
    session: &mut dyn Session,
    sql: &Sql,
    scope: &Scope,
    now: Timestamp,
) -> Result<Counts, StoreError> {
    let mut counts = Counts::default();
    let Some(account) = &scope.account else { return Ok(counts) };
    if scope.open {
        let rows = session.fetch(&sql.open, vec![account.put()]).await?;
        let open = rows.into_iter().flatten().next().and_then(i64::take);
        counts.open = open.and_then(|open| u64::try_from(open).ok()).unwrap_or_default();
    }
    if scope.ends_due {
        let rows = session.fetch(&sql.ends_due, vec![account.put(), now.put()]).await?;
        counts.ends_due =
            rows.into_iter().flatten().next().and_then(bool::take).unwrap_or_default();
    }
    Ok(counts)
}

/// How far the store's time may run ahead of the time in the database before a transaction without
/// other changes writes it, in microseconds.
const IDLE_TIME_STEP: i64 = 1_000_000;

/// The rows that a transaction has read, to detect what the decision changes.
struct Read {
    account: Option<AccountRow>,
    rows: Vec<KeyRow>,
    store: StoreRow,
}

impl Read {
    /// Writes what differs, and returns whether anything is to be committed.
    ///
    /// The row about the store comes last: transactions wait for each other there until one of them
    /// is committed.
    async fn write(
        self,
        session: &mut dyn Session,
        sql: &Sql,
        tx: Tx,
        account_locked: bool,
    ) -> Result<bool, StoreError> {
        let mut changed = !tx.audit.is_empty();
        changed |= self.write_account(session, sql, tx.account).await?;
        changed |= self.write_keys(session, sql, tx.rows).await?;
        if !tx.audit.is_empty() {
            let lines = tx.audit.iter().map(|line| line.values().split_off(1)).collect();
            session.write(&sql.insert_audit, lines).await?;
        }
        let time_high = tx.store.time_high.max(tx.now);
        let store = StoreRow { time_high: self.store.time_high, ..tx.store };
        if store != self.store {
            self.write_store(session, sql, StoreRow { time_high, ..store }).await?;
            return Ok(true);
        }
        let ahead = time_high.as_micros().saturating_sub(self.store.time_high.as_micros());
        let step = if changed { sql.time_step } else { IDLE_TIME_STEP };
        if (changed || account_locked) && ahead > 0 && ahead >= step || time_high > tx.now {
            session.execute(&sql.raise_time, vec![time_high.put()]).await?;
            changed = true;
        }
        Ok(changed)
    }

    async fn write_account(
        &self,
        session: &mut dyn Session,
        sql: &Sql,
        account: Option<AccountRow>,
    ) -> Result<bool, StoreError> {
        let Some(account) = account.filter(|account| self.account.as_ref() != Some(account)) else {
            return Ok(false);
        };
        if self.account.as_ref().is_some_and(|old| old.name == account.name) {
            expect(1, session.execute(&sql.update_account, account.values()).await?)?;
        } else {
            session.write(&sql.insert_account, vec![account.values()]).await?;
        }
        Ok(true)
    }

    async fn write_keys(
        &self,
        session: &mut dyn Session,
        sql: &Sql,
        rows: Vec<KeyRow>,
    ) -> Result<bool, StoreError> {
        let old: HashMap<&KeyId, &KeyRow> = self.rows.iter().map(|row| (&row.id, row)).collect();
        // A row that takes over a holder or a place in a rotation comes after the one that gives it
        // up, because the unique indexes are checked at each row.
        let (mut first, mut then, mut new) = (Vec::new(), Vec::new(), Vec::new());
        let mut takers = Vec::new();
        for mut row in rows {
            let Some(old) = old.get(&row.id) else {
                new.push(row.values());
                continue;
            };
            if **old == row {
                continue;
            }
            row.version = old.version;
            if takes(row.open_holder.as_ref(), old.open_holder.as_ref())
                || takes(row.open_successor.as_ref(), old.open_successor.as_ref())
            {
                then.push(Change::of_taker(old, &row));
                takers.push(row.id);
            } else {
                first.push(Change::of(old, &row));
            }
        }
        let changed = !(first.is_empty() && then.is_empty() && new.is_empty());
        update(session, sql, first).await?;
        if takers.len() > 1 {
            // They may take unique values from each other.
            session.execute(&sql.release, vec![json(&takers)]).await?;
        }
        update(session, sql, then).await?;
        if !new.is_empty() {
            session.write(&sql.insert_key, new).await?;
        }
        Ok(changed)
    }

    async fn write_store(
        &self,
        session: &mut dyn Session,
        sql: &Sql,
        store: StoreRow,
    ) -> Result<(), StoreError> {
        let mut values = store.values();
        values.extend(self.store.values());
        expect(1, session.execute(&sql.update_store, values).await?)
    }
}

/// Whether a row gets a value of a unique index that it did not have.
fn takes<T: PartialEq>(new: Option<&T>, old: Option<&T>) -> bool {
    new.is_some() && new != old
}

/// The columns in which a row differs from what was read, by their places, and their new values
/// after the id and the version.
struct Change {
    places: Vec<usize>,
    values: Vec<Value>,
}

impl Change {
    fn of(old: &KeyRow, new: &KeyRow) -> Self {
        Self::with(old, new, |_| false)
    }

    /// With what is unique, which may have been released meanwhile.
    fn of_taker(old: &KeyRow, new: &KeyRow) -> Self {
        Self::with(old, new, |column| matches!(column, "open_holder" | "open_successor"))
    }

    fn with(old: &KeyRow, new: &KeyRow, always: impl Fn(&str) -> bool) -> Self {
        let (mut places, mut values) = (Vec::new(), vec![old.id.put(), old.version.put()]);
        let columns = KeyRow::COLUMNS.iter().enumerate();
        for ((at, column), (old, new)) in columns.zip(old.values().iter().zip(new.values())) {
            if *old != new || always(column.name) {
                places.push(at);
                values.push(new);
            }
        }
        Self { places, values }
    }
}

/// Updates rows: with one statement those in which the same columns have changed, which are most
/// that change together. Columns that have not changed leave their indexes alone.
async fn update(
    session: &mut dyn Session,
    sql: &Sql,
    changes: Vec<Change>,
) -> Result<(), StoreError> {
    let mut together: BTreeMap<Vec<usize>, Vec<Vec<Value>>> = BTreeMap::new();
    for Change { places, values } in changes {
        together.entry(places).or_default().push(values);
    }
    for (places, rows) in together {
        let count = rows.len();
        expect(count, session.write(&sql.update_keys(&places), rows).await?)?;
    }
    Ok(())
}

/// Compares the number of rows that were written with those that should have been.
fn expect(wanted: usize, written: u64) -> Result<(), StoreError> {
    if u64::try_from(wanted) == Ok(written) {
        return Ok(());
    }
    Err(StoreError::new(StoreErrorKind::Conflict, "another transaction changed the same rows"))
}
