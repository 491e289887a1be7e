use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;

use crate::Clock;

/// A clock for tests, which moves only when it is told to. Clones share the time.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use pinning_keys_lifecycle::{Clock, ManualClock};
///
/// let clock = ManualClock::at(UNIX_EPOCH);
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now(), UNIX_EPOCH + Duration::from_secs(60));
/// ```
#[derive(Clone, Debug)]
pub struct ManualClock {
    state: Arc<Mutex<State>>,
    moved: watch::Sender<Duration>,
}

#[derive(Debug)]
struct State {
    wall: SystemTime,
    monotonic: Duration,
    sleepers: Vec<Duration>,
}

impl ManualClock {
    /// A clock that shows this time.
    ///
    /// ```
    /// use std::time::UNIX_EPOCH;
    /// use pinning_keys_lifecycle::{Clock, ManualClock};
    ///
    /// assert_eq!(ManualClock::at(UNIX_EPOCH).now(), UNIX_EPOCH);
    /// ```
    #[must_use]
    pub fn at(wall: SystemTime) -> Self {
        let state = State { wall, monotonic: Duration::ZERO, sleepers: Vec::new() };
        Self { state: Arc::new(Mutex::new(state)), moved: watch::Sender::new(Duration::ZERO) }
    }

    /// Lets time pass, and wakes the sleepers whose time has come.
    ///
    /// ```
    /// use std::time::{Duration, UNIX_EPOCH};
    /// use pinning_keys_lifecycle::{Clock, ManualClock};
    ///
    /// let clock = ManualClock::at(UNIX_EPOCH);
    /// clock.advance(Duration::from_secs(5));
    /// assert_eq!(clock.monotonic(), Duration::from_secs(5));
    /// ```
    pub fn advance(&self, time: Duration) {
        let monotonic = {
            let mut state = self.lock();
            state.wall += time;
            state.monotonic += time;
            let monotonic = state.monotonic;
            state.sleepers.retain(|until| *until > monotonic);
            monotonic
        };
        self.moved.send_replace(monotonic);
    }

    /// Sets the time of day, as when somebody changes the machine's clock. The monotonic time does
    /// not change.
    ///
    /// ```
    /// use std::time::{Duration, UNIX_EPOCH};
    /// use pinning_keys_lifecycle::{Clock, ManualClock};
    ///
    /// let clock = ManualClock::at(UNIX_EPOCH);
    /// clock.set(UNIX_EPOCH + Duration::from_secs(5));
    /// assert_eq!(clock.monotonic(), Duration::ZERO);
    /// ```
    pub fn set(&self, wall: SystemTime) {
        self.lock().wall = wall;
    }

    /// How long until the next sleeper wakes; `None` if nobody sleeps.
    pub fn next_wake(&self) -> Option<Duration> {
        let state = self.lock();
        state.sleepers.iter().min().map(|until| until.saturating_sub(state.monotonic))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        self.lock().wall
    }

    fn monotonic(&self) -> Duration {
        self.lock().monotonic
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let mut moved = self.moved.subscribe();
        let until = {
            let mut state = self.lock();
            let until = state.monotonic.saturating_add(time);
            if !time.is_zero() {
                state.sleepers.push(until);
            }
            until
        };
        let clock = self.clone();
        Box::pin(async move {
            // The clock lives as long as this future, so the channel does not close.
            let _ = moved.wait_for(|monotonic| *monotonic >= until).await;
            drop(clock);
        })
    }
}
