//! How much work is done at once, and the signal to stop.

use std::time::Duration;

use tokio::sync::watch;

use crate::Clock;

/// How much an operation may do.
#[derive(Clone, Debug)]
pub(crate) struct Effort {
    /// The maximum number of rows.
    pub(crate) rows: usize,
    /// Until when it waits for room in the rate limit, on the node's monotonic clock.
    pub(crate) waits_until: Duration,
    /// Whether somebody waits for other work: at most a page of the listing is read for each purpose.
    pub(crate) is_brief: bool,
    stopped: Option<watch::Receiver<bool>>,
}

impl Effort {
    /// As many rows as there is room for now, and as one page of the listing shows.
    pub(crate) fn brief(rows: usize) -> Self {
        Self { rows, waits_until: Duration::ZERO, is_brief: true, stopped: None }
    }

    /// This many rows, within this time, until it is stopped.
    pub(crate) fn within(
        clock: &dyn Clock,
        rows: usize,
        time: Duration,
        stopped: Option<watch::Receiver<bool>>,
    ) -> Self {
        Self { rows, waits_until: clock.monotonic().saturating_add(time), is_brief: false, stopped }
    }

    /// Whether nothing new should begin.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.as_ref().is_some_and(|stopped| *stopped.borrow())
    }

    /// Reads something, unless it is stopped meanwhile, which gives up the read: `None`.
    pub(crate) async fn unless_stopped<T>(&self, read: impl Future<Output = T>) -> Option<T> {
        let Some(mut stopped) = self.stopped.clone() else { return Some(read.await) };
        tokio::select! {
            biased;
            _ = stopped.wait_for(|stopped| *stopped) => None,
            read = read => Some(read),
        }
    }

    /// Waits for so long, unless that takes too long. Returns whether it has waited.
    pub(crate) async fn wait(&self, clock: &dyn Clock, time: Duration) -> bool {
        if clock.monotonic().saturating_add(time) > self.waits_until {
            return false;
        }
        let Some(mut stopped) = self.stopped.clone() else {
            clock.sleep(time).await;
            return true;
        };
        tokio::select! {
            () = clock.sleep(time) => true,
            _ = stopped.wait_for(|stopped| *stopped) => false,
        }
    }
}
