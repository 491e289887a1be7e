use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::memory_count::{counts_of, due_rows, family_of};
use super::{
    AccountRow, Agenda, Agendas, AuditFilter, AuditRow, Counts, Decide, KeyFilter, KeyPosition,
    KeyRow, Prune, Scope, Select, Snapshot, StatusQuery, Store, StoreError, StoreErrorKind,
    StoreRow, Tx, Verdict, Work,
};
use crate::{Clock, Error, KeyId, KeyState, Label, Timestamp};

/// A store in memory, for tests: everything is lost when the last clone is dropped.
///
/// It behaves like the other stores, but runs one transaction at a time. Clones share the rows, as
/// nodes share a database; [`snapshot`](Self::snapshot) copies them, as a backup does.
///
/// ```
/// use std::sync::Arc;
/// use std::time::UNIX_EPOCH;
/// use pinning_keys_lifecycle::{ManualClock, MemoryStore, SystemClock};
///
/// let store = MemoryStore::new(SystemClock)?;
/// let backup = store.snapshot();
/// let frozen = MemoryStore::new(ManualClock::at(UNIX_EPOCH))?;
/// # let _ = (backup, frozen);
/// # Ok::<(), pinning_keys_lifecycle::Error>(())
/// ```
#[derive(Clone)]
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    /// The database's identity.
    identity: String,
    state: Arc<Mutex<State>>,
}

#[derive(Clone)]
struct State {
    store: StoreRow,
    accounts: BTreeMap<String, AccountRow>,
    keys: BTreeMap<KeyId, KeyRow>,
    audit: Vec<AuditRow>,
    last_number: i64,
}

impl MemoryStore {
    /// Creates an empty store with a new label.
    ///
    /// ```
    /// use pinning_keys_lifecycle::{MemoryStore, SystemClock};
    ///
    /// let store = MemoryStore::new(SystemClock)?;
    /// # let _ = store;
    /// # Ok::<(), pinning_keys_lifecycle::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Internal`](crate::ErrorKind::Internal) if the system provides no random
    /// numbers.
    pub fn new(clock: impl Clock + 'static) -> Result<Self, Error> {
        let store = StoreRow {
            label: Label::random()?,
            identity: "memory".to_owned(),
            rolled_back_at: None,
            rolled_back_because: None,
            acknowledged: false,
            last_tick_at: None,
            resumed_at: None,
            time_high: Timestamp::default(),
            clock_confirmed_at: None,
        };
        let state = State {
            store,
            accounts: BTreeMap::new(),
            keys: BTreeMap::new(),
            audit: Vec::new(),
            last_number: 0,
        };
        Ok(Self {
            clock: Arc::new(clock),
            identity: "memory".to_owned(),
            state: Arc::new(Mutex::new(state)),
        })
    }

    /// Returns a copy of the store's current content, as a backup would keep it. To a manager, the
    /// copy looks like the original, restored in place.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        let state = self.lock().clone();
        Self { state: Arc::new(Mutex::new(state)), ..self.clone() }
    }

    /// Returns a handle on the same rows with another clock, as a node whose time differs has.
    ///
    /// ```
    /// use std::time::UNIX_EPOCH;
    /// use pinning_keys_lifecycle::{ManualClock, MemoryStore, SystemClock};
    ///
    /// let store = MemoryStore::new(SystemClock)?;
    /// let slow = store.with_clock(ManualClock::at(UNIX_EPOCH));
    /// # let _ = slow;
    /// # Ok::<(), pinning_keys_lifecycle::Error>(())
    /// ```
    #[must_use]
    pub fn with_clock(&self, clock: impl Clock + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self.clone() }
    }

    /// Returns a handle on the same rows in a database with this identity, for example after a
    /// failover.
    ///
    /// ```
    /// use pinning_keys_lifecycle::{MemoryStore, SystemClock};
    ///
    /// let store = MemoryStore::new(SystemClock)?;
    /// let after_failover = store.with_identity("the replica");
    /// # let _ = after_failover;
    /// # Ok::<(), pinning_keys_lifecycle::Error>(())
    /// ```
    #[must_use]
    pub fn with_identity(&self, identity: impl Into<String>) -> Self {
        Self { identity: identity.into(), ..self.clone() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    async fn transact(&self, scope: Scope, decide: Decide) -> Result<(), StoreError> {
        self.lock().transact(&scope, &*decide, self.clock.now().into(), &self.identity)
    }

    async fn find(&self, ids: &[KeyId]) -> Result<Vec<KeyRow>, StoreError> {
        let state = self.lock();
        let mut rows: Vec<_> = ids.iter().filter_map(|id| state.keys.get(id)).cloned().collect();
        rows.sort_by(|a, b| a.id.cmp(&b.id));
        rows.dedup_by(|a, b| a.id == b.id);
        Ok(rows)
    }

    async fn keys(
        &self,
        filter: &KeyFilter,
        after: Option<&KeyPosition>,
        limit: usize,
    ) -> Result<Vec<KeyRow>, StoreError> {
        let state = self.lock();
        let place = |row: &KeyRow| (row.created_at, row.id.clone());
        let after = after.map(|after| (after.created_at, after.id.clone()));
        let mut rows: Vec<_> = state
            .keys
            .values()
            .filter(|row| filter.admits(row))
            .filter(|row| after.as_ref().is_none_or(|after| place(row) > *after))
            .cloned()
            .collect();
        rows.sort_by_key(place);
        rows.truncate(limit);
        Ok(rows)
    }

    async fn status(&self, query: StatusQuery) -> Result<Snapshot, StoreError> {
        let state = self.lock();
        let now = Timestamp::from(self.clock.now()).max(state.store.time_high);
        let accounts = state.accounts.values();
        let accounts = accounts
            .map(|account| {
                let keys = state.keys.values().filter(|row| row.account == account.name);
                (account.clone(), counts_of(account, keys, query))
            })
            .collect();
        Ok(Snapshot { now, store: state.store.clone(), accounts, unknown: 0 })
    }

    async fn agenda(&self, query: StatusQuery) -> Result<Agendas, StoreError> {
        let state = self.lock();
        let now = Timestamp::from(self.clock.now()).max(state.store.time_high);
        let agenda = |account: &AccountRow| {
            let rows = || state.keys.values().filter(|row| row.account == account.name);
            Agenda {
                account: account.clone(),
                due_at: rows().filter_map(KeyRow::free_at).min(),
                overdue: rows().filter(|row| row.is_overdue(query.overdue_before)).count() as u64,
            }
        };
        let accounts = state.accounts.values().map(agenda).collect();
        Ok(Agendas { now, store: state.store.clone(), accounts })
    }

    async fn audit(
        &self,
        filter: &AuditFilter,
        after: i64,
        limit: usize,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let state = self.lock();
        let rows = state.audit.iter().filter(|row| row.number > after && filter.admits(row));
        Ok(rows.take(limit).cloned().collect())
    }

    async fn prune(&self, what: Prune) -> Result<u64, StoreError> {
        let mut state = self.lock();
        let now = Timestamp::from(self.clock.now()).max(state.store.time_high);
        let over = state.keys.values().filter(|row| {
            let account = state.accounts.get(&row.account);
            row.state.is_tombstone() && row.may_be_pruned(account, now)
        });
        let over: Vec<KeyId> = over.map(|row| row.id.clone()).take(what.limit).collect();
        for id in &over {
            state.keys.remove(id);
        }
        let mut left = what.limit - over.len();
        let State { audit, keys, .. } = &mut *state;
        let before = audit.len();
        audit.retain(|line| {
            let keep = left == 0 || line.at >= what.audit_before || keys.contains_key(&line.key);
            left -= usize::from(!keep);
            keep
        });
        Ok((over.len() + before - audit.len()) as u64)
    }
}

impl State {
    fn transact(
        &mut self,
        scope: &Scope,
        decide: &(dyn Fn(&mut Tx) -> Verdict + Send + Sync),
        clock: Timestamp,
        identity: &str,
    ) -> Result<(), StoreError> {
        let now = clock.max(self.store.time_high);
        // Even if it is aborted, the time was seen.
        self.store.time_high = now;
        let account = scope.account.as_ref().and_then(|name| self.accounts.get(name)).cloned();
        let rows = self.select(scope, now);
        let loaded: BTreeSet<KeyId> = rows.iter().map(|row| row.id.clone()).collect();
        let mut tx = Tx {
            now,
            clock,
            identity: identity.to_owned(),
            store: self.store.clone(),
            account,
            rows,
            counts: self.counts(scope, now),
            audit: Vec::new(),
        };
        let account_read = tx.account.as_ref().map(|account| account.name.clone());
        if decide(&mut tx) == Verdict::Abort {
            return Ok(());
        }
        let changed = self.changed(tx.rows, loaded)?;
        self.check_unique(&changed)?;
        if let Some(account) = tx.account {
            if account_read.as_ref() != Some(&account.name)
                && self.accounts.contains_key(&account.name)
            {
                return Err(conflict("another transaction created the same account"));
            }
            if self.accounts.values().any(|other| account.is_same_as(other)) {
                return Err(conflict("the store knows the account by another name"));
            }
            self.accounts.insert(account.name.clone(), account);
        }
        self.keys.extend(changed);
        self.store =
            StoreRow { time_high: self.store.time_high.max(tx.store.time_high), ..tx.store };
        for line in tx.audit {
            self.last_number += 1;
            self.audit.push(AuditRow { number: self.last_number, ..line });
        }
        Ok(())
    }

    /// The rows that differ from what is stored, as they are to be stored. Rows that were not read
    /// are new.
    fn changed(
        &self,
        rows: Vec<KeyRow>,
        mut loaded: BTreeSet<KeyId>,
    ) -> Result<BTreeMap<KeyId, KeyRow>, StoreError> {
        let mut changed = BTreeMap::new();
        for row in rows {
            let row = match self.keys.get(&row.id) {
                Some(old) if loaded.remove(&row.id) => {
                    if *old == row {
                        continue;
                    }
                    KeyRow { version: old.version + 1, ..row }
                }
                None if !changed.contains_key(&row.id) => row,
                _ => return Err(conflict("another transaction created a row with the same id")),
            };
            changed.insert(row.id.clone(), row);
        }
        Ok(changed)
    }

    /// Checks the two unique indexes.
    fn check_unique(&self, changed: &BTreeMap<KeyId, KeyRow>) -> Result<(), StoreError> {
        let unchanged = || self.keys.values().filter(|row| !changed.contains_key(&row.id));
        let clashes = |row: &KeyRow, other: &KeyRow| {
            row.id != other.id
                && (row.open_holder.is_some() && row.open_holder == other.open_holder
                    || row.open_successor.is_some() && row.open_successor == other.open_successor)
        };
        let is_taken = |row: &KeyRow| {
            (row.open_holder.is_some() || row.open_successor.is_some())
                && unchanged().chain(changed.values()).any(|other| clashes(row, other))
        };
        if changed.values().any(is_taken) {
            return Err(conflict(
                "another transaction opened a key for the same holder, or a successor of the key",
            ));
        }
        Ok(())
    }

    fn select(&self, scope: &Scope, now: Timestamp) -> Vec<KeyRow> {
        match &scope.keys {
            Select::Nothing => Vec::new(),
            Select::Ids(ids) => self.where_(|row| ids.contains(&row.id)),
            Select::Family(id) => family_of(&self.keys, id),
            Select::Holder(holder) => self.where_(|row| row.open_holder.as_ref() == Some(holder)),
            Select::Due { work, limit } => {
                let account = scope.account.as_deref().unwrap_or_default();
                let mut rows = due_rows(self.keys.values(), account, *work, now);
                rows.truncate(*limit);
                rows
            }
        }
    }

    fn where_(&self, admits: impl Fn(&KeyRow) -> bool) -> Vec<KeyRow> {
        self.keys.values().filter(|row| admits(row)).cloned().collect()
    }

    fn counts(&self, scope: &Scope, now: Timestamp) -> Counts {
        let account = scope.account.as_deref().unwrap_or_default();
        let mut counts = Counts::default();
        if scope.open {
            let is_open = |row: &&KeyRow| row.account == account && row.state.is_open();
            counts.open = self.keys.values().filter(is_open).count() as u64;
        }
        if scope.ends_due {
            let due = due_rows(self.keys.values(), account, Work::Ends, now);
            counts.ends_due = !due.is_empty();
        }
        counts
    }
}

fn conflict(message: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Conflict, message)
}

impl Work {
    /// The states of this work.
    pub const fn states(self) -> &'static [KeyState] {
        match self {
            Self::Ends => &[KeyState::Undelivered, KeyState::Live, KeyState::Revoking],
            Self::Settle => &[KeyState::Intended, KeyState::InDoubt],
            Self::Watch => &[KeyState::Closed, KeyState::Revoked, KeyState::Forgotten],
        }
    }
}
