//! The rate limits of an account.

use std::num::NonZeroU32;

use pinning_keys::adapter::Setting;
use pinning_keys::bulk::{RateLimit, RateLimits};

use crate::failure::Failure;

/// The setting that only the command line has.
pub(crate) const REQUESTS: &str = "requests_per_minute";

/// Both providers allow 60 requests a minute in their free plans (documented).
pub(crate) const FREE: NonZeroU32 = NonZeroU32::new(60).expect("60 is not zero");

/// Pinata counts verifying apart from other requests, in every plan (documented).
const VERIFYING: NonZeroU32 = NonZeroU32::new(30).expect("30 is not zero");

/// Reads the setting.
pub(crate) fn requests_per_minute(value: Setting) -> Result<NonZeroU32, Failure> {
    let requests = value.count(REQUESTS)?;
    NonZeroU32::try_from(requests)
        .map_err(|_| Failure::configuration(format!("{REQUESTS} is above {}", u32::MAX)))
}

/// The limits of an account.
pub(crate) fn limits(provider: &str, requests: NonZeroU32) -> RateLimits {
    let limits = RateLimits::shared(per_minute(requests));
    if provider == "pinata" { limits.with_verify(per_minute(VERIFYING)) } else { limits }
}

/// A command that makes a few calls is not held up: up to ten may be made at once.
pub(super) fn per_minute(requests: NonZeroU32) -> RateLimit {
    let burst = (requests.get() / 6).clamp(1, 10);
    RateLimit::per_minute(requests).with_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN))
}
