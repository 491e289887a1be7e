//! A progress bar on the terminal.

use indicatif::{ProgressBar, ProgressStyle};

use crate::summary::Summary;

/// Draws nothing if there is no terminal.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new(total: usize) -> Self {
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len}  {msg}");
        let bar = ProgressBar::new(total as u64);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self(bar)
    }

    pub(crate) fn draw(&self, summary: &Summary) {
        self.0.set_message(format!("{} failed", summary.failures()));
        self.0.set_position((summary.made + summary.failures()) as u64);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
