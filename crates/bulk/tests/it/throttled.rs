//! When calls get their turns.

use std::num::NonZeroU32;
use std::time::Duration;

use pinning_keys_bulk::{RateLimit, RateLimits, Throttled, issue_many};
use pinning_keys_core::{
    Credential, ErrorKind, KeyIssuer, KeyQuery, KeyRef, KeyRequest, Operation, Permission,
    ProbeConsent, ScopeRequest,
};
use tokio::time::{Instant, timeout};

use crate::desk::{Desk, Step, at_once, per_second, request, requests, seconds};

const ONE_PER_SECOND: RateLimits = RateLimits::shared(per_second(1));

fn desk() -> Desk {
    Desk::new(Duration::ZERO)
}

/// Makes a call of this kind.
async fn call(issuer: &dyn KeyIssuer, operation: Operation) {
    match operation {
        Operation::Issue => drop(issuer.issue(&request("key")).await.unwrap()),
        Operation::List => drop(issuer.list(&KeyQuery::new()).await.unwrap()),
        Operation::Revoke => {
            let _ = issuer.revoke(&KeyRef::new("desk", "key").unwrap()).await.unwrap();
        }
        _ => {
            let credential = Credential::bearer("desk", "sample-token").unwrap();
            let _ = issuer.verify(&credential).await.unwrap();
        }
    }
}

/// Issues all of [`requests`], each in its own task. Some may be refused.
async fn issue_side_by_side(issuer: &Throttled<Desk>, count: usize) {
    let calls = requests(count).map(|request| {
        let issuer = issuer.clone();
        tokio::spawn(async move { drop(issuer.issue(&request).await) })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
}

const OPERATIONS: [Operation; 4] =
    [Operation::Issue, Operation::List, Operation::Revoke, Operation::Verify];

#[tokio::test(start_paused = true)]
async fn operations_and_clones_share_turns_in_order() {
    let desk = desk();
    let issuer = Throttled::new(desk.clone(), ONE_PER_SECOND);
    let beginning = Instant::now();
    for operation in OPERATIONS {
        call(&issuer, operation).await;
    }
    issue_side_by_side(&issuer, 6).await;
    assert_eq!(desk.calls()[4..], ["0", "1", "2", "3", "4", "5"]);
    assert_eq!(desk.seconds_since(beginning), (0..10).collect::<Vec<_>>());
    assert_eq!(issuer.limits(), &ONE_PER_SECOND);
}

#[tokio::test(start_paused = true)]
async fn confined_issuers_share_the_turns() {
    let desk = desk();
    let issuer = Throttled::new(desk.clone(), ONE_PER_SECOND);
    let confined = issuer.confined_to("account").unwrap();
    let beginning = Instant::now();
    for operation in OPERATIONS {
        call(&issuer, operation).await;
        call(&confined, operation).await;
    }
    assert_eq!(desk.seconds_since(beginning), (0..8).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn operation_with_a_separate_limit_counts_alone() {
    type Set = fn(RateLimits, RateLimit) -> RateLimits;
    let setters: [Set; 4] = [
        RateLimits::with_issue,
        RateLimits::with_list,
        RateLimits::with_revoke,
        RateLimits::with_verify,
    ];
    for (own, set) in OPERATIONS.into_iter().zip(setters) {
        let desk = desk();
        let limits = set(ONE_PER_SECOND, RateLimit::new(NonZeroU32::MIN, seconds(30)));
        let issuer = Throttled::new(desk.clone(), limits);
        let other = OPERATIONS.into_iter().find(|operation| *operation != own).unwrap();
        let beginning = Instant::now();
        for operation in [own, other, other, own, other] {
            call(&issuer, operation).await;
        }
        assert_eq!(desk.seconds_since(beginning), [0, 0, 1, 30, 30], "{own}");
    }
}

#[tokio::test(start_paused = true)]
async fn probe_waits_for_the_turns_of_all_its_requests() {
    let desk = desk();
    let issuer = Throttled::new(desk.clone(), ONE_PER_SECOND);
    let beginning = Instant::now();
    let credential = Credential::bearer("desk", "sample-token").unwrap();
    let consent = ProbeConsent::to_spend_uses();
    issuer.probe(&credential, consent).await.unwrap();
    call(&issuer, Operation::Issue).await;
    assert_eq!(desk.calls(), ["probe", "key"]);
    // The plan of the desk has two requests besides the verification.
    assert_eq!(desk.seconds_since(beginning), [2, 3]);
}

#[tokio::test(start_paused = true)]
async fn refusal_in_a_report_of_a_probe_holds_all_calls_up() {
    let desk = desk().script("probe", [Step::TooMany(Some(seconds(20)))]);
    let issuer = Throttled::new(desk.clone(), ONE_PER_SECOND);
    let beginning = Instant::now();
    let credential = Credential::bearer("desk", "sample-token").unwrap();
    issuer.probe(&credential, ProbeConsent::to_spend_uses()).await.unwrap();
    call(&issuer, Operation::Issue).await;
    assert_eq!(desk.seconds_since(beginning), [2, 22]);
}

#[tokio::test(start_paused = true)]
async fn call_dropped_while_waiting_uses_no_turn() {
    let desk = desk();
    let issuer = Throttled::new(desk.clone(), ONE_PER_SECOND);
    let beginning = Instant::now();
    call(&issuer, Operation::Issue).await;
    for _ in 0..5 {
        let dropped = timeout(Duration::from_millis(100), call(&issuer, Operation::List)).await;
        assert!(dropped.is_err());
    }
    call(&issuer, Operation::Revoke).await;
    assert_eq!(desk.seconds_since(beginning), [0, 1]);
    assert_eq!(desk.calls(), ["key", "key"]);
}

#[tokio::test(start_paused = true)]
async fn unpolled_calls_hold_nobody_up() {
    let desk = desk();
    let issuer = Throttled::new(desk.clone(), ONE_PER_SECOND);
    let mut batch = issue_many(issuer.clone(), requests(20)).with_concurrency(at_once(4));
    for _ in 0..2 {
        assert!(batch.next().await.is_some());
    }
    // As in a loop that settles a lost key as soon as it reads its result.
    let beginning = Instant::now();
    for _ in 0..2 {
        let settled = timeout(seconds(60), call(&issuer, Operation::List)).await;
        assert!(settled.is_ok(), "it waits for a turn that nobody takes");
    }
    assert!(beginning.elapsed() <= seconds(6), "{:?}", beginning.elapsed());

    // Calls that missed their turns continue at the pace, and not all at once.
    tokio::time::advance(seconds(60)).await;
    let beginning = Instant::now();
    while batch.next().await.is_some() {}
    assert_eq!(desk.seconds_since(beginning)[4..], (0..18).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn local_refusal_does_not_wait() {
    let issuer = Throttled::new(desk().without_probes(), ONE_PER_SECOND);
    call(&issuer, Operation::Issue).await;
    let beginning = Instant::now();
    let scope = ScopeRequest::needs([Permission::PinsRemove]);
    assert!(issuer.issue(&KeyRequest::new("key", scope).unwrap()).await.is_err());
    assert!(issuer.list(&KeyQuery::new().with_revoked(true)).await.is_err());
    assert!(issuer.revoke(&KeyRef::new("other", "key").unwrap()).await.is_err());
    let foreign = Credential::bearer("other", "sample-token").unwrap();
    assert!(issuer.verify(&foreign).await.is_err());
    assert!(issuer.probe(&foreign, ProbeConsent::to_spend_uses()).await.is_err());
    let own = Credential::bearer("desk", "sample-token").unwrap();
    let error = issuer.probe(&own, ProbeConsent::to_spend_uses()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(beginning.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn issue_plans_once() {
    let desk = desk();
    let issuer = Throttled::new(desk.clone(), ONE_PER_SECOND);
    call(&issuer, Operation::Issue).await;
    assert_eq!(desk.plans(), 1);
    assert_eq!(issuer.plan(&request("key")).unwrap().path(), "/keys");
    assert_eq!(issuer.profile().provider(), "desk");
}

#[tokio::test(start_paused = true)]
async fn refusal_with_a_time_holds_all_calls_up() {
    // The provider cannot hold them up for more than two minutes.
    for (wait, second) in [(seconds(20), 20), (Duration::MAX, 120)] {
        let desk = desk().script("0", [Step::TooMany(Some(wait))]).script("1", [Step::Refused]);
        let issuer = Throttled::new(desk.clone(), ONE_PER_SECOND);
        let beginning = Instant::now();
        for n in 0..4 {
            let _ = issuer.issue(&request(n.to_string())).await;
        }
        assert_eq!(desk.seconds_since(beginning), [0, second, second + 1, second + 2]);
    }
}

#[tokio::test(start_paused = true)]
async fn idle_time_accumulates_no_turns() {
    let issuer = Throttled::new(desk(), RateLimits::shared(per_second(200)));
    for idle in [0, 10, 100, 100_000] {
        tokio::time::advance(Duration::from_millis(idle)).await;
        let beginning = Instant::now();
        for _ in 0..40 {
            call(&issuer, Operation::Issue).await;
        }
        let took = beginning.elapsed();
        // At most one call is early, by less than its interval.
        assert!(took >= Duration::from_millis(38 * 5), "after {idle} ms: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn wait_for_the_provider_accumulates_no_turns() {
    // All calls are already waiting when the first is refused.
    let desk = Desk::new(Duration::from_millis(50)).script("0", [Step::TooMany(Some(seconds(1)))]);
    let issuer = Throttled::new(desk.clone(), RateLimits::shared(per_second(200)));
    let beginning = Instant::now();
    issue_side_by_side(&issuer, 50).await;
    let times = desk.times_since(beginning);
    let held_up: Vec<_> = times.into_iter().filter(|time| *time > seconds(1)).collect();
    assert!((35..=45).contains(&held_up.len()), "{held_up:?}");
    let took = held_up[held_up.len() - 1].saturating_sub(held_up[0]);
    let intervals = u32::try_from(held_up.len()).unwrap() - 2;
    assert!(took >= Duration::from_millis(5) * intervals, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn pace_between_timer_ticks_is_kept() {
    for rate in [100, 700, 3_000] {
        for callers in [1, 10] {
            let issuer = Throttled::new(desk(), RateLimits::shared(per_second(rate)));
            let beginning = Instant::now();
            let callers = (0..callers).map(|_| {
                let issuer = issuer.clone();
                tokio::spawn(async move {
                    for _ in 0..2 * rate / callers {
                        call(&issuer, Operation::Issue).await;
                    }
                })
            });
            for caller in callers.collect::<Vec<_>>() {
                caller.await.unwrap();
            }
            let took = beginning.elapsed().as_secs_f64();
            assert!((2.0..2.0 / 0.95).contains(&took), "{took} s instead of 2, at {rate}");
        }
    }
}

#[test]
fn documented_limits_are_these() {
    let [free, verify, picnic, fiesta] =
        [60, 30, 250, 500].map(|n| RateLimit::per_minute(NonZeroU32::new(n).unwrap()));
    let plan = |limit| RateLimits::shared(limit).with_verify(verify);
    assert_eq!(RateLimits::PINATA_FREE, plan(free));
    assert_eq!(RateLimits::PINATA_PICNIC, plan(picnic));
    assert_eq!(RateLimits::PINATA_FIESTA, plan(fiesta));
    assert_eq!(RateLimits::PINATA_ENTERPRISE, plan(per_second(100)));
    assert_eq!(RateLimits::W3IPFS, RateLimits::shared(free));
}

#[tokio::test(start_paused = true)]
async fn limits_of_any_size_let_calls_through() {
    let year = seconds(408 * 24 * 60 * 60);
    for (limit, calls, least) in [
        (per_second(u32::MAX), 10, Duration::ZERO),
        (RateLimit::new(NonZeroU32::MIN, Duration::ZERO), 10, Duration::ZERO),
        (RateLimit::new(NonZeroU32::MAX, Duration::from_nanos(1)), 10, Duration::ZERO),
        // The longest interval is about a year.
        (RateLimit::new(NonZeroU32::MIN, Duration::MAX), 2, year),
    ] {
        let issuer = Throttled::new(desk(), RateLimits::shared(limit));
        let beginning = Instant::now();
        for _ in 0..calls {
            call(&issuer, Operation::List).await;
        }
        let took = beginning.elapsed();
        let most = least.mul_f64(1.03) + Duration::from_millis(20);
        assert!((least..most).contains(&took), "{limit:?}: {took:?}");
    }
}
