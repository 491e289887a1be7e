//! A progress bar on the terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use pinning_keys::bulk::Progress;
use tokio::task::JoinHandle;

const TICK: Duration = Duration::from_millis(100);

/// Draws until it is dropped, and nothing if there is no terminal.
pub(crate) struct Bar {
    bar: ProgressBar,
    drawer: JoinHandle<()>,
}

impl Bar {
    pub(crate) fn new(total: usize, progress: Progress) -> Self {
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len}  {msg}");
        let bar = ProgressBar::new(u64::try_from(total).unwrap_or(u64::MAX));
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let drawn = bar.clone();
        let drawer = tokio::spawn(async move {
            loop {
                draw(&drawn, &progress);
                tokio::time::sleep(TICK).await;
            }
        });
        Self { bar, drawer }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.drawer.abort();
        self.bar.finish_and_clear();
    }
}

fn draw(bar: &ProgressBar, progress: &Progress) {
    let (made, failed) = (progress.succeeded(), progress.failed());
    bar.set_position(u64::try_from(made + failed).unwrap_or(u64::MAX));
    bar.set_message(match progress.waits_for() {
        Some(time) => {
            format!("{failed} failed, waiting {} s as the provider asks", time.as_secs() + 1)
        }
        None => format!("{failed} failed, {} in flight", progress.in_flight()),
    });
}
