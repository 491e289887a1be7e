use std::time::SystemTime;

use crate::{Cursor, Discrepancies, KeyRecord};

/// One page of a listing.
///
/// ```
/// use pinning_keys_core::{Cursor, KeyPage};
///
/// let page = KeyPage::new(Vec::new(), Some(Cursor::new("page-2")));
/// assert!(page.records().is_empty());
/// assert_eq!(page.next().unwrap().as_str(), "page-2");
/// ```
#[derive(Clone, Debug)]
pub struct KeyPage {
    records: Vec<KeyRecord>,
    next: Option<Cursor>,
    discrepancies: Discrepancies,
    date: Option<SystemTime>,
}

impl KeyPage {
    /// A page with these keys; the listing continues at `next`. For adapters.
    ///
    /// ```
    /// use pinning_keys_core::KeyPage;
    ///
    /// let last = KeyPage::new(Vec::new(), None);
    /// assert!(last.next().is_none());
    /// ```
    #[must_use]
    pub fn new(records: Vec<KeyRecord>, next: Option<Cursor>) -> Self {
        Self { records, next, discrepancies: Discrepancies::default(), date: None }
    }

    /// Sets the signs that the listing may be incomplete.
    ///
    /// ```
    /// use pinning_keys_core::{Discrepancies, KeyPage};
    ///
    /// let noticed = Discrepancies::default().with_unreadable_rows(1);
    /// let page = KeyPage::new(Vec::new(), None).with_discrepancies(noticed);
    /// assert_eq!(page.discrepancies(), noticed);
    /// ```
    #[must_use]
    pub fn with_discrepancies(mut self, discrepancies: Discrepancies) -> Self {
        self.discrepancies = discrepancies;
        self
    }

    /// Sets the time at which the provider answered, according to the provider.
    ///
    /// ```
    /// use std::time::SystemTime;
    ///
    /// use pinning_keys_core::KeyPage;
    ///
    /// let page = KeyPage::new(Vec::new(), None).with_date(Some(SystemTime::UNIX_EPOCH));
    /// assert_eq!(page.date(), Some(SystemTime::UNIX_EPOCH));
    /// ```
    #[must_use]
    pub fn with_date(mut self, date: Option<SystemTime>) -> Self {
        self.date = date;
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

    /// Where the listing continues; `None` at its end. A page without keys is not always the last
    /// one.
    pub fn next(&self) -> Option<&Cursor> {
        self.next.as_ref()
    }

    /// Signs that the listing may be incomplete.
    pub fn discrepancies(&self) -> Discrepancies {
        self.discrepancies
    }

    /// The time at which the provider answered, according to the provider's clock and in whole
    /// seconds; `None` if the answer does not include it. A program can compare its own clock with
    /// this time.
    pub fn date(&self) -> Option<SystemTime> {
        self.date
    }
}
