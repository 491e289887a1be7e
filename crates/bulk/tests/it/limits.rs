//! A thousand keys under a provider's real limit.

use std::time::Duration;

use pinning_keys_bulk::{RateLimits, Throttled, issue_many, revoke_many};
use pinning_keys_core::{KeyIssuer, KeyRef, KeyRequest, Revocation, ScopeRequest};
use tokio::time::Instant;

use crate::stand::{PROVIDERS, Provider, Stand};

const KEYS: usize = 1_000;

fn requests() -> impl Iterator<Item = KeyRequest> + Send + 'static {
    (0..KEYS).map(|n| KeyRequest::new(format!("user {n:03}"), ScopeRequest::reader()).unwrap())
}

const MINUTE: Duration = Duration::from_secs(60);

/// Of both providers: 60 requests a minute.
fn documented(provider: Provider) -> RateLimits {
    match provider {
        Provider::Pinata => RateLimits::PINATA_FREE,
        Provider::W3ipfs => RateLimits::W3IPFS,
    }
}

/// Issues all keys, and makes sure that each was made once.
async fn issue_all(stand: &Stand, issuer: impl KeyIssuer + 'static) -> Vec<KeyRef> {
    let mut keys = issue_many(issuer, requests());
    let mut refs = Vec::new();
    while let Some((request, result)) = keys.next().await {
        refs.push(result.unwrap_or_else(|error| panic!("{}: {error}", request.name())));
    }
    let mut names = stand.names();
    names.sort();
    assert_eq!(names, requests().map(|it| it.name().to_string()).collect::<Vec<_>>());
    refs.iter().map(|key| key.key_ref().clone()).collect()
}

/// The shortest time in which so many requests can be let through.
fn ideal(requests: usize, interval: Duration) -> Duration {
    interval * u32::try_from(requests - 1).unwrap()
}

#[track_caller]
fn assert_at_the_limit(took: Duration, ideal: Duration) {
    let rate = ideal.as_secs_f64() / took.as_secs_f64();
    assert!(rate >= 0.95, "{:.1} % of the allowed rate", rate * 100.0);
}

#[track_caller]
fn assert_hardly_ever_refused(stand: &Stand) {
    let (refused, all) = (stand.emulator.rate_limited(), stand.emulator.requests());
    assert!(refused * 100 < all, "{refused} of {all} requests were answered 429");
}

#[tokio::test(start_paused = true)]
async fn a_throttled_batch_runs_at_the_limit_and_is_hardly_ever_refused() {
    for provider in PROVIDERS {
        let (limits, second) = (documented(provider), Duration::from_secs(1));
        let stand = Stand::limited(provider, 60, MINUTE);
        let beginning = Instant::now();
        let refs = issue_all(&stand, Throttled::new(stand.issuer.clone(), limits)).await;
        assert_at_the_limit(beginning.elapsed(), ideal(KEYS, second));
        assert_hardly_ever_refused(&stand);
        assert_eq!(stand.creates(), 1_000 + stand.emulator.rate_limited());

        // And all of them revoked, in the next minutes.
        tokio::time::advance(MINUTE).await;
        let (before, beginning) = (stand.emulator.requests(), Instant::now());
        let mut keys = revoke_many(Throttled::new(stand.issuer.clone(), limits), refs);
        while let Some((_, result)) = keys.next().await {
            assert_eq!(result.unwrap(), Revocation::Revoked);
        }
        let requests = usize::try_from(stand.emulator.requests() - before).unwrap();
        assert_at_the_limit(beginning.elapsed(), ideal(requests, second));
        assert_hardly_ever_refused(&stand);
        assert_eq!((stand.emulator.keys_made(), stand.emulator.keys_live()), (KEYS, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_fast_plan_is_used_up_too() {
    let stand = Stand::limited(Provider::Pinata, 100, Duration::from_secs(1));
    let beginning = Instant::now();
    let issuer = Throttled::new(stand.issuer.clone(), RateLimits::PINATA_ENTERPRISE);
    issue_all(&stand, issuer).await;
    assert_at_the_limit(beginning.elapsed(), ideal(KEYS, Duration::from_millis(10)));
    assert_hardly_ever_refused(&stand);
}

#[tokio::test(start_paused = true)]
async fn without_a_throttle_a_batch_runs_into_refusals_and_all_keys_are_made_once() {
    for provider in PROVIDERS {
        let stand = Stand::limited(provider, 60, MINUTE);
        issue_all(&stand, stand.issuer.clone()).await;
        assert!(stand.emulator.rate_limited() > 0);
        assert_eq!(stand.creates(), 1_000 + stand.emulator.rate_limited());
    }
}
