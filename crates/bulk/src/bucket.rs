use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::StateInformationMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::time::{Instant, sleep, sleep_until};

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

/// How late a timer may be without slowing down the pace. Timers tick in milliseconds, which is
/// much where something is due every few of them.
const LATENESS: Duration = Duration::from_millis(50);

/// Lets calls out one after the other, at the pace of a limit.
pub(crate) struct Bucket {
    limiter: RateLimiter<NotKeyed, InMemoryState, TokioClock, StateInformationMiddleware>,
    clock: TokioClock,
    /// After how long without a call there is nobody who waits.
    idle: Duration,
    /// When the last turn was. It is held by the call whose turn is next: the others queue up
    /// behind it in their order, in place of all waking up for each turn.
    queue: tokio::sync::Mutex<Option<Instant>>,
    closed_until: Mutex<Option<Instant>>,
}

impl Bucket {
    pub(crate) fn new(limit: RateLimit) -> Self {
        let interval = (limit.interval() / 100).min(LONGEST_INTERVAL) * (100 + MARGIN);
        let due = LATENESS.as_nanos() / interval.as_nanos().max(1);
        let burst = NonZeroU32::new(due.try_into().unwrap_or(u32::MAX)).unwrap_or(NonZeroU32::MIN);
        // Only where there is no time between two calls, there is no period.
        let quota = Quota::with_period(interval)
            .map_or_else(|| Quota::per_second(NonZeroU32::MAX), |it| it.allow_burst(burst));
        let clock = TokioClock { beginning: Instant::now() };
        let limiter = RateLimiter::direct_with_clock(quota, clock).with_middleware();
        Self {
            limiter,
            clock,
            idle: interval + LATENESS / 10,
            queue: tokio::sync::Mutex::default(),
            closed_until: Mutex::default(),
        }
    }

    /// Waits for a turn. Who gives up while waiting takes nothing.
    pub(crate) async fn turn(&self) {
        let mut last = self.queue.lock().await;
        let mut was_idle = last.is_none_or(|last| last.elapsed() > self.idle);
        loop {
            let closed_until = *self.closed_until();
            if let Some(end) = closed_until.filter(|end| *end > Instant::now()) {
                sleep_until(end).await;
                was_idle = true;
                continue;
            }
            match self.limiter.check() {
                Ok(state) => {
                    if was_idle {
                        self.give_up(state.remaining_burst_capacity());
                    }
                    *last = Some(Instant::now());
                    return;
                }
                Err(not_yet) => sleep(not_yet.wait_time_from(self.clock.now())).await,
            }
        }
    }

    /// Gives up the turns that were saved up while nobody wanted one: at once, they would be
    /// more than the limit allows.
    fn give_up(&self, turns: u32) {
        if let Some(turns) = NonZeroU32::new(turns) {
            // There are so many.
            let _ = self.limiter.check_n(turns);
        }
    }

    /// Lets nothing out for this time, since the provider asks for it.
    pub(crate) fn close(&self, time: Duration) {
        let end = Instant::now() + time.min(LONGEST_CLOSURE);
        let mut closed_until = self.closed_until();
        *closed_until = Some(closed_until.map_or(end, |until| until.max(end)));
    }

    /// Nothing that could panic runs while it is held.
    fn closed_until(&self) -> MutexGuard<'_, Option<Instant>> {
        self.closed_until.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
