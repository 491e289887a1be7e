use std::time::Duration;

/// How often a call was tried before it failed.
///
/// ```
/// use std::time::Duration;
///
/// use pinning_keys_core::{Attempts, Error, ErrorKind};
///
/// let error = Error::new(ErrorKind::Timeout, "no answer before the deadline")
///     .with_attempts(Attempts::new(2, Duration::from_secs(30), None));
/// assert_eq!(error.to_string(), "no answer before the deadline (2 attempts, 30 s)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    count: u32,
    elapsed: Duration,
    stopped: Option<&'static str>,
}

impl Attempts {
    /// `count` requests in `elapsed`, and why there were no more, if that is worth reporting.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use pinning_keys_core::Attempts;
    ///
    /// let attempts = Attempts::new(4, Duration::from_secs(9), Some("attempt limit reached"));
    /// assert_eq!(attempts.count(), 4);
    /// ```
    #[must_use]
    pub const fn new(count: u32, elapsed: Duration, stopped: Option<&'static str>) -> Self {
        Self { count, elapsed, stopped }
    }

    /// The number of requests that were sent.
    pub const fn count(self) -> u32 {
        self.count
    }

    /// The time from the start of the call to its failure.
    pub const fn elapsed(self) -> Duration {
        self.elapsed
    }

    /// Why there was no further attempt, if one could have been expected.
    pub const fn stopped(self) -> Option<&'static str> {
        self.stopped
    }
}
