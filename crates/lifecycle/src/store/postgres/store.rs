use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use sqlx::{AssertSqlSafe, PgPool};

use super::engine::PostgresSession;
use super::errors::{not_committed, store_error};
use crate::store::StoreError;
use crate::store::sql::{Database, HighMark, Sql, store_on_database};
use crate::{Clock, SystemClock};

/// A store in a PostgreSQL database, for many nodes.
///
/// Its tables are in a separate schema, `pinning_keys`, which is created if it does not exist.
/// Several apps may share a server if each has its own database.
///
/// Committed changes survive the end of the node or the server and a power failure: each
/// transaction sets `synchronous_commit` to at least `on`, and a server with `fsync = off` is
/// refused. The store notices a failover to a replica that had not received everything, because the
/// server's timeline differs; no lease ends early because of it.
///
/// The time is that of the server. Clones share the connections. All calls must run in a Tokio
/// runtime.
///
/// ```no_run
/// use pinning_keys_lifecycle::PostgresStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = PostgresStore::connect(&std::env::var("DATABASE_URL")?).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresStore(pub(super) Arc<Shared>);

pub(super) struct Shared {
    pub(super) pool: PgPool,
    pub(super) sql: Sql,
    pub(super) mark: HighMark,
    /// The clock, if it is not the server's.
    pub(super) clock: Option<Arc<dyn Clock>>,
    /// Begins a transaction and sets its limits.
    pub(super) begin: Arc<str>,
}

/// Shows neither the address nor the password.
impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").finish_non_exhaustive()
    }
}

impl Shared {
    fn clock(&self) -> &dyn Clock {
        self.clock.as_deref().unwrap_or(&SystemClock)
    }
}

#[async_trait]
impl Database for Shared {
    type Session = PostgresSession;

    fn sql(&self) -> &Sql {
        &self.sql
    }

    fn mark(&self) -> &HighMark {
        &self.mark
    }

    async fn begin(&self) -> Result<PostgresSession, StoreError> {
        let begin = AssertSqlSafe(Arc::clone(&self.begin));
        let tx = self.pool.begin_with(begin).await.map_err(store_error)?;
        Ok(PostgresSession { tx, clock: self.clock.clone() })
    }

    async fn begin_to_read(&self) -> Result<PostgresSession, StoreError> {
        self.begin().await
    }

    async fn commit(&self, session: PostgresSession) -> Result<(), StoreError> {
        session.tx.commit().await.map_err(not_committed)
    }

    async fn roll_back(&self, session: PostgresSession) -> Result<(), StoreError> {
        session.tx.rollback().await.map_err(store_error)
    }
}

store_on_database!(PostgresStore);
