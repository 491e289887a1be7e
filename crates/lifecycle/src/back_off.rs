//! How long to wait after failures: 10 s, doubling.

use std::time::Duration;

use crate::Timestamp;
use crate::store::KeyRow;

const FIRST: Duration = Duration::from_secs(10);

/// The longest back-off of a row.
pub(crate) const LONGEST: Duration = Duration::from_hours(1);

/// The wait after this many failures in a row: 10 s, doubling.
pub(crate) fn doubled(failures: i64, longest: Duration) -> Duration {
    FIRST.saturating_mul(1 << failures.saturating_sub(1).clamp(0, 20)).min(longest)
}

/// The same, at most 1 h, and up to half of that more or less, so that what failed together is not
/// tried again together. The text decides how much.
pub(crate) fn back_off(of: &str, failures: i64) -> Duration {
    let seed = of.bytes().fold(failures.unsigned_abs(), |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let percent = 50 + u32::try_from(seed % 101).unwrap_or_default();
    (doubled(failures, LONGEST) * percent / 100).min(LONGEST)
}

impl KeyRow {
    /// Notes a failure, and returns how long to wait after it.
    pub(crate) fn failed_again(&mut self) -> Duration {
        self.attempts = self.attempts.saturating_add(1);
        back_off(self.id.as_str(), self.attempts)
    }

    /// Lets the row wait for another look, because the last one did not suffice.
    pub(crate) fn look_later(&mut self, now: Timestamp) {
        self.due_at = Some(now.saturating_add(self.failed_again()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_doubles_with_jitter_up_to_an_hour() {
        let mut longest = FIRST;
        for failures in 1..100 {
            let time = back_off("7f3k9q2m0hj4x", failures);
            assert!(time >= longest / 2 && time <= longest * 3 / 2 && time <= LONGEST, "{time:?}");
            assert_eq!(time, back_off("7f3k9q2m0hj4x", failures));
            longest = (longest * 2).min(LONGEST);
        }
    }

    #[test]
    fn any_number_of_failures_has_a_wait() {
        for failures in [i64::MIN, -1, 0, 1, i64::MAX] {
            assert!(doubled(failures, LONGEST) >= FIRST);
            assert!(back_off("key", failures) >= FIRST / 2);
        }
    }
}
