//! Late answers. In memory the clock is paused, so that no time passes.

use std::time::Duration;

use http::{Method, StatusCode};
use pinning_keys_emulator::{BodyFault, Cut, Emulator, Fault, FaultRule, Stage};
use pinning_keys_http::{Limits, Reach, TransportErrorKind};
use tokio::time::{Instant, timeout};

use super::line::{Line, PINATA, W3IPFS, creates, failure, new_key, status};

/// Anything faster did not wait for the grace period.
const LESS_THAN_THE_GRACE: Duration = Duration::from_millis(900);

const HOUR: Duration = Duration::from_secs(3600);

fn late(delay: Duration, stage: Stage) -> Fault {
    Fault::Latency { delay, stage }
}

#[tokio::test(start_paused = true)]
async fn patient_client_gets_the_answer() {
    let line = Line::in_memory(Emulator::builder());
    line.add(FaultRule::new(late(HOUR, Stage::BeforeCommit)));
    line.add(FaultRule::new(late(2 * HOUR, Stage::AfterCommit)));
    let begin = Instant::now();
    let sent = line.send_within(4 * HOUR, Method::POST, PINATA, &new_key("late")).await;
    assert_eq!(status(sent), StatusCode::OK);
    assert_eq!(begin.elapsed(), 3 * HOUR);
    assert_eq!(line.made(), 1);
}

#[tokio::test(start_paused = true)]
async fn impatient_client_leaves_before_or_after_the_commit() {
    let line = Line::in_memory(Emulator::builder());
    for (stage, made) in [(Stage::BeforeCommit, 0), (Stage::AfterCommit, 1)] {
        line.emulator.faults().clear();
        line.add(creates(PINATA, late(HOUR, stage)));
        let sent = line.create(PINATA, "late").await;
        assert_eq!(failure(sent), (TransportErrorKind::Timeout, Reach::MaybeSent));
        assert_eq!((line.made(), line.emulator.requests()), (made, 1 + made as u64));
        // Nothing is carried out afterwards.
        tokio::time::sleep(2 * HOUR).await;
        assert_eq!(line.made(), made);
    }
}

#[tokio::test(start_paused = true)]
async fn another_fault_follows_the_delay() {
    let line = Line::in_memory(Emulator::builder());
    line.add(creates(PINATA, late(HOUR / 2, Stage::BeforeCommit)));
    line.add(creates(PINATA, Fault::CutConnection(Cut::AfterCommit)));
    let begin = Instant::now();
    let sent = line.send_within(HOUR, Method::POST, PINATA, &new_key("late")).await;
    assert_eq!(failure(sent), (TransportErrorKind::Closed, Reach::MaybeSent));
    assert_eq!((begin.elapsed(), line.made()), (HOUR / 2, 1));
}

/// With a running clock: a paused one stands still as long as a task is ready.
#[tokio::test]
async fn endless_body_without_limit_times_out() {
    let line = Line::in_memory(Emulator::builder());
    line.add(creates(PINATA, Fault::Body(BodyFault::Endless)));
    let limits = Limits::new(Duration::from_millis(1), usize::MAX);
    let sent = line.send_limited(limits, Method::POST, PINATA, &new_key("endless")).await;
    let expected = (TransportErrorKind::Timeout, Reach::Answered(StatusCode::OK));
    assert_eq!(failure(sent), expected);
}

/// The deadline is for the whole answer, not for the next byte.
#[tokio::test(start_paused = true)]
async fn dripping_body_times_out() {
    let line = Line::in_memory(Emulator::builder());
    let tally = line.add(creates(PINATA, Fault::Body(BodyFault::Drip)));
    let (begin, minute) = (Instant::now(), HOUR / 60);
    let sent = line.send_within(minute, Method::POST, PINATA, &new_key("dripping")).await;
    let expected = (TransportErrorKind::Timeout, Reach::Answered(StatusCode::OK));
    assert_eq!(failure(sent), expected);
    assert_eq!((begin.elapsed(), line.made()), (minute, 1));
    let bytes = minute.as_millis() / BodyFault::DRIP_PAUSE.as_millis();
    let most = u64::try_from(bytes).unwrap();
    // The clock ticks in whole milliseconds, and a pause may take one more.
    assert!((most * 9 / 10..=most).contains(&tally.body_bytes()), "{tally:?}");
}

#[tokio::test]
async fn dripping_body_times_out_over_tcp() {
    let line = Line::over_tcp(Emulator::builder()).await;
    let tally = line.add(creates(PINATA, Fault::Body(BodyFault::Drip)));
    let moment = 6 * BodyFault::DRIP_PAUSE;
    let sent = line.send_within(moment, Method::POST, PINATA, &new_key("dripping")).await;
    let expected = (TransportErrorKind::Timeout, Reach::Answered(StatusCode::OK));
    assert_eq!(failure(sent), expected);
    assert!((1..=6).contains(&tally.body_bytes()), "{tally:?}");
    let stop = line.emulator.stop();
    timeout(LESS_THAN_THE_GRACE, stop).await.expect("a body still drips");
}

/// The key shows on which side of the commit the client gave up, however slow the machine.
#[tokio::test]
async fn impatient_client_leaves_likewise_over_tcp() {
    let moment = Duration::from_millis(300);
    for (stage, made) in [(Stage::BeforeCommit, 0), (Stage::AfterCommit, 1)] {
        let line = Line::over_tcp(Emulator::builder()).await;
        line.add(creates(PINATA, late(HOUR, stage)).nth(1));
        let sent = line.send_within(moment, Method::POST, PINATA, &new_key("late")).await;
        assert_eq!(failure(sent), (TransportErrorKind::Timeout, Reach::MaybeSent));
        assert_eq!(line.made(), made, "{stage:?}");
        line.add(creates(PINATA, late(Duration::from_millis(1), stage)));
        assert_eq!(status(line.create(PINATA, "late").await), StatusCode::OK);
        // The server noticed that the client left; otherwise `stop` would give it time to answer.
        let stop = line.emulator.stop();
        timeout(LESS_THAN_THE_GRACE, stop).await.expect("a request is still in flight");
    }
}

/// A test can use its own clock and leave Tokio's alone.
#[tokio::test(start_paused = true)]
async fn only_delays_take_time() {
    for fault in Fault::one_of_each() {
        let line = Line::in_memory(Emulator::builder());
        line.add(FaultRule::new(fault.clone()));
        let begin = Instant::now();
        for path in [PINATA, W3IPFS] {
            let created = line.create(path, "key").await;
            let listed = line.get(path).await;
            drop((created, listed));
        }
        line.emulator.faults().carry_out_late().await;
        let is_delay = matches!(fault, Fault::Latency { .. } | Fault::Body(BodyFault::Drip));
        assert_eq!(begin.elapsed().is_zero(), !is_delay, "{fault:?}");
    }
}
