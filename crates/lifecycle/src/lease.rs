use std::time::Duration;

use crate::{Error, ErrorKind, Timestamp};

/// How long a key may live.
///
/// Neither built-in provider ends a key by itself: the lease ends because a worker revokes the key
/// ([`KeyManager::run_due`](crate::KeyManager::run_due)). Until then the key works.
///
/// A lease begins when the key is issued, not when its delivery is confirmed.
///
/// ```
/// use std::time::Duration;
/// use pinning_keys_lifecycle::Lease;
///
/// let day = Duration::from_secs(24 * 60 * 60);
/// let once = Lease::of(day); // ends for good after a day
/// let renewable = Lease::of(day).renewable_until(day * 90); // each renewal gives another day
/// let endless = Lease::none(); // must be explicit
/// # let _ = (once, renewable, endless);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    length: Option<Duration>,
    max: Option<Duration>,
}

impl Lease {
    /// The shortest lease: 1 minute. A shorter one could end before the key is delivered.
    pub const MIN: Duration = Duration::from_mins(1);

    /// A lease that ends for good after this time.
    ///
    /// ```
    /// use std::time::Duration;
    /// use pinning_keys_lifecycle::Lease;
    ///
    /// let lease = Lease::of(Duration::from_hours(24));
    /// assert_eq!(lease.length(), Some(Duration::from_hours(24)));
    /// ```
    #[must_use]
    pub const fn of(length: Duration) -> Self {
        Self { length: Some(length), max: None }
    }

    /// No end: the key lives until somebody revokes it.
    ///
    /// ```
    /// use pinning_keys_lifecycle::Lease;
    ///
    /// assert_eq!(Lease::none().length(), None);
    /// ```
    #[must_use]
    pub const fn none() -> Self {
        Self { length: None, max: None }
    }

    /// Makes the lease renewable until this long after the key is issued. The maximum is part of
    /// the key's name, and no renewal extends beyond it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use pinning_keys_lifecycle::Lease;
    ///
    /// let day = Duration::from_hours(24);
    /// let lease = Lease::of(day).renewable_until(day * 90);
    /// # let _ = lease;
    /// ```
    #[must_use]
    pub const fn renewable_until(mut self, max: Duration) -> Self {
        self.max = Some(max);
        self
    }

    /// The time after which the lease ends unless it is renewed; `None` if it has no end.
    pub const fn length(&self) -> Option<Duration> {
        self.length
    }

    /// The time after the issue at which the lease ends for good, however often it is renewed; `None`
    /// if it cannot be renewed.
    pub const fn max(&self) -> Option<Duration> {
        self.max
    }

    pub(crate) const fn is_renewable(&self) -> bool {
        self.max.is_some()
    }

    /// The ends of a lease that begins now.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a lease that is too short, that is longer than its maximum,
    /// or that ends beyond the year 2099.
    pub(crate) fn ends(&self, now: Timestamp) -> Result<Option<Ends>, Error> {
        let invalid = |message: String| Error::new(ErrorKind::InvalidInput, message);
        let Some(length) = self.length else {
            return match self.max {
                None => Ok(None),
                Some(_) => Err(invalid("a lease without an end cannot be renewed".to_owned())
                    .with_next_step("Lease::of(…).renewable_until(…)")),
            };
        };
        if length < Self::MIN {
            return Err(invalid(format!("the lease is shorter than {:?}", Self::MIN)));
        }
        let max = self.max.unwrap_or(length);
        if max < length {
            return Err(invalid("the lease is longer than its maximum".to_owned()));
        }
        let beyond = || {
            invalid("the lease ends beyond the year 2099".to_owned())
                .with_next_step("for a key without an end, use Lease::none()")
        };
        let expires_at = now.checked_add(length).ok_or_else(beyond)?;
        let max_until = now.checked_add(max).ok_or_else(beyond)?;
        Ok(Some(Ends { expires_at, max_until }))
    }
}

/// When a lease ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ends {
    /// Unless it is renewed.
    pub(crate) expires_at: Timestamp,
    /// At the latest.
    pub(crate) max_until: Timestamp,
}
