use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Error};

use super::engine::{PostgresEngine, PostgresSession};
use super::errors::store_error;
use super::options::PostgresOptions;
use super::store::{PostgresStore, Shared};
use crate::store::sql::{
    self, Database as _, Engine as _, Field, Fresh, HighMark, Session as _, Sql, detached,
    fresh_row,
};
use crate::store::{StoreError, StoreErrorKind};

impl PostgresStore {
    /// Connects to the database at this URL, such as `postgres://user:password@host/database`.
    ///
    /// ```no_run
    /// use pinning_keys_lifecycle::PostgresStore;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let url = std::env::var("DATABASE_URL")?;
    /// let store = PostgresStore::connect(&url).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// * [`StoreErrorKind::Unavailable`](crate::StoreErrorKind::Unavailable): the server cannot be
    ///   reached, or refuses the user.
    /// * [`StoreErrorKind::ReadOnly`](crate::StoreErrorKind::ReadOnly): it is a replica, or the user
    ///   may not write.
    /// * [`StoreErrorKind::NotDurable`](crate::StoreErrorKind::NotDurable): it runs with
    ///   `fsync = off`.
    /// * [`StoreErrorKind::NotOurs`](crate::StoreErrorKind::NotOurs): the schema `pinning_keys`
    ///   belongs to another program.
    /// * [`StoreErrorKind::TooNew`](crate::StoreErrorKind::TooNew): a newer program has changed the
    ///   tables.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::options().connect(url).await
    }

    /// Returns options for the connections.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use pinning_keys_lifecycle::PostgresStore;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let url = std::env::var("DATABASE_URL")?;
    /// let options = PostgresStore::options().max_connections(4);
    /// let store = options.lock_timeout(Duration::from_secs(2)).connect(&url).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn options() -> PostgresOptions {
        PostgresOptions::default()
    }
}

impl PostgresOptions {
    /// Connects to the database at this URL.
    ///
    /// ```no_run
    /// use pinning_keys_lifecycle::PostgresStore;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let url = std::env::var("DATABASE_URL")?;
    /// let store = PostgresStore::options().connect(&url).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`PostgresStore::connect`].
    pub async fn connect(self, url: &str) -> Result<PostgresStore, StoreError> {
        let url = url.to_owned();
        detached(async move { open(self, &url).await }).await
    }
}

/// How long a statement may run.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a transaction may do nothing, for example because its node was stopped.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// The lock that a program holds while it creates or changes the tables.
const LOCK: i64 = 0x7069_6e6b_6579;

pub(super) async fn open(options: PostgresOptions, url: &str) -> Result<PostgresStore, StoreError> {
    // The error would show the URL.
    let connect = PgConnectOptions::from_str(url).map_err(|_| {
        StoreError::new(StoreErrorKind::Other, "the URL of the database is not valid")
            .with_next_step("write it as postgres://user:password@host:port/database")
    })?;
    let connect = connect.application_name("pinning-keys").disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(options.max_connections.max(1))
        .acquire_timeout(options.connect_timeout)
        .connect_with(connect)
        .await
        .map_err(not_connected)?;
    let shared = Shared {
        pool,
        sql: Sql::new::<PostgresEngine>(),
        mark: HighMark::default(),
        clock: options.clock,
        begin: begin(options.lock_timeout).into(),
    };
    let mut session = shared.begin().await?;
    let sql = format!("SELECT TRUE{}", PostgresEngine::OBSERVED);
    let row = session.fetch(&sql.into(), Vec::new()).await?;
    let observed = session.observe(row.into_iter().flatten().skip(1).collect())?;
    // A function that returns nothing cannot be read as a value.
    let lock = format!("SELECT TRUE FROM (SELECT pg_advisory_xact_lock({LOCK})) locked");
    session.execute(&lock.into(), Vec::new()).await?;
    let exists = has_tables(&mut session).await?;
    let fresh = Fresh { row: fresh_row(observed.identity, observed.now)?, place: None };
    sql::prepare::<PostgresEngine>(&mut session, exists, &fresh).await?;
    shared.commit(session).await?;
    Ok(PostgresStore(Arc::new(shared)))
}

/// Why there is no first connection.
fn not_connected(error: Error) -> StoreError {
    let error = match error {
        // A server that refuses connections may be starting, so sqlx goes on trying.
        Error::PoolTimedOut => StoreError::new(
            StoreErrorKind::Unavailable,
            "PostgreSQL accepted no connection in time",
        ),
        error => store_error(error),
    };
    match error.next_step() {
        None if error.kind() == StoreErrorKind::Unavailable => {
            error.with_next_step("check that the server runs, and its address and user in the URL")
        }
        _ => error,
    }
}

/// Whether the schema has a store. Creates the schema if there is none.
async fn has_tables(session: &mut PostgresSession) -> Result<bool, StoreError> {
    let sql = "SELECT to_regclass('pinning_keys.meta') IS NOT NULL, \
               to_regnamespace('pinning_keys') IS NOT NULL, \
               EXISTS (SELECT 1 FROM pg_class \
                       WHERE relnamespace = to_regnamespace('pinning_keys'))";
    let row = session.fetch(&sql.into(), Vec::new()).await?;
    let found: Vec<bool> = row.into_iter().flatten().filter_map(bool::take).collect();
    match found[..] {
        [true, ..] => Ok(true),
        [false, true, true] => Err(StoreError::new(
            StoreErrorKind::NotOurs,
            "the schema pinning_keys belongs to another program",
        )
        .with_next_step("use another database")),
        [false, true, false] => Ok(false),
        _ => {
            session.execute(&"CREATE SCHEMA pinning_keys".into(), Vec::new()).await?;
            Ok(false)
        }
    }
}

/// Begins a transaction whose commit waits at least until it is on the disk, and whose locks end
/// even if its node does not. Compiling the statements would take longer than running them.
fn begin(lock_timeout: Duration) -> String {
    let milliseconds = |time: Duration| time.as_millis().clamp(1, i32::MAX as u128);
    format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED; \
         SELECT set_config('synchronous_commit', \
             CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' \
             ELSE 'on' END, TRUE), \
         set_config('jit', 'off', TRUE), \
         set_config('lock_timeout', '{}', TRUE), \
         set_config('statement_timeout', '{}', TRUE), \
         set_config('idle_in_transaction_session_timeout', '{}', TRUE)",
        milliseconds(lock_timeout),
        milliseconds(STATEMENT_TIMEOUT),
        milliseconds(IDLE_TIMEOUT)
    )
}
