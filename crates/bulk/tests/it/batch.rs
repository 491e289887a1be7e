//! What is tried again, what is not, and how long it takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pinning_keys_bulk::{IssueMany, issue_many};
use pinning_keys_core::{Effect, ErrorKind};
use tokio::time::{Instant, sleep};

use crate::desk::{Desk, Step, requests, seconds};

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
    (made, failed)
}

#[tokio::test(start_paused = true)]
async fn so_many_calls_are_under_way_and_no_more_items_are_taken() {
    for concurrency in [0, 1, 3, 100] {
        let desk = Desk::new(LATENCY);
        let taken = Arc::new(AtomicUsize::new(0));
        let clone = Arc::clone(&taken);
        let counted = requests(10).inspect(move |_| {
            clone.fetch_add(1, Ordering::Relaxed);
        });
        let mut batch = issue_many(desk.clone(), counted).with_concurrency(concurrency);
        let calls = concurrency.clamp(1, 10);
        let mut read = 0;
        while batch.next().await.is_some() {
            read += 1;
            let taken = taken.load(Ordering::Relaxed);
            assert!(taken <= read + calls, "{taken} taken, {read} read, {calls} at a time");
        }
        assert_eq!((read, desk.most_under_way()), (10, calls));
    }
}

#[tokio::test(start_paused = true)]
async fn by_default_sixteen_calls_are_under_way() {
    let desk = Desk::new(LATENCY);
    read(&mut issue_many(desk.clone(), requests(100))).await;
    assert_eq!(desk.most_under_way(), 16);
}

#[tokio::test(start_paused = true)]
async fn nothing_starts_while_nobody_reads() {
    let desk = Desk::new(LATENCY);
    let mut batch = issue_many(desk.clone(), requests(10)).with_concurrency(2);
    sleep(seconds(60)).await;
    assert_eq!(desk.calls().len(), 0);
    assert!(batch.next().await.is_some());
    sleep(seconds(60)).await;
    assert_eq!(desk.calls().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_for_now_has_the_whole_batch_wait_as_told() {
    let desk = Desk::new(LATENCY).script("1", [Step::TooMany(Some(seconds(30)))]);
    let beginning = Instant::now();
    let mut batch = issue_many(desk.clone(), requests(6)).with_concurrency(2);
    let (made, failed) = read(&mut batch).await;
    assert_eq!((made.len(), failed), (6, vec![]));
    // "2" was under way when "1" was refused; after that none went, and then "1" goes first.
    assert_eq!(desk.calls(), ["0", "1", "2", "1", "3", "4", "5"]);
    assert_eq!(desk.seconds_since(beginning), [0, 0, 0, 30, 30, 30, 30]);
    let progress = batch.progress();
    assert_eq!((progress.succeeded(), progress.failed(), progress.repeated()), (6, 0, 1));
}

#[tokio::test(start_paused = true)]
async fn where_no_time_is_told_waits_grow_until_something_gets_through() {
    let refused = [Step::TooMany(None); 8];
    let desk = Desk::new(LATENCY).script("0", refused).script("2", [Step::TooMany(None)]);
    let beginning = Instant::now();
    let mut batch = issue_many(desk.clone(), requests(3)).with_concurrency(1);
    assert_eq!(read(&mut batch).await.0, ["0", "1", "2"]);

    let times = desk.seconds_since(beginning);
    let waits: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let expected = [1, 2, 4, 8, 16, 32, 60, 60, 0, 0, 1];
    assert_eq!(waits.len(), expected.len());
    for (wait, least) in waits.iter().zip(expected) {
        // Jitter adds up to as much again, and the call itself takes a moment.
        assert!((least..=2 * least + 1).contains(wait), "{waits:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_time_of_zero_is_no_time_told() {
    let refused = [Step::TooMany(Some(Duration::ZERO)); 5];
    let desk = Desk::new(LATENCY).script("0", refused);
    let beginning = Instant::now();
    read(&mut issue_many(desk.clone(), requests(1))).await;
    assert!(beginning.elapsed() >= seconds(1 + 2 + 4 + 8 + 16));
}

#[tokio::test(start_paused = true)]
async fn refusals_of_calls_that_were_under_way_make_the_wait_no_longer() {
    let desk = (0..16)
        .fold(Desk::new(LATENCY), |desk, n| desk.script(&n.to_string(), [Step::TooMany(None)]));
    let beginning = Instant::now();
    read(&mut issue_many(desk.clone(), requests(16))).await;
    assert!(beginning.elapsed() < seconds(3), "{:?}", beginning.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_was_not_sent_is_tried_three_times_more() {
    let desk = Desk::new(LATENCY).script("0", [Step::NotSent; 3]).script("1", [Step::NotSent; 4]);
    let mut batch = issue_many(desk.clone(), requests(3)).with_concurrency(1);
    let (made, failed) = read(&mut batch).await;
    assert_eq!(made, ["0", "2"]);
    assert_eq!(failed, [("1".to_owned(), ErrorKind::Connection, Effect::NotSent)]);
    assert_eq!(desk.calls().iter().filter(|name| *name == "0").count(), 4);
    assert_eq!(desk.calls().iter().filter(|name| *name == "1").count(), 4);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_effect_and_a_refusal_for_good_are_results() {
    let desk = Desk::new(LATENCY).script("0", [Step::Lost]).script("1", [Step::Refused]);
    let (made, failed) = read(&mut issue_many(desk.clone(), requests(3))).await;
    assert_eq!(made, ["2"]);
    assert_eq!(
        failed,
        [
            ("0".to_owned(), ErrorKind::Connection, Effect::Unknown),
            ("1".to_owned(), ErrorKind::Conflict, Effect::Rejected)
        ]
    );
    assert_eq!(desk.calls(), ["0", "1", "2"]);
    assert_eq!(desk.made("0"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_all_patience_ends_the_batch() {
    let day = seconds(24 * 60 * 60);
    for told in [day, Duration::MAX] {
        let desk = Desk::new(LATENCY).script("1", [Step::TooMany(Some(told))]);
        let mut batch = issue_many(desk.clone(), requests(1_000)).with_concurrency(2);
        let (made, failed) = read(&mut batch).await;
        // What was under way is read.
        assert_eq!(made, ["0", "2"]);
        assert_eq!(failed, [("1".to_owned(), ErrorKind::RateLimited, Effect::Rejected)]);
        assert!(batch.is_stopped());
        let rest = batch.into_rest();
        assert_eq!((rest.in_doubt.len(), rest.unstarted.count()), (0, 997));
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_without_end_end_with_patience() {
    let endless = [Step::TooMany(Some(seconds(60))); 100];
    let desk = Desk::new(LATENCY).script("0", endless).script("1", endless);
    let beginning = Instant::now();
    let mut batch =
        issue_many(desk.clone(), requests(2)).with_concurrency(1).with_patience(seconds(150));
    let (made, failed) = read(&mut batch).await;
    assert_eq!((made.len(), failed.len()), (0, 1));
    assert_eq!(beginning.elapsed().as_secs(), 120);
    assert!(batch.is_stopped());
}

#[tokio::test(start_paused = true)]
async fn patience_is_counted_from_what_got_through_last() {
    let refused = [Step::TooMany(Some(seconds(60))); 2];
    let desk = (0..10).fold(Desk::new(LATENCY), |desk, n| desk.script(&n.to_string(), refused));
    let mut batch = issue_many(desk, requests(10)).with_concurrency(1).with_patience(seconds(121));
    assert_eq!(read(&mut batch).await.0.len(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_only_fails_gets_no_creates_in_quick_succession() {
    let names = (0..1_000).map(|n| n.to_string());
    let desk = names.fold(Desk::new(LATENCY), |desk, name| desk.script(&name, [Step::Lost]));
    let beginning = Instant::now();
    let mut batch = issue_many(desk.clone(), requests(1_000)).with_concurrency(4);
    let (made, failed) = read(&mut batch).await;
    assert_eq!(made.len(), 0);
    assert!(failed.iter().all(|(_, _, effect)| *effect == Effect::Unknown));
    // Four at a time, after 0, 1, 2, 4, … and then 60 s.
    assert!((20..=64).contains(&failed.len()), "{} are in doubt", failed.len());
    assert!((seconds(450)..=seconds(600)).contains(&beginning.elapsed()));
    assert!(batch.is_stopped());
    let rest = batch.into_rest();
    assert_eq!((rest.in_doubt.len(), rest.unstarted.count()), (0, 1_000 - failed.len()));
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_among_others_has_nobody_wait() {
    let desk =
        ["1", "5", "9"].iter().fold(Desk::new(LATENCY), |desk, n| desk.script(n, [Step::Lost]));
    let beginning = Instant::now();
    let (made, failed) = read(&mut issue_many(desk, requests(12)).with_concurrency(4)).await;
    assert_eq!((made.len(), failed.len(), beginning.elapsed()), (9, 3, LATENCY * 3));
}

#[tokio::test(start_paused = true)]
async fn progress_is_seen_without_reading() {
    let desk = Desk::new(LATENCY)
        .script("1", [Step::Refused])
        .script("2", [Step::TooMany(Some(seconds(30)))]);
    let mut batch = issue_many(desk, requests(8)).with_concurrency(3);
    let progress = batch.progress();
    assert_eq!((progress.in_flight(), progress.waits_for()), (0, None));
    let reader = tokio::spawn(async move { while batch.next().await.is_some() {} });
    sleep(LATENCY / 2).await;
    assert_eq!((progress.succeeded(), progress.failed(), progress.in_flight()), (0, 0, 3));
    sleep(seconds(10)).await;
    assert_eq!((progress.succeeded(), progress.failed(), progress.in_flight()), (3, 1, 0));
    assert_eq!(progress.waits_for().map(|time| time.as_secs()), Some(20));
    let shown = format!("{progress:?}");
    assert!(shown.starts_with("Progress { succeeded: 3, failed: 1, in_flight: 0, repeated: 1"));
    reader.await.unwrap();
    assert_eq!((progress.succeeded(), progress.failed(), progress.in_flight()), (7, 1, 0));
    assert_eq!((progress.repeated(), progress.waits_for()), (1, None));
}
