use std::collections::HashSet;
use std::fmt::Write as _;

use pinning_keys_core::{Cursor, Discrepancies, Error, ErrorKind};

/// The version of a cursor's text.
const MARK: &str = "o1";

/// A server that sends the same page again and again ignores the offset. This many such pages in a
/// row end the listing, which would be endless otherwise.
const PAGES_WITHOUT_NEWS: u32 = 3;

/// The position of a listing, for providers that page by offsets.
///
/// A key that is issued during a listing moves a row to the next page, and a key that is revoked
/// moves a row back to a page that has been read. The first appears as a repeated row, which is
/// dropped; the second may appear in the totals. Both are reported.
///
/// ```
/// use pinning_keys_http::{OffsetCursor, Total};
///
/// let first = OffsetCursor::decode(None)?.page(["a", "b"], Total::OfAll(3));
/// let cursor = first.next().expect("there was a row, so there is another page");
/// let position = OffsetCursor::decode(Some(cursor))?;
/// assert_eq!(position.offset(), 2);
///
/// // A key was added at the front, which moved "b" to this page.
/// let second = position.page(["b", "c"], Total::OfAll(4));
/// assert_eq!(second.keep(vec!["b", "c"]), ["c"]);
/// assert_eq!(second.discrepancies().repeated_rows(), 1);
/// assert_eq!(second.discrepancies().changed_total(), Some((3, 4)));
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetCursor {
    /// The number of rows that the server has sent, which is the offset of the next page.
    offset: u64,
    /// The number of those that were new.
    received: u64,
    /// The total that the server claimed first.
    first_total: Option<u64>,
    /// The number of pages in a row without a new row.
    stale: u32,
    /// Hashes of the ids of the latest rows, as many as the longest page had: the page before and,
    /// if that was short, rows of earlier pages.
    previous: Vec<u64>,
}

/// What a server reports about the number of rows.
///
/// ```
/// use pinning_keys_http::{OffsetCursor, Total};
///
/// let page = OffsetCursor::default().page(["a"], Total::OfAll(2));
/// let end = OffsetCursor::decode(page.next())?.page([], Total::OfAll(2));
/// assert_eq!(end.discrepancies().wrong_total(), Some((2, 1)));
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Total {
    /// The number of all rows.
    OfAll(u64),
    /// The number of all rows or of the rows on this page, which is not certain. It is ignored if
    /// it equals the number of rows on this page.
    OfPageOrAll(u64),
    /// Nothing.
    Unknown,
}

/// What a page means for the listing; created by [`OffsetCursor::page`].
///
/// ```
/// use pinning_keys_http::{OffsetCursor, OffsetPage, Total};
///
/// let page: OffsetPage = OffsetCursor::default().page(["a", "a"], Total::Unknown);
/// assert_eq!(page.keep(vec!["first", "second"]), ["first"]);
/// assert_eq!(page.discrepancies().repeated_rows(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct OffsetPage {
    /// For each row, whether it came before, on this page or on those before it.
    repeated: Vec<bool>,
    next: Option<Cursor>,
    discrepancies: Discrepancies,
}

impl OffsetCursor {
    /// The position of a cursor, or the beginning of a listing.
    ///
    /// ```
    /// use pinning_keys_core::Cursor;
    /// use pinning_keys_http::OffsetCursor;
    ///
    /// assert_eq!(OffsetCursor::decode(None)?.offset(), 0);
    /// assert!(OffsetCursor::decode(Some(&Cursor::new("another listing's"))).is_err());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if the cursor is not one that [`OffsetPage::next`] returned.
    pub fn decode(cursor: Option<&Cursor>) -> Result<Self, Error> {
        match cursor {
            None => Ok(Self::default()),
            Some(cursor) => Self::parse(cursor.as_str()).ok_or_else(|| {
                Error::new(ErrorKind::InvalidInput, "the cursor does not belong to this listing")
                    .with_next_step("pass the cursor of the previous page unchanged, or none")
            }),
        }
    }

    /// The number of rows that the request must skip.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Evaluates the page at this offset: the ids of its rows, in order, and the total that the
    /// server reported.
    ///
    /// A page without rows ends the listing; a short one does not, because page sizes are not
    /// guaranteed. A server that keeps sending the same page ends it too, with repeated rows.
    ///
    /// ```
    /// use pinning_keys_http::{OffsetCursor, Total};
    ///
    /// let page = OffsetCursor::default().page(["a", "b"], Total::Unknown);
    /// assert!(page.next().is_some());
    /// assert!(OffsetCursor::default().page([], Total::Unknown).next().is_none());
    /// ```
    #[must_use]
    pub fn page<'a>(self, ids: impl IntoIterator<Item = &'a str>, total: Total) -> OffsetPage {
        let ids: Vec<u64> = ids.into_iter().map(hash).collect();
        // A row may come twice on one page too: rows with the same id are one key.
        let mut seen: HashSet<u64> = self.previous.iter().copied().collect();
        let repeated: Vec<bool> = ids.iter().map(|id| !seen.insert(*id)).collect();

        let rows = ids.len() as u64;
        let repeats = repeated.iter().filter(|repeated| **repeated).count() as u64;
        let claimed = total.of_all(rows);
        let after = Self {
            offset: self.offset.saturating_add(rows),
            received: self.received.saturating_add(rows - repeats),
            first_total: self.first_total.or(claimed),
            stale: if repeats < rows { 0 } else { self.stale + 1 },
            previous: self.window(&ids, &repeated),
        };
        let ended = rows == 0 || after.stale >= PAGES_WITHOUT_NEWS;
        let discrepancies = after.discrepancies(repeats, claimed, ended);
        OffsetPage { repeated, next: (!ended).then(|| after.encode()), discrepancies }
    }

    /// The rows to remember after a page: the latest ones that were new.
    fn window(&self, ids: &[u64], repeated: &[bool]) -> Vec<u64> {
        let new = ids.iter().zip(repeated).filter(|(_, repeated)| !**repeated).map(|(id, _)| *id);
        let mut rows: Vec<u64> = self.previous.iter().copied().chain(new).collect();
        let length = self.previous.len().max(ids.len());
        rows.drain(..rows.len().saturating_sub(length));
        rows
    }

    fn discrepancies(&self, repeats: u64, claimed: Option<u64>, ended: bool) -> Discrepancies {
        let changed = self.first_total.zip(claimed).filter(|(first, now)| first != now);
        let last = claimed.or(self.first_total).map(|total| (total, self.received));
        let wrong = last.filter(|(claimed, received)| ended && claimed != received);
        Discrepancies::default()
            .with_repeated_rows(repeats)
            .with_changed_total(changed)
            .with_wrong_total(wrong)
    }

    fn encode(&self) -> Cursor {
        let mut text = format!("{MARK}:{}:{}:", self.offset, self.received);
        // Writing into a `String` cannot fail.
        if let Some(total) = self.first_total {
            let _ = write!(text, "{total}");
        }
        let _ = write!(text, ":{}:", self.stale);
        for (i, id) in self.previous.iter().enumerate() {
            let _ = write!(text, "{}{id:x}", if i == 0 { "" } else { "." });
        }
        Cursor::new(text)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        if parts.next()? != MARK {
            return None;
        }
        let cursor = Self {
            offset: parts.next()?.parse().ok()?,
            received: parts.next()?.parse().ok()?,
            first_total: match parts.next()? {
                "" => None,
                total => Some(total.parse().ok()?),
            },
            stale: parts.next()?.parse().ok().filter(|stale| *stale < PAGES_WITHOUT_NEWS)?,
            previous: parts
                .next()?
                .split('.')
                .map(|id| u64::from_str_radix(id, 16).ok())
                .collect::<Option<_>>()?,
        };
        (parts.next().is_none() && cursor.received <= cursor.offset).then_some(cursor)
    }
}

impl Total {
    /// The number of all rows, if it is known.
    fn of_all(self, rows_on_page: u64) -> Option<u64> {
        match self {
            Self::OfAll(total) => Some(total),
            Self::OfPageOrAll(total) => Some(total).filter(|total| *total != rows_on_page),
            Self::Unknown => None,
        }
    }
}

impl OffsetPage {
    /// Removes the rows that came before. The order stays.
    ///
    /// ```
    /// use pinning_keys_http::{OffsetCursor, Total};
    ///
    /// let page = OffsetCursor::default().page(["a", "a", "b"], Total::Unknown);
    /// assert_eq!(page.keep(vec![1, 2, 3]), [1, 3]);
    /// ```
    #[must_use]
    pub fn keep<T>(&self, rows: Vec<T>) -> Vec<T> {
        let mut repeated = self.repeated.iter().copied();
        rows.into_iter().filter(|_| !repeated.next().unwrap_or(false)).collect()
    }

    /// Returns where the listing continues, or `None` at its end.
    pub fn next(&self) -> Option<&Cursor> {
        self.next.as_ref()
    }

    /// Returns what contradicts the pages before.
    pub fn discrepancies(&self) -> Discrepancies {
        self.discrepancies
    }
}

/// FNV-1a. The standard library's hash may change with its version, and a cursor may be kept.
fn hash(id: &str) -> u64 {
    id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
