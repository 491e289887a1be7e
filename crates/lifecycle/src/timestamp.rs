use std::fmt;
use std::time::{Duration, SystemTime};

/// A point in time, in microseconds since 1970, as stores keep it.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use pinning_keys_lifecycle::Timestamp;
///
/// let at = Timestamp::from(UNIX_EPOCH + Duration::from_secs(60));
/// assert_eq!(at.to_string(), "1970-01-01T00:01:00Z");
/// assert_eq!(at.saturating_add(Duration::from_micros(5)).as_micros(), 60_000_005);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The end of 30 December 2099, the last day whose next one a key's name can show.
    pub(crate) const END: Self = Self(4_102_358_399_999_999);

    /// Creates a timestamp from the number of microseconds since 1970.
    ///
    /// ```
    /// use pinning_keys_lifecycle::Timestamp;
    ///
    /// assert_eq!(Timestamp::from_micros(1_000_000).to_string(), "1970-01-01T00:00:01Z");
    /// ```
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// The number of microseconds since 1970.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The time this much later, or `None` if it is after 30 December 2099, which no name of a key
    /// can show.
    ///
    /// ```
    /// use std::time::Duration;
    /// use pinning_keys_lifecycle::Timestamp;
    ///
    /// let noon = Timestamp::from_micros(43_200_000_000);
    /// assert!(noon.checked_add(Duration::from_hours(1)).is_some());
    /// assert!(noon.checked_add(Duration::MAX).is_none());
    /// ```
    pub fn checked_add(self, time: Duration) -> Option<Self> {
        let micros = i64::try_from(time.as_micros()).ok()?;
        self.0.checked_add(micros).map(Self).filter(|sum| *sum <= Self::END)
    }

    /// The time this much later, at most the last that can be represented.
    ///
    /// ```
    /// use std::time::Duration;
    /// use pinning_keys_lifecycle::Timestamp;
    ///
    /// let noon = Timestamp::from_micros(43_200_000_000);
    /// assert!(noon.saturating_add(Duration::MAX) > noon);
    /// ```
    #[must_use]
    pub fn saturating_add(self, time: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(time.as_micros()).unwrap_or(i64::MAX)))
    }

    /// The time this much earlier.
    ///
    /// ```
    /// use std::time::Duration;
    /// use pinning_keys_lifecycle::Timestamp;
    ///
    /// let noon = Timestamp::from_micros(43_200_000_000);
    /// assert!(noon.saturating_sub(Duration::from_hours(1)) < noon);
    /// ```
    #[must_use]
    pub fn saturating_sub(self, time: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(time.as_micros()).unwrap_or(i64::MAX)))
    }

    /// The second that has begun, for people.
    pub(crate) const fn to_the_second(self) -> Self {
        const SECOND: i64 = 1_000_000;
        Self(self.0.div_euclid(SECOND) * SECOND)
    }

    /// The time since `earlier`; zero if that is later.
    ///
    /// ```
    /// use std::time::Duration;
    /// use pinning_keys_lifecycle::Timestamp;
    ///
    /// let noon = Timestamp::from_micros(43_200_000_000);
    /// let later = noon.saturating_add(Duration::from_secs(5));
    /// assert_eq!(later.since(noon), Duration::from_secs(5));
    /// assert_eq!(noon.since(later), Duration::ZERO);
    /// ```
    pub fn since(self, earlier: Self) -> Duration {
        let micros = self.0.saturating_sub(earlier.0);
        Duration::from_micros(u64::try_from(micros).unwrap_or_default())
    }
}

/// Times before 1970 and after the year 294,000 become the nearest that can be represented.
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

impl From<Timestamp> for SystemTime {
    fn from(time: Timestamp) -> Self {
        let after = |time: Timestamp| {
            let micros = u64::try_from(time.0).unwrap_or_default();
            Self::UNIX_EPOCH.checked_add(Duration::from_micros(micros))
        };
        // Not every system knows times so late.
        after(time).or_else(|| after(Timestamp::END)).unwrap_or(Self::UNIX_EPOCH)
    }
}

/// RFC 3339, with as many digits as needed.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(time) => f.pad(&time.to_string()),
            Err(_) => f.pad("out of range"),
        }
    }
}
