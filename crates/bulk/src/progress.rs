use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The progress of a batch, returned by [`Batch::progress`](crate::Batch::progress).
///
/// Clones are cheap and show the same batch from any thread, even while nobody reads its results.
/// Give one to the code that draws the progress bar.
///
/// ```
/// use pinning_keys_bulk::Progress;
///
/// fn line(progress: &Progress) -> String {
///     let (made, failed) = (progress.succeeded(), progress.failed());
///     match progress.waits_for() {
///         Some(time) => format!("{made} made, {failed} failed, waiting {} s", time.as_secs()),
///         None => format!("{made} made, {failed} failed, {} in flight", progress.in_flight()),
///     }
/// }
/// ```
#[derive(Clone, Default)]
pub struct Progress {
    counts: Arc<Mutex<Counts>>,
}

#[derive(Default)]
struct Counts {
    succeeded: usize,
    failed: usize,
    in_flight: usize,
    repeated: usize,
    waits_until: Option<Instant>,
}

impl Progress {
    /// The number of items that succeeded.
    pub fn succeeded(&self) -> usize {
        self.counts().succeeded
    }

    /// The number of items whose result is an error.
    pub fn failed(&self) -> usize {
        self.counts().failed
    }

    /// The number of calls in flight when the batch was last read.
    pub fn in_flight(&self) -> usize {
        self.counts().in_flight
    }

    /// The number of retries, over all items.
    pub fn repeated(&self) -> usize {
        self.counts().repeated
    }

    /// How long the batch will wait before it starts another call, if it is waiting.
    pub fn waits_for(&self) -> Option<Duration> {
        let left = self.counts().waits_until?.saturating_duration_since(Instant::now());
        Some(left).filter(|left| !left.is_zero())
    }

    pub(crate) fn started(&self) {
        self.counts().in_flight += 1;
    }

    pub(crate) fn ended(&self) {
        self.counts().in_flight -= 1;
    }

    pub(crate) fn put_back(&self) {
        self.counts().repeated += 1;
    }

    pub(crate) fn finished(&self, succeeded: bool) {
        let mut counts = self.counts();
        if succeeded {
            counts.succeeded += 1;
        } else {
            counts.failed += 1;
        }
    }

    pub(crate) fn waits_until(&self, end: Option<Instant>) {
        self.counts().waits_until = end;
    }

    /// Nothing that could panic runs while the lock is held, so a poisoned lock is harmless.
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waits_for = self.waits_for();
        let counts = self.counts();
        f.debug_struct("Progress")
            .field("succeeded", &counts.succeeded)
            .field("failed", &counts.failed)
            .field("in_flight", &counts.in_flight)
            .field("repeated", &counts.repeated)
            .field("waits_for", &waits_for)
            .finish()
    }
}
