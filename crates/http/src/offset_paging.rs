use pinning_keys_core::{Cursor, Discrepancies, Error, ErrorKind};

use crate::offset_position::Position;
use crate::offset_rows::Rows;
use crate::offset_verdict::Verdict;

/// The position of a listing, for providers that page by offsets.
///
/// Rows move while a list is read: a key that is issued can move a row to the next page, and a key
/// that is revoked moves rows back to pages that have been read. Each page is therefore requested
/// from one row earlier, so that it shows a row that was read already. If it does not, the page is
/// not used: the listing goes back until it finds such a row or arrives at the beginning, and
/// continues from there. As long as the server keeps its rows in one order, and can send two rows
/// on a page, no row that is there from the first page to the last is skipped.
///
/// Rows that were read within the last two pages are dropped when they come again. What may still
/// be wrong is reported as [`Discrepancies`].
///
/// ```
/// use pinning_keys_http::{OffsetCursor, Total};
///
/// let first = OffsetCursor::decode(None)?.page(["a", "b", "c"], Total::Unknown);
/// let position = OffsetCursor::decode(first.next())?;
/// assert_eq!(position.offset(), 2, "from \"c\" on");
///
/// // "a" and "b" were revoked, so that "d" has moved to an earlier page.
/// let unused = position.page(["e"], Total::Unknown);
/// assert!(unused.keep(vec!["e"]).is_empty());
/// let position = OffsetCursor::decode(unused.next())?;
/// assert_eq!(position.offset(), 0);
///
/// let again = position.page(["c", "d", "e"], Total::Unknown);
/// assert_eq!(again.keep(vec!["c", "d", "e"]), ["d", "e"]);
/// assert!(again.discrepancies().is_empty());
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetCursor(Position);

/// What a server reports about the number of rows.
///
/// ```
/// use pinning_keys_http::{OffsetCursor, Total};
///
/// let page = OffsetCursor::default().page(["a", "b"], Total::OfAll(3));
/// let end = OffsetCursor::decode(page.next())?.page([], Total::OfAll(3));
/// let end = OffsetCursor::decode(end.next())?.page([], Total::OfAll(3));
/// assert_eq!(end.discrepancies().wrong_total(), Some((3, 2)));
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
    /// For each row, whether it is left out: it came before, or the page is not used.
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
            Some(cursor) => Position::parse(cursor.as_str()).map(Self).ok_or_else(|| {
                Error::new(ErrorKind::InvalidInput, "the cursor does not belong to this listing")
                    .with_next_step("pass the cursor of the previous page unchanged, or none")
            }),
        }
    }

    /// The number of rows that the request must skip.
    pub fn offset(&self) -> u64 {
        self.0.offset
    }

    /// Evaluates the page at this offset: the ids of its rows, in order, and the total that the
    /// server reported.
    ///
    /// A page with nothing beyond the row that was read already ends the listing. Any other short
    /// page does not, because page sizes are not guaranteed. A server that keeps sending the same
    /// page ends it too.
    ///
    /// ```
    /// use pinning_keys_http::{OffsetCursor, Total};
    ///
    /// let page = OffsetCursor::default().page(["a", "b"], Total::OfAll(2));
    /// let end = OffsetCursor::decode(page.next())?.page(["b"], Total::OfAll(2));
    /// assert!(end.next().is_none() && end.discrepancies().is_empty());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    #[must_use]
    pub fn page<'a>(self, ids: impl IntoIterator<Item = &'a str>, total: Total) -> OffsetPage {
        let rows = Rows::compare(ids, &self.0.known);
        let Verdict { is_used, next, discrepancies } =
            Verdict::of(self.0, &rows, total.of_all(rows.len()));
        let repeated = if is_used { rows.repeated } else { vec![true; rows.repeated.len()] };
        OffsetPage {
            repeated,
            next: next.map(|position| Cursor::new(position.encode())),
            discrepancies,
        }
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
    /// Removes the rows that came before, or all rows of a page that is not used. The order stays.
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
