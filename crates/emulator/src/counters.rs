use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::Method;

/// How many requests arrived, by method and path.
#[derive(Default)]
pub(crate) struct Counters {
    by_target: Mutex<BTreeMap<(String, String), u64>>,
}

impl Counters {
    pub(crate) fn count(&self, method: &Method, path: &str) {
        let target = (method.as_str().to_owned(), path.to_owned());
        *self.lock().entry(target).or_default() += 1;
    }

    pub(crate) fn total(&self) -> u64 {
        self.lock().values().sum()
    }

    pub(crate) fn matching(&self, method: &Method, path_prefix: &str) -> u64 {
        self.lock()
            .iter()
            .filter(|((counted, path), _)| {
                counted == method.as_str() && path.starts_with(path_prefix)
            })
            .map(|(_, count)| count)
            .sum()
    }

    /// Counts stay right even if a test panicked while it held them.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<(String, String), u64>> {
        self.by_target.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
