use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text::{padded, rfc3339};
use crate::{Error, ErrorKind};

/// The last second that RFC 3339 can express, in seconds since 1970: the end of the year 9999.
const LAST_SECOND: u64 = 253_402_300_799;

/// When a key expires: a time after it is issued, or a point in time.
///
/// It is written as a duration such as `24h` or `30days`, or as a time in RFC 3339 and UTC such as
/// `2027-01-15T08:00:00Z`; `Display` and serde use the same forms. In a duration, `m` is a minute
/// and `M` a month of 30.44 days.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use pinning_keys_core::{Expiry, KeyRequest, ScopeRequest};
///
/// let request = KeyRequest::new("ci", ScopeRequest::uploader())?;
/// let a_day = Duration::from_secs(24 * 60 * 60);
/// assert_eq!(request.with_expiry(a_day).expiry(), Some("24h".parse()?));
///
/// let end = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
/// assert_eq!(Expiry::at(end).to_string(), "2027-01-15T08:00:00Z");
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Expiry(When);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum When {
    After(Duration),
    At(SystemTime),
}

impl Expiry {
    /// This long after the key is issued.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use pinning_keys_core::Expiry;
    ///
    /// assert_eq!(Expiry::after(Duration::from_secs(90 * 60)).to_string(), "1h 30m");
    /// ```
    #[must_use]
    pub const fn after(lifetime: Duration) -> Self {
        Self(When::After(lifetime))
    }

    /// At this time.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use pinning_keys_core::Expiry;
    ///
    /// let end = SystemTime::now() + Duration::from_secs(60 * 60);
    /// assert_eq!(Expiry::at(end), end.into());
    /// ```
    #[must_use]
    pub const fn at(time: SystemTime) -> Self {
        Self(When::At(time))
    }

    /// When a key that is issued now expires; `None` if that is after the year 9999, which RFC 3339
    /// cannot express.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use pinning_keys_core::Expiry;
    ///
    /// let (now, hour) = (SystemTime::now(), Duration::from_secs(60 * 60));
    /// assert_eq!(Expiry::after(hour).instant(now), Some(now + hour));
    /// assert_eq!(Expiry::after(Duration::MAX).instant(now), None);
    /// ```
    pub fn instant(self, now: SystemTime) -> Option<SystemTime> {
        let time = match self.0 {
            When::After(lifetime) => now.checked_add(lifetime)?,
            When::At(time) => time,
        };
        let since_epoch = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        (since_epoch.as_secs() <= LAST_SECOND).then_some(time)
    }

    /// How long a key that is issued now works; `None` if it would have expired already.
    ///
    /// To send whole seconds or longer units, use [`units`](Self::units).
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use pinning_keys_core::Expiry;
    ///
    /// let (now, hour) = (SystemTime::now(), Duration::from_secs(60 * 60));
    /// assert_eq!(Expiry::at(now + hour).remaining(now), Some(hour));
    /// assert_eq!(Expiry::at(now).remaining(now), None);
    /// ```
    pub fn remaining(self, now: SystemTime) -> Option<Duration> {
        let left = match self.0 {
            When::After(lifetime) => lifetime,
            When::At(time) => time.duration_since(now).ok()?,
        };
        (!left.is_zero()).then_some(left)
    }

    /// How many units of this length remain, for providers that count seconds, hours or days.
    ///
    /// It is rounded down, so that no key lives longer than requested. It is at least 1: a request
    /// for less is refused by [`check_request`](crate::IssuerProfile::check_request), and time that
    /// passes after the check must not turn an expiry into none.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use pinning_keys_core::Expiry;
    ///
    /// let (now, hour) = (SystemTime::UNIX_EPOCH, Duration::from_secs(60 * 60));
    /// assert_eq!(Expiry::after(36 * hour).units(24 * hour, now), 1);
    /// assert_eq!(Expiry::at(now).units(hour, now), 1);
    /// ```
    pub fn units(self, unit: Duration, now: SystemTime) -> u64 {
        let remaining = self.remaining(now).unwrap_or_default().as_nanos();
        let whole = remaining.checked_div(unit.as_nanos()).unwrap_or_default();
        u64::try_from(whole).unwrap_or(u64::MAX).max(1)
    }
}

impl From<Duration> for Expiry {
    fn from(lifetime: Duration) -> Self {
        Self::after(lifetime)
    }
}

impl From<SystemTime> for Expiry {
    fn from(time: SystemTime) -> Self {
        Self::at(time)
    }
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        padded(f, |f| match self.0 {
            When::After(lifetime) => write!(f, "{}", humantime::format_duration(lifetime)),
            When::At(time) => match rfc3339(time) {
                Some(text) => f.write_str(&text),
                None => f.write_str("a time before 1970 or after 9999"),
            },
        })
    }
}

impl FromStr for Expiry {
    type Err = Error;

    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if the text is neither a duration nor a time. The error does not
    /// quote it.
    fn from_str(text: &str) -> Result<Self, Error> {
        let duration = humantime::parse_duration(text).map(Self::after);
        duration.or_else(|_| humantime::parse_rfc3339(text).map(Self::at)).map_err(|_| {
            let message = "the expiry is neither a duration such as \"24h\" nor a time such as \
                           \"2027-01-15T08:00:00Z\"";
            Error::new(ErrorKind::InvalidInput, message)
        })
    }
}

/// Writes the text that `Display` shows.
impl Serialize for Expiry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if matches!(self.0, When::At(time) if rfc3339(time).is_none()) {
            return Err(serde::ser::Error::custom("the expiry is before 1970 or after 9999"));
        }
        serializer.collect_str(self)
    }
}

/// Reads the text that `Display` shows.
impl<'de> Deserialize<'de> for Expiry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
