//! What becomes of a batch that is not read to its end.

use std::time::Duration;

use futures_util::{Stream as _, StreamExt as _};
use pinning_keys_bulk::{IssueMany, issue_many};
use pinning_keys_core::KeyRequest;
use tokio::time::{sleep, timeout};

use crate::desk::{Desk, Step, requests, seconds};

const LATENCY: Duration = Duration::from_millis(100);

fn names(requests: impl IntoIterator<Item = KeyRequest>) -> Vec<String> {
    requests.into_iter().map(|request| request.name().to_string()).collect()
}

async fn read(batch: &mut IssueMany, count: usize) -> Vec<String> {
    names(batch.take(count).map(|(request, _)| request).collect::<Vec<_>>().await)
}

#[tokio::test(start_paused = true)]
async fn an_adapter_that_is_dropped_loses_nothing() {
    let desk = Desk::new(LATENCY);
    let mut batch = issue_many(desk.clone(), requests(10)).with_concurrency(4);
    let mut seen = read(&mut batch, 3).await;
    // A read that is given up, too.
    seen.extend(read(&mut batch, 1).await);
    assert!(timeout(LATENCY / 4, batch.next()).await.is_err());
    while let Some((request, _)) = batch.next().await {
        seen.push(request.name().to_string());
    }
    seen.sort();
    assert_eq!(seen, names(requests(10)));
    assert_eq!(desk.calls().len(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_stop_lets_what_is_under_way_finish_and_leaves_the_rest() {
    let desk = Desk::new(LATENCY);
    let mut batch = issue_many(desk.clone(), requests(10)).with_concurrency(4);
    assert_eq!(read(&mut batch, 1).await, ["0"]);
    assert!(!batch.is_stopped());
    batch.stop();
    assert_eq!(read(&mut batch, 10).await.len(), 3);
    assert!(batch.is_stopped());
    let rest = batch.into_rest();
    assert_eq!(names(rest.in_doubt), [""; 0]);
    assert_eq!(names(rest.unstarted), ["4", "5", "6", "7", "8", "9"]);
    assert_eq!(desk.calls().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_given_up_tells_what_was_under_way() {
    let desk = Desk::new(LATENCY);
    let mut batch = issue_many(desk.clone(), requests(10)).with_concurrency(4);
    assert!(timeout(LATENCY * 3 / 4, batch.next()).await.is_err());
    let mut rest = batch.into_rest();
    rest.in_doubt.sort_by_key(|request| request.name().to_string());
    assert_eq!(names(rest.in_doubt), ["0", "1", "2", "3"]);
    assert_eq!(names(rest.unstarted), ["4", "5", "6", "7", "8", "9"]);
    // They were made indeed, which nobody heard of.
    assert_eq!(desk.made("0"), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_for_now_while_stopping_is_not_started() {
    let desk = Desk::new(LATENCY).script("1", [Step::TooMany(Some(seconds(60)))]);
    let mut batch = issue_many(desk, requests(4)).with_concurrency(2);
    assert_eq!(read(&mut batch, 1).await, ["0"]);
    batch.stop();
    assert!(batch.next().await.is_none());
    let rest = batch.into_rest();
    assert!(rest.in_doubt.is_empty());
    let shown = format!("{:?}", rest.unstarted);
    assert_eq!(shown, "Unstarted { refused: 1, untouched: (2, Some(2)), .. }");
    assert_eq!(rest.unstarted.size_hint(), (3, Some(3)));
    assert_eq!(names(rest.unstarted), ["1", "2", "3"]);
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_a_wait_at_once() {
    let desk = Desk::new(LATENCY).script("0", [Step::TooMany(Some(seconds(60)))]);
    let mut batch = issue_many(desk, requests(3)).with_concurrency(1);
    assert!(timeout(seconds(10), batch.next()).await.is_err());
    batch.stop();
    assert!(timeout(Duration::ZERO, batch.next()).await.unwrap().is_none());
    assert_eq!(names(batch.into_rest().unstarted), ["0", "1", "2"]);
}

#[tokio::test(start_paused = true)]
async fn after_its_end_a_batch_stays_at_its_end() {
    let mut batch = issue_many(Desk::new(LATENCY), requests(2));
    assert_eq!(batch.size_hint(), (0, Some(2)));
    assert_eq!(read(&mut batch, 5).await.len(), 2);
    sleep(LATENCY).await;
    assert!(batch.next().await.is_none());
    assert_eq!(batch.size_hint(), (0, Some(0)));
}
