use std::fmt;

use serde::Serialize;

/// Signs that a listing may have missed a key, or shown one twice.
///
/// Many providers page by offsets. If keys are issued or revoked in the meantime, rows move between
/// pages. Listings follow the rows that move, and report when they may have lost one. They depend
/// on the provider's order, so a listing cannot prove that it is complete: an empty value means
/// that nothing was noticed, not that nothing was missed.
///
/// ```
/// use pinning_keys_core::Discrepancies;
///
/// assert_eq!(Discrepancies::default().to_string(), "none noticed");
/// let found = Discrepancies::default().with_repeated_rows(2);
/// assert_eq!(found.to_string(), "2 rows appeared twice");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Discrepancies {
    repeated_rows: u64,
    repeated_page: bool,
    moved_rows: bool,
    unreadable_rows: u64,
    changed_total: Option<(u64, u64)>,
    wrong_total: Option<(u64, u64)>,
}

impl Discrepancies {
    /// Sets the number of rows that were dropped because the same page or the pages before
    /// already had them.
    ///
    /// ```
    /// # use pinning_keys_core::Discrepancies;
    /// let found = Discrepancies::default().with_repeated_rows(1);
    /// assert_eq!(found.to_string(), "1 row appeared twice");
    /// ```
    #[must_use]
    pub fn with_repeated_rows(mut self, rows: u64) -> Self {
        self.repeated_rows = rows;
        self
    }

    /// Sets whether the provider sent one page repeatedly, whatever page was requested.
    ///
    /// ```
    /// # use pinning_keys_core::Discrepancies;
    /// let found = Discrepancies::default().with_repeated_page(true);
    /// assert_eq!(
    ///     found.to_string(),
    ///     "the provider sent the same page repeatedly, so it ignores the cursor",
    /// );
    /// ```
    #[must_use]
    pub fn with_repeated_page(mut self, repeated: bool) -> Self {
        self.repeated_page = repeated;
        self
    }

    /// Sets whether rows moved in such a way that a key may be missing or appear twice.
    ///
    /// ```
    /// # use pinning_keys_core::Discrepancies;
    /// let found = Discrepancies::default().with_moved_rows(true);
    /// assert_eq!(found.to_string(), "rows moved while the list was read");
    /// ```
    #[must_use]
    pub fn with_moved_rows(mut self, moved: bool) -> Self {
        self.moved_rows = moved;
        self
    }

    /// Sets the number of rows that could not be read; their keys are not shown.
    ///
    /// ```
    /// # use pinning_keys_core::Discrepancies;
    /// let found = Discrepancies::default().with_unreadable_rows(2);
    /// assert_eq!(found.to_string(), "2 rows could not be read");
    /// ```
    #[must_use]
    pub fn with_unreadable_rows(mut self, rows: u64) -> Self {
        self.unreadable_rows = rows;
        self
    }

    /// Sets the total that the provider reported first, and a later one that differs.
    ///
    /// ```
    /// # use pinning_keys_core::Discrepancies;
    /// let found = Discrepancies::default().with_changed_total(Some((20, 21)));
    /// assert_eq!(found.to_string(), "the total changed from 20 to 21");
    /// ```
    #[must_use]
    pub fn with_changed_total(mut self, totals: Option<(u64, u64)>) -> Self {
        self.changed_total = totals;
        self
    }

    /// Sets the total that the provider reported, and the number of rows that it sent.
    ///
    /// ```
    /// # use pinning_keys_core::Discrepancies;
    /// let found = Discrepancies::default().with_wrong_total(Some((20, 19)));
    /// assert_eq!(found.to_string(), "the provider reported a total of 20 but sent 19");
    /// ```
    #[must_use]
    pub fn with_wrong_total(mut self, totals: Option<(u64, u64)>) -> Self {
        self.wrong_total = totals;
        self
    }

    /// The number of rows that were dropped because the same page or the pages before already
    /// had them.
    pub fn repeated_rows(&self) -> u64 {
        self.repeated_rows
    }

    /// Whether the provider sent one page repeatedly, whatever page was requested.
    pub fn repeated_page(&self) -> bool {
        self.repeated_page
    }

    /// Whether rows moved in such a way that a key may be missing or appear twice.
    pub fn moved_rows(&self) -> bool {
        self.moved_rows
    }

    /// The number of rows that could not be read; their keys are not shown.
    pub fn unreadable_rows(&self) -> u64 {
        self.unreadable_rows
    }

    /// The total that the provider reported first, and a later one that differs.
    pub fn changed_total(&self) -> Option<(u64, u64)> {
        self.changed_total
    }

    /// The total that the provider reported, and the number of rows that it sent.
    pub fn wrong_total(&self) -> Option<(u64, u64)> {
        self.wrong_total
    }

    /// Whether nothing was noticed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds the signs of the next page.
    ///
    /// ```
    /// use pinning_keys_core::Discrepancies;
    ///
    /// let mut listing = Discrepancies::default().with_repeated_rows(1);
    /// listing.merge(Discrepancies::default().with_repeated_rows(2));
    /// assert_eq!(listing.repeated_rows(), 3);
    /// ```
    pub fn merge(&mut self, page: Self) {
        self.repeated_rows += page.repeated_rows;
        self.repeated_page |= page.repeated_page;
        self.moved_rows |= page.moved_rows;
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
            parts.push(format!("{} appeared twice", Rows(self.repeated_rows)));
        }
        if self.repeated_page {
            let same = "the provider sent the same page repeatedly, so it ignores the cursor";
            parts.push(same.to_owned());
        }
        if self.moved_rows {
            parts.push("rows moved while the list was read".to_owned());
        }
        if self.unreadable_rows > 0 {
            parts.push(format!("{} could not be read", Rows(self.unreadable_rows)));
        }
        if let Some((first, last)) = self.changed_total {
            parts.push(format!("the total changed from {first} to {last}"));
        }
        if let Some((claimed, received)) = self.wrong_total {
            parts.push(format!("the provider reported a total of {claimed} but sent {received}"));
        }
        if parts.is_empty() { f.pad("none noticed") } else { f.pad(&parts.join("; ")) }
    }
}

/// A number of rows, in words.
struct Rows(u64);

impl fmt::Display for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, if self.0 == 1 { "row" } else { "rows" })
    }
}
