//! The tables, and how an older version is upgraded to the newest one. Versions only add.

use std::sync::Arc;

use super::engine::{Engine, Session};
use super::table::{Column, Table};
use super::value::{Field, Kind, Value};
use crate::store::{AccountRow, AuditRow, KeyRow, StoreError, StoreErrorKind, StoreRow};
use crate::{Label, Timestamp};

/// The version of the tables that this library makes, and the highest that it knows.
pub(super) const SCHEMA: i64 = 3;

/// The oldest library, by the schema it knows, that may use these tables. Only a version whose
/// additions must not be ignored raises it.
const MIN_PROGRAM: i64 = 1;

/// The number of the last line of the audit trail that was examined for removal.
const PRUNED_TO: &str = "audit_pruned_to BIGINT NOT NULL DEFAULT 0";

/// The versions in the row about the store.
#[derive(Clone, Copy, Debug)]
pub(super) struct Version {
    pub(super) schema: i64,
    pub(super) min_program: i64,
}

/// Refuses tables that this library cannot use.
pub(super) fn admit(found: Version) -> Result<(), StoreError> {
    if found.schema < SCHEMA {
        return Err(StoreError::new(
            StoreErrorKind::NotOurs,
            format!(
                "the tables have version {}, older than when the store was opened",
                found.schema
            ),
        )
        .with_next_step("open the store again, which brings the tables up to date"));
    }
    if found.min_program > SCHEMA {
        return Err(StoreError::new(
            StoreErrorKind::TooNew,
            format!("the tables have version {}, and this program knows {SCHEMA}", found.schema),
        )
        .with_next_step("update the program: a newer one has changed the tables"));
    }
    Ok(())
}

/// The initial values of a new store.
pub(in crate::store) struct Fresh {
    pub(in crate::store) row: StoreRow,
    /// The path of the file, if it is in one.
    pub(in crate::store) place: Option<String>,
}

/// The row about a new store.
pub(in crate::store) fn fresh_row(
    identity: String,
    now: Timestamp,
) -> Result<StoreRow, StoreError> {
    let label = Label::random().map_err(|error| {
        StoreError::new(StoreErrorKind::Other, "cannot generate a label for the store")
            .with_source(error)
    })?;
    Ok(StoreRow {
        label,
        identity,
        rolled_back_at: None,
        rolled_back_because: None,
        acknowledged: false,
        last_tick_at: None,
        resumed_at: None,
        time_high: now,
        clock_confirmed_at: None,
    })
}

/// Makes the tables if there are none, or brings them up to date. Returns whether there were none.
///
/// The caller makes sure that nobody else does the same, and says whether there are tables.
pub(in crate::store) async fn prepare<E: Engine>(
    session: &mut dyn Session,
    exists: bool,
    fresh: &Fresh,
) -> Result<bool, StoreError> {
    let found = if exists { found::<E>(session).await? } else { None };
    let have = found.map_or(0, |version| version.schema);
    let mut statements = Vec::new();
    if have < 1 {
        statements.extend(first::<E>());
    }
    if have < 2 {
        statements.extend(second::<E>());
    }
    if have < 3 {
        // New tables have all columns.
        statements.extend((have > 0).then(third_columns::<E>).into_iter().flatten());
        if have == 0 || has_one_name_for_each_account::<E>(session).await? {
            statements.push(third_index::<E>());
        }
    }
    for statement in statements {
        session.execute(&statement.into(), Vec::new()).await?;
    }
    let table = format!("{}meta", E::PREFIX);
    match found {
        None => {
            let mut columns = vec![("single", Kind::Int), ("schema", Kind::Int)];
            columns.extend([("min_program", Kind::Int), ("place", Kind::Text)]);
            columns.extend(StoreRow::COLUMNS.iter().map(|column| (column.name, column.kind)));
            let mut row = vec![Value::int(1), Value::int(SCHEMA), Value::int(MIN_PROGRAM)];
            row.push(fresh.place.put());
            row.extend(fresh.row.values());
            session.write(&E::insert(&table, &columns).into(), vec![row]).await?;
        }
        Some(version) if version.schema < SCHEMA => {
            let sql = format!("UPDATE {table} SET schema = $1, min_program = $2");
            let min_program = version.min_program.max(MIN_PROGRAM);
            let values = vec![Value::int(SCHEMA), Value::int(min_program)];
            session.execute(&sql.into(), values).await?;
        }
        Some(version) => admit(version)?,
    }
    Ok(found.is_none())
}

async fn found<E: Engine>(session: &mut dyn Session) -> Result<Option<Version>, StoreError> {
    let sql: Arc<str> = format!("SELECT schema, min_program FROM {}meta", E::PREFIX).into();
    let rows = session.fetch(&sql, Vec::new()).await?;
    let numbers = rows.into_iter().next().map(|row| row.into_iter().map(i64::take).collect());
    let Some(numbers) = numbers else { return Ok(None) };
    let numbers: Option<Vec<i64>> = numbers;
    match numbers.as_deref() {
        Some(&[schema, min_program]) => Ok(Some(Version { schema, min_program })),
        _ => Err(super::table::unreadable(StoreRow::NAME)),
    }
}

/// Version 1: everything else, in its present form.
fn first<E: Engine>() -> Vec<String> {
    let prefix = E::PREFIX;
    let single = "single BIGINT PRIMARY KEY CHECK (single = 1), schema BIGINT NOT NULL, \
                min_program BIGINT NOT NULL, place TEXT, ";
    let single = format!("{single}{PRUNED_TO}, ");
    let mut statements = vec![
        create::<E, StoreRow>(&single, ""),
        create::<E, AccountRow>("", ", PRIMARY KEY (name)"),
        create::<E, KeyRow>("", ", PRIMARY KEY (id)"),
        create::<E, AuditRow>("", ""),
    ];
    let keys = [
        ("UNIQUE INDEX", "open_holder", "(open_holder) WHERE open_holder IS NOT NULL"),
        ("UNIQUE INDEX", "open_successor", "(open_successor) WHERE open_successor IS NOT NULL"),
        ("INDEX", "replaces", "(replaces) WHERE replaces IS NOT NULL"),
        ("INDEX", "page", "(created_at, id)"),
        ("INDEX", "holder", "(holder, created_at, id)"),
        ("INDEX", "adopted", "(created_at, id) WHERE adopted"),
        ("INDEX", "keep", "(keep_until) WHERE keep_until IS NOT NULL"),
        ("INDEX", "end_due", "(account, end_due) WHERE end_due IS NOT NULL"),
        ("INDEX", "open", &format!("(account) WHERE {}", super::works::OPEN)),
    ];
    let name = index_prefix::<E>();
    for (kind, index, on) in keys {
        statements.push(format!("CREATE {kind} {name}keys_{index} ON {prefix}keys {on}"));
    }
    // One index for each kind of work, so that none reads what is due for another.
    for (work, states) in super::works::works() {
        statements.push(format!(
            "CREATE INDEX {name}keys_due_{work} ON {prefix}keys (account, by_hand, due_at, id) \
             WHERE {states} AND due_at IS NOT NULL"
        ));
    }
    statements.push(format!("CREATE INDEX {name}audit_key ON {prefix}audit (key_id, number)"));
    statements.extend(E::confirm());
    statements
}

/// Version 2: the audit trail of an account, without reading all of it.
fn second<E: Engine>() -> Vec<String> {
    let (name, prefix) = (index_prefix::<E>(), E::PREFIX);
    vec![format!("CREATE INDEX {name}audit_account ON {prefix}audit (account, number)")]
}

/// Version 3: when a worker resumed, and how far the audit trail was pruned.
fn third_columns<E: Engine>() -> Vec<String> {
    let prefix = E::PREFIX;
    vec![
        format!("ALTER TABLE {prefix}meta ADD COLUMN resumed_at BIGINT"),
        format!("ALTER TABLE {prefix}meta ADD COLUMN {PRUNED_TO}"),
    ]
}

/// Version 3: an account has one name. Left out if the tables already break it, because two
/// processes once entered an account at the same time: they must stay usable.
fn third_index<E: Engine>() -> String {
    let (name, prefix) = (index_prefix::<E>(), E::PREFIX);
    format!(
        "CREATE UNIQUE INDEX {name}accounts_identity ON {prefix}accounts (provider, identity) \
         WHERE identity IS NOT NULL"
    )
}

async fn has_one_name_for_each_account<E: Engine>(
    session: &mut dyn Session,
) -> Result<bool, StoreError> {
    let sql = format!(
        "SELECT provider FROM {}accounts WHERE identity IS NOT NULL \
         GROUP BY provider, identity HAVING COUNT(*) > 1 LIMIT 1",
        E::PREFIX
    );
    Ok(session.fetch(&sql.into(), Vec::new()).await?.is_empty())
}

/// What precedes the name of an index. An index is in the schema of its table.
fn index_prefix<E: Engine>() -> &'static str {
    if E::PREFIX.ends_with('.') { "" } else { E::PREFIX }
}

fn create<E: Engine, T: Table>(first: &str, last: &str) -> String {
    let columns: Vec<String> = T::COLUMNS.iter().map(definition::<E>).collect();
    format!("CREATE TABLE {}{} ({first}{}{last})", E::PREFIX, T::NAME, columns.join(", "))
}

fn definition<E: Engine>(column: &Column) -> String {
    let kind = match column.kind {
        // Only the audit trail has it.
        _ if column.name == "number" => return format!("number {}", E::SERIAL),
        Kind::Int => "BIGINT",
        Kind::Text => E::TEXT,
        Kind::Bool => "BOOLEAN",
    };
    let null = if column.nullable { "" } else { " NOT NULL" };
    format!("{} {kind}{null}", column.name)
}
