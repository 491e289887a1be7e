//! How long the suite waits: for calls to end, and for changes to take effect.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::harness::Harness;
use crate::verdict::Stop;

/// What a call may take beyond its deadline on a paused clock, where only the adapter takes time.
const PAUSED: Duration = Duration::from_millis(50);

/// The least that a call may take beyond its deadline on a real clock: the machine may be busy.
const BUSY: Duration = Duration::from_secs(5);

/// The time after which a call with this deadline counts as hung.
pub(crate) fn hung_after(harness: &dyn Harness, deadline: Duration) -> Duration {
    let grace = if harness.pauses_clock() { PAUSED } else { deadline.max(BUSY) };
    deadline.saturating_add(grace)
}

/// A wait for a change to take effect.
pub(crate) struct Patience {
    began: Instant,
    limit: Duration,
}

impl Patience {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { began: Instant::now(), limit }
    }

    /// Waits a little, and returns whether there was time left.
    pub(crate) async fn again(&mut self) -> bool {
        let left = self.limit.saturating_sub(self.began.elapsed());
        if left.is_zero() {
            return false;
        }
        let step = (self.limit / 10).clamp(Duration::from_millis(10), Duration::from_secs(1));
        sleep(step.min(left)).await;
        true
    }

    /// The failure to report if the change has not taken effect in time.
    pub(crate) fn over(&self, event: &str, state: &str) -> Stop {
        Stop::failed(if self.limit.is_zero() {
            format!(
                "right after the key was {event}, {state}; neither profile nor harness names a \
                 propagation time"
            )
        } else {
            format!("{:?} after the key was {event}, {state}", self.limit)
        })
    }
}
