use std::collections::HashSet;
use std::time::{SystemTime, UNIX_EPOCH};

/// 2025-01-01T00:00:00Z, where the emulator's time starts unless a test sets it.
const BEGINNING: u64 = 1_735_689_600;

const DAY: u64 = 24 * 60 * 60;

/// The time in answers.
///
/// It is a counter that advances one second with everything that is dated, so that two runs from
/// the same seed write the same moments. No two things share a moment, even if a test sets the time
/// back.
pub(crate) struct Clock {
    next: u64,
    /// The moments that were given out, in seconds since 1970.
    given: HashSet<u64>,
}

impl Clock {
    /// The next moment.
    pub(crate) fn tick(&mut self) -> Moment {
        while !self.given.insert(self.next) {
            self.next += 1;
        }
        let seconds = self.next;
        self.next += 1;
        Moment { seconds }
    }

    /// Sets the next moment, in whole seconds. Times before 1970 count as 1970.
    pub(crate) fn set(&mut self, time: SystemTime) {
        self.next = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self { next: BEGINNING + 1, given: HashSet::new() }
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Moment {
    seconds: u64,
}

impl Moment {
    /// Seconds since 1970.
    pub(crate) fn unix(self) -> u64 {
        self.seconds
    }

    /// The form of Pinata's documents: `2024-06-12T15:34:50.324Z`.
    pub(crate) fn iso(self) -> String {
        self.with_fraction("000")
    }

    /// The form of W3IPFS's documents: `2023-01-01T11:11:11.111111Z`.
    pub(crate) fn iso_micros(self) -> String {
        self.with_fraction("000000")
    }

    fn with_fraction(self, fraction: &str) -> String {
        let (year, month, day) = civil_date(self.seconds / DAY);
        let (hours, rest) = (self.seconds % DAY / 3600, self.seconds % 3600);
        let (minutes, seconds) = (rest / 60, rest % 60);
        format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{fraction}Z")
    }
}

/// Converts a number of days since 1970 into year, month and day of the Gregorian calendar.
///
/// Counted from 1 March of year 0, leap days fall at the end of a year, and the lengths of the
/// months follow the line `(153 * month + 2) / 5` (H. Hinnant, "chrono-compatible low-level date
/// algorithms").
fn civil_date(days_since_1970: u64) -> (u64, u64, u64) {
    let days = days_since_1970 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn time_starts_with_2025() {
        assert_eq!(Clock::default().tick().iso(), "2025-01-01T00:00:01.000Z");
        assert_eq!(Clock::default().tick().iso_micros(), "2025-01-01T00:00:01.000000Z");
    }

    #[test]
    fn set_time_is_the_next_moment_and_advances() {
        let mut clock = Clock::default();
        clock.set(UNIX_EPOCH + Duration::from_millis(1_718_206_490_999));
        assert_eq!(clock.tick().iso(), "2024-06-12T15:34:50.000Z");
        assert_eq!(clock.tick().iso(), "2024-06-12T15:34:51.000Z");
        clock.set(UNIX_EPOCH - Duration::from_secs(1));
        assert_eq!(clock.tick().iso(), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn moments_are_unique_when_time_is_set_back() {
        let mut clock = Clock::default();
        let mut moments = Vec::new();
        for start in [100, 102, 98, 100] {
            clock.set(UNIX_EPOCH + Duration::from_secs(start));
            moments.extend([(); 3].map(|()| clock.tick().unix()));
        }
        assert_eq!(moments, [100, 101, 102, 103, 104, 105, 98, 99, 106, 107, 108, 109]);
    }

    #[test]
    fn dates_around_leap_days_are_right() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399, "2000-02-28T23:59:59.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (1_709_251_199, "2024-02-29T23:59:59.000Z"),
            (1_718_206_490, "2024-06-12T15:34:50.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(Moment { seconds }.iso(), text);
        }
    }
}
