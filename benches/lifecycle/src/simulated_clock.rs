//! Time that passes only when everything waits for it.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pinning_keys_lifecycle::Clock;
use tokio::time::{Instant, sleep};

/// The clock of a Tokio runtime whose time is paused: it is moved to the next moment that a task
/// waits for when all of them wait. The HTTP layer, which waits between its attempts, follows it
/// too. It would break the connection pools of databases, but a store in memory has none.
#[derive(Clone, Copy)]
pub(crate) struct SimulatedClock(Instant);

impl SimulatedClock {
    pub(crate) fn new() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_hours(500_000) + self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(sleep(time))
    }
}
