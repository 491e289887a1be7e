use std::sync::Arc;

use async_trait::async_trait;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, Row as _, Sqlite, Transaction, TypeInfo as _, ValueRef as _};

use super::confirm::confirm;
use super::errors::store_error;
use super::file::DatabaseFile;
use crate::Clock;
use crate::store::StoreError;
use crate::store::sql::{Engine, Kind, Observed, Session, Value};

/// The SQL of SQLite.
pub(super) struct SqliteEngine;

impl Engine for SqliteEngine {
    const PREFIX: &'static str = "pinning_keys_";
    const TEXT: &'static str = "TEXT";
    const SERIAL: &'static str = "INTEGER PRIMARY KEY AUTOINCREMENT";
    // The whole file is locked.
    const FOR_UPDATE: &'static str = "";
    const FOR_UPDATE_FREE: &'static str = "";
    const FOR_SHARE_FREE: Option<&'static str> = None;
    const ELEMENTS: &'static str = "SELECT value FROM json_each($1)";
    const OBSERVED: &'static str = "";
    // There is one writer at a time anyway.
    const TIME_STEP: i64 = 0;

    fn confirm() -> Vec<String> {
        confirm()
    }

    fn insert(table: &str, columns: &[(&str, Kind)]) -> String {
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        format!("INSERT INTO {table} ({}) {}", names.join(", "), elements(columns))
    }

    fn update(table: &str, columns: &[(&str, Kind)]) -> String {
        let (key, number) = (columns[0].0, columns[1].0);
        let changed = columns.iter().skip(2);
        let mut sets: Vec<_> = changed.map(|(name, _)| format!("{name} = new.{name}")).collect();
        sets.push(format!("{number} = old.{number} + 1"));
        format!(
            "UPDATE {table} AS old SET {} FROM ({}) AS new \
             WHERE old.{key} = new.{key} AND old.{number} = new.{number}",
            sets.join(", "),
            elements(columns)
        )
    }
}

/// The rows of [`Session::write`], which come as a JSON array of arrays: a statement for all of them
/// takes a fraction of the time of one for each.
fn elements(columns: &[(&str, Kind)]) -> String {
    let values =
        columns.iter().enumerate().map(|(at, (name, _))| format!("value ->> {at} AS {name}"));
    format!("SELECT {} FROM json_each($1)", values.collect::<Vec<_>>().join(", "))
}

/// A transaction.
pub(super) struct SqliteSession {
    pub(super) tx: Transaction<'static, Sqlite>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) file: Arc<DatabaseFile>,
}

#[async_trait]
impl Session for SqliteSession {
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
        let rows = rows.into_iter().map(|row| row.into_iter().map(json).collect());
        let rows: serde_json::Value = rows.collect::<Vec<serde_json::Value>>().into();
        self.execute(sql, vec![Value::text(rows.to_string())]).await
    }

    fn observe(&self, _: Vec<Value>) -> Result<Observed, StoreError> {
        Ok(Observed { now: self.clock.now().into(), identity: self.file.identity_now()? })
    }
}

fn json(value: Value) -> serde_json::Value {
    match value {
        Value::Int(number) => number.into(),
        Value::Text(text) => text.into(),
        Value::Bool(bool) => bool.into(),
    }
}

fn query(sql: &Arc<str>, values: Vec<Value>) -> Query<'static, Sqlite, SqliteArguments> {
    let query = sqlx::query(AssertSqlSafe(Arc::clone(sql)));
    values.into_iter().fold(query, |query, value| match value {
        Value::Int(number) => query.bind(number),
        Value::Text(text) => query.bind(text),
        Value::Bool(bool) => query.bind(bool),
    })
}

fn row_values(row: &SqliteRow) -> Result<Vec<Value>, sqlx::Error> {
    let value = |at| {
        let raw = row.try_get_raw(at)?;
        if raw.is_null() {
            return Ok(Value::Text(None));
        }
        match raw.type_info().name() {
            "TEXT" => row.try_get_unchecked(at).map(Value::Text),
            _ => row.try_get_unchecked(at).map(Value::Int),
        }
    };
    (0..row.len()).map(value).collect()
}
