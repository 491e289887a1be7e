use std::sync::Arc;

use crate::store::{AccountRow, AuditRow, KeyRow, StoreRow};
use crate::{KeyId, Timestamp};

/// What a transaction reads and locks before it decides.
///
/// The order of locks is the same in each transaction: the account, then keys by id.
///
/// ```
/// use pinning_keys_lifecycle::store::{Scope, Select};
///
/// let keys = Select::Ids(vec!["7f3k9q2m0hj4x".parse()?]);
/// let scope = Scope { keys, ..Scope::default() };
/// # let _ = scope;
/// # Ok::<(), pinning_keys_lifecycle::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The account to lock, if any. It need not exist.
    pub account: Option<String>,
    /// The keys to lock.
    pub keys: Select,
    /// Whether [`Counts::open`] is needed, which reads an index entry of each open key. It is only
    /// exact under the account's lock.
    pub open: bool,
    /// Whether [`Counts::ends_due`] is needed, which reads one index entry.
    pub ends_due: bool,
}

/// Which keys a transaction locks.
///
/// ```
/// use pinning_keys_lifecycle::store::{Select, Work};
///
/// let due = Select::Due { work: Work::Ends, limit: 64 };
/// # let _ = due;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Select {
    /// None.
    #[default]
    Nothing,
    /// The rows with these ids; unknown ids are left out.
    Ids(Vec<KeyId>),
    /// The key, the key that it replaces, its own successors, and the other successors of the key
    /// that it replaces.
    Family(KeyId),
    /// The row with this `open_holder`.
    Holder(String),
    /// At most `limit` rows of the account whose `due_at` has passed, that no other node has
    /// claimed, and that no other transaction has locked: those by hand first, then by `due_at`.
    Due {
        /// The states to look for.
        work: Work,
        /// The maximum number of rows to take.
        limit: usize,
    },
}

/// A kind of work that is due.
///
/// ```
/// use pinning_keys_lifecycle::store::Work;
/// use pinning_keys_lifecycle::KeyState;
///
/// assert!(Work::Settle.states().contains(&KeyState::InDoubt));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Work {
    /// Keys that must end: live, undelivered, or being revoked.
    Ends,
    /// Creates whose outcome is unknown: intended or in doubt.
    Settle,
    /// Ended keys that are checked again: closed, revoked or forgotten.
    Watch,
}

/// What a store counts for a decision.
///
/// ```
/// use pinning_keys_lifecycle::store::Counts;
///
/// assert_eq!(Counts::default().open, 0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The account's rows that are intended, undelivered or live.
    pub open: u64,
    /// Whether a row of [`Work::Ends`] is due and unclaimed.
    pub ends_due: bool,
}

/// A transaction while its decision is made: what was read, to be changed in place.
///
/// The store writes what differs from what it had read: it inserts rows that were pushed onto `rows`
/// or set as `account`, updates those that changed (raising `version` by one, and checking that
/// exactly one row was updated), and appends `audit`. Rows are never removed here.
///
/// ```
/// use pinning_keys_lifecycle::store::{Tx, Verdict};
///
/// fn acknowledge(tx: &mut Tx) -> Verdict {
///     tx.store.acknowledged = true;
///     Verdict::Commit
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Tx {
    /// The store's time, which never runs backwards.
    pub now: Timestamp,
    /// What the store's clock shows: less than `now` if it once showed a later time.
    pub clock: Timestamp,
    /// The database's current identity; see [`StoreRow::identity`].
    pub identity: String,
    /// The row about the store.
    pub store: StoreRow,
    /// The account of the scope, if it exists.
    pub account: Option<AccountRow>,
    /// The keys of the scope, ordered by id; for [`Select::Due`], in the order of their urgency.
    pub rows: Vec<KeyRow>,
    /// Counts, as far as the scope asks for them.
    pub counts: Counts,
    /// Lines to append to the audit trail. The store assigns their numbers.
    pub audit: Vec<AuditRow>,
}

impl Tx {
    /// The row of this id, if it was loaded.
    ///
    /// ```
    /// use pinning_keys_lifecycle::store::Tx;
    /// use pinning_keys_lifecycle::{KeyId, KeyState};
    ///
    /// fn state(tx: &Tx, id: &KeyId) -> Option<KeyState> {
    ///     Some(tx.row(id)?.state)
    /// }
    /// ```
    pub fn row(&self, id: &KeyId) -> Option<&KeyRow> {
        self.rows.iter().find(|row| row.id == *id)
    }

    /// The row of this id, to be changed.
    ///
    /// ```
    /// use pinning_keys_lifecycle::store::Tx;
    /// use pinning_keys_lifecycle::KeyId;
    ///
    /// fn look_again_now(tx: &mut Tx, id: &KeyId) {
    ///     let now = tx.now;
    ///     if let Some(row) = tx.row_mut(id) {
    ///         row.due_at = Some(now);
    ///     }
    /// }
    /// ```
    pub fn row_mut(&mut self, id: &KeyId) -> Option<&mut KeyRow> {
        self.rows.iter_mut().find(|row| row.id == *id)
    }
}

/// The result of a decision.
///
/// ```
/// use pinning_keys_lifecycle::store::{Tx, Verdict};
///
/// fn read_only(_: &mut Tx) -> Verdict {
///     Verdict::Abort
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Write the changes. If there are none, nothing has to be committed.
    Commit,
    /// Write nothing.
    Abort,
}

/// A decision: it inspects what was read and changes it. If the first attempt was not committed, it
/// may be called again with newly read data; only the last call counts.
pub type Decide = Arc<dyn Fn(&mut Tx) -> Verdict + Send + Sync>;
