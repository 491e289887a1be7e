use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Lets something happen at most once per interval.
#[derive(Debug, Default)]
pub(crate) struct Pause(Mutex<Option<Duration>>);

impl Pause {
    /// Whether it is due. If it is, it is not due again for this long. Times are those of the
    /// monotonic clock.
    pub(crate) fn is_due(&self, now: Duration, pause: Duration) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.is_none_or(|last| now.saturating_sub(last) >= pause);
        if is_due {
            *last = Some(now);
        }
        is_due
    }
}
