//! From the rows that a provider lists to a page of keys.

use pinning_keys_core::{KeyPage, KeyRecord};

use crate::lenient::Row;
use crate::{OffsetCursor, Total};

/// A row of a provider's list that is a key.
pub trait ListedKey {
    /// The public part of the key, which tells it from others.
    fn api_key(&self) -> &str;

    /// The record; `None` where the row does not make one after all.
    fn into_record(self) -> Option<KeyRecord>;
}

impl OffsetCursor {
    /// Makes a page of the rows that came for this position: without those that came before, on
    /// this page or the one before it, and with a count of those that cannot be read.
    #[must_use]
    pub fn into_key_page<T: ListedKey>(self, rows: Vec<Row<T>>, total: Total) -> KeyPage {
        let ids: Vec<String> = rows.iter().zip(self.offset()..).map(row_id).collect();
        let page = self.page(ids.iter().map(String::as_str), total);
        let mut unreadable = 0;
        let mut records = Vec::with_capacity(rows.len());
        for row in page.keep(rows) {
            let record = match row {
                Row::Read(key) => key.into_record(),
                Row::Unreadable => None,
            };
            match record {
                Some(record) => records.push(record),
                None => unreadable += 1,
            }
        }
        KeyPage::new(records, page.next().cloned())
            .with_discrepancies(page.discrepancies().with_unreadable_rows(unreadable))
    }
}

/// What tells a row from others: the key's public part, or where an unreadable one stands.
fn row_id<T: ListedKey>((row, place): (&Row<T>, u64)) -> String {
    match row {
        Row::Read(key) => key.api_key().to_owned(),
        Row::Unreadable => format!("row {place}"),
    }
}
