use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::time::{Instant, sleep_until};

use crate::RateLimit;

/// For how long a provider can close a bucket. One that asks for more gets the next request all
/// the same, and its answer tells the caller.
const LONGEST_CLOSURE: Duration = Duration::from_secs(120);

/// A hundredth of the longest time between two turns; clocks end before the longest duration does.
const LONGEST_INTERVAL: Duration = Duration::from_secs(4 * 24 * 60 * 60);

/// Calls go out this much slower than the limit allows, in hundredths: what is sent at an even
/// pace does not arrive at one, and a provider that counts from window to window would see one
/// too many now and then.
const MARGIN: u32 = 2;

/// Timers tick in milliseconds. Where that is much of an interval, calls that come late by up to
/// so much are made up for.
const LATENESS: Duration = Duration::from_millis(5);
const MUCH: Duration = Duration::from_millis(100);

/// Lets calls out one after the other, at the pace of a limit.
///
/// Calls that wait do so side by side, and none holds anything meanwhile: one that is not polled,
/// as in a batch that nobody reads just now, would hold up all others.
pub(crate) struct Bucket {
    limiter: RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Duration>>,
    clock: TokioClock,
    closed_until: Mutex<Option<Instant>>,
}

impl Bucket {
    pub(crate) fn new(limit: RateLimit) -> Self {
        let interval = (limit.interval() / 100).min(LONGEST_INTERVAL) * (100 + MARGIN);
        // Only where there is no time between two calls, there is no period.
        let quota = Quota::with_period(interval).map_or_else(
            || Quota::per_second(NonZeroU32::MAX),
            |quota| quota.allow_burst(NonZeroU32::MIN.saturating_add(late_calls(interval))),
        );
        let clock = TokioClock { beginning: Instant::now() };
        let limiter = RateLimiter::direct_with_clock(quota, clock);
        Self { limiter, clock, closed_until: Mutex::default() }
    }

    /// Waits for a turn. Who gives up while waiting takes nothing.
    pub(crate) async fn turn(&self) {
        while let Err(time) = self.take() {
            sleep_until(time).await;
        }
    }

    /// Takes a turn; or says when to try again.
    fn take(&self) -> Result<(), Instant> {
        if let Some(end) = self.closed_until().filter(|end| *end > Instant::now()) {
            return Err(end);
        }
        let taken = self.limiter.check();
        taken.map_err(|early| Instant::now() + early.wait_time_from(self.clock.now()))
    }

    /// Lets nothing out for this time, since the provider asks for it.
    pub(crate) fn close(&self, time: Duration) {
        let end = Instant::now() + time.min(LONGEST_CLOSURE);
        let mut closed_until = self.closed_until();
        *closed_until = (*closed_until).max(Some(end));
    }

    /// Nothing that could panic runs while it is held.
    fn closed_until(&self) -> MutexGuard<'_, Option<Instant>> {
        self.closed_until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many calls can have come late when one comes.
fn late_calls(interval: Duration) -> u32 {
    if interval > MUCH {
        return 0;
    }
    LATENESS.as_nanos().div_ceil(interval.as_nanos().max(1)).try_into().unwrap_or(u32::MAX)
}

/// The time of the runtime that also does the waiting: where it is paused, both stand still.
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
