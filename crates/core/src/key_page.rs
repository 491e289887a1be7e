use std::fmt;

use crate::{Cursor, KeyRecord};

/// One page of a listing.
#[derive(Clone, Debug)]
pub struct KeyPage {
    records: Vec<KeyRecord>,
    next: Option<Cursor>,
    discrepancies: Discrepancies,
}

impl KeyPage {
    /// A page with these keys, behind which the listing continues at `next`; for adapters.
    #[must_use]
    pub fn new(records: Vec<KeyRecord>, next: Option<Cursor>) -> Self {
        Self { records, next, discrepancies: Discrepancies::default() }
    }

    /// Says what about the page does not fit together.
    #[must_use]
    pub fn with_discrepancies(mut self, discrepancies: Discrepancies) -> Self {
        self.discrepancies = discrepancies;
        self
    }

    /// The keys, in the provider's order.
    pub fn records(&self) -> &[KeyRecord] {
        &self.records
    }

    /// The keys, in the provider's order, without a copy.
    #[must_use]
    pub fn into_records(self) -> Vec<KeyRecord> {
        self.records
    }

    /// Where the listing continues; `None` at its end.
    pub fn next(&self) -> Option<&Cursor> {
        self.next.as_ref()
    }

    /// Signs that the listing may be incomplete.
    pub fn discrepancies(&self) -> Discrepancies {
        self.discrepancies
    }
}

/// Signs that a listing may have missed a key, or shown one twice.
///
/// Providers page by offsets. Where keys are made or revoked meanwhile, rows move between
/// pages, and a listing cannot prove itself complete. These are the signs that it noticed;
/// none means only that there was none to notice.
///
/// ```
/// use pinning_keys_core::Discrepancies;
///
/// let mut found = Discrepancies::default();
/// assert_eq!(found.to_string(), "none noticed");
/// found.repeated_rows = 2;
/// assert_eq!(found.to_string(), "2 rows came twice");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Discrepancies {
    /// How many rows were dropped, because they had come already, on the page before or on the
    /// same one.
    pub repeated_rows: u64,
    /// How many rows could not be read, so that the keys they stand for are not shown.
    pub unreadable_rows: u64,
    /// The total that the provider claimed first, and a later one that differs.
    pub changed_total: Option<(u64, u64)>,
    /// The total that the provider claims, and how many rows it sent in all.
    pub wrong_total: Option<(u64, u64)>,
}

impl Discrepancies {
    /// Whether there was nothing to notice.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds what a further page showed.
    pub fn merge(&mut self, page: Self) {
        self.repeated_rows += page.repeated_rows;
        self.unreadable_rows += page.unreadable_rows;
        self.changed_total = match (self.changed_total, page.changed_total) {
            (Some((first, _)), Some((_, last))) => Some((first, last)),
            (seen, new) => seen.or(new),
        };
        self.wrong_total = page.wrong_total.or(self.wrong_total);
    }
}

impl fmt::Display for Discrepancies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if self.repeated_rows > 0 {
            parts.push(format!("{} rows came twice", self.repeated_rows));
        }
        if self.unreadable_rows > 0 {
            parts.push(format!("{} rows could not be read", self.unreadable_rows));
        }
        if let Some((first, last)) = self.changed_total {
            parts.push(format!("the total changed from {first} to {last}"));
        }
        if let Some((claimed, received)) = self.wrong_total {
            parts.push(format!("the provider claims {claimed} keys and sent {received}"));
        }
        if parts.is_empty() { f.write_str("none noticed") } else { f.write_str(&parts.join("; ")) }
    }
}
