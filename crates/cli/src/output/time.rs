//! Times for programs.

use std::time::SystemTime;

use jiff::{Timestamp, TimestampRound, Unit};
use serde::Serializer;

/// Such as `2026-12-31T18:00:00Z`, truncated to seconds; null for a time outside the calendar's range.
#[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
pub(crate) fn rfc3339<S: Serializer>(
    time: &Option<SystemTime>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let round = TimestampRound::new().smallest(Unit::Second).mode(jiff::RoundMode::Floor);
    let time = time.and_then(|time| Timestamp::try_from(time).ok()?.round(round).ok());
    match time {
        Some(time) => serializer.collect_str(&time),
        None => serializer.serialize_none(),
    }
}
