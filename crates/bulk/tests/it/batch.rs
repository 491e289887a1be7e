//! What is retried, what is not, and how long a batch waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pinning_keys_bulk::{IssueMany, issue_many};
use pinning_keys_core::{Effect, ErrorKind, KeyRequest, Permission, ScopeRequest};
use tokio::time::{Instant, sleep};

use crate::desk::{Desk, Step, at_once, requests, seconds};

const LATENCY: Duration = Duration::from_millis(100);

/// Reads all results: the names of the keys made, and how the others failed.
async fn read(batch: &mut IssueMany) -> (Vec<String>, Vec<(String, ErrorKind, Effect)>) {
    let (mut made, mut failed) = (Vec::new(), Vec::new());
    while let Some((request, result)) = batch.next().await {
        let name = request.name().to_string();
        match result {
            Ok(key) => {
                assert_eq!(key.name(), request.name());
                made.push(name);
            }
            Err(error) => failed.push((name, error.kind(), error.effect())),
        }
    }
    made.sort();
    failed.sort_by(|one, other| one.0.cmp(&other.0));
    (made, failed)
}

#[tokio::test(start_paused = true)]
async fn concurrency_bounds_calls_and_items_taken() {
    for concurrency in [None, Some(1), Some(3), Some(100)] {
        let desk = Desk::new(LATENCY);
        let taken = Arc::new(AtomicUsize::new(0));
        let clone = Arc::clone(&taken);
        let counted = requests(50).inspect(move |_| {
            clone.fetch_add(1, Ordering::Relaxed);
        });
        let mut batch = issue_many(desk.clone(), counted);
        if let Some(calls) = concurrency {
            batch = batch.with_concurrency(at_once(calls));
        }
        // Nothing starts until the batch is read.
        sleep(seconds(60)).await;
        assert_eq!((desk.calls().len(), taken.load(Ordering::Relaxed)), (0, 0));
        let calls = concurrency.unwrap_or(16).min(50);
        let mut read = 0;
        while batch.next().await.is_some() {
            read += 1;
            let taken = taken.load(Ordering::Relaxed);
            assert!(taken <= read + calls, "{taken} taken, {read} read, {calls} in flight");
        }
        assert_eq!((read, desk.most_in_flight()), (50, calls));
    }
}

#[tokio::test(start_paused = true)]
async fn refusal_with_a_time_makes_the_whole_batch_wait() {
    let desk = Desk::new(LATENCY).script("1", [Step::TooMany(Some(seconds(30)))]);
    let beginning = Instant::now();
    let mut batch = issue_many(desk.clone(), requests(6)).with_concurrency(at_once(2));
    let (made, failed) = read(&mut batch).await;
    assert_eq!((made.len(), failed), (6, vec![]));
    // "2" was in flight when "1" was refused. Nothing started after that, and then "1" goes first.
    assert_eq!(desk.calls(), ["0", "1", "2", "1", "3", "4", "5"]);
    assert_eq!(desk.seconds_since(beginning), [0, 0, 0, 30, 30, 30, 30]);
    let progress = batch.progress();
    assert_eq!((progress.succeeded(), progress.failed(), progress.repeated()), (6, 0, 1));
}

#[tokio::test(start_paused = true)]
async fn refusals_without_a_time_wait_longer_until_a_success() {
    // A time of zero is none.
    let refused = [Step::TooMany(None), Step::TooMany(Some(Duration::ZERO))];
    let desk = Desk::new(LATENCY)
        .script("0", refused.into_iter().cycle().take(8))
        .script("2", [Step::TooMany(None)]);
    let beginning = Instant::now();
    let mut batch = issue_many(desk.clone(), requests(3)).with_concurrency(at_once(1));
    assert_eq!(read(&mut batch).await.0, ["0", "1", "2"]);

    let times = desk.seconds_since(beginning);
    let waits: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let expected = [1, 2, 4, 8, 16, 32, 60, 60, 0, 0, 1];
    assert_eq!(waits.len(), expected.len());
    for (wait, least) in waits.iter().zip(expected) {
        // Jitter adds up to the same length again, and the call itself takes a moment.
        assert!((least..=2 * least + 1).contains(wait), "{waits:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_of_calls_in_flight_do_not_prolong_the_wait() {
    let refused = [Step::TooMany(None)];
    let desk = Desk::new(LATENCY).script_all(16, refused);
    let beginning = Instant::now();
    read(&mut issue_many(desk.clone(), requests(16))).await;
    assert!(beginning.elapsed() < seconds(3), "{:?}", beginning.elapsed());
}

#[tokio::test(start_paused = true)]
async fn only_what_was_not_sent_is_retried_three_times() {
    let desk = Desk::new(LATENCY)
        .script("0", [Step::NotSent; 3])
        .script("1", [Step::NotSent; 4])
        .script("2", [Step::Lost])
        .script("3", [Step::Refused]);
    let scope = ScopeRequest::needs([Permission::PinsRemove]);
    let inexpressible = KeyRequest::new("5", scope).unwrap();
    let requests = requests(5).chain([inexpressible]);
    let mut batch = issue_many(desk.clone(), requests).with_concurrency(at_once(1));
    let (made, failed) = read(&mut batch).await;
    assert_eq!(made, ["0", "4"]);
    assert_eq!(batch.progress().repeated(), 6);
    let expected = [
        ("1", ErrorKind::Connection, Effect::NotSent),
        ("2", ErrorKind::Connection, Effect::Unknown),
        ("3", ErrorKind::Conflict, Effect::Rejected),
        ("5", ErrorKind::Inexpressible, Effect::NotSent),
    ];
    assert_eq!(failed, expected.map(|(name, kind, effect)| (name.to_owned(), kind, effect)));
    assert_eq!(["0", "1", "2", "3", "4", "5"].map(|name| desk.calls_for(name)), [4, 4, 1, 1, 1, 0]);
    assert_eq!(desk.made("2"), 1);
}

#[tokio::test(start_paused = true)]
async fn wait_beyond_patience_stops_the_batch() {
    for wait in [seconds(24 * 60 * 60), Duration::MAX] {
        let desk = Desk::new(LATENCY).script("1", [Step::TooMany(Some(wait))]);
        let mut batch = issue_many(desk.clone(), requests(1_000)).with_concurrency(at_once(2));
        let (made, failed) = read(&mut batch).await;
        // What was in flight is read.
        assert_eq!(made, ["0", "2"]);
        assert_eq!(failed, [("1".to_owned(), ErrorKind::RateLimited, Effect::Rejected)]);
        assert!(batch.is_stopped());
        let rest = batch.into_rest();
        assert_eq!((rest.in_doubt().len(), rest.into_unstarted().count()), (0, 997));
    }
}

#[tokio::test(start_paused = true)]
async fn patience_counts_from_the_last_success() {
    let wait = Step::TooMany(Some(seconds(60)));
    let desk = Desk::new(LATENCY).script_all(10, [wait; 2]).script("9", [wait; 100]);
    let beginning = Instant::now();
    let batch = issue_many(desk, requests(11)).with_concurrency(at_once(1));
    let mut batch = batch.with_patience(seconds(150));
    let (made, failed) = read(&mut batch).await;
    assert_eq!((made.len(), failed.len(), &*failed[0].0), (9, 1, "9"));
    assert_eq!(beginning.elapsed().as_secs() / 60, 20);
    assert!(batch.is_stopped());
}

#[tokio::test(start_paused = true)]
async fn creates_at_a_failing_provider_slow_down_and_stop() {
    let desk = Desk::new(LATENCY).script_all(1_000, [Step::Lost]);
    let beginning = Instant::now();
    let mut batch = issue_many(desk.clone(), requests(1_000)).with_concurrency(at_once(4));
    let (made, failed) = read(&mut batch).await;
    assert_eq!(made.len(), 0);
    assert!(failed.iter().all(|(_, _, effect)| *effect == Effect::Unknown));
    // Four at a time, after 0, 1, 2, 4, … and then 60 s.
    assert!((20..=64).contains(&failed.len()), "{} are in doubt", failed.len());
    assert!((seconds(450)..=seconds(600)).contains(&beginning.elapsed()));
    assert!(batch.is_stopped());
    let rest = batch.into_rest();
    assert_eq!((rest.in_doubt().len(), rest.into_unstarted().count()), (0, 1_000 - failed.len()));
}

#[tokio::test(start_paused = true)]
async fn single_lost_answers_cause_no_wait() {
    let lost = |desk: Desk, name| desk.script(name, [Step::Lost]);
    let desk = ["1", "5", "9"].into_iter().fold(Desk::new(LATENCY), lost);
    let beginning = Instant::now();
    let mut batch = issue_many(desk, requests(12)).with_concurrency(at_once(3));
    let (made, failed) = read(&mut batch).await;
    assert_eq!((made.len(), failed.len(), beginning.elapsed()), (9, 3, LATENCY * 4));
}

#[tokio::test(start_paused = true)]
async fn progress_is_current_while_another_task_reads() {
    let desk = Desk::new(LATENCY)
        .script("1", [Step::Refused])
        .script("2", [Step::TooMany(Some(seconds(30)))]);
    let mut batch = issue_many(desk, requests(8)).with_concurrency(at_once(3));
    let progress = batch.progress();
    let counts = || (progress.succeeded(), progress.failed(), progress.in_flight());
    assert_eq!((counts(), progress.waits_for()), ((0, 0, 0), None));
    let reader = tokio::spawn(async move { while batch.next().await.is_some() {} });
    sleep(LATENCY / 2).await;
    assert_eq!(counts(), (0, 0, 3));
    sleep(seconds(10)).await;
    assert_eq!(counts(), (3, 1, 0));
    assert_eq!(progress.waits_for().map(|time| time.as_secs()), Some(20));
    let shown = format!("{progress:?}");
    assert!(shown.starts_with("Progress { succeeded: 3, failed: 1, in_flight: 0, repeated: 1"));
    reader.await.unwrap();
    assert_eq!(counts(), (7, 1, 0));
    assert_eq!((progress.repeated(), progress.waits_for()), (1, None));
}
