use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use pinning_keys_bulk::RateLimit;
use pinning_keys_core::KeyIssuer;

use crate::clock_guard::ClockGuard;
use crate::gap::note_gap;
use crate::page_count::PageCount;
use crate::pause::Pause;
use crate::store::{AuditRow, KeyRow, Scope, Store, StoreErrorKind, Tx, Verdict};
use crate::timing::Timing;
use crate::{Error, ErrorKind, KeyState, Timestamp};

/// How often a transaction that conflicts with another one is retried.
const RETRIES: usize = 5;

/// The state that a manager and its accounts share.
pub(crate) struct Inner {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) accounts: BTreeMap<String, Arc<Account>>,
    /// The actor, for the audit trail.
    pub(crate) actor: String,
    pub(crate) clock_guard: Arc<ClockGuard>,
    /// How often this process removes what need not be kept.
    pub(crate) pruning: Pause,
}

/// An account as this process reaches it.
pub(crate) struct Account {
    pub(crate) name: String,
    /// Calls the provider only for the account that the store knows, if its credential shows one.
    pub(crate) issuer: Arc<dyn KeyIssuer>,
    /// The issuer as the app gave it, which may have another account's credential by now.
    pub(crate) unconfined: Arc<dyn KeyIssuer>,
    /// The account's id, if its credential shows one.
    pub(crate) identity: Option<String>,
    pub(crate) limit: Option<RateLimit>,
    /// The maximum number of open keys, if limited.
    pub(crate) quota: Option<u64>,
    pub(crate) timing: Timing,
    /// How many pages the account's listing last had, as far as this process knows.
    pub(crate) pages: PageCount,
}

impl Inner {
    /// A manager's core, without accounts.
    pub(crate) fn new(store: Arc<dyn Store>, actor: String) -> Self {
        let clock_guard = Arc::new(ClockGuard::new(Arc::clone(&store)));
        Self { store, accounts: BTreeMap::new(), actor, clock_guard, pruning: Pause::default() }
    }

    /// Runs a transaction. If the decision fails, nothing is written.
    ///
    /// The decision may run more than once, so it must not have effects outside the transaction.
    pub(crate) async fn transact<T: Send + 'static>(
        &self,
        scope: Scope,
        decide: impl Fn(&mut Tx) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        let outcome = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&outcome);
        let guard = Arc::clone(&self.clock_guard);
        let decide = Arc::new(move |tx: &mut Tx| {
            guard.read(tx.now);
            note_database(tx);
            note_gap(&mut tx.store, tx.now);
            let decided = decide(tx);
            let verdict = if decided.is_ok() { Verdict::Commit } else { Verdict::Abort };
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(decided);
            verdict
        });
        let mut tries = 0;
        loop {
            match self.store.transact(scope.clone(), Arc::clone(&decide) as _).await {
                Ok(()) => break,
                Err(error) if error.kind() == StoreErrorKind::Conflict && tries < RETRIES => {
                    tries += 1;
                }
                Err(error) => return Err(error.into()),
            }
        }
        let decided = outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
        decided.unwrap_or_else(|| {
            Err(Error::new(ErrorKind::Internal, "the store did not run the transaction"))
        })
    }

    /// The store's time, as far as this process knows it.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock_guard.now()
    }

    /// The account of this name.
    pub(crate) fn account(&self, name: &str) -> Result<&Arc<Account>, Error> {
        self.accounts.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.accounts.keys().map(String::as_str).collect();
            Error::new(ErrorKind::NotFound, format!("unknown account {name:?}"))
                .with_next_step(format!("expected one of {}", known.join(", ")))
        })
    }
}

/// Notices that the database is not the one used before, for example after a failover, before
/// anything is decided from its content.
fn note_database(tx: &mut Tx) {
    if tx.identity != tx.store.identity {
        tx.store.identity.clone_from(&tx.identity);
        tx.store.rolled_back_at = Some(tx.now);
        tx.store.rolled_back_because = Some("the database is not the one used before".to_owned());
        tx.store.acknowledged = false;
    }
}

/// Runs a change of a transaction's rows, and adds a line to the audit trail for each row that it
/// changes.
pub(crate) fn audited<T>(
    tx: &mut Tx,
    actor: &str,
    action: &str,
    change: impl FnOnce(&mut Tx) -> Result<T, Error>,
) -> Result<T, Error> {
    let before = tx.rows.clone();
    let changed = change(tx)?;
    let line = |row: &KeyRow| {
        let old = before.iter().find(|old| old.id == row.id);
        let is_moved = old.is_none_or(|old| old.state != row.state);
        let why = row.failure.as_ref().or(row.evidence.as_ref()).filter(|_| is_moved);
        let from = old.map(|old| old.state);
        (old != Some(row)).then(|| AuditRow {
            text: why.map(|why| crate::text::scrubbed(why)),
            ..audit(tx, actor, row, action, from)
        })
    };
    // In a fixed order: ids are random.
    let mut rows: Vec<_> = tx.rows.iter().collect();
    rows.sort_by_key(|row| row.created_at);
    let lines: Vec<_> = rows.into_iter().filter_map(line).collect();
    tx.audit.extend(lines);
    Ok(changed)
}

/// A line for the audit trail about a row as it is now; the caller adds further details.
pub(crate) fn audit(
    tx: &Tx,
    actor: &str,
    row: &KeyRow,
    action: &str,
    from: Option<KeyState>,
) -> AuditRow {
    AuditRow {
        number: 0,
        at: tx.now,
        actor: actor.to_owned(),
        account: row.account.clone(),
        key: row.id.clone(),
        reference: row.key_refs().first().map(ToString::to_string),
        action: action.to_owned(),
        from,
        to: row.state,
        effect: None,
        text: None,
    }
}
