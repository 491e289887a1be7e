use std::collections::HashSet;
use std::fmt::Write as _;

use pinning_keys_core::{Cursor, Discrepancies, Error, ErrorKind};

/// The form of a cursor's text; a later one would have another mark.
const MARK: &str = "o1";

/// A server that gives the same page again and again takes no notice of the offset. So many
/// such pages in a row end the listing, which would have no end otherwise.
const PAGES_WITHOUT_NEWS: u32 = 3;

/// Where a listing by offsets stands, for adapters of providers that page like that.
///
/// Keys that are made meanwhile move rows on to the next page, and keys that are revoked move
/// rows back to one that has been read. The first shows as rows that come twice, which are
/// dropped; the second may show in the totals. Both are reported.
///
/// ```
/// use pinning_keys_http::{OffsetCursor, Total};
///
/// let first = OffsetCursor::decode(None)?.page(["a", "b"], Total::OfAll(3));
/// let cursor = first.next().expect("there was a row, so there is another page");
/// let position = OffsetCursor::decode(Some(cursor))?;
/// assert_eq!(position.offset(), 2);
///
/// // A key was made at the front: "b" has moved to this page.
/// let second = position.page(["b", "c"], Total::OfAll(4));
/// assert_eq!(second.keep(vec!["b", "c"]), ["c"]);
/// assert_eq!(second.discrepancies().repeated_rows(), 1);
/// assert_eq!(second.discrepancies().changed_total(), Some((3, 4)));
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetCursor {
    /// How many rows the server sent so far, which is where the next page begins.
    offset: u64,
    /// How many of them were new.
    received: u64,
    /// The total that the server claimed first.
    first_total: Option<u64>,
    /// How many pages in a row had nothing new.
    stale: u32,
    /// Hashes of the ids of the rows before, as many as the longest page had. That is the
    /// page before and, where that was a short one, what it takes of those before it.
    previous: Vec<u64>,
}

/// What a server says about how many rows there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Total {
    /// So many rows in all.
    OfAll(u64),
    /// So many rows, and it is not certain whether in all or on this page. A number that is
    /// the page's own says nothing.
    OfPageOrAll(u64),
    /// Nothing.
    Unknown,
}

/// What a page means for the listing.
#[derive(Clone, Debug)]
pub struct OffsetPage {
    /// For each row, whether it came before, on this page or just before it.
    repeated: Vec<bool>,
    next: Option<Cursor>,
    discrepancies: Discrepancies,
}

impl OffsetCursor {
    /// Where the listing stands: at its beginning, or where a cursor says.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] where the cursor is not one that [`OffsetPage::next`] gave.
    pub fn decode(cursor: Option<&Cursor>) -> Result<Self, Error> {
        match cursor {
            None => Ok(Self::default()),
            Some(cursor) => Self::parse(cursor.as_str()).ok_or_else(|| {
                Error::new(ErrorKind::InvalidInput, "the cursor is not one of this listing")
                    .with_next_step("pass on the cursor of the page before, unchanged, or none")
            }),
        }
    }

    /// How many rows the request is to skip.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Takes in the page at this offset: the ids of its rows in their order, and the total
    /// that came with it.
    ///
    /// A page without rows ends the listing; a short one does not, since page sizes are no
    /// promise. So does, reported as rows that came twice, a server that keeps sending the
    /// same page.
    #[must_use]
    pub fn page<'a>(self, ids: impl IntoIterator<Item = &'a str>, total: Total) -> OffsetPage {
        let ids: Vec<u64> = ids.into_iter().map(hash).collect();
        // On one page, too, a row may come twice: two of the same id are one key.
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

    /// The rows to remember once a page has come: the last ones that were new.
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
    /// The number of rows in all, as far as this tells.
    fn of_all(self, rows_on_page: u64) -> Option<u64> {
        match self {
            Self::OfAll(total) => Some(total),
            Self::OfPageOrAll(total) => Some(total).filter(|total| *total != rows_on_page),
            Self::Unknown => None,
        }
    }
}

impl OffsetPage {
    /// Of the page's rows, in their order, those that did not come before.
    #[must_use]
    pub fn keep<T>(&self, rows: Vec<T>) -> Vec<T> {
        let mut repeated = self.repeated.iter().copied();
        rows.into_iter().filter(|_| !repeated.next().unwrap_or(false)).collect()
    }

    /// Where the listing continues; `None` at its end.
    pub fn next(&self) -> Option<&Cursor> {
        self.next.as_ref()
    }

    /// What of the page does not fit to those before.
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
