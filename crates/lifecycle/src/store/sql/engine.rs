use std::sync::Arc;

use async_trait::async_trait;

use super::value::{Kind, Value};
use crate::Timestamp;
use crate::store::StoreError;

/// How the SQL of a database differs.
pub(in crate::store) trait Engine {
    /// What precedes the name of each table.
    const PREFIX: &'static str;
    /// The type of text that is compared by its bytes.
    const TEXT: &'static str;
    /// The type of a primary key that the database counts up.
    const SERIAL: &'static str;
    /// Locks the rows of a SELECT.
    const FOR_UPDATE: &'static str;
    /// The same, without rows that somebody else has locked.
    const FOR_UPDATE_FREE: &'static str;
    /// Takes a shared lock on the rows of a SELECT that nobody else has locked, if rows have locks.
    const FOR_SHARE_FREE: Option<&'static str>;
    /// The elements of the JSON array `$1`, as rows.
    const ELEMENTS: &'static str;
    /// Further columns of the row about the store, for [`Session::observe`].
    const OBSERVED: &'static str;
    /// How far the store's time may run ahead of the time in the database before a transaction that
    /// writes anyway also writes the time, in microseconds. Writers wait for each other on that
    /// row.
    const TIME_STEP: i64;

    /// The statements that let an app confirm a key in its own transaction.
    fn confirm() -> Vec<String>;

    /// Inserts rows of these columns; for [`Session::write`].
    fn insert(table: &str, columns: &[(&str, Kind)]) -> String;

    /// Updates the rows whose first two columns (a key and a number) are these, raising the number;
    /// for [`Session::write`].
    fn update(table: &str, columns: &[(&str, Kind)]) -> String;
}

/// A transaction on a connection.
#[async_trait]
pub(in crate::store) trait Session: Send {
    /// The rows of a query.
    async fn fetch(
        &mut self,
        sql: &Arc<str>,
        values: Vec<Value>,
    ) -> Result<Vec<Vec<Value>>, StoreError>;

    /// Runs a statement, and returns how many rows it changed.
    async fn execute(&mut self, sql: &Arc<str>, values: Vec<Value>) -> Result<u64, StoreError>;

    /// Runs a statement of [`Engine::insert`] or [`Engine::update`] for these rows, all with the
    /// same columns, and returns how many it changed.
    async fn write(&mut self, sql: &Arc<str>, rows: Vec<Vec<Value>>) -> Result<u64, StoreError>;

    /// The current state of the database and of this node, given the columns of
    /// [`Engine::OBSERVED`].
    fn observe(&self, columns: Vec<Value>) -> Result<Observed, StoreError>;
}

/// What a database says about itself.
pub(in crate::store) struct Observed {
    /// The clock.
    pub(in crate::store) now: Timestamp,
    pub(in crate::store) identity: String,
}
