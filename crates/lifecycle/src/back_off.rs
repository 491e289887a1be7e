//! How long a row waits after a failure.

use std::time::Duration;

use crate::Timestamp;

const FIRST: Duration = Duration::from_secs(10);
const LONGEST: Duration = Duration::from_hours(1);

/// When to try again after this many failures in a row: 10 s later, doubling, with up to half of
/// that added or subtracted, at most 1 h. The spread keeps rows that failed together from being
/// retried together.
pub(crate) fn back_off(now: Timestamp, attempts: i64) -> Timestamp {
    let doublings = u32::try_from(attempts.clamp(1, 16) - 1).unwrap_or_default();
    let wait = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    // Without random numbers, there is no spread.
    let spread = getrandom::u32().unwrap_or(u32::MAX / 2);
    let factor = 0.5 + f64::from(spread) / f64::from(u32::MAX);
    now.saturating_add(wait.mul_f64(factor).min(LONGEST))
}
