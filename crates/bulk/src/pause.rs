use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use pinning_keys_core::Error;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::Progress;

/// The waits of a batch if the provider names no time. Jitter adds up to the same length again,
/// so that several programs do not return at once.
const BACK_OFF: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_secs(1))
    .with_max_delay(Duration::from_secs(60))
    .without_max_times()
    .with_jitter();

/// The wait of a whole batch after one of its calls was refused for now.
pub(crate) struct Pause {
    patience: Duration,
    /// The time of the first refusal since the last call that got through.
    since: Option<Instant>,
    end: Option<Pin<Box<Sleep>>>,
    back_off: Option<ExponentialBackoff>,
    progress: Progress,
}

impl Pause {
    pub(crate) fn new(patience: Duration, progress: Progress) -> Self {
        Self { patience, since: None, end: None, back_off: None, progress }
    }

    pub(crate) fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// Makes the batch wait after this failure, for as long as the provider asks or else longer
    /// each time. Returns `false` if that would exceed the patience.
    pub(crate) fn begin(&mut self, error: &Error) -> bool {
        let now = Instant::now();
        let since = *self.since.get_or_insert(now);
        let running = self.end.as_ref().map(|end| end.deadline()).filter(|end| *end > now);
        let told = error.retry_after().filter(|told| !told.is_zero());
        let wait = match (told, running) {
            (Some(told), _) => told,
            // Failures of calls that started before this pause do not mean that it is too short.
            (None, Some(_)) => Duration::ZERO,
            (None, None) => self.next_back_off(),
        };
        let Some(end) = now.checked_add(wait) else { return false };
        let end = running.map_or(end, |running| running.max(end));
        if end.duration_since(since) > self.patience {
            return false;
        }
        self.end = Some(Box::pin(sleep_until(end)));
        self.progress.waits_until(Some(end));
        true
    }

    /// Resets patience and back-off, because the provider let a request through.
    pub(crate) fn got_through(&mut self) {
        self.since = None;
        self.back_off = None;
    }

    /// Ready when there is no wait or it is over.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(end) = &mut self.end {
            ready!(end.as_mut().poll(cx));
            self.end = None;
            self.progress.waits_until(None);
        }
        Poll::Ready(())
    }

    fn next_back_off(&mut self) -> Duration {
        let waits = self.back_off.get_or_insert_with(|| BACK_OFF.build());
        // The waits never end, because the builder sets no maximum number of them.
        waits.next().unwrap_or(Duration::from_secs(60))
    }
}
