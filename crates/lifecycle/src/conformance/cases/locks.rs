//! store-04: who waits for whom, and how long.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::conformance::bench::{Bench, audit, insert, insist, keys, of_ids};
use crate::conformance::case::{Stop, Verdict, ensure, ensure_eq};
use crate::conformance::dice::{id, line, plain};
use crate::conformance::harness::BoxError;
use crate::store::{self, AuditRow, Scope, Select, Store, Tx, Work};
use crate::{StoreError, StoreErrorKind};

const ROWS: usize = 40;
const HOUR: Duration = Duration::from_hours(1);

/// How long the suite keeps a decision waiting before it gives up.
const PATIENCE: Duration = Duration::from_mins(1);

fn due(limit: usize) -> Scope {
    let keys = Select::Due { work: Work::Ends, limit };
    Scope { account: Some("main".to_owned()), keys, ..Scope::default() }
}

pub(super) async fn each_due_row_is_claimed_once(bench: Arc<Bench>) -> Verdict {
    let now = bench.now();
    let rows: Vec<_> = (0..ROWS)
        .map(|number| {
            let mut row = plain(number, now);
            row.due_at = Some(now);
            row
        })
        .collect();
    let store = bench.open().await?;
    insert(&*store, &rows).await?;
    bench
        .at_once(|_, store| async move {
            for _ in 0..ROWS {
                insist(&*store, due(3), |tx| {
                    let until = tx.now.saturating_add(HOUR);
                    for row in &mut tx.rows {
                        row.claimed_until = Some(until);
                        tx.audit.push(AuditRow { key: row.id.clone(), ..line(0, tx.now) });
                    }
                })
                .await?;
            }
            Ok(())
        })
        .await?;
    // Of two claims, the later may hide the earlier in the row, but not in the audit trail.
    let mut claimed: Vec<_> = audit(&*store).await?.into_iter().map(|line| line.key).collect();
    claimed.sort_unstable();
    ensure_eq!(claimed, (0..ROWS).map(id).collect::<Vec<_>>(), "the rows that were claimed");
    Ok(())
}

/// A transaction that holds a row until it is released.
struct Held {
    release: Sender<()>,
    transaction: JoinHandle<Result<(), StoreError>>,
}

async fn hold(store: Arc<dyn Store>, scope: Scope) -> Result<Held, BoxError> {
    let (release, released) = channel();
    let (holds, held) = tokio::sync::oneshot::channel();
    let decide = holding(holds, released);
    let transaction = tokio::spawn(async move { store.transact(scope, Arc::new(decide)).await });
    held.await.map_err(|_| "the store has not called the decision")?;
    Ok(Held { release, transaction })
}

/// A decision that reports that it was called, and then waits.
fn holding(
    holds: tokio::sync::oneshot::Sender<()>,
    released: Receiver<()>,
) -> impl Fn(&mut Tx) -> store::Verdict + Send + Sync {
    let state = Mutex::new((Some(holds), released));
    move |tx| {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        // So that the thread hands over its other tasks, and wakes the case.
        tokio::task::block_in_place(|| {
            if let Some(holds) = state.0.take() {
                // Nobody receives it if the case has ended.
                let _ = holds.send(());
            }
            let _ = state.1.recv_timeout(PATIENCE);
        });
        for row in &mut tx.rows {
            row.watched += 1;
        }
        store::Verdict::Commit
    }
}

pub(super) async fn a_lock_is_waited_for_a_bounded_time(bench: Arc<Bench>) -> Verdict {
    let Some(wait) = bench.harness.lock_timeout() else {
        return Err(Stop::Skipped("the harness has no lock timeout"));
    };
    let (store, other, now) = (bench.open().await?, bench.open().await?, bench.now());
    let mut row = plain(1, now);
    row.due_at = Some(now);
    insert(&*store, &[row]).await?;
    let held = hold(store, of_ids([id(1)])).await?;
    let raise = Arc::new(|tx: &mut Tx| {
        for row in &mut tx.rows {
            row.attempts += 1;
        }
        store::Verdict::Commit
    });
    // Far more than one lock takes, and less than the row is held.
    let limit = wait * 4 + PATIENCE / 4;
    let refused = tokio::time::timeout(limit, other.transact(of_ids([id(1)]), raise.clone())).await;
    let skipped = tokio::time::timeout(limit, other.transact(due(1), raise)).await;
    // Whatever happened, the row is free before the case ends.
    let _ = held.release.send(());
    held.transaction.await??;
    let refused = refused.map_err(|_| "a transaction waited for a lock forever")?;
    let kind = refused.err().map(|error| error.kind());
    ensure_eq!(kind, Some(StoreErrorKind::Busy), "the error of a transaction that waited in vain");
    let skipped = skipped.map_err(|_| "a search for due rows waited for a lock forever")?;
    let is_busy = skipped.as_ref().is_err_and(|error| error.kind() == StoreErrorKind::Busy);
    ensure!(skipped.is_ok() || is_busy, "a search for due rows failed: {skipped:?}");
    let row = &keys(&*other).await?[0];
    ensure_eq!((row.attempts, row.watched), (0, 1), "what was written to the row");
    insist(&*other, of_ids([id(1)]), |tx| tx.rows[0].attempts += 1).await?;
    Ok(())
}
