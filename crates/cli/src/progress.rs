//! How far long work has come, on a terminal.

use std::pin::pin;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::{Interval, interval};

use crate::output::Output;

/// Work that takes no longer shows no progress.
const QUIET: Duration = Duration::from_secs(2);

/// The time between two drawings while nothing else happens.
const TICK: Duration = Duration::from_millis(200);

/// A line at the bottom of the terminal, which vanishes when this is dropped.
pub(crate) struct Progress(Option<Drawn>);

struct Drawn {
    bar: ProgressBar,
    begin: Instant,
    ticks: Interval,
}

impl Progress {
    /// The progress of work whose amount is not known. This needs a runtime.
    pub(crate) fn counting(output: &Output, what: &'static str) -> Self {
        Self::new(output, what, None, "{spinner} {prefix}: {pos}{msg}")
    }

    /// The progress of work on this many items.
    pub(crate) fn of(output: &Output, what: &'static str, items: usize) -> Self {
        Self::new(output, what, Some(items), "{prefix} [{bar:24}] {pos} of {len}{msg}")
    }

    fn new(output: &Output, what: &'static str, items: Option<usize>, template: &str) -> Self {
        // The templates are valid.
        let style = ProgressStyle::with_template(template).ok().filter(|_| output.shows_progress());
        Self(style.map(|style| {
            let items = items.map(|items| items as u64);
            let bar = ProgressBar::with_draw_target(items, ProgressDrawTarget::hidden())
                .with_style(style.progress_chars("=> "))
                .with_prefix(what);
            Drawn { bar, begin: Instant::now(), ticks: interval(TICK) }
        }))
    }

    /// Waits for a part of the work, and shows meanwhile how much is done.
    pub(crate) async fn during<T>(
        &mut self,
        work: impl Future<Output = T>,
        done: impl Fn() -> (usize, String),
    ) -> T {
        let Some(Drawn { bar, begin, ticks }) = &mut self.0 else { return work.await };
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                result = &mut work => return result,
                _ = ticks.tick() => {}
            }
            if bar.is_hidden() && begin.elapsed() > QUIET {
                bar.set_draw_target(ProgressDrawTarget::stderr());
            }
            let (items, message) = done();
            bar.set_position(items as u64);
            bar.set_message(message);
            bar.tick();
        }
    }

    /// Prints something above the line.
    pub(crate) fn above(&self, print: impl FnOnce()) {
        match &self.0 {
            Some(Drawn { bar, .. }) => bar.suspend(print),
            None => print(),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(Drawn { bar, .. }) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
