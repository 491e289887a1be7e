use async_trait::async_trait;

use super::{
    AccountCounts, AccountRow, Agenda, Agendas, AuditFilter, AuditRow, Decide, KeyFilter,
    KeyPosition, KeyRow, Prune, Scope, Snapshot, StatusQuery, StoreError,
};
#[cfg(doc)]
use crate::StoreErrorKind;
use crate::{Clock, KeyId};

/// Keeps the state of keys.
///
/// A store knows nothing about the rules: it reads and locks rows, lets a [`Decide`] function
/// change them, and writes the changes, all or nothing. So all stores keep the same promises, and
/// the rules are tested once.
///
/// All stores must keep these laws, which the suite in [`conformance`](crate::conformance) checks:
///
/// * **store-01** What [`transact`](Self::transact) has committed is kept, whatever happens to the
///   process, and other handles see it at once. Every column comes back as it was written.
/// * **store-02** Of two transactions that lock the same row, the second sees what the first has
///   committed. A transaction writes all its changes or none; rows that a decision leaves out stay
///   as they are.
/// * **store-03** Time never goes below the highest time that a commit has seen or set, even after
///   a restart. A store may keep that time to the second. A transaction sees what the clock shows
///   too.
/// * **store-04** A transaction waits a bounded time for a lock, and then fails with
///   [`StoreErrorKind::Busy`]. No row that is due is given to two transactions at the same time; one
///   that selects what is due may skip rows that others hold.
/// * **store-05** `open_holder` and `open_successor` are unique among all rows at the end of each
///   transaction, and so are the ids of keys, the names of accounts, and the identities of the accounts
///   of a provider. The later transaction fails with [`StoreErrorKind::Conflict`]. A row that was
///   pushed but not read is new.
/// * **store-06** Dropping a future of the store leaves the store usable: the transaction runs to
///   its end, or leaves nothing behind.
/// * **store-07** A page reads a finished list, never an open cursor. Following the positions
///   returns each row that was there from the beginning exactly once, whatever is added in the
///   meantime.
/// * **store-08** No error shows the database's address or password.
/// * **store-09** Each change of a row raises its version by one. A row that is written back as it
///   was keeps its version, and a new row has the version that it was given.
/// * **store-10** A [`Scope`] reads exactly the rows that [`Select`](super::Select) describes,
///   ordered by id, or by urgency if they are due. Texts are compared by their bytes.
/// * **store-11** Lists hold exactly the rows that their filter admits, in their order, at most
///   `limit`.
/// * **store-12** The numbers of the audit trail grow in the order of the commits that write to the
///   same rows, and none is ever given twice.
/// * **store-13** [`prune`](Self::prune) removes what [`Prune`] describes, nothing else, and at most
///   `limit` rows and lines.
/// * **store-14** [`status`](Self::status) counts what a recount of all rows counts, and orders
///   accounts by the bytes of their names.
///
/// ```
/// use pinning_keys_lifecycle::store::{MemoryStore, StatusQuery, Store};
/// use pinning_keys_lifecycle::SystemClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MemoryStore::new(SystemClock)?;
/// let store: Box<dyn Store> = Box::new(store);
/// let query = StatusQuery { overdue_before: Default::default() };
/// println!("{}", store.status(query).await?.store.label);
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait Store: Send + Sync {
    /// The clock of this node.
    fn clock(&self) -> &dyn Clock;

    /// Runs one transaction: reads and locks what the scope names, calls `decide`, and writes.
    ///
    /// ```
    /// use pinning_keys_lifecycle::store::{MemoryStore, Scope, Store, Tx, Verdict};
    /// use pinning_keys_lifecycle::SystemClock;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = MemoryStore::new(SystemClock)?;
    /// store
    ///     .transact(Scope::default(), std::sync::Arc::new(|tx: &mut Tx| {
    ///         tx.store.acknowledged = true;
    ///         Verdict::Commit
    ///     }))
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Nothing was written, unless the kind is [`StoreErrorKind::Unknown`].
    async fn transact(&self, scope: Scope, decide: Decide) -> Result<(), StoreError>;

    /// Returns the rows with these ids, ordered by id. Unknown ids are left out.
    ///
    /// ```
    /// use pinning_keys_lifecycle::store::{MemoryStore, Store};
    /// use pinning_keys_lifecycle::SystemClock;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = MemoryStore::new(SystemClock)?;
    /// let rows = store.find(&["7f3k9q2m0hj4x".parse()?]).await?;
    /// assert!(rows.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the database.
    async fn find(&self, ids: &[KeyId]) -> Result<Vec<KeyRow>, StoreError>;

    /// Returns a page of at most `limit` keys, in the order of [`KeyPosition`].
    ///
    /// ```
    /// use pinning_keys_lifecycle::store::{KeyFilter, MemoryStore, Store};
    /// use pinning_keys_lifecycle::SystemClock;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = MemoryStore::new(SystemClock)?;
    /// let page = store.keys(&KeyFilter::default(), None, 100).await?;
    /// assert!(page.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the database.
    async fn keys(
        &self,
        filter: &KeyFilter,
        after: Option<&KeyPosition>,
        limit: usize,
    ) -> Result<Vec<KeyRow>, StoreError>;

    /// Counts keys and reads the accounts.
    ///
    /// ```
    /// use pinning_keys_lifecycle::store::{MemoryStore, StatusQuery, Store};
    /// use pinning_keys_lifecycle::SystemClock;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = MemoryStore::new(SystemClock)?;
    /// let query = StatusQuery { overdue_before: Default::default() };
    /// assert!(store.status(query).await?.accounts.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the database.
    async fn status(&self, query: StatusQuery) -> Result<Snapshot, StoreError>;

    /// When the accounts next need a worker. Every managing call asks for this, and an idle worker
    /// asks for nothing else, so stores should answer it from an index.
    ///
    /// The default implementation uses [`status`](Self::status) and [`keys`](Self::keys), and reads
    /// every row.
    ///
    /// ```
    /// use pinning_keys_lifecycle::store::{MemoryStore, StatusQuery, Store};
    /// use pinning_keys_lifecycle::SystemClock;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = MemoryStore::new(SystemClock)?;
    /// let query = StatusQuery { overdue_before: Default::default() };
    /// assert!(store.agenda(query).await?.accounts.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the database.
    async fn agenda(&self, query: StatusQuery) -> Result<Agendas, StoreError> {
        let Snapshot { now, store, accounts, .. } = self.status(query).await?;
        let with_counts = |(account, counts): (AccountRow, AccountCounts)| Agenda {
            account,
            due_at: None,
            overdue: counts.overdue,
        };
        let mut accounts: Vec<_> = accounts.into_iter().map(with_counts).collect();
        let mut after = None;
        loop {
            let rows = self.keys(&KeyFilter::default(), after.as_ref(), 500).await?;
            let Some(last) = rows.last() else { break };
            after = Some(KeyPosition { created_at: last.created_at, id: last.id.clone() });
            for row in rows {
                let agenda = accounts.iter_mut().find(|it| it.account.name == row.account);
                if let Some((agenda, free_at)) = agenda.zip(row.free_at()) {
                    agenda.due_at = Some(agenda.due_at.map_or(free_at, |due| due.min(free_at)));
                }
            }
        }
        Ok(Agendas { now, store, accounts })
    }

    /// Returns a page of at most `limit` lines of the audit trail after line `after`, oldest first.
    ///
    /// ```
    /// use pinning_keys_lifecycle::store::{AuditFilter, MemoryStore, Store};
    /// use pinning_keys_lifecycle::SystemClock;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = MemoryStore::new(SystemClock)?;
    /// let page = store.audit(&AuditFilter::default(), 0, 100).await?;
    /// assert!(page.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the database.
    async fn audit(
        &self,
        filter: &AuditFilter,
        after: i64,
        limit: usize,
    ) -> Result<Vec<AuditRow>, StoreError>;

    /// Removes rows that are no longer needed, and returns how many. A call may examine a part of
    /// the audit trail, as long as further calls examine the rest.
    ///
    /// ```
    /// use pinning_keys_lifecycle::store::{MemoryStore, Prune, Store};
    /// use pinning_keys_lifecycle::SystemClock;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = MemoryStore::new(SystemClock)?;
    /// let what = Prune { audit_before: Default::default(), limit: 100 };
    /// assert_eq!(store.prune(what).await?, 0);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the database.
    async fn prune(&self, what: Prune) -> Result<u64, StoreError>;
}
