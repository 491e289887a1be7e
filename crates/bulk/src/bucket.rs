use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::time::{Instant, sleep_until};

use crate::RateLimit;

/// The longest time for which a provider can close a bucket. If it asks for more, the next
/// request is sent all the same, and the caller sees its answer.
const LONGEST_CLOSURE: Duration = Duration::from_secs(120);

/// A hundredth of the longest time between two turns. Clocks overflow before `Duration` does.
const LONGEST_INTERVAL: Duration = Duration::from_secs(4 * 24 * 60 * 60);

/// How much slower than the limit calls are sent, in percent. Requests that are sent at an even
/// pace do not arrive at one, so a provider that counts per window would sometimes see one too
/// many.
const MARGIN: u32 = 2;

/// Timers tick in milliseconds, so a turn can come this late. For intervals up to `MUCH`, turns
/// that were late by up to this time are made up for.
const LATENESS: Duration = Duration::from_millis(5);
const MUCH: Duration = Duration::from_millis(100);

/// Gives calls their turns, at the pace of a limit.
///
/// Calls wait side by side and hold nothing meanwhile. In a queue, a call that is not polled,
/// such as one in a batch that nobody is reading, would hold up all others.
pub(crate) struct Bucket {
    limiter: RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Duration>>,
    clock: TokioClock,
    closed_until: Mutex<Option<Instant>>,
}

impl Bucket {
    pub(crate) fn new(limit: RateLimit) -> Self {
        let interval = (limit.interval() / 100).min(LONGEST_INTERVAL) * (100 + MARGIN);
        let burst = NonZeroU32::new(limit.burst()).unwrap_or(NonZeroU32::MIN);
        // `with_period` returns `None` only if the interval is zero.
        let quota = Quota::with_period(interval).map_or_else(
            || Quota::per_second(NonZeroU32::MAX),
            |quota| quota.allow_burst(burst.saturating_add(late_calls(interval))),
        );
        let clock = TokioClock { beginning: Instant::now() };
        let limiter = RateLimiter::direct_with_clock(quota, clock);
        Self { limiter, clock, closed_until: Mutex::default() }
    }

    /// Waits for a turn. A call that is dropped while it waits takes none.
    pub(crate) async fn turn(&self) {
        while let Err(time) = self.take() {
            sleep_until(time).await;
        }
    }

    /// Takes a turn, or returns the time at which to try again.
    fn take(&self) -> Result<(), Instant> {
        if let Some(end) = self.closed_until().filter(|end| *end > Instant::now()) {
            return Err(end);
        }
        let taken = self.limiter.check();
        taken.map_err(|early| Instant::now() + early.wait_time_from(self.clock.now()))
    }

    /// Gives no turns for this time, because the provider asked for that.
    pub(crate) fn close(&self, time: Duration) {
        let end = Instant::now() + time.min(LONGEST_CLOSURE);
        let mut closed_until = self.closed_until();
        *closed_until = (*closed_until).max(Some(end));
    }

    /// Nothing that could panic runs while the lock is held, so a poisoned lock is harmless.
    fn closed_until(&self) -> MutexGuard<'_, Option<Instant>> {
        self.closed_until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many turns can be late at once.
fn late_calls(interval: Duration) -> u32 {
    if interval > MUCH {
        return 0;
    }
    LATENESS.as_nanos().div_ceil(interval.as_nanos().max(1)).try_into().unwrap_or(u32::MAX)
}

/// The clock of the tokio runtime, so that the limiter stands still while its timers are paused.
#[derive(Clone, Copy)]
struct TokioClock {
    beginning: Instant,
}

impl Clock for TokioClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.beginning.elapsed()
    }
}
