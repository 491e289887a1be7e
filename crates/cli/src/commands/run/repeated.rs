//! Persistent failures, which are not reported in each pass.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use pinning_keys_lifecycle::{Error, ErrorKind};

/// The time before a persistent failure is reported again.
const QUIET: Duration = Duration::from_secs(60 * 60);

/// The failures that were reported, by account and cause.
#[derive(Default)]
pub(super) struct Repeated(HashMap<(String, String), Instant>);

impl Repeated {
    /// Whether a failure of an account is to be reported now.
    pub(super) fn is_new(&mut self, account: &str, cause: String, now: Instant) -> bool {
        self.0.retain(|_, reported_at| now.duration_since(*reported_at) < QUIET);
        let key = (account.to_owned(), cause);
        if self.0.contains_key(&key) {
            return false;
        }
        self.0.insert(key, now);
        true
    }

    /// Forgets the failures of an account that accepts calls again. Returns whether there were any.
    pub(super) fn end(&mut self, account: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|(of, _), _| of != account);
        self.0.len() < before
    }
}

/// What a failure has in common with its repetitions. A failure of the whole account meets a
/// different key each time.
pub(super) fn cause(error: &Error) -> String {
    match (error.kind(), error.provider_error().map(pinning_keys::Error::kind)) {
        (ErrorKind::Provider, Some(kind))
            if kind.affects_all_keys() || kind == pinning_keys::ErrorKind::RateLimited =>
        {
            format!("{kind:?}")
        }
        (ErrorKind::Provider | ErrorKind::Store, _) => error.to_string(),
        (kind, _) => format!("{kind:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn failure_that_lasts_is_reported_once_an_hour() {
        let (mut repeated, begin) = (Repeated::default(), Instant::now());
        let mut reported = Vec::new();
        for minute in 0..130 {
            if repeated.is_new("main", "refused".to_owned(), begin + minute * MINUTE) {
                reported.push(minute);
            }
        }
        assert_eq!(reported, [0, 60, 120]);
    }

    #[test]
    fn accounts_and_causes_are_told_apart() {
        let (mut repeated, now) = (Repeated::default(), Instant::now());
        for (account, cause) in [("main", "refused"), ("main", "timeout"), ("other", "refused")] {
            assert!(repeated.is_new(account, cause.to_owned(), now), "{account}, {cause}");
            assert!(!repeated.is_new(account, cause.to_owned(), now), "{account}, {cause}");
        }
    }

    #[test]
    fn failure_after_a_recovery_is_reported_at_once() {
        let (mut repeated, now) = (Repeated::default(), Instant::now());
        assert!(!repeated.end("main"));
        assert!(repeated.is_new("main", "refused".to_owned(), now));
        assert!(!repeated.end("other") && repeated.end("main") && !repeated.end("main"));
        assert!(repeated.is_new("main", "refused".to_owned(), now + MINUTE));
    }
}
