//! How much time has passed at a node, whatever the time of day is there.

use std::time::{Duration, SystemTime};

use crate::Clock;

/// A moment on both clocks of a node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    shown: SystemTime,
    monotonic: Duration,
}

impl Moment {
    pub(crate) fn now(clock: &dyn Clock) -> Self {
        Self { shown: clock.now(), monotonic: clock.monotonic() }
    }

    /// The time since then, at least. It does not matter which time of day the node's clock shows.
    ///
    /// A monotonic clock may stop while the machine sleeps, which the other clock then shows. So
    /// the time by which the two have moved against each other, in either direction, counts as time
    /// that has passed.
    pub(crate) fn elapsed(&self, clock: &dyn Clock) -> Duration {
        let passed = clock.monotonic().saturating_sub(self.monotonic);
        let jump = match self.shown.checked_add(passed) {
            Some(expected) => clock.now().duration_since(expected).unwrap_or_else(|e| e.duration()),
            None => Duration::MAX,
        };
        passed.saturating_add(jump)
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::ManualClock;

    const MINUTE: Duration = Duration::from_mins(1);

    #[test]
    fn time_counts_once_and_a_jump_counts_as_time() {
        let clock = ManualClock::at(UNIX_EPOCH + MINUTE * 100);
        let moment = Moment::now(&clock);
        clock.advance(MINUTE);
        assert_eq!(moment.elapsed(&clock), MINUTE);
        clock.set(clock.now() + MINUTE * 5);
        assert_eq!(moment.elapsed(&clock), MINUTE * 6);
        clock.set(clock.now() - MINUTE * 10);
        assert_eq!(moment.elapsed(&clock), MINUTE * 6);
    }
}
