//! The rate limits of an account.

use std::num::NonZeroU32;

use pinning_keys::adapter::Setting;
use pinning_keys::bulk::{RateLimit, RateLimits};

use crate::failure::Failure;

/// The setting that only the command line has.
pub(crate) const REQUESTS: &str = "requests_per_minute";

/// Reads the setting.
pub(crate) fn requests_per_minute(value: Setting) -> Result<NonZeroU32, Failure> {
    let requests = value.count(REQUESTS)?;
    NonZeroU32::try_from(requests)
        .map_err(|_| Failure::configuration(format!("{REQUESTS} is above {}", u32::MAX)))
}

/// The limits of an account: those of the provider's free plan, unless a number is set.
///
/// A command that makes a few calls is not held up: a sixth of the limit may be used at once.
pub(crate) fn limits(provider: &str, requests: Option<NonZeroU32>) -> RateLimits {
    /// Pinata counts verifying apart from other requests, in every plan.
    const VERIFYING: RateLimit =
        RateLimit::per_minute(NonZeroU32::new(30).expect("30 is not zero"));
    /// Of the free plans' 60 requests.
    const TEN: NonZeroU32 = NonZeroU32::new(10).expect("10 is not zero");
    let burst = requests
        .map_or(TEN, |requests| NonZeroU32::new(requests.get() / 6).unwrap_or(NonZeroU32::MIN));
    let limits = match (provider, requests.map(RateLimit::per_minute)) {
        ("pinata", Some(limit)) => RateLimits::shared(limit).with_verify(VERIFYING),
        ("pinata", None) => RateLimits::PINATA_FREE,
        (_, Some(limit)) => RateLimits::shared(limit),
        (_, None) => RateLimits::W3IPFS,
    };
    limits.with_burst(burst)
}
