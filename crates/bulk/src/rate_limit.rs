use std::num::NonZeroU32;
use std::time::Duration;

/// A number of requests that a provider allows in a period.
///
/// ```
/// use std::num::NonZeroU32;
/// use std::time::Duration;
///
/// use pinning_keys_bulk::RateLimit;
///
/// const SIXTY: NonZeroU32 = NonZeroU32::new(60).unwrap();
/// assert_eq!(RateLimit::per_minute(SIXTY).interval(), Duration::from_secs(1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    requests: NonZeroU32,
    per: Duration,
    burst: u32,
}

impl RateLimit {
    /// This many requests per period.
    ///
    /// ```
    /// use std::num::NonZeroU32;
    /// use std::time::Duration;
    ///
    /// use pinning_keys_bulk::RateLimit;
    ///
    /// const THREE: NonZeroU32 = NonZeroU32::new(3).unwrap();
    /// let limit = RateLimit::new(THREE, Duration::from_secs(60));
    /// assert_eq!(limit.interval(), Duration::from_secs(20));
    /// ```
    #[must_use]
    pub const fn new(requests: NonZeroU32, per: Duration) -> Self {
        Self { requests, per, burst: 1 }
    }

    /// This many requests per minute.
    ///
    /// ```
    /// use std::num::NonZeroU32;
    /// use std::time::Duration;
    ///
    /// use pinning_keys_bulk::RateLimit;
    ///
    /// const THIRTY: NonZeroU32 = NonZeroU32::new(30).unwrap();
    /// assert_eq!(RateLimit::per_minute(THIRTY).interval(), Duration::from_secs(2));
    /// ```
    #[must_use]
    pub const fn per_minute(requests: NonZeroU32) -> Self {
        Self::new(requests, Duration::from_secs(60))
    }

    /// This many requests per second.
    ///
    /// ```
    /// use std::num::NonZeroU32;
    /// use std::time::Duration;
    ///
    /// use pinning_keys_bulk::RateLimit;
    ///
    /// const HUNDRED: NonZeroU32 = NonZeroU32::new(100).unwrap();
    /// assert_eq!(RateLimit::per_second(HUNDRED).interval(), Duration::from_millis(10));
    /// ```
    #[must_use]
    pub const fn per_second(requests: NonZeroU32) -> Self {
        Self::new(requests, Duration::from_secs(1))
    }

    /// Lets this many requests be sent at once (default: 1). The rest of the limit is spread over
    /// the period, so that no period has more requests than the limit. At least one request is
    /// left to spread, however large the burst.
    ///
    /// A program that usually makes a few calls does not have to wait then, and one that makes many
    /// is somewhat slower.
    ///
    /// ```
    /// use std::num::NonZeroU32;
    /// use std::time::Duration;
    ///
    /// use pinning_keys_bulk::RateLimit;
    ///
    /// const SIXTY: NonZeroU32 = NonZeroU32::new(60).unwrap();
    /// const TEN: NonZeroU32 = NonZeroU32::new(10).unwrap();
    /// let limit = RateLimit::per_minute(SIXTY).with_burst(TEN);
    /// assert_eq!(limit.interval(), Duration::from_millis(1_200)); // 50 in the minute
    /// ```
    #[must_use]
    pub const fn with_burst(mut self, requests: NonZeroU32) -> Self {
        self.burst = requests.get();
        self
    }

    /// How many requests may be sent at once.
    pub fn burst(&self) -> u32 {
        self.burst.min(self.requests.get() - 1).max(1)
    }

    /// The shortest time between two requests at an even pace.
    pub fn interval(&self) -> Duration {
        // A burst of one is the request that an even pace begins with.
        let spread = self.requests.get() - if self.burst() > 1 { self.burst() } else { 0 };
        self.per / spread
    }
}

/// The rate limits of an account, for [`Throttled`](crate::Throttled): one that all operations
/// share, and separate ones for operations that the provider counts on their own.
///
/// The constants are the limits that the providers document. Other requests of the same account,
/// such as uploads, count too. If there are many of them, set lower limits that leave room.
///
/// ```
/// use std::num::NonZeroU32;
///
/// use pinning_keys_bulk::{RateLimit, RateLimits};
///
/// const FORTY: NonZeroU32 = NonZeroU32::new(40).unwrap();
/// const OURS: RateLimits = RateLimits::shared(RateLimit::per_minute(FORTY));
/// assert_ne!(OURS, RateLimits::W3IPFS);
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
    /// Pinata's plan "Free": 60 requests per minute, and 30 for verifying, whose route is under
    /// `/data/` (documented, as of January 2026; that all keys of an account share one count is
    /// inferred).
    pub const PINATA_FREE: Self = Self::pinata(RateLimit::per_minute(count(60)));

    /// Pinata's plan "Picnic": 250 requests per minute, and 30 for verifying (documented, as for
    /// "Free").
    pub const PINATA_PICNIC: Self = Self::pinata(RateLimit::per_minute(count(250)));

    /// Pinata's plan "Fiesta": 500 requests per minute, and 30 for verifying (documented, as for
    /// "Free").
    pub const PINATA_FIESTA: Self = Self::pinata(RateLimit::per_minute(count(500)));

    /// Pinata's plan "Enterprise": 100 requests per second, and 30 per minute for verifying
    /// (documented, as for "Free").
    pub const PINATA_ENTERPRISE: Self = Self::pinata(RateLimit::per_second(count(100)));

    /// W3IPFS: 60 requests per minute to all routes under `/apiKeys/`, which includes verifying
    /// (documented in 2023; that they share one count is inferred).
    pub const W3IPFS: Self = Self::shared(RateLimit::per_minute(count(60)));

    /// Routes under `/data/` have a limit of their own.
    const fn pinata(plan: RateLimit) -> Self {
        Self::shared(plan).with_verify(RateLimit::per_minute(count(30)))
    }

    /// One limit for all operations together.
    ///
    /// ```
    /// use std::num::NonZeroU32;
    ///
    /// use pinning_keys_bulk::{RateLimit, RateLimits};
    ///
    /// const SIXTY: NonZeroU32 = NonZeroU32::new(60).unwrap();
    /// assert_eq!(RateLimits::shared(RateLimit::per_minute(SIXTY)), RateLimits::W3IPFS);
    /// ```
    #[must_use]
    pub const fn shared(limit: RateLimit) -> Self {
        Self { shared: limit, issue: None, list: None, revoke: None, verify: None }
    }

    /// Sets a separate limit for issuing, which then does not count against the shared one.
    ///
    /// ```
    /// # use std::num::NonZeroU32;
    /// # use pinning_keys_bulk::{RateLimit, RateLimits};
    /// # const TEN: NonZeroU32 = NonZeroU32::new(10).unwrap();
    /// let limits = RateLimits::W3IPFS.with_issue(RateLimit::per_minute(TEN));
    /// # assert_ne!(limits, RateLimits::W3IPFS);
    /// ```
    #[must_use]
    pub const fn with_issue(mut self, limit: RateLimit) -> Self {
        self.issue = Some(limit);
        self
    }

    /// Sets a separate limit for listing, which then does not count against the shared one. Each
    /// page is one request.
    ///
    /// ```
    /// # use std::num::NonZeroU32;
    /// # use pinning_keys_bulk::{RateLimit, RateLimits};
    /// # const TEN: NonZeroU32 = NonZeroU32::new(10).unwrap();
    /// let limits = RateLimits::W3IPFS.with_list(RateLimit::per_minute(TEN));
    /// # assert_ne!(limits, RateLimits::W3IPFS);
    /// ```
    #[must_use]
    pub const fn with_list(mut self, limit: RateLimit) -> Self {
        self.list = Some(limit);
        self
    }

    /// Sets a separate limit for revoking, which then does not count against the shared one.
    ///
    /// ```
    /// # use std::num::NonZeroU32;
    /// # use pinning_keys_bulk::{RateLimit, RateLimits};
    /// # const TEN: NonZeroU32 = NonZeroU32::new(10).unwrap();
    /// let limits = RateLimits::W3IPFS.with_revoke(RateLimit::per_minute(TEN));
    /// # assert_ne!(limits, RateLimits::W3IPFS);
    /// ```
    #[must_use]
    pub const fn with_revoke(mut self, limit: RateLimit) -> Self {
        self.revoke = Some(limit);
        self
    }

    /// Sets a separate limit for verifying, which then does not count against the shared one.
    ///
    /// ```
    /// # use std::num::NonZeroU32;
    /// # use pinning_keys_bulk::{RateLimit, RateLimits};
    /// # const TEN: NonZeroU32 = NonZeroU32::new(10).unwrap();
    /// let limits = RateLimits::W3IPFS.with_verify(RateLimit::per_minute(TEN));
    /// # assert_ne!(limits, RateLimits::W3IPFS);
    /// ```
    #[must_use]
    pub const fn with_verify(mut self, limit: RateLimit) -> Self {
        self.verify = Some(limit);
        self
    }
}

/// A documented number of requests.
const fn count(requests: u32) -> NonZeroU32 {
    NonZeroU32::new(requests).expect("no documented limit is zero")
}
