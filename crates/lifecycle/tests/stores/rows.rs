//! Rows for the tests of stores.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use pinning_keys_lifecycle::store::{
    AccountRow, KeyFilter, KeyRow, Scope, Snapshot, StatusQuery, Store, Tx, Verdict,
};
use pinning_keys_lifecycle::{KeyId, KeyState, ManualClock, StoreError, Timestamp};

/// The time at which the tests begin, in seconds since 1970.
pub(crate) const START: i64 = 1_900_000_000;

pub(crate) fn clock() -> ManualClock {
    ManualClock::at(UNIX_EPOCH + Duration::from_secs(START.unsigned_abs()))
}

/// A number of seconds after the beginning.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros((START + seconds) * 1_000_000)
}

/// The id with this number.
pub(crate) fn id(number: usize) -> KeyId {
    format!("{number:013}").parse().unwrap()
}

/// A live key of the account `main`, whose lease ends after an hour.
pub(crate) fn live(number: usize) -> KeyRow {
    KeyRow {
        id: id(number),
        account: "main".to_owned(),
        holder: format!("holder-{number}"),
        name: format!("holder-{number}.7f3k9q2m-{number:013}-300101"),
        state: KeyState::Live,
        version: 0,
        request: "{}".to_owned(),
        granted: Some("{}".to_owned()),
        references: "[]".to_owned(),
        twins: "[]".to_owned(),
        lease: Some(Duration::from_hours(1)),
        expires_at: Some(at(3600)),
        leased_at: at(0),
        max_until: Some(at(7200)),
        send_by: at(30),
        settle_after: at(90),
        deliver_by: at(600),
        deliver_began: None,
        replaces: None,
        replaced_by: None,
        overlap: None,
        open_holder: Some(format!("holder-{number}")),
        open_successor: None,
        created_at: at(0),
        changed_at: at(0),
        due_at: Some(at(3600)),
        claimed_until: None,
        by_hand: false,
        attempts: 0,
        end_due: None,
        seen_at: Some(at(0)),
        seen_by: Some("create".to_owned()),
        uses: None,
        first_look: None,
        watched: 0,
        keep_until: None,
        evidence: None,
        unproven: false,
        adopted: false,
        difference: None,
        failure: None,
    }
}

/// The account `main`.
pub(crate) fn account() -> AccountRow {
    AccountRow { name: "main".to_owned(), provider: "pinata".to_owned(), ..AccountRow::default() }
}

/// Runs a transaction that changes something.
pub(crate) async fn change(
    store: &dyn Store,
    scope: Scope,
    change: impl Fn(&mut Tx) + Send + Sync + 'static,
) -> Result<(), StoreError> {
    let decide = move |tx: &mut Tx| {
        change(tx);
        Verdict::Commit
    };
    store.transact(scope, Arc::new(decide)).await
}

/// Inserts rows.
pub(crate) async fn insert(store: &dyn Store, rows: Vec<KeyRow>) -> Result<(), StoreError> {
    change(store, Scope::default(), move |tx| tx.rows.extend(rows.iter().cloned())).await
}

/// Runs a transaction that changes nothing, and returns what it saw.
pub(crate) async fn look(store: &dyn Store, scope: Scope) -> Result<Tx, StoreError> {
    let seen = Arc::new(std::sync::Mutex::new(None));
    let kept = Arc::clone(&seen);
    let decide = move |tx: &mut Tx| {
        *kept.lock().unwrap() = Some(tx.clone());
        Verdict::Abort
    };
    store.transact(scope, Arc::new(decide)).await?;
    let tx = seen.lock().unwrap().take();
    Ok(tx.unwrap())
}

/// All keys.
pub(crate) async fn all(store: &dyn Store) -> Vec<KeyRow> {
    store.keys(&KeyFilter::default(), None, 1_000_000).await.unwrap()
}

pub(crate) async fn status(store: &dyn Store) -> Result<Snapshot, StoreError> {
    store.status(StatusQuery { overdue_before: at(0) }).await
}
