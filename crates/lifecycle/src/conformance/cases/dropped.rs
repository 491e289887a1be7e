//! store-06: a future that is dropped leaves nothing half done.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use crate::conformance::bench::{Bench, EVERYTHING, insert, insist, of_account};
use crate::conformance::case::{Verdict, ensure};
use crate::conformance::dice::{account, id, line, plain};
use crate::store::{KeyFilter, Prune};

/// The maximum number of polls before a future is dropped.
const POLLS: usize = 16;

/// Polls a future this many times, and drops it.
async fn drop_after(polls: usize, future: impl Future) {
    let mut future = Box::pin(future);
    for _ in 0..polls {
        let ended = poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await;
        if ended {
            return;
        }
        tokio::task::yield_now().await;
    }
}

pub(super) async fn dropped_futures_leave_the_store_usable(bench: Arc<Bench>) -> Verdict {
    let (store, now) = (bench.open().await?, bench.now());
    let filter = KeyFilter::default();
    for polls in 0..POLLS {
        let pair = [plain(3 * polls, now), plain(3 * polls + 1, now)];
        drop_after(polls, insert(&*store, &pair)).await;
        drop_after(polls, store.keys(&filter, None, EVERYTHING)).await;
        drop_after(polls, store.prune(Prune { audit_before: now, limit: 1 })).await;
        let number = 3 * polls + 2;
        insist(&*store, of_account("main"), move |tx| {
            tx.account.get_or_insert_with(|| account("main")).changes += 1;
            tx.rows.push(plain(number, now));
            tx.audit.push(line(number, now));
        })
        .await?;
        let found = store.find(&[id(3 * polls), id(3 * polls + 1)]).await?.len();
        ensure!(found != 1, "half of a transaction was written, whose future was dropped");
        let found = store.find(&[id(number)]).await?.len();
        ensure!(found == 1, "a row is missing that was committed after a future was dropped");
    }
    Ok(())
}
