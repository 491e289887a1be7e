use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection, SqlitePool};

use super::engine::{SqliteEngine, SqliteSession};
use super::errors::store_error;
use super::file::DatabaseFile;
use super::options::{Elsewhere, SqliteOptions};
use super::store::{Shared, SqliteStore};
use crate::store::sql::{
    self, Database as _, Field, Fresh, HighMark, Session as _, Sql, Value, detached, fresh_row,
};
use crate::store::{StoreError, StoreErrorKind};

impl SqliteStore {
    /// Opens the store in this file, which is created if it does not exist.
    ///
    /// ```
    /// use pinning_keys_lifecycle::SqliteStore;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("keys.db");
    /// let store = SqliteStore::open(path).await?;
    /// # drop(store);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// * [`StoreErrorKind::NotOurs`](crate::StoreErrorKind::NotOurs): the file belongs to another
    ///   program.
    /// * [`StoreErrorKind::Moved`](crate::StoreErrorKind::Moved): the file was moved or copied.
    /// * [`StoreErrorKind::TooNew`](crate::StoreErrorKind::TooNew): a newer program has changed the
    ///   tables.
    /// * [`StoreErrorKind::NotDurable`](crate::StoreErrorKind::NotDurable): with its journal mode,
    ///   the file may lose what was committed.
    /// * The errors of the file itself.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::options().open(path).await
    }

    /// Returns options for a store in an app's own file, or in a file that was moved or copied.
    ///
    /// ```
    /// use pinning_keys_lifecycle::SqliteStore;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("app.db");
    /// let store = SqliteStore::options().in_app_file().open(path).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn options() -> SqliteOptions {
        SqliteOptions::default()
    }
}

impl SqliteOptions {
    /// Opens the store in this file.
    ///
    /// ```
    /// use pinning_keys_lifecycle::SqliteStore;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("keys.db");
    /// let store = SqliteStore::options().open(path).await?;
    /// # drop(store);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`SqliteStore::open`].
    pub async fn open(self, path: impl AsRef<Path>) -> Result<SqliteStore, StoreError> {
        let path = path.as_ref().to_owned();
        detached(async move { open(self, &path).await }).await
    }
}

/// The mark of a file that belongs to a store alone: `PKLC`.
const APPLICATION_ID: i64 = 0x504b_4c43;

/// How long the transactions of this process wait for each other.
const QUEUE_TIMEOUT: Duration = Duration::from_mins(1);

pub(super) async fn open(options: SqliteOptions, path: &Path) -> Result<SqliteStore, StoreError> {
    let file = Arc::new(DatabaseFile::at(path)?);
    let connect = SqliteConnectOptions::new()
        .filename(file.path())
        .create_if_missing(true)
        .busy_timeout(options.lock_timeout)
        .synchronous(SqliteSynchronous::Extra)
        .disable_statement_logging();
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .after_release(|connection, _| Box::pin(is_usable(connection)))
        .acquire_timeout(QUEUE_TIMEOUT)
        .connect_with(connect)
        .await
        .map_err(store_error)?;
    let shared = Shared {
        pool,
        sql: Sql::new::<SqliteEngine>(),
        mark: HighMark::default(),
        clock: options.clock,
        file,
    };
    let mut session = shared.begin().await?;
    let tables = tables(&mut session).await?;
    check_owner(&mut session, &tables, options.in_app_file).await?;
    let exists = tables.iter().any(|table| table == "pinning_keys_meta");
    let (identity, now) = (shared.file.identity_now()?, shared.clock.now().into());
    let fresh = Fresh { row: fresh_row(identity, now)?, place: Some(shared.file.place()) };
    if sql::prepare::<SqliteEngine>(&mut session, exists, &fresh).await? {
        if !options.in_app_file {
            let mark = format!("PRAGMA application_id = {APPLICATION_ID}");
            session.execute(&mark.into(), Vec::new()).await?;
        }
    } else {
        check_place(&mut session, &fresh, options.elsewhere).await?;
    }
    // Fails here, and not at the first key, if the file cannot be written.
    let sql = "UPDATE pinning_keys_meta SET place = $1 WHERE place <> $1";
    session.execute(&sql.into(), vec![fresh.place.put()]).await?;
    shared.commit(session).await?;
    check_journal(&shared.pool, options.in_app_file).await?;
    Ok(SqliteStore(Arc::new(shared)))
}

/// Whether a connection can be used again, once it has rolled back what was begun.
///
/// When the disk is full, SQLite rolls back by itself. Then sqlx's own attempt fails, and sqlx
/// treats the connection as being in a transaction forever.
async fn is_usable(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// The names of all tables in the file.
async fn tables(session: &mut SqliteSession) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' \
               ESCAPE '\\'";
    let rows = session.fetch(&sql.into(), Vec::new()).await?;
    Ok(rows.into_iter().flatten().filter_map(String::take).collect())
}

/// Refuses a file of another program.
async fn check_owner(
    session: &mut SqliteSession,
    tables: &[String],
    in_app_file: bool,
) -> Result<(), StoreError> {
    let rows = session.fetch(&"PRAGMA application_id".into(), Vec::new()).await?;
    let id = rows.into_iter().flatten().next().and_then(i64::take).unwrap_or_default();
    if in_app_file || id == APPLICATION_ID || id == 0 && tables.is_empty() {
        return Ok(());
    }
    Err(StoreError::new(StoreErrorKind::NotOurs, "the file belongs to another program")
        .with_next_step(
            "choose another path, or call SqliteStore::options().in_app_file() if the file belongs \
             to your app",
        ))
}

/// Compares the file's path with the recorded one.
async fn check_place(
    session: &mut SqliteSession,
    now: &Fresh,
    elsewhere: Elsewhere,
) -> Result<(), StoreError> {
    let rows = session.fetch(&"SELECT place FROM pinning_keys_meta".into(), Vec::new()).await?;
    let before = rows.into_iter().flatten().next().and_then(String::take);
    if before == now.place {
        return Ok(());
    }
    match elsewhere {
        Elsewhere::Unclear => {
            let before = pinning_keys_core::escaped(&before.unwrap_or_default());
            return Err(StoreError::new(
                StoreErrorKind::Moved,
                format!("the file of the store was moved or copied; it was at {before}"),
            )
            .with_next_step(
                "call SqliteStore::options().moved() if the store continues here, or .copied() if \
                 the original is still in use",
            ));
        }
        Elsewhere::Moved => {}
        Elsewhere::Copied => become_another_store(session, now).await?,
    }
    let sql = "UPDATE pinning_keys_meta SET place = $1, identity = $2";
    session.execute(&sql.into(), vec![now.place.put(), now.row.identity.put()]).await?;
    Ok(())
}

const DAY: Duration = Duration::from_hours(24);

/// Leaves all keys to the original.
async fn become_another_store(session: &mut SqliteSession, now: &Fresh) -> Result<(), StoreError> {
    let at = now.row.time_high;
    let evidence = "the store was copied, and the original manages the key";
    let audit = "INSERT INTO pinning_keys_audit \
                 (at, actor, account, key_id, action, from_state, to_state, text) \
                 SELECT $1, 'store', account, id, 'forget', state, 'forgotten', $2 \
                 FROM pinning_keys_keys WHERE state <> 'forgotten'";
    session.execute(&audit.into(), vec![at.put(), Value::text(evidence)]).await?;
    let keys = "UPDATE pinning_keys_keys SET state = 'forgotten', version = version + 1, \
                changed_at = $1, evidence = $2, due_at = NULL, claimed_until = NULL, \
                first_look = NULL, end_due = NULL, attempts = 0, watched = 0, unproven = FALSE, \
                open_holder = NULL, open_successor = NULL, \
                keep_until = MAX($3, COALESCE(max_until + $4, 0)) WHERE state <> 'forgotten'";
    let keep = at.saturating_add(crate::timing::KEEP);
    let values = vec![at.put(), Value::text(evidence), keep.put(), DAY.put()];
    session.execute(&keys.into(), values).await?;
    let label = "UPDATE pinning_keys_meta SET label = $1";
    session.execute(&label.into(), vec![now.row.label.put()]).await?;
    Ok(())
}

/// Checks that the file keeps what is committed, or makes it do so if it belongs to the store.
async fn check_journal(pool: &SqlitePool, in_app_file: bool) -> Result<(), StoreError> {
    let pragma = if in_app_file { "PRAGMA journal_mode" } else { "PRAGMA journal_mode = DELETE" };
    let mode: String = sqlx::query_scalar(pragma).fetch_one(pool).await.map_err(store_error)?;
    let is_durable = match mode.as_str() {
        "delete" => true,
        "truncate" | "persist" | "wal" => in_app_file,
        _ => false,
    };
    if is_durable {
        return Ok(());
    }
    Err(StoreError::new(
        StoreErrorKind::NotDurable,
        format!("the journal mode of the file is {mode}"),
    )
    .with_next_step("close the other programs that use the file, and open it again"))
}
