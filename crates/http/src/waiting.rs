//! How long to wait between two attempts.

use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder, ExponentialBuilder};
use http::HeaderMap;
use http::header::RETRY_AFTER;

/// Why a call does not wait for as long as the server asks.
pub(crate) const WAIT_EXCEEDS_DEADLINE: &str = "the requested wait exceeds the deadline";

/// Jitter adds up to the same delay again, so that many callers do not return at once.
const BACK_OFF: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_millis(200))
    .with_max_delay(Duration::from_secs(5))
    .without_max_times()
    .with_jitter();

/// Callers add the wait to a clock, which a larger number could overflow.
const LONGEST_WAIT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The growing pauses of one call, created at the first retry, because most calls have none.
#[derive(Default)]
pub(crate) struct BackOff {
    pauses: Option<<ExponentialBuilder as BackoffBuilder>::Backoff>,
}

impl BackOff {
    pub(crate) fn next(&mut self) -> Duration {
        let pauses = self.pauses.get_or_insert_with(|| BACK_OFF.build());
        // No limit is set, so the pauses never end.
        pauses.next().unwrap_or(Duration::from_secs(5))
    }
}

/// How long the server asks to wait, in seconds or until a date.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // Only a huge number does not parse.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)).min(LONGEST_WAIT));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    // A date that has passed asks for no wait.
    Some(date.duration_since(now).unwrap_or_default().min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn parse(text: &str) -> Option<Duration> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        retry_after(
            &[(RETRY_AFTER, HeaderValue::from_str(text).unwrap())].into_iter().collect(),
            now,
        )
    }

    #[test]
    fn seconds_and_dates_are_read() {
        assert_eq!(parse("60"), Some(Duration::from_secs(60)));
        assert_eq!(parse(" 0 "), Some(Duration::ZERO));
        assert_eq!(parse("Sun, 06 Nov 1994 08:50:37 GMT"), Some(Duration::from_secs(60)));
        assert_eq!(parse("Sun, 06 Nov 1994 08:49:00 GMT"), Some(Duration::ZERO));
        assert_eq!(parse("99999999999999999999999"), Some(LONGEST_WAIT));
        assert_eq!(parse("Sat, 06 Nov 2094 08:49:37 GMT"), Some(LONGEST_WAIT));
    }

    #[test]
    fn any_other_text_is_ignored() {
        for text in ["", "soon", "-1", "1.5", "1e3", "60s", "Sun, 99 Nov 1994 08:49:37 GMT"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), SystemTime::now()), None);
    }

    #[test]
    fn pauses_grow_up_to_a_limit() {
        let mut back_off = BackOff::default();
        for least in [200, 400, 800, 1600, 3200, 5000, 5000] {
            let pause = back_off.next();
            let least = Duration::from_millis(least);
            assert!(pause >= least && pause <= least * 2, "{pause:?} for {least:?}");
        }
    }
}
