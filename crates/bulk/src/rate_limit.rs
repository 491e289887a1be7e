use std::num::NonZeroU32;
use std::time::Duration;

/// So many requests in a time, as a provider allows them.
///
/// ```
/// use std::time::Duration;
///
/// use pinning_keys_bulk::RateLimit;
///
/// let limit = RateLimit::per_minute(60);
/// assert_eq!(limit.interval(), Duration::from_secs(1));
/// assert_eq!(RateLimit::new(3, Duration::from_secs(60)).interval(), Duration::from_secs(20));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    requests: NonZeroU32,
    per: Duration,
}

impl RateLimit {
    /// So many requests in this time (0 is taken as 1).
    #[must_use]
    pub const fn new(requests: u32, per: Duration) -> Self {
        let requests = match NonZeroU32::new(requests) {
            Some(requests) => requests,
            None => NonZeroU32::MIN,
        };
        Self { requests, per }
    }

    /// So many requests a minute (0 is taken as 1).
    #[must_use]
    pub const fn per_minute(requests: u32) -> Self {
        Self::new(requests, Duration::from_secs(60))
    }

    /// So many requests a second (0 is taken as 1).
    #[must_use]
    pub const fn per_second(requests: u32) -> Self {
        Self::new(requests, Duration::from_secs(1))
    }

    /// The time from one request to the next that the limit allows.
    pub fn interval(&self) -> Duration {
        self.per / self.requests.get()
    }
}

/// The rate limits of an account, for [`Throttled`](crate::Throttled): one that all kinds of
/// call share, and others for kinds that have their own.
///
/// The constants are what the providers document. Other uses of the same account, such as
/// uploads, count at the provider too: where there are many, leave room for them with limits of
/// your own.
///
/// ```
/// use pinning_keys_bulk::{RateLimit, RateLimits};
///
/// const OURS: RateLimits =
///     RateLimits::shared(RateLimit::per_minute(40)).with_verify(RateLimit::per_minute(20));
/// assert_ne!(OURS, RateLimits::PINATA_FREE);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    pub(crate) shared: RateLimit,
    pub(crate) issue: Option<RateLimit>,
    pub(crate) list: Option<RateLimit>,
    pub(crate) revoke: Option<RateLimit>,
    pub(crate) verify: Option<RateLimit>,
}

impl RateLimits {
    /// Pinata's plan "Free": 60 a minute, and 30 for verifying, which is under `/data/`
    /// (documented, as of January 2026; that an account has one count for all its keys is
    /// inferred).
    pub const PINATA_FREE: Self = Self::pinata(RateLimit::per_minute(60));

    /// Pinata's plan "Picnic": 250 a minute, and 30 for verifying (documented, as for "Free").
    pub const PINATA_PICNIC: Self = Self::pinata(RateLimit::per_minute(250));

    /// Pinata's plan "Fiesta": 500 a minute, and 30 for verifying (documented, as for "Free").
    pub const PINATA_FIESTA: Self = Self::pinata(RateLimit::per_minute(500));

    /// Pinata's plan "Enterprise": 100 a second, and 30 a minute for verifying (documented, as
    /// for "Free").
    pub const PINATA_ENTERPRISE: Self = Self::pinata(RateLimit::per_second(100));

    /// W3IPFS: 60 a minute for all that is under `/apiKeys/`, verifying included (documented in
    /// 2023; that it is one count is inferred).
    pub const W3IPFS: Self = Self::shared(RateLimit::per_minute(60));

    /// Everything under `/data/` has a limit of its own.
    const fn pinata(plan: RateLimit) -> Self {
        Self::shared(plan).with_verify(RateLimit::per_minute(30))
    }

    /// One limit that all calls share.
    #[must_use]
    pub const fn shared(limit: RateLimit) -> Self {
        Self { shared: limit, issue: None, list: None, revoke: None, verify: None }
    }

    /// Issuing has this limit, and does not count against the shared one.
    #[must_use]
    pub const fn with_issue(mut self, limit: RateLimit) -> Self {
        self.issue = Some(limit);
        self
    }

    /// Listing has this limit, and does not count against the shared one. Each page counts.
    #[must_use]
    pub const fn with_list(mut self, limit: RateLimit) -> Self {
        self.list = Some(limit);
        self
    }

    /// Revoking has this limit, and does not count against the shared one.
    #[must_use]
    pub const fn with_revoke(mut self, limit: RateLimit) -> Self {
        self.revoke = Some(limit);
        self
    }

    /// Verifying has this limit, and does not count against the shared one.
    #[must_use]
    pub const fn with_verify(mut self, limit: RateLimit) -> Self {
        self.verify = Some(limit);
        self
    }
}
