//! A store in a file of SQLite.

mod engine;
mod errors;
mod file;
mod open;
mod options;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use sqlx::{Sqlite, SqlitePool, Transaction};

use super::sql::{self, Facts, HighMark, Sql, detached};
use super::{
    AuditFilter, AuditRow, Decide, KeyFilter, KeyPosition, KeyRow, Prune, Scope, Snapshot,
    StatusQuery, Store, StoreError,
};
use crate::{Clock, KeyId};
use engine::SqliteSession;
use errors::{not_committed, store_error};
use file::DatabaseFile;

pub use options::SqliteOptions;

/// A store in a file of SQLite, for the processes of one machine.
///
/// What is committed survives the end of the process, and the loss of power if the disk keeps what
/// it has reported as written: the file has a rollback journal and is synchronized at each commit
/// (`synchronous = EXTRA`).
///
/// The file must be on a local disk. Network file systems such as NFS are not supported: their locks
/// do not work reliably, and two nodes could end up with the same file in different states.
///
/// It notices if the file is another one than before. If it was moved or copied, [`open`](Self::open)
/// fails, and [`SqliteOptions::moved`] or [`SqliteOptions::copied`] tells it which. If another file
/// has taken its place, such as a restored backup, no lease ends early. A backup that was written
/// *into* the file looks like the file itself; restore it by replacing the file.
///
/// Clones share the connection. All calls must run in a Tokio runtime.
///
/// ```
/// use pinning_keys_lifecycle::SqliteStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # std::env::set_current_dir(&folder)?;
/// let store = SqliteStore::open("keys.db").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SqliteStore(Arc<Shared>);

struct Shared {
    /// One connection: SQLite writes one transaction at a time, and this queue is fair.
    pool: SqlitePool,
    sql: Sql,
    mark: HighMark,
    clock: Arc<dyn Clock>,
    file: Arc<DatabaseFile>,
}

impl SqliteStore {
    /// Opens the store in this file, which is created if it does not exist.
    ///
    /// # Errors
    ///
    /// * [`StoreErrorKind::NotOurs`](crate::StoreErrorKind::NotOurs): the file belongs to another
    ///   program.
    /// * [`StoreErrorKind::Moved`](crate::StoreErrorKind::Moved): the file was moved or copied.
    /// * [`StoreErrorKind::TooNew`](crate::StoreErrorKind::TooNew): a newer program has changed the
    ///   tables.
    /// * [`StoreErrorKind::NotDurable`](crate::StoreErrorKind::NotDurable): the file has a journal
    ///   that does not keep what was committed.
    /// * The errors of the file itself.
    pub async fn open(path: impl AsRef<std::path::Path>) -> Result<Self, StoreError> {
        Self::options().open(path).await
    }

    /// Options for a store in an app's own file, or in a file that was moved or copied.
    ///
    /// ```
    /// use pinning_keys_lifecycle::SqliteStore;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # std::env::set_current_dir(&folder)?;
    /// let store = SqliteStore::options().in_app_file().open("app.db").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn options() -> SqliteOptions {
        SqliteOptions::default()
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("file", self.0.file.path()).finish_non_exhaustive()
    }
}

impl Shared {
    /// Begins a transaction that writes.
    async fn begin(&self) -> Result<SqliteSession, StoreError> {
        let tx = self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(store_error)?;
        Ok(self.session(tx))
    }

    /// Begins a transaction that only reads, and reads the row about the store.
    async fn begin_to_read(&self) -> Result<(SqliteSession, Facts), StoreError> {
        let tx = self.pool.begin().await.map_err(store_error)?;
        let mut session = self.session(tx);
        let facts = sql::facts(&mut session, &self.sql, &self.mark).await?;
        Ok((session, facts))
    }

    fn session(&self, tx: Transaction<'static, Sqlite>) -> SqliteSession {
        let (clock, file) = (Arc::clone(&self.clock), Arc::clone(&self.file));
        SqliteSession { tx, clock, file }
    }
}

#[async_trait]
impl Store for SqliteStore {
    fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    async fn transact(&self, scope: Scope, decide: Decide) -> Result<(), StoreError> {
        let shared = Arc::clone(&self.0);
        detached(async move {
            let mut session = shared.begin().await?;
            let Shared { sql, mark, .. } = &*shared;
            if sql::transact(&mut session, sql, mark, &scope, &decide).await? {
                session.tx.commit().await.map_err(not_committed)
            } else {
                session.tx.rollback().await.map_err(store_error)
            }
        })
        .await
    }

    async fn find(&self, ids: &[KeyId]) -> Result<Vec<KeyRow>, StoreError> {
        let (shared, ids) = (Arc::clone(&self.0), ids.to_vec());
        detached(async move {
            let (mut session, _) = shared.begin_to_read().await?;
            sql::find(&mut session, &shared.sql, &ids).await
        })
        .await
    }

    async fn keys(
        &self,
        filter: &KeyFilter,
        after: Option<&KeyPosition>,
        limit: usize,
    ) -> Result<Vec<KeyRow>, StoreError> {
        let (shared, filter, after) = (Arc::clone(&self.0), filter.clone(), after.cloned());
        detached(async move {
            let (mut session, _) = shared.begin_to_read().await?;
            sql::keys(&mut session, &shared.sql, &filter, after.as_ref(), limit).await
        })
        .await
    }

    async fn status(&self, query: StatusQuery) -> Result<Snapshot, StoreError> {
        let shared = Arc::clone(&self.0);
        detached(async move {
            let (mut session, facts) = shared.begin_to_read().await?;
            sql::status(&mut session, &shared.sql, facts, query).await
        })
        .await
    }

    async fn audit(
        &self,
        filter: &AuditFilter,
        after: i64,
        limit: usize,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let (shared, filter) = (Arc::clone(&self.0), filter.clone());
        detached(async move {
            let (mut session, _) = shared.begin_to_read().await?;
            sql::audit(&mut session, &shared.sql, &filter, after, limit).await
        })
        .await
    }

    async fn prune(&self, what: Prune) -> Result<u64, StoreError> {
        let shared = Arc::clone(&self.0);
        detached(async move {
            let mut session = shared.begin().await?;
            let facts = sql::facts(&mut session, &shared.sql, &shared.mark).await?;
            let removed = sql::prune(&mut session, &shared.sql, what, facts.now).await?;
            session.tx.commit().await.map_err(not_committed)?;
            Ok(removed)
        })
        .await
    }
}
