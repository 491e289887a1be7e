//! A thousand keys under a provider's documented limit.

use std::num::NonZeroU32;
use std::time::Duration;

use pinning_keys_bulk::{RateLimit, RateLimits, Throttled, issue_many, revoke_many};
use pinning_keys_core::{KeyIssuer, KeyRef};
use tokio::time::Instant;

use crate::stand::{PROVIDERS, Provider, Stand, keys_of, revoke_all, users};

const KEYS: usize = 1_000;
const MINUTE: Duration = Duration::from_secs(60);

/// The documented limit of both providers: 60 requests per minute.
fn documented(provider: Provider) -> RateLimits {
    match provider {
        Provider::Pinata => RateLimits::PINATA_FREE,
        Provider::W3ipfs => RateLimits::W3IPFS,
    }
}

/// Issues all keys and checks that each was made once.
async fn issue_all(stand: &Stand, issuer: impl KeyIssuer + 'static) -> Vec<KeyRef> {
    let mut keys = issue_many(issuer, users(KEYS));
    let refs = keys_of(&mut keys).await;
    let mut names = stand.names();
    names.sort();
    assert_eq!(names, users(KEYS).map(|request| request.name().to_string()).collect::<Vec<_>>());
    refs
}

/// Requires 95 % of one request per second.
#[track_caller]
fn assert_at_the_limit(requests: usize, took: Duration) {
    let ideal = Duration::from_secs(requests as u64 - 1);
    assert!(ideal >= took.mul_f64(0.95), "{requests} requests took {took:?}");
}

#[track_caller]
fn assert_hardly_refused(stand: &Stand) {
    let (refused, all) = (stand.emulator.rate_limited(), stand.emulator.requests());
    assert!(refused * 100 < all, "{refused} of {all} requests were answered 429");
}

#[tokio::test(start_paused = true)]
async fn throttled_batch_uses_the_limit_and_is_hardly_refused() {
    for provider in PROVIDERS {
        let limits = documented(provider);
        let stand = Stand::limited(provider, MINUTE);
        let beginning = Instant::now();
        let refs = issue_all(&stand, Throttled::new(stand.issuer.clone(), limits)).await;
        assert_at_the_limit(KEYS, beginning.elapsed());
        assert_hardly_refused(&stand);
        assert_eq!(stand.creates(), 1_000 + stand.emulator.rate_limited());

        // Then all of them are revoked.
        tokio::time::advance(MINUTE).await;
        let (before, beginning) = (stand.emulator.requests(), Instant::now());
        let mut keys = revoke_many(Throttled::new(stand.issuer.clone(), limits), refs);
        assert_eq!(revoke_all(&mut keys).await, (KEYS, 0));
        let requests = usize::try_from(stand.emulator.requests() - before).unwrap();
        assert_at_the_limit(requests, beginning.elapsed());
        assert_hardly_refused(&stand);
        assert_eq!((stand.emulator.keys_made(), stand.emulator.keys_live()), (KEYS, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn unthrottled_batch_is_refused_and_makes_each_key_once() {
    for provider in PROVIDERS {
        let stand = Stand::limited(provider, MINUTE);
        issue_all(&stand, stand.issuer.clone()).await;
        assert!(stand.emulator.rate_limited() > 0);
        assert_eq!(stand.creates(), 1_000 + stand.emulator.rate_limited());
    }
}

#[tokio::test(start_paused = true)]
async fn burst_is_sent_at_once_and_no_window_exceeds_the_limit() {
    const SIXTY: NonZeroU32 = NonZeroU32::new(60).unwrap();
    const TEN: NonZeroU32 = NonZeroU32::new(10).unwrap();
    let limits = RateLimits::shared(RateLimit::per_minute(SIXTY).with_burst(TEN));
    for provider in PROVIDERS {
        let stand = Stand::limited(provider, MINUTE);
        let issuer = Throttled::new(stand.issuer.clone(), limits);
        let beginning = Instant::now();
        let mut keys = issue_many(issuer, users(300));
        for made in 1..=300 {
            let (request, result) = keys.next().await.unwrap();
            assert!(result.is_ok(), "{}: {result:?}", request.name());
            if made == 10 {
                assert!(beginning.elapsed() < Duration::from_secs(1));
            }
        }
        // 290 keys at 50 a minute.
        assert!(beginning.elapsed() > 5 * MINUTE);
        assert_eq!(stand.emulator.rate_limited(), 0);
    }
}
