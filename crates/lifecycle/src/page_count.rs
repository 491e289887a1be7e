//! How many pages an account's listing has.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The number of pages that an account's listing last had, as far as this process knows. It only
/// decides how to look for keys.
#[derive(Debug, Default)]
pub(crate) struct PageCount {
    last: AtomicUsize,
    /// Those of the current pass.
    passed: AtomicUsize,
}

impl PageCount {
    /// `None` if no listing was read yet.
    pub(crate) fn get(&self) -> Option<usize> {
        Some(self.last.load(Ordering::Relaxed)).filter(|pages| *pages > 0)
    }

    pub(crate) fn set(&self, pages: usize) {
        self.last.store(pages, Ordering::Relaxed);
    }

    /// Notes that there are more pages than this.
    pub(crate) fn exceeds(&self, pages: usize) {
        self.last.fetch_max(pages + 1, Ordering::Relaxed);
    }

    /// Notes that a pass begins.
    pub(crate) fn begin(&self) {
        self.passed.store(0, Ordering::Relaxed);
    }

    /// Notes that the pass has read a page.
    pub(crate) fn count(&self) {
        self.passed.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes that the pass is over. If another node has begun it, there are more pages than were
    /// counted here.
    pub(crate) fn end(&self) {
        self.set(self.passed.load(Ordering::Relaxed));
    }
}
