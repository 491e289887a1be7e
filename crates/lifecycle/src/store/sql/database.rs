//! The calls of a store on either database, in separate tasks.

use std::sync::Arc;

use async_trait::async_trait;

use super::engine::Session;
use super::statements::Sql;
use super::store_facts::{Facts, HighMark, facts};
use super::{detached, lists};
use crate::KeyId;
use crate::store::{
    Agendas, AuditFilter, AuditRow, Decide, KeyFilter, KeyPosition, KeyRow, Prune, Scope, Snapshot,
    StatusQuery, StoreError,
};

/// A database, which begins and ends transactions.
#[async_trait]
pub(in crate::store) trait Database: Send + Sync + 'static {
    type Session: Session;

    fn sql(&self) -> &Sql;

    fn mark(&self) -> &HighMark;

    /// Begins a transaction that writes.
    async fn begin(&self) -> Result<Self::Session, StoreError>;

    /// Begins a transaction that only reads.
    async fn begin_to_read(&self) -> Result<Self::Session, StoreError>;

    async fn commit(&self, session: Self::Session) -> Result<(), StoreError>;

    async fn roll_back(&self, session: Self::Session) -> Result<(), StoreError>;
}

pub(in crate::store) async fn transact(
    database: Arc<impl Database>,
    scope: Scope,
    decide: Decide,
) -> Result<(), StoreError> {
    detached(async move {
        let (sql, mark) = (database.sql(), database.mark());
        let mut session = database.begin().await?;
        if super::transact::transact(&mut session, sql, mark, &scope, &decide).await? {
            database.commit(session).await
        } else {
            database.roll_back(session).await
        }
    })
    .await
}

pub(in crate::store) async fn find(
    database: Arc<impl Database>,
    ids: Vec<KeyId>,
) -> Result<Vec<KeyRow>, StoreError> {
    detached(async move {
        let (mut session, _) = begin_to_read(&*database).await?;
        let rows = lists::find(&mut session, database.sql(), &ids).await?;
        database.roll_back(session).await?;
        Ok(rows)
    })
    .await
}

pub(in crate::store) async fn keys(
    database: Arc<impl Database>,
    filter: KeyFilter,
    after: Option<KeyPosition>,
    limit: usize,
) -> Result<Vec<KeyRow>, StoreError> {
    detached(async move {
        let (mut session, _) = begin_to_read(&*database).await?;
        let after = after.as_ref();
        let rows = lists::keys(&mut session, database.sql(), &filter, after, limit).await?;
        database.roll_back(session).await?;
        Ok(rows)
    })
    .await
}

pub(in crate::store) async fn audit(
    database: Arc<impl Database>,
    filter: AuditFilter,
    after: i64,
    limit: usize,
) -> Result<Vec<AuditRow>, StoreError> {
    detached(async move {
        let (mut session, _) = begin_to_read(&*database).await?;
        let rows = lists::audit(&mut session, database.sql(), &filter, after, limit).await?;
        database.roll_back(session).await?;
        Ok(rows)
    })
    .await
}

pub(in crate::store) async fn status(
    database: Arc<impl Database>,
    query: StatusQuery,
) -> Result<Snapshot, StoreError> {
    detached(async move {
        let (mut session, facts) = begin_to_read(&*database).await?;
        let snapshot = super::status::status(&mut session, database.sql(), facts, query).await?;
        database.roll_back(session).await?;
        Ok(snapshot)
    })
    .await
}

pub(in crate::store) async fn agenda(
    database: Arc<impl Database>,
    query: StatusQuery,
) -> Result<Agendas, StoreError> {
    detached(async move {
        let (mut session, facts) = begin_to_read(&*database).await?;
        let agendas = super::agenda::agenda(&mut session, database.sql(), facts, query).await?;
        database.roll_back(session).await?;
        Ok(agendas)
    })
    .await
}

pub(in crate::store) async fn prune(
    database: Arc<impl Database>,
    what: Prune,
) -> Result<u64, StoreError> {
    detached(async move {
        let mut session = database.begin().await?;
        let facts = facts(&mut session, database.sql(), database.mark()).await?;
        let pruned = super::prune::prune(&mut session, database.sql(), what, facts.now).await?;
        if pruned.has_changed {
            database.commit(session).await?;
        } else {
            database.roll_back(session).await?;
        }
        Ok(pruned.removed)
    })
    .await
}

async fn begin_to_read<D: Database>(database: &D) -> Result<(D::Session, Facts), StoreError> {
    let mut session = database.begin_to_read().await?;
    let facts = facts(&mut session, database.sql(), database.mark()).await?;
    Ok((session, facts))
}

/// Implements `Store` for a type whose field `0` is an `Arc` of a [`Database`] with a clock.
macro_rules! store_on_database {
    ($store:ty) => {
        #[async_trait::async_trait]
        impl crate::store::Store for $store {
            fn clock(&self) -> &dyn crate::Clock {
                self.0.clock()
            }

            async fn transact(
                &self,
                scope: crate::store::Scope,
                decide: crate::store::Decide,
            ) -> Result<(), crate::store::StoreError> {
                crate::store::sql::transact(Arc::clone(&self.0), scope, decide).await
            }

            async fn find(
                &self,
                ids: &[crate::KeyId],
            ) -> Result<Vec<crate::store::KeyRow>, crate::store::StoreError> {
                crate::store::sql::find(Arc::clone(&self.0), ids.to_vec()).await
            }

            async fn keys(
                &self,
                filter: &crate::store::KeyFilter,
                after: Option<&crate::store::KeyPosition>,
                limit: usize,
            ) -> Result<Vec<crate::store::KeyRow>, crate::store::StoreError> {
                let (filter, after) = (filter.clone(), after.cloned());
                crate::store::sql::keys(Arc::clone(&self.0), filter, after, limit).await
            }

            async fn status(
                &self,
                query: crate::store::StatusQuery,
            ) -> Result<crate::store::Snapshot, crate::store::StoreError> {
                crate::store::sql::status(Arc::clone(&self.0), query).await
            }

            async fn agenda(
                &self,
                query: crate::store::StatusQuery,
            ) -> Result<crate::store::Agendas, crate::store::StoreError> {
                crate::store::sql::agenda(Arc::clone(&self.0), query).await
            }

            async fn audit(
                &self,
                filter: &crate::store::AuditFilter,
                after: i64,
                limit: usize,
            ) -> Result<Vec<crate::store::AuditRow>, crate::store::StoreError> {
                crate::store::sql::audit(Arc::clone(&self.0), filter.clone(), after, limit).await
            }

            async fn prune(
                &self,
                what: crate::store::Prune,
            ) -> Result<u64, crate::store::StoreError> {
                crate::store::sql::prune(Arc::clone(&self.0), what).await
            }
        }
    };
}
pub(in crate::store) use store_on_database;
