use std::time::Duration;

use pinning_keys_bulk::RateLimit;

use crate::timing::Timing;

/// How a manager uses an account.
///
/// ```
/// use std::num::NonZeroU32;
/// use std::time::Duration;
/// use pinning_keys_bulk::RateLimit;
/// use pinning_keys_lifecycle::AccountOptions;
///
/// let options = AccountOptions::new()
///     .rate_limit(RateLimit::per_minute(NonZeroU32::new(60).unwrap()))
///     .quota(500)
///     .delivery_deadline(Duration::from_secs(300));
/// # let _ = options;
/// ```
#[derive(Clone, Debug, Default)]
pub struct AccountOptions {
    pub(crate) limit: Option<RateLimit>,
    pub(crate) quota: Option<u64>,
    delivery: Option<Duration>,
    patience: Option<Duration>,
}

impl AccountOptions {
    /// The defaults.
    ///
    /// ```
    /// use pinning_keys_lifecycle::AccountOptions;
    ///
    /// let options = AccountOptions::new().quota(100);
    /// # let _ = options;
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the account's rate limit (default: none). All nodes share it through the store.
    ///
    /// Do not wrap the issuer in [`Throttled`](pinning_keys_bulk::Throttled) as well: each request
    /// would wait twice.
    ///
    /// ```
    /// use std::num::NonZeroU32;
    /// use pinning_keys_bulk::RateLimit;
    /// use pinning_keys_lifecycle::AccountOptions;
    ///
    /// let sixty = RateLimit::per_minute(NonZeroU32::new(60).unwrap());
    /// let options = AccountOptions::new().rate_limit(sixty);
    /// # let _ = options;
    /// ```
    #[must_use]
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Sets the maximum number of open keys: those being issued, unconfirmed, or live (default: no
    /// limit). A rotation needs room for one more key.
    ///
    /// ```
    /// use pinning_keys_lifecycle::AccountOptions;
    ///
    /// let options = AccountOptions::new().quota(500);
    /// # let _ = options;
    /// ```
    #[must_use]
    pub fn quota(mut self, keys: u64) -> Self {
        self.quota = Some(keys);
        self
    }

    /// Sets how long a delivery may stay unconfirmed, counted from the start of the issue (default:
    /// 10 min). After that the key is revoked. The deadline is at least 90 s plus the provider's
    /// propagation time, because issuing may take that long.
    ///
    /// ```
    /// use std::time::Duration;
    /// use pinning_keys_lifecycle::AccountOptions;
    ///
    /// let options = AccountOptions::new().delivery_deadline(Duration::from_mins(5));
    /// # let _ = options;
    /// ```
    #[must_use]
    pub fn delivery_deadline(mut self, time: Duration) -> Self {
        self.delivery = Some(time);
        self
    }

    /// Sets how long a call waits for room in the rate limit (default: 30 s).
    ///
    /// ```
    /// use std::time::Duration;
    /// use pinning_keys_lifecycle::AccountOptions;
    ///
    /// let options = AccountOptions::new().patience(Duration::from_secs(5));
    /// # let _ = options;
    /// ```
    #[must_use]
    pub fn patience(mut self, time: Duration) -> Self {
        self.patience = Some(time);
        self
    }

    pub(crate) fn timing(&self, propagation: Duration) -> Timing {
        let timing = Timing::new(propagation);
        Timing {
            delivery: self.delivery.unwrap_or(timing.delivery),
            patience: self.patience.unwrap_or(timing.patience),
            ..timing
        }
    }
}
