//! Which requests a fault happens to, and that runs repeat.

use http::{Method, StatusCode};
use pinning_keys_emulator::{BodyFault, Cut, Emulator, Fault, FaultRule, RetryAfter, Stage};

use super::line::{Line, PINATA, W3IPFS, both, creates, status};

fn unavailable() -> Fault {
    Fault::status(StatusCode::SERVICE_UNAVAILABLE, Stage::BeforeCommit)
}

async fn statuses(line: &Line, path: &str) -> Vec<u16> {
    let mut statuses = Vec::new();
    for name in ["1", "2", "3", "4"] {
        statuses.push(status(line.create(path, name).await).as_u16());
    }
    line.emulator.faults().clear();
    statuses
}

#[tokio::test]
async fn rule_selects_requests() {
    for line in both().await {
        for (rule, expected) in [
            (creates(PINATA, unavailable()).nth(2), [200, 503, 200, 200]),
            (creates(PINATA, unavailable()).from_nth(3), [200, 200, 503, 503]),
            (creates(PINATA, unavailable()).first(2), [503, 503, 200, 200]),
            (creates(PINATA, unavailable()), [503; 4]),
            (creates(W3IPFS, unavailable()), [200; 4]),
            (FaultRule::new(unavailable()).method(Method::GET), [200; 4]),
            (FaultRule::new(unavailable()).path("/v3/*").nth(1), [503, 200, 200, 200]),
        ] {
            line.add(rule.clone());
            assert_eq!(statuses(&line, PINATA).await, expected, "{rule:?}");
        }
    }
}

#[tokio::test]
async fn rules_follow_one_another() {
    for line in both().await {
        line.add(creates(W3IPFS, unavailable()).nth(1));
        line.add(creates(W3IPFS, Fault::Body(BodyFault::Empty)).nth(3));
        line.add(creates(W3IPFS, Fault::too_many_requests(RetryAfter::Absent)).from_nth(4));
        assert_eq!(statuses(&line, W3IPFS).await, [503, 200, 200, 429]);
        assert_eq!(line.made(), 2);
    }
}

/// Concurrent requests are served in any order, and the number of faults is exact.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_requests_are_counted_one_by_one() {
    for line in both().await {
        let tally = line.add(creates(PINATA, Fault::CutConnection(Cut::AfterCommit)).nth(5));
        let answers = tokio::join!(
            line.create(PINATA, "1"),
            line.create(PINATA, "2"),
            line.create(PINATA, "3"),
            line.create(PINATA, "4"),
            line.create(PINATA, "5"),
            line.create(PINATA, "6"),
        );
        let (one, two, three, four, five, six) = answers;
        let lost = [one, two, three, four, five, six].iter().filter(|sent| sent.is_err()).count();
        assert_eq!((lost, line.made(), tally.requests(), tally.hits()), (1, 6, 6, 1));
    }
}

#[tokio::test]
async fn same_seed_and_requests_give_the_same_answers() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        for line in [
            Line::in_memory(Emulator::builder().seed(5)),
            Line::over_tcp(Emulator::builder().seed(5)).await,
        ] {
            line.add(creates(PINATA, Fault::CutConnection(Cut::AfterCommit)).nth(1));
            line.add(creates(PINATA, Fault::Body(BodyFault::NotUtf8)).nth(2));
            line.add(creates(PINATA, unavailable()).nth(3));
            let mut bodies = Vec::new();
            for name in ["1", "2", "3", "4"] {
                bodies.push(line.create(PINATA, name).await.ok().map(http::Response::into_body));
            }
            let keys = line.emulator.pinata().keys();
            assert_eq!(keys.len(), 3);
            runs.push((bodies, keys));
        }
    }
    assert!(runs.iter().all(|run| *run == runs[0]));
}

#[tokio::test]
async fn faults_belong_to_one_emulator() {
    let [one, other] = both().await;
    one.add(FaultRule::new(unavailable()));
    assert_eq!(status(one.create(PINATA, "key").await), 503);
    assert_eq!(status(other.create(PINATA, "key").await), 200);
    assert_eq!((one.emulator.faults().hits(), other.emulator.faults().hits()), (1, 0));
    let text = format!("{:?}", one.emulator.faults());
    assert!(text.contains("503") && text.contains("hits: 1"), "{text}");
}
