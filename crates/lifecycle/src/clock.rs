use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

/// Time as one node sees it.
///
/// A store takes its time from a clock, so that tests can pass one in. `tokio::time::pause` is no
/// alternative: it breaks the connection pools of the databases.
///
/// ```
/// use pinning_keys_lifecycle::{Clock, SystemClock};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let clock: Box<dyn Clock> = Box::new(SystemClock);
/// clock.sleep(std::time::Duration::from_millis(1)).await;
/// # Ok(())
/// # }
/// ```
pub trait Clock: Send + Sync {
    /// The time of day.
    fn now(&self) -> SystemTime;

    /// The time since some fixed moment. It never goes back, and nobody can set it.
    fn monotonic(&self) -> Duration;

    /// Waits for this time.
    ///
    /// ```
    /// use pinning_keys_lifecycle::{Clock, SystemClock};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// SystemClock.sleep(std::time::Duration::from_millis(1)).await;
    /// # Ok(())
    /// # }
    /// ```
    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// The clock of the machine.
///
/// ```
/// use pinning_keys_lifecycle::{Clock, SystemClock};
///
/// assert!(SystemClock.monotonic() <= SystemClock.monotonic());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn monotonic(&self) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(time))
    }
}
