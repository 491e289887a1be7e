use crate::{KeyId, KeyState, Timestamp};

/// Which keys to list (default: all).
///
/// ```
/// use pinning_keys_lifecycle::store::KeyFilter;
/// use pinning_keys_lifecycle::KeyState;
///
/// let live = KeyFilter { states: vec![KeyState::Live], ..KeyFilter::default() };
/// # let _ = live;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyFilter {
    /// Only keys of this account.
    pub account: Option<String>,
    /// Only keys in these states; empty: in any state.
    pub states: Vec<KeyState>,
    /// Only keys of this holder.
    pub holder: Option<String>,
    /// Only keys that were adopted (or were not).
    pub adopted: Option<bool>,
}

/// The position of a row in a list of keys, after which the next page begins. Lists are ordered by
/// the time of creation, then by id.
///
/// ```
/// use pinning_keys_lifecycle::store::{KeyPosition, KeyRow};
///
/// fn after(page: &[KeyRow]) -> Option<KeyPosition> {
///     let last = page.last()?;
///     Some(KeyPosition { created_at: last.created_at, id: last.id.clone() })
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPosition {
    /// The row's `created_at`.
    pub created_at: Timestamp,
    /// The row's id.
    pub id: KeyId,
}

/// Which lines of the audit trail to list (default: all).
///
/// ```
/// use pinning_keys_lifecycle::store::AuditFilter;
///
/// let main = AuditFilter { account: Some("main".to_owned()), ..AuditFilter::default() };
/// # let _ = main;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only lines about this key.
    pub key: Option<KeyId>,
    /// Only lines about this account.
    pub account: Option<String>,
    /// Only lines from this time on.
    pub since: Option<Timestamp>,
}

/// How many keys of an account there are.
///
/// ```
/// use pinning_keys_lifecycle::store::AccountCounts;
///
/// assert_eq!(AccountCounts::default().overdue, 0);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountCounts {
    /// The account's name.
    pub account: String,
    /// The number of keys in each state, in the order of [`KeyState::ALL`].
    pub states: [u64; 8],
    /// Live, undelivered and revoking keys that were due to end before
    /// [`StatusQuery::overdue_before`].
    pub overdue: u64,
    /// Live keys that existed when the last complete pass began, and were not seen since.
    pub missing: u64,
    /// Live keys that were adopted.
    pub adopted: u64,
    /// Ended keys whose end is not proven.
    pub unproven: u64,
    /// Keys that a listing shows differently from what is recorded.
    pub different: u64,
    /// Rows that are due but locked by a transaction of another program.
    pub held: u64,
}

/// The parameters of [`Store::status`](crate::store::Store::status).
///
/// ```
/// use pinning_keys_lifecycle::store::StatusQuery;
/// use pinning_keys_lifecycle::Timestamp;
///
/// let query = StatusQuery { overdue_before: Timestamp::from_micros(0) };
/// # let _ = query;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusQuery {
    /// Keys that were due to end before this time are overdue.
    pub overdue_before: Timestamp,
}

/// When an account next needs a worker.
///
/// ```
/// use pinning_keys_lifecycle::store::Agenda;
///
/// fn is_idle(agenda: &Agenda) -> bool {
///     agenda.due_at.is_none()
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agenda {
    /// The account.
    pub account: super::AccountRow,
    /// When the first of the account's rows can be claimed: the earliest `due_at`, or the end of
    /// the claim if the row is claimed. If rows are due already, it may be the time of any of them.
    pub due_at: Option<Timestamp>,
    /// The same as [`AccountCounts::overdue`].
    pub overdue: u64,
}

/// The result of [`Store::agenda`](crate::store::Store::agenda).
///
/// ```
/// use pinning_keys_lifecycle::store::{MemoryStore, StatusQuery, Store};
/// use pinning_keys_lifecycle::SystemClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MemoryStore::new(SystemClock)?;
/// # let query = StatusQuery { overdue_before: Default::default() };
/// let agendas = store.agenda(query).await?;
/// assert!(agendas.accounts.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agendas {
    /// The store's time.
    pub now: Timestamp,
    /// The row about the store.
    pub store: super::StoreRow,
    /// Every account, ordered by name.
    pub accounts: Vec<Agenda>,
}

/// A snapshot of a store.
///
/// ```
/// use pinning_keys_lifecycle::store::{MemoryStore, StatusQuery, Store};
/// use pinning_keys_lifecycle::SystemClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MemoryStore::new(SystemClock)?;
/// # let query = StatusQuery { overdue_before: Default::default() };
/// let snapshot = store.status(query).await?;
/// assert_eq!(snapshot.unknown, 0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The store's time.
    pub now: Timestamp,
    /// The row about the store.
    pub store: super::StoreRow,
    /// Every account, ordered by name.
    pub accounts: Vec<(super::AccountRow, AccountCounts)>,
    /// How many rows and settings this version of the library does not know and leaves alone.
    pub unknown: u64,
}

/// What to remove for good.
///
/// ```
/// use pinning_keys_lifecycle::store::Prune;
/// use pinning_keys_lifecycle::Timestamp;
///
/// let what = Prune { audit_before: Timestamp::from_micros(0), limit: 100 };
/// # let _ = what;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prune {
    /// Remove ended rows whose `keep_until` has passed, and audit lines before this time about rows
    /// that are gone. A forgotten row also needs a complete listing of its account that began after
    /// its `keep_until`.
    pub audit_before: Timestamp,
    /// The most rows to remove at once.
    pub limit: usize,
}
