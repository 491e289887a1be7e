//! The rows of a page, compared with those that are remembered.

use std::collections::HashSet;
use std::fmt::Write as _;

/// The rows of a page.
pub(crate) struct Rows {
    /// For each row, whether it came before, on this page or on those before it.
    pub(crate) repeated: Vec<bool>,
    /// Hashes of their ids, in order and each once.
    ids: Vec<u64>,
    distinct: HashSet<u64>,
    /// How many of the ids were remembered.
    pub(crate) known: u64,
    /// Whether the first row is new.
    pub(crate) begins_new: bool,
    /// Whether the rows are those of the latest page.
    pub(crate) are_latest: bool,
}

impl Rows {
    pub(crate) fn compare<'a>(ids: impl IntoIterator<Item = &'a str>, known: &[u64]) -> Self {
        let remembered: HashSet<u64> = known.iter().copied().collect();
        let (mut repeated, mut first_ids, mut distinct) = (Vec::new(), Vec::new(), HashSet::new());
        for id in ids.into_iter().map(hash) {
            // A row may come twice on one page too: rows with the same id are one key.
            let is_first = distinct.insert(id);
            repeated.push(!is_first || remembered.contains(&id));
            first_ids.extend(is_first.then_some(id));
        }
        Self {
            known: first_ids.iter().filter(|id| remembered.contains(id)).count() as u64,
            begins_new: repeated.first() == Some(&false),
            are_latest: !first_ids.is_empty() && known.ends_with(&first_ids),
            repeated,
            ids: first_ids,
            distinct,
        }
    }

    pub(crate) fn len(&self) -> u64 {
        self.repeated.len() as u64
    }

    /// How many rows did not come before.
    pub(crate) fn new_rows(&self) -> u64 {
        self.ids.len() as u64 - self.known
    }

    /// The latest rows, at most this many. Those of this page come last: the server has just shown
    /// them, so they are the least likely to be gone at the next request.
    pub(crate) fn remember(&self, before: &[u64], most: u64) -> Vec<u64> {
        let before = before.iter().filter(|id| !self.distinct.contains(id));
        let mut latest: Vec<u64> = before.chain(&self.ids).copied().collect();
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        latest.drain(..latest.len().saturating_sub(most));
        latest
    }
}

/// FNV-1a. The standard library's hash may change with its version, and a cursor may be kept.
pub(crate) fn hash(id: &str) -> u64 {
    id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Adds hashes to the text of a cursor.
pub(crate) fn write_hashes(text: &mut String, hashes: &[u64]) {
    for (i, hash) in hashes.iter().enumerate() {
        // Writing into a `String` cannot fail.
        let _ = write!(text, "{}{hash:x}", if i == 0 { "" } else { "." });
    }
}

/// Reads the hashes in the text of a cursor, at least one.
pub(crate) fn read_hashes(text: &str) -> Option<Vec<u64>> {
    text.split('.').map(|hash| u64::from_str_radix(hash, 16).ok()).collect()
}
