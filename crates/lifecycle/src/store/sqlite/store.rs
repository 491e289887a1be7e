use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use sqlx::{Sqlite, SqlitePool, Transaction};

use super::engine::SqliteSession;
use super::errors::{not_committed, store_error};
use super::file::DatabaseFile;
use crate::Clock;
use crate::store::StoreError;
use crate::store::sql::{Database, HighMark, Sql, store_on_database};

/// A store in a SQLite file, for the processes of one machine.
///
/// Committed changes survive the end of the process, and a power failure if the disk keeps what it
/// has reported as written: the file has a rollback journal and is synchronized at each commit
/// (`synchronous = EXTRA`).
///
/// The file must be on a local disk. Network file systems such as NFS are not supported: their locks
/// do not work reliably, and two nodes could end up with the same file in different states.
///
/// It notices if the file is not the same as before. If the file was moved or copied,
/// [`open`](Self::open) fails; use [`moved`](crate::SqliteOptions::moved) or
/// [`copied`](crate::SqliteOptions::copied) to say which. If another file was put in its place,
/// such as a restored backup, no lease ends early. A backup that was written *into* the file looks
/// like the file itself; restore it by replacing the file.
///
/// Clones share the connection. All calls must run in a Tokio runtime.
///
/// ```
/// use pinning_keys_lifecycle::SqliteStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// let store = SqliteStore::open(folder.path().join("keys.db")).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SqliteStore(pub(super) Arc<Shared>);

pub(super) struct Shared {
    /// One connection: SQLite writes one transaction at a time, and this queue is fair.
    pub(super) pool: SqlitePool,
    pub(super) sql: Sql,
    pub(super) mark: HighMark,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) file: Arc<DatabaseFile>,
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("file", self.0.file.path()).finish_non_exhaustive()
    }
}

impl Shared {
    fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    fn session(&self, tx: Transaction<'static, Sqlite>) -> SqliteSession {
        let (clock, file) = (Arc::clone(&self.clock), Arc::clone(&self.file));
        SqliteSession { tx, clock, file }
    }
}

#[async_trait]
impl Database for Shared {
    type Session = SqliteSession;

    fn sql(&self) -> &Sql {
        &self.sql
    }

    fn mark(&self) -> &HighMark {
        &self.mark
    }

    async fn begin(&self) -> Result<SqliteSession, StoreError> {
        let begun = self.pool.begin_with("BEGIN IMMEDIATE").await;
        begun.map(|tx| self.session(tx)).map_err(store_error)
    }

    async fn begin_to_read(&self) -> Result<SqliteSession, StoreError> {
        self.pool.begin().await.map(|tx| self.session(tx)).map_err(store_error)
    }

    async fn commit(&self, session: SqliteSession) -> Result<(), StoreError> {
        session.tx.commit().await.map_err(not_committed)
    }

    async fn roll_back(&self, session: SqliteSession) -> Result<(), StoreError> {
        session.tx.rollback().await.map_err(store_error)
    }
}

store_on_database!(SqliteStore);
