use crate::{Label, Timestamp};

/// The row about the store itself.
///
/// ```
/// use pinning_keys_lifecycle::store::{MemoryStore, StatusQuery, Store};
/// use pinning_keys_lifecycle::SystemClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MemoryStore::new(SystemClock)?;
/// # let query = StatusQuery { overdue_before: Default::default() };
/// let row = store.status(query).await?.store;
/// assert_eq!(row.rolled_back_at, None);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreRow {
    /// The label in the names of the store's keys.
    pub label: Label,
    /// The database's identity, so that a restored or copied database is noticed.
    pub identity: String,
    /// When the store last noticed that it had forgotten something: a restored backup, a copy, a
    /// failover. Leases that were granted before that end at their maximum.
    pub rolled_back_at: Option<Timestamp>,
    /// What it noticed.
    pub rolled_back_because: Option<String>,
    /// Whether a person has acknowledged that.
    pub acknowledged: bool,
    /// When a worker last ran.
    pub last_tick_at: Option<Timestamp>,
    /// When a process first used the store after more than two hours without a worker. Until all
    /// accounts were listed since then, no lease ends, because the store may be a restored backup.
    /// `None`: they were.
    pub resumed_at: Option<Timestamp>,
    /// The latest time that was seen. Time never goes below it.
    pub time_high: Timestamp,
    /// When a person last confirmed the clock.
    pub clock_confirmed_at: Option<Timestamp>,
}
