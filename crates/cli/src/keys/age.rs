//! How old a key is.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::durations::{self, DAY, HOUR, MINUTE};
use crate::failure::Failure;

/// An age, by this machine's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Age(Duration);

impl Age {
    /// The age of what was created then. What the clock puts in the future is new.
    pub(crate) fn since(created_at: SystemTime) -> Self {
        Self(created_at.elapsed().unwrap_or_default())
    }

    /// A length of time, shown like an age.
    #[cfg(feature = "store")]
    pub(crate) fn of(length: Duration) -> Self {
        Self(length)
    }

    /// The time until then, to the nearest unit that is shown; 0 for a time in the past.
    #[cfg(feature = "store")]
    pub(crate) fn until(time: SystemTime) -> Self {
        let left = time.duration_since(SystemTime::now()).unwrap_or_default();
        let unit = match left.as_secs() {
            0..MINUTE => 1,
            MINUTE..HOUR => MINUTE,
            HOUR..=TWO_DAYS => HOUR,
            _ => DAY,
        };
        Self(left.saturating_add(Duration::from_secs(unit) / 2))
    }

    /// How long ago it was, such as `5min ago`. Seconds are not shown, so tables stay stable.
    pub(crate) fn ago(self) -> String {
        if self.0.as_secs() < MINUTE { "just now".to_owned() } else { format!("{self} ago") }
    }

    /// Reads an age such as `12h`, `30d` or `8w`.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        durations::parse(text).map(Self).ok_or_else(|| {
            Failure::usage("--older-than takes a number of hours, days or weeks")
                .with_next("for example:  --older-than 12h, --older-than 30d, --older-than 8w")
        })
    }
}

/// Such as `31d`, in the form that `--older-than` takes. An age of less than two days is shown in
/// hours, and so on.
impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match seconds {
            0..MINUTE => write!(f, "{seconds}s"),
            MINUTE..HOUR => write!(f, "{}min", seconds / MINUTE),
            HOUR..=TWO_DAYS => write!(f, "{}h", seconds / HOUR),
            _ => write!(f, "{}d", seconds / DAY),
        }
    }
}

/// The longest age that is shown in hours.
const TWO_DAYS: u64 = 2 * DAY - 1;

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Age {
        Age(Duration::from_secs(seconds))
    }

    #[test]
    fn hours_days_and_weeks_are_read() {
        for (text, age) in [("12h", 12 * HOUR), ("30d", 30 * DAY), ("8w", 56 * DAY)] {
            assert_eq!(Age::parse(text).unwrap(), seconds(age));
        }
    }

    #[test]
    fn other_ages_are_refused() {
        let too_large = format!("{}w", u64::MAX / DAY);
        for text in ["", "30", "d", "0d", "-1d", "+1d", "6m", "6mo", "1.5d", "1 d", &too_large] {
            assert!(Age::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ages_are_shown_in_a_fitting_unit() {
        for (age, shown) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1min"),
            (3_600, "1h"),
            (2 * DAY - 1, "47h"),
            (2 * DAY, "2d"),
            (400 * DAY, "400d"),
        ] {
            assert_eq!(seconds(age).to_string(), shown);
        }
    }

    #[cfg(feature = "store")]
    #[test]
    fn time_that_is_left_is_rounded() {
        let now = SystemTime::now();
        for (left, shown) in [(30 * DAY - 1, "30d"), (HOUR - 1, "1h"), (20 * MINUTE, "20min")] {
            let until = Age::until(now + Duration::from_secs(left));
            assert_eq!(until.to_string(), shown);
        }
    }

    #[test]
    fn what_is_created_in_the_future_is_new() {
        let tomorrow = SystemTime::now() + Duration::from_secs(DAY);
        assert_eq!(Age::since(tomorrow), seconds(0));
    }
}
