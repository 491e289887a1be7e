use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::time::{Instant, sleep, sleep_until};

use crate::RateLimit;

/// For how long a provider can close a bucket. One that asks for more gets the next request all
/// the same, and its answer tells the caller.
const LONGEST_CLOSURE: Duration = Duration::from_secs(120);

/// Lets calls out one after the other, at the pace of a limit.
pub(crate) struct Bucket {
    limiter: RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Duration>>,
    clock: TokioClock,
    /// Held by the call whose turn is next: the others queue up behind it in their order, in place
    /// of all waking up for each turn.
    queue: tokio::sync::Mutex<()>,
    closed_until: Mutex<Option<Instant>>,
}

impl Bucket {
    pub(crate) fn new(limit: RateLimit) -> Self {
        // Only no time at all is no period.
        let quota = Quota::with_period(limit.interval().max(Duration::from_nanos(1)))
            .map_or_else(|| Quota::per_second(limit.burst()), |it| it.allow_burst(limit.burst()));
        let clock = TokioClock { beginning: Instant::now() };
        Self {
            limiter: RateLimiter::direct_with_clock(quota, clock),
            clock,
            queue: tokio::sync::Mutex::default(),
            closed_until: Mutex::default(),
        }
    }

    /// Waits for a turn. Who gives up while waiting takes nothing.
    pub(crate) async fn turn(&self) {
        let _first = self.queue.lock().await;
        loop {
            let closed_until = *self.closed_until();
            if let Some(end) = closed_until.filter(|end| *end > Instant::now()) {
                sleep_until(end).await;
                continue;
            }
            match self.limiter.check() {
                Ok(()) => return,
                Err(not_yet) => sleep(not_yet.wait_time_from(self.clock.now())).await,
            }
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
