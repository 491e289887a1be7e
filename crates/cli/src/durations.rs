//! Lengths of time as people type them.

use std::time::Duration;

pub(crate) const MINUTE: u64 = 60;
pub(crate) const HOUR: u64 = 60 * MINUTE;
pub(crate) const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

/// Reads a length such as `90s`, `30min`, `12h`, `30d` or `8w`, which must not be zero. There is no
/// unit `m`, because it could mean minutes or months.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit_at);
    let unit = match unit {
        "s" => 1,
        "min" => MINUTE,
        "h" => HOUR,
        "d" => DAY,
        "w" => WEEK,
        _ => return None,
    };
    let number: u64 = number.parse().ok().filter(|number| *number > 0)?;
    number.checked_mul(unit).map(Duration::from_secs)
}
