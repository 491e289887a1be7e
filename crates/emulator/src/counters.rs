use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::Method;

/// The number of requests that arrived, by method and path.
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

    /// No panic leaves a count half changed, so a poisoned lock is ignored.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<(String, String), u64>> {
        self.by_target.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
