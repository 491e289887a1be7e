//! When calls get their turn.

use std::sync::Arc;
use std::time::Duration;

use pinning_keys_bulk::{RateLimit, RateLimits, Throttled, issue_many};
use pinning_keys_core::{Credential, KeyIssuer, KeyQuery, KeyRef, Operation};
use tokio::time::{Instant, timeout};

use crate::desk::{Desk, Step, request, requests, seconds};

const ONE_A_SECOND: RateLimits = RateLimits::shared(RateLimit::per_second(1));

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

const KINDS: [Operation; 4] =
    [Operation::Issue, Operation::List, Operation::Revoke, Operation::Verify];

#[tokio::test(start_paused = true)]
async fn all_kinds_of_call_share_a_limit() {
    let desk = desk();
    let issuer = Throttled::new(desk.clone(), ONE_A_SECOND);
    let beginning = Instant::now();
    for kind in KINDS {
        call(&issuer, kind).await;
    }
    assert_eq!(desk.seconds_since(beginning), [0, 1, 2, 3]);
    assert_eq!(issuer.limits(), &ONE_A_SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_kind_of_call_with_a_limit_of_its_own_counts_by_itself() {
    type Set = fn(RateLimits, RateLimit) -> RateLimits;
    let setters: [Set; 4] = [
        RateLimits::with_issue,
        RateLimits::with_list,
        RateLimits::with_revoke,
        RateLimits::with_verify,
    ];
    for (own, set) in KINDS.into_iter().zip(setters) {
        let desk = desk();
        let limits = set(ONE_A_SECOND, RateLimit::per_minute(2));
        let issuer = Throttled::new(desk.clone(), limits);
        let other = KINDS.into_iter().find(|kind| *kind != own).unwrap();
        let beginning = Instant::now();
        for kind in [own, other, other, own, other] {
            call(&issuer, kind).await;
        }
        assert_eq!(desk.seconds_since(beginning), [0, 0, 1, 30, 30], "{own}");
    }
}

#[tokio::test(start_paused = true)]
async fn clones_share_their_turns_and_keep_to_their_order() {
    let desk = desk();
    let issuer = Throttled::new(desk.clone(), ONE_A_SECOND);
    let beginning = Instant::now();
    let calls = (0..10).map(|n| {
        let issuer = issuer.clone();
        tokio::spawn(async move { issuer.issue(&request(n.to_string())).await.unwrap() })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
    assert_eq!(desk.calls(), (0..10).map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!(desk.seconds_since(beginning), (0..10).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_waiting_sends_nothing_and_uses_up_no_turn() {
    let desk = desk();
    let issuer = Arc::new(Throttled::new(desk.clone(), ONE_A_SECOND));
    let beginning = Instant::now();
    call(&issuer, Operation::Issue).await;
    for _ in 0..5 {
        let given_up = timeout(Duration::from_millis(100), call(&issuer, Operation::List)).await;
        assert!(given_up.is_err());
    }
    call(&issuer, Operation::Revoke).await;
    assert_eq!(desk.seconds_since(beginning), [0, 1]);
    assert_eq!(desk.calls(), ["key", "key"]);
}

#[tokio::test(start_paused = true)]
async fn calls_that_wait_and_are_not_polled_hold_nobody_up_for_longer_than_their_turns() {
    let desk = desk();
    let issuer = Throttled::new(desk.clone(), ONE_A_SECOND);
    let mut batch = issue_many(issuer.clone(), requests(20)).with_concurrency(4);
    for _ in 0..2 {
        assert!(batch.next().await.is_some());
    }
    // As whoever settles a lost key at once, in the loop that reads the results.
    let beginning = Instant::now();
    for _ in 0..2 {
        let settled = timeout(seconds(60), call(&issuer, Operation::List)).await;
        assert!(settled.is_ok(), "it waits for a turn that nobody takes");
    }
    assert!(beginning.elapsed() <= seconds(6), "{:?}", beginning.elapsed());

    // What missed its turns goes on at the pace, and not all at once.
    tokio::time::advance(seconds(60)).await;
    let beginning = Instant::now();
    while batch.next().await.is_some() {}
    assert_eq!(desk.seconds_since(beginning)[4..], (0..18).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_without_a_request_does_not_wait() {
    use pinning_keys_core::{KeyRequest, Permission, ScopeRequest};

    let issuer = Throttled::new(desk(), ONE_A_SECOND);
    call(&issuer, Operation::Issue).await;
    let beginning = Instant::now();
    let scope = ScopeRequest::needs([Permission::PinsRemove]);
    assert!(issuer.issue(&KeyRequest::new("key", scope).unwrap()).await.is_err());
    assert!(issuer.list(&KeyQuery::new().with_revoked(true)).await.is_err());
    assert!(issuer.revoke(&KeyRef::new("other", "key").unwrap()).await.is_err());
    let foreign = Credential::bearer("other", "sample-token").unwrap();
    assert!(issuer.verify(&foreign).await.is_err());
    assert_eq!(beginning.elapsed(), Duration::ZERO);
    assert_eq!(issuer.profile().provider(), "desk");
    assert!(issuer.plan(&request("key")).is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_says_for_how_long_holds_all_calls_up() {
    let desk = desk().script("0", [Step::TooMany(Some(seconds(20)))]).script("1", [Step::Refused]);
    let issuer = Throttled::new(desk.clone(), ONE_A_SECOND);
    let beginning = Instant::now();
    for n in 0..4 {
        let _ = issuer.issue(&request(n.to_string())).await;
    }
    assert_eq!(desk.seconds_since(beginning), [0, 20, 21, 22]);
}

#[tokio::test(start_paused = true)]
async fn no_provider_holds_calls_up_for_ever() {
    let desk = desk().script("0", [Step::TooMany(Some(Duration::MAX))]);
    let issuer = Throttled::new(desk.clone(), ONE_A_SECOND);
    let beginning = Instant::now();
    for n in 0..2 {
        let _ = issuer.issue(&request(n.to_string())).await;
    }
    assert_eq!(desk.seconds_since(beginning), [0, 120]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_saved_up_while_nothing_is_sent() {
    let issuer = Throttled::new(desk(), RateLimits::shared(RateLimit::per_second(200)));
    for idle in [0, 10, 100, 100_000] {
        tokio::time::advance(Duration::from_millis(idle)).await;
        let beginning = Instant::now();
        for _ in 0..40 {
            call(&issuer, Operation::Issue).await;
        }
        let took = beginning.elapsed();
        // At most one call comes earlier, by less than its time.
        assert!(took >= Duration::from_millis(38 * 5), "after {idle} ms: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_saved_up_while_the_provider_has_calls_wait() {
    // They all wait already when the first is refused.
    let desk = Desk::new(Duration::from_millis(50)).script("0", [Step::TooMany(Some(seconds(1)))]);
    let issuer = Throttled::new(desk.clone(), RateLimits::shared(RateLimit::per_second(200)));
    let beginning = Instant::now();
    let calls = (0..50).map(|n| {
        let issuer = issuer.clone();
        tokio::spawn(async move { drop(issuer.issue(&request(n.to_string())).await) })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
    let times = desk.times_since(beginning);
    let held_up: Vec<_> = times.into_iter().filter(|time| *time > seconds(1)).collect();
    assert!((35..=45).contains(&held_up.len()), "{held_up:?}");
    let took = held_up[held_up.len() - 1].saturating_sub(held_up[0]);
    assert!(
        took >= Duration::from_millis(5) * (u32::try_from(held_up.len()).unwrap() - 2),
        "{took:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_pace_between_the_ticks_of_the_timer_is_kept() {
    for a_second in [700, 3_000] {
        for callers in [1, 10] {
            let limit = RateLimit::per_second(a_second);
            let issuer = Throttled::new(desk(), RateLimits::shared(limit));
            let beginning = Instant::now();
            let callers = (0..callers).map(|_| {
                let issuer = issuer.clone();
                tokio::spawn(async move {
                    for _ in 0..2 * a_second / callers {
                        call(&issuer, Operation::Issue).await;
                    }
                })
            });
            for caller in callers.collect::<Vec<_>>() {
                caller.await.unwrap();
            }
            let took = beginning.elapsed().as_secs_f64();
            assert!((2.0..2.0 / 0.95).contains(&took), "{took} s in place of 2, at {a_second}");
        }
    }
}

#[test]
fn the_documented_limits_are_these() {
    let plan = |limit| RateLimits::shared(limit).with_verify(RateLimit::per_minute(30));
    assert_eq!(RateLimits::PINATA_FREE, plan(RateLimit::per_minute(60)));
    assert_eq!(RateLimits::PINATA_PICNIC, plan(RateLimit::per_minute(250)));
    assert_eq!(RateLimits::PINATA_FIESTA, plan(RateLimit::per_minute(500)));
    assert_eq!(RateLimits::PINATA_ENTERPRISE, plan(RateLimit::per_second(100)));
    assert_eq!(RateLimits::W3IPFS, RateLimits::shared(RateLimit::per_minute(60)));
}

#[tokio::test(start_paused = true)]
async fn limits_of_any_size_let_calls_through() {
    for (limit, least) in [
        (RateLimit::per_second(0), seconds(9)),
        (RateLimit::per_second(u32::MAX), Duration::ZERO),
        (RateLimit::new(5, Duration::ZERO), Duration::ZERO),
        (RateLimit::new(u32::MAX, Duration::from_nanos(1)), Duration::ZERO),
        (RateLimit::per_second(10), Duration::from_millis(900)),
    ] {
        let issuer = Throttled::new(desk(), RateLimits::shared(limit));
        let beginning = Instant::now();
        for _ in 0..10 {
            call(&issuer, Operation::List).await;
        }
        let took = beginning.elapsed();
        let most = least.mul_f64(1.03) + Duration::from_millis(20);
        assert!((least..most).contains(&took), "{limit:?}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_longest_time_between_two_calls_is_about_a_year() {
    let issuer = Throttled::new(desk(), RateLimits::shared(RateLimit::new(1, Duration::MAX)));
    let beginning = Instant::now();
    call(&issuer, Operation::List).await;
    call(&issuer, Operation::List).await;
    assert_eq!(beginning.elapsed().as_secs() / (24 * 60 * 60), 408);
}
