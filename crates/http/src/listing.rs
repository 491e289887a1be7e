//! From the rows of a provider's list to a page of keys.

use pinning_keys_core::{Cursor, Discrepancies, KeyPage, KeyRecord};

use crate::lenient::Row;
use crate::{OffsetCursor, Total};

/// A row of a provider's list that is a key.
///
/// ```
/// use pinning_keys_core::{KeyRecord, KeyRef, Reading};
/// use pinning_keys_http::lenient::Row;
/// use pinning_keys_http::{ListedKey, OffsetCursor, Total};
///
/// struct Key {
///     id: &'static str,
/// }
///
/// impl ListedKey for Key {
///     fn api_key(&self) -> &str {
///         self.id
///     }
///
///     fn into_record(self) -> Option<KeyRecord> {
///         let key_ref = KeyRef::new("example", self.id).ok()?;
///         Some(KeyRecord::new(key_ref, "user-42", Reading::admin()))
///     }
/// }
///
/// let rows = vec![Row::Read(Box::new(Key { id: "a" })), Row::Unreadable];
/// let page = OffsetCursor::default().into_key_page(rows, Total::Unknown);
/// assert_eq!((page.records().len(), page.discrepancies().unreadable_rows()), (1, 1));
/// ```
pub trait ListedKey {
    /// Returns the public part of the key, which identifies it.
    fn api_key(&self) -> &str;

    /// Converts the row into a record, or returns `None` if it turns out to be unreadable.
    fn into_record(self) -> Option<KeyRecord>;
}

impl OffsetCursor {
    /// Converts the rows at this position into a page. It leaves out rows that came before, and all
    /// rows if the page is not used, and counts those that cannot be read.
    ///
    /// [`ListedKey`] has an example.
    #[must_use]
    pub fn into_key_page<T: ListedKey>(self, rows: Vec<Row<T>>, total: Total) -> KeyPage {
        let ids: Vec<String> = rows.iter().zip(self.offset()..).map(row_id).collect();
        let page = self.page(ids.iter().map(String::as_str), total);
        key_page(page.keep(rows), page.next().cloned(), page.discrepancies())
    }
}

/// The page of these rows, with the number of those that cannot be read.
pub(crate) fn key_page<T: ListedKey>(
    rows: impl IntoIterator<Item = Row<T>>,
    next: Option<Cursor>,
    discrepancies: Discrepancies,
) -> KeyPage {
    let rows = rows.into_iter();
    let mut unreadable = 0;
    let mut records = Vec::with_capacity(rows.size_hint().1.unwrap_or_default());
    for row in rows {
        let record = match row {
            Row::Read(key) => key.into_record(),
            Row::Unreadable => None,
        };
        match record {
            Some(record) => records.push(record),
            None => unreadable += 1,
        }
    }
    KeyPage::new(records, next).with_discrepancies(discrepancies.with_unreadable_rows(unreadable))
}

/// What identifies a row: the public part of the key, or the position of an unreadable row.
fn row_id<T: ListedKey>((row, place): (&Row<T>, u64)) -> String {
    match row {
        Row::Read(key) => key.api_key().to_owned(),
        Row::Unreadable => format!("row {place}"),
    }
}
