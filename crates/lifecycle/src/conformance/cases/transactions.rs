//! store-02: a transaction writes all its changes or none, on rows that nobody else changes in the
//! meantime. store-09: versions.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::Timestamp;
use crate::conformance::bench::{
    Bench, TASKS, audit, change, insert, insist, keys, look, of_account, of_ids, status,
};
use crate::conformance::case::{Verdict, ensure, ensure_eq};
use crate::conformance::dice::{account, id, line, plain};
use crate::conformance::harness::BoxError;
use crate::store::{self, KeyRow, Scope, Select, Store, Tx};

/// How often each task changes the same row.
const CHANGES: usize = 20;

/// A transaction that changes something in every table.
fn change_everything(tx: &mut Tx, now: Timestamp) {
    if let Some(account) = &mut tx.account {
        account.changes += 1;
    }
    for row in &mut tx.rows {
        row.attempts += 1;
    }
    tx.rows.push(plain(9, now));
    tx.audit.push(line(9, now));
    tx.store.acknowledged = true;
}

/// A store with an account and a key.
async fn begin(bench: &Bench) -> Result<(Arc<dyn Store>, Scope), BoxError> {
    let (store, now) = (bench.open().await?, bench.now());
    change(&*store, of_account("main"), move |tx| {
        tx.account = Some(account("main"));
        tx.rows.push(plain(1, now));
    })
    .await?;
    Ok((store, Scope { account: Some("main".to_owned()), ..of_ids([id(1)]) }))
}

async fn ensure_untouched(bench: &Bench) -> Verdict {
    let store = bench.open().await?;
    ensure_eq!(keys(&*store).await?, [plain(1, bench.now())], "the keys");
    ensure_eq!(audit(&*store).await?, [], "the audit trail");
    let snapshot = status(&*store).await?;
    ensure_eq!(snapshot.accounts[0].0, account("main"), "the account");
    ensure!(!snapshot.store.acknowledged, "the row about the store was changed");
    Ok(())
}

pub(super) async fn an_aborted_decision_writes_nothing(bench: Arc<Bench>) -> Verdict {
    let (store, scope) = begin(&bench).await?;
    let now = bench.now();
    let decide = move |tx: &mut Tx| {
        change_everything(tx, now);
        store::Verdict::Abort
    };
    store.transact(scope, Arc::new(decide)).await?;
    ensure_untouched(&bench).await
}

pub(super) async fn a_refused_transaction_writes_nothing(bench: Arc<Bench>) -> Verdict {
    let (store, scope) = begin(&bench).await?;
    let now = bench.now();
    let refused = change(&*store, scope, move |tx| {
        change_everything(tx, now);
        for number in [7, 8] {
            let mut row = plain(number, now);
            row.open_holder = Some("both".to_owned());
            tx.rows.push(row);
        }
    })
    .await;
    ensure!(refused.is_err(), "two rows with the same open_holder were accepted");
    ensure_untouched(&bench).await
}

pub(super) async fn rows_left_out_of_a_decision_stay(bench: Arc<Bench>) -> Verdict {
    let (store, scope) = begin(&bench).await?;
    change(&*store, scope, |tx| {
        tx.rows.clear();
        tx.account = None;
    })
    .await?;
    ensure_untouched(&bench).await
}

/// Makes the change many times, from several tasks and handles.
async fn race(
    bench: &Bench,
    scope: Scope,
    change: impl Fn(&mut Tx) + Clone + Send + Sync + 'static,
) -> Result<(), BoxError> {
    bench
        .at_once(|_, store| {
            let (scope, change) = (scope.clone(), change.clone());
            async move {
                for _ in 0..CHANGES {
                    insist(&*store, scope.clone(), change.clone()).await?;
                }
                Ok(())
            }
        })
        .await
}

pub(super) async fn decisions_about_a_key_follow_each_other(bench: Arc<Bench>) -> Verdict {
    let (store, _) = begin(&bench).await?;
    race(&bench, of_ids([id(1)]), |tx| {
        for row in &mut tx.rows {
            row.attempts += 1;
        }
    })
    .await?;
    let row = &keys(&*store).await?[0];
    let expected = i64::try_from(TASKS * CHANGES)?;
    ensure_eq!((row.attempts, row.version), (expected, expected), "how often the key was changed");
    Ok(())
}

pub(super) async fn decisions_about_an_account_follow_each_other(bench: Arc<Bench>) -> Verdict {
    let (store, _) = begin(&bench).await?;
    // Counts are exact under the lock of the account: no two decisions may see the same.
    let scope = Scope { open: true, ..of_account("main") };
    let last = Arc::new(AtomicUsize::new(1));
    race(&bench, scope, move |tx| {
        if let Some(account) = &mut tx.account {
            account.changes += 1;
        }
        let number = last.fetch_add(1, Ordering::Relaxed) + 1;
        let watched = i64::try_from(tx.counts.open).unwrap_or_default();
        tx.rows.push(KeyRow { watched, ..plain(number, tx.now) });
    })
    .await?;
    let count = i64::try_from(TASKS * CHANGES)?;
    let seen = look(&*store, of_account("main")).await?.account.map(|account| account.changes);
    ensure_eq!(seen, Some(count), "how often the account was changed");
    let mut counted: Vec<i64> = keys(&*store).await?.iter().map(|row| row.watched).collect();
    counted.sort_unstable();
    ensure_eq!(counted, (0..=count).collect::<Vec<_>>(), "the number of open keys at each change");
    Ok(())
}

pub(super) async fn a_change_raises_the_version_by_one(bench: Arc<Bench>) -> Verdict {
    let (store, now) = (bench.open().await?, bench.now());
    insert(&*store, &[plain(1, now), plain(2, now)]).await?;
    let scope = Scope { keys: Select::Ids(vec![id(1), id(2)]), ..Scope::default() };
    for _ in 0..2 {
        // The second row is written back as it was.
        change(&*store, scope.clone(), |tx| tx.rows[0].watched += 1).await?;
    }
    let versions: Vec<i64> = keys(&*store).await?.iter().map(|row| row.version).collect();
    ensure_eq!(
        versions,
        [2, 0],
        "the versions of a key that changed twice, and of one that did not"
    );
    Ok(())
}
