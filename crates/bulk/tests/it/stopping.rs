//! Batches that are not read to their end lose nothing.

use std::time::Duration;

use futures_util::{Stream as _, StreamExt as _};
use pinning_keys_bulk::{IssueMany, issue_many};
use pinning_keys_core::KeyRequest;
use tokio::time::{sleep, timeout};

use crate::desk::{Desk, Step, at_once, requests, seconds};

const LATENCY: Duration = Duration::from_millis(100);

fn names<'a>(requests: impl IntoIterator<Item = &'a KeyRequest>) -> Vec<String> {
    requests.into_iter().map(|request| request.name().to_string()).collect()
}

fn unstarted(batch: IssueMany) -> Vec<String> {
    let rest = batch.into_rest();
    assert!(rest.in_doubt().is_empty());
    names(&rest.into_unstarted().collect::<Vec<_>>())
}

async fn read(batch: &mut IssueMany, count: usize) -> Vec<String> {
    names(&batch.take(count).map(|(request, _)| request).collect::<Vec<_>>().await)
}

#[tokio::test(start_paused = true)]
async fn dropped_adapter_or_read_loses_nothing() {
    let desk = Desk::new(LATENCY);
    let mut batch = issue_many(desk.clone(), requests(10)).with_concurrency(at_once(4));
    assert_eq!(batch.size_hint(), (0, Some(10)));
    let mut seen = read(&mut batch, 4).await;
    assert_eq!(batch.size_hint(), (0, Some(6)));
    assert!(timeout(LATENCY / 4, batch.next()).await.is_err());
    seen.extend(read(&mut batch, 100).await);
    seen.sort();
    assert_eq!(seen, names(&requests(10).collect::<Vec<_>>()));
    assert_eq!(desk.calls().len(), 10);
    // And its end is final.
    sleep(LATENCY).await;
    assert!(batch.next().await.is_none());
    assert_eq!(batch.size_hint(), (0, Some(0)));
}

#[tokio::test(start_paused = true)]
async fn stop_finishes_calls_in_flight_and_leaves_the_rest() {
    let desk = Desk::new(LATENCY);
    let mut batch = issue_many(desk.clone(), requests(10)).with_concurrency(at_once(4));
    assert_eq!(read(&mut batch, 1).await, ["0"]);
    assert!(!batch.is_stopped());
    batch.stop();
    assert_eq!(read(&mut batch, 10).await.len(), 3);
    assert!(batch.is_stopped());
    assert_eq!(unstarted(batch), ["4", "5", "6", "7", "8", "9"]);
    assert_eq!(desk.calls().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn refusal_for_now_while_stopping_is_not_retried() {
    let desk = Desk::new(LATENCY).script("1", [Step::TooMany(Some(seconds(60)))]);
    let mut batch = issue_many(desk, requests(4)).with_concurrency(at_once(2));
    assert_eq!(read(&mut batch, 1).await, ["0"]);
    batch.stop();
    assert!(batch.next().await.is_none());
    let unstarted = batch.into_rest().into_unstarted();
    let shown = format!("{unstarted:?}");
    assert_eq!(shown, "Unstarted { refused: 1, untouched: (2, Some(2)), .. }");
    assert_eq!(unstarted.size_hint(), (3, Some(3)));
    assert_eq!(names(&unstarted.collect::<Vec<_>>()), ["1", "2", "3"]);
}

#[tokio::test(start_paused = true)]
async fn stop_ends_a_wait_at_once() {
    let desk = Desk::new(LATENCY).script("0", [Step::TooMany(Some(seconds(60)))]);
    let mut batch = issue_many(desk, requests(3)).with_concurrency(at_once(1));
    assert!(timeout(seconds(10), batch.next()).await.is_err());
    batch.stop();
    assert!(timeout(Duration::ZERO, batch.next()).await.unwrap().is_none());
    assert_eq!(unstarted(batch), ["0", "1", "2"]);
}
