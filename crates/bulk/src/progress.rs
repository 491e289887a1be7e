use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How far a batch has come; from [`Batch::progress`](crate::Batch::progress).
///
/// Copies are cheap and show the same batch, from any thread, whether or not somebody reads its
/// results just now: hand one to whatever draws the progress bar.
///
/// ```
/// use pinning_keys_bulk::Progress;
///
/// fn line(progress: &Progress) -> String {
///     let (made, failed) = (progress.succeeded(), progress.failed());
///     match progress.waits_for() {
///         Some(time) => format!("{made} made, {failed} failed, waiting {} s", time.as_secs()),
///         None => format!("{made} made, {failed} failed, {} under way", progress.in_flight()),
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
    /// How many items succeeded.
    pub fn succeeded(&self) -> usize {
        self.counts().succeeded
    }

    /// How many items have an error for a result.
    pub fn failed(&self) -> usize {
        self.counts().failed
    }

    /// How many items are under way, as of when the batch was last read.
    pub fn in_flight(&self) -> usize {
        self.counts().in_flight
    }

    /// How often an item was put back to be tried again, since the provider had refused it for
    /// now or it could not be sent.
    pub fn repeated(&self) -> usize {
        self.counts().repeated
    }

    /// How long the batch still waits before it starts another call, if it waits.
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

    pub(crate) fn finished(&self, well: bool) {
        let mut counts = self.counts();
        if well {
            counts.succeeded += 1;
        } else {
            counts.failed += 1;
        }
    }

    pub(crate) fn waits_until(&self, end: Option<Instant>) {
        self.counts().waits_until = end;
    }

    /// Nothing that could panic runs while the counts are held.
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
