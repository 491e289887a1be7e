//! The flags that say how long a key works.

use std::time::{Duration, SystemTime};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use pinning_keys_lifecycle::Lease;

use crate::durations;
use crate::failure::Failure;

#[derive(clap::Args)]
pub(crate) struct LeaseArgs {
    /// How long the key works: 24h, 90d, until:2026-12-31 (default: until it is revoked)
    #[arg(long, value_name = "TIME", help_heading = "Lease")]
    lease: Option<String>,
    /// Let `renew` extend the lease, at most until this time: 180d, until:2026-12-31
    #[arg(long, value_name = "TIME", requires = "lease", help_heading = "Lease")]
    max_lease: Option<String>,
}

impl LeaseArgs {
    pub(crate) fn is_given(&self) -> bool {
        self.lease.is_some()
    }

    /// The lease, from now on.
    pub(crate) fn lease(&self) -> Result<Lease, Failure> {
        lease(self.lease.as_deref(), self.max_lease.as_deref(), ["--lease", "--max-lease"])
    }
}

/// The lease that texts describe, from now on. `names` are those of the two settings.
pub(crate) fn lease(
    length: Option<&str>,
    max: Option<&str>,
    names: [&str; 2],
) -> Result<Lease, Failure> {
    let now = SystemTime::now();
    let Some(length) = length else { return Ok(Lease::none()) };
    let lease = Lease::of(from_now(length, names[0], now)?);
    match max {
        Some(max) => Ok(lease.renewable_until(from_now(max, names[1], now)?)),
        None => Ok(lease),
    }
}

/// The time from now to what a text names.
pub(crate) fn from_now(text: &str, name: &str, now: SystemTime) -> Result<Duration, Failure> {
    let Some(date) = text.strip_prefix("until:") else {
        return durations::parse(text).ok_or_else(|| no_time(name));
    };
    let end = moment(date).ok_or_else(|| no_time(name))?;
    let now = Timestamp::try_from(now).unwrap_or(Timestamp::UNIX_EPOCH);
    Duration::try_from(end.duration_since(now))
        .ok()
        .filter(|left| !left.is_zero())
        .ok_or_else(|| Failure::usage(format!("{name} is in the past")))
}

/// The end of a day in UTC, or a moment with its time zone.
fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(day) = text.parse::<Date>() {
        let next = day.checked_add(1.day()).ok()?;
        return TimeZone::UTC.to_timestamp(next.at(0, 0, 0, 0)).ok();
    }
    text.parse().ok()
}

/// The start of a day in UTC, or a moment with its time zone.
pub(crate) fn start_of(text: &str) -> Option<Timestamp> {
    match text.parse::<Date>() {
        Ok(day) => TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok(),
        Err(_) => text.parse().ok(),
    }
}

fn no_time(name: &str) -> Failure {
    Failure::usage(format!("{name} is not a length of time or a date")).with_next(
        "for example:  90min, 24h, 90d, 8w, until:2026-12-31, until:2026-12-31T18:00:00Z",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_end_with_their_day_and_moments_are_exact() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_798_632_000);
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        for (text, expected) in [
            ("24h", Some(hours(24))),
            ("until:2026-12-31", Some(hours(36))),
            ("until:2026-12-30T13:00:00Z", Some(hours(1))),
            ("until:2026-12-29", None),
            ("until:2026-12-30T12:00:00Z", None),
            ("until:tomorrow", None),
            ("tomorrow", None),
            ("0h", None),
            ("", None),
        ] {
            assert_eq!(from_now(text, "--lease", now).ok(), expected, "{text}");
        }
    }
}
