use std::sync::Arc;

use async_trait::async_trait;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Column as _, Postgres, Row as _, Transaction, TypeInfo as _};

use super::confirm::confirm;
use super::errors::store_error;
use crate::store::sql::{Engine, Field, Kind, Observed, Session, Value};
use crate::store::{StoreError, StoreErrorKind};
use crate::{Clock, Timestamp};

/// The SQL of PostgreSQL.
pub(super) struct PostgresEngine;

impl Engine for PostgresEngine {
    const PREFIX: &'static str = "pinning_keys.";
    const TEXT: &'static str = "TEXT COLLATE \"C\"";
    const SERIAL: &'static str = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY";
    const FOR_UPDATE: &'static str = " FOR UPDATE";
    const FOR_UPDATE_FREE: &'static str = " FOR UPDATE SKIP LOCKED";
    const FOR_SHARE_FREE: Option<&'static str> = Some(" FOR SHARE SKIP LOCKED");
    const ELEMENTS: &'static str = "SELECT json_array_elements_text($1::JSON)";
    // `now()` is the time at which the transaction began, before it waited for anything. The system
    // identifier and the database stay the same in a failover; the timeline differs.
    const OBSERVED: &'static str = ", (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::BIGINT, \
        pg_is_in_recovery(), current_setting('fsync'), \
        CASE WHEN pg_is_in_recovery() THEN '' ELSE \
            'system ' || (SELECT system_identifier FROM pg_control_system()) || \
            ', timeline ' || left(pg_walfile_name(pg_current_wal_lsn()), 8) || \
            ', database ' || (SELECT oid FROM pg_database WHERE datname = current_database()) \
        END";
    const TIME_STEP: i64 = 1_000_000;

    fn confirm() -> Vec<String> {
        confirm()
    }

    fn insert(table: &str, columns: &[(&str, Kind)]) -> String {
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        format!("INSERT INTO {table} ({}) SELECT * FROM {}", names.join(", "), unnest(columns))
    }

    fn update(table: &str, columns: &[(&str, Kind)]) -> String {
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let (key, number) = (names[0], names[1]);
        let sets: Vec<String> =
            names.iter().skip(2).map(|name| format!("{name} = new.{name}")).collect();
        format!(
            "UPDATE {table} old SET {}, {number} = old.{number} + 1 FROM {} AS new ({}) \
             WHERE old.{key} = new.{key} AND old.{number} = new.{number}",
            sets.join(", "),
            unnest(columns),
            names.join(", ")
        )
    }
}

/// The rows of [`Session::write`], which come as an array for each column.
fn unnest(columns: &[(&str, Kind)]) -> String {
    let arrays = columns.iter().zip(1..).map(|((_, kind), at)| {
        let kind = match kind {
            Kind::Int => "BIGINT",
            Kind::Text => "TEXT",
            Kind::Bool => "BOOLEAN",
        };
        format!("${at}::{kind}[]")
    });
    format!("UNNEST({})", arrays.collect::<Vec<_>>().join(", "))
}

/// A transaction.
pub(super) struct PostgresSession {
    pub(super) tx: Transaction<'static, Postgres>,
    /// The clock, if it is not the server's.
    pub(super) clock: Option<Arc<dyn Clock>>,
}

#[async_trait]
impl Session for PostgresSession {
    async fn fetch(
        &mut self,
        sql: &Arc<str>,
        values: Vec<Value>,
    ) -> Result<Vec<Vec<Value>>, StoreError> {
        let rows = query(sql, values).fetch_all(&mut *self.tx).await.map_err(store_error)?;
        rows.iter().map(row_values).collect::<Result<_, _>>().map_err(store_error)
    }

    async fn execute(&mut self, sql: &Arc<str>, values: Vec<Value>) -> Result<u64, StoreError> {
        let done = query(sql, values).execute(&mut *self.tx).await.map_err(store_error)?;
        Ok(done.rows_affected())
    }

    async fn write(&mut self, sql: &Arc<str>, rows: Vec<Vec<Value>>) -> Result<u64, StoreError> {
        let mut query = sqlx::query(AssertSqlSafe(Arc::clone(sql)));
        for column in transposed(rows) {
            query = match column {
                Array::Int(numbers) => query.bind(numbers),
                Array::Text(texts) => query.bind(texts),
                Array::Bool(bools) => query.bind(bools),
            };
        }
        Ok(query.execute(&mut *self.tx).await.map_err(store_error)?.rows_affected())
    }

    fn observe(&self, columns: Vec<Value>) -> Result<Observed, StoreError> {
        let mut columns = columns.into_iter();
        let now = columns.next().and_then(Timestamp::take).unwrap_or_default();
        let is_replica = columns.next().and_then(bool::take).unwrap_or_default();
        let fsync = columns.next().and_then(String::take).unwrap_or_default();
        let identity = columns.next().and_then(String::take).unwrap_or_default();
        if is_replica {
            return Err(StoreError::new(StoreErrorKind::ReadOnly, "the server is a replica")
                .with_next_step("connect to the primary"));
        }
        if fsync == "off" {
            return Err(StoreError::new(
                StoreErrorKind::NotDurable,
                "the server runs with fsync = off and may lose what it has committed",
            )
            .with_next_step("set fsync = on and restart the server"));
        }
        let now = self.clock.as_ref().map_or(now, |clock| clock.now().into());
        Ok(Observed { now, identity })
    }
}

fn query(sql: &Arc<str>, values: Vec<Value>) -> Query<'static, Postgres, PgArguments> {
    let query = sqlx::query(AssertSqlSafe(Arc::clone(sql)));
    values.into_iter().fold(query, |query, value| match value {
        Value::Int(number) => query.bind(number),
        Value::Text(text) => query.bind(text),
        Value::Bool(bool) => query.bind(bool),
    })
}

fn row_values(row: &PgRow) -> Result<Vec<Value>, sqlx::Error> {
    let value = |column: &sqlx::postgres::PgColumn| match column.type_info().name() {
        "INT8" => row.try_get(column.ordinal()).map(Value::Int),
        "BOOL" => row.try_get(column.ordinal()).map(Value::Bool),
        _ => row.try_get(column.ordinal()).map(Value::Text),
    };
    row.columns().iter().map(value).collect()
}

/// The values of one column.
enum Array {
    Int(Vec<Option<i64>>),
    Text(Vec<Option<String>>),
    Bool(Vec<Option<bool>>),
}

/// Makes columns of rows.
fn transposed(rows: Vec<Vec<Value>>) -> Vec<Array> {
    let Some(first) = rows.first() else { return Vec::new() };
    let mut arrays: Vec<Array> = first
        .iter()
        .map(|value| match value {
            Value::Int(_) => Array::Int(Vec::with_capacity(rows.len())),
            Value::Text(_) => Array::Text(Vec::with_capacity(rows.len())),
            Value::Bool(_) => Array::Bool(Vec::with_capacity(rows.len())),
        })
        .collect();
    for row in rows {
        for (array, value) in arrays.iter_mut().zip(row) {
            match (array, value) {
                (Array::Int(array), Value::Int(number)) => array.push(number),
                (Array::Text(array), Value::Text(text)) => array.push(text),
                (Array::Bool(array), Value::Bool(bool)) => array.push(bool),
                // The values of a column all have its kind.
                (Array::Int(_) | Array::Text(_) | Array::Bool(_), _) => {}
            }
        }
    }
    arrays
}
