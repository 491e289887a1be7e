//! How a listed key differs from what is recorded. Nothing here does I/O.

use pinning_keys_core::KeyRecord;

use crate::store::KeyRow;

/// The differences between a row and a record of its key, in words.
pub(crate) fn difference(row: &KeyRow, record: &KeyRecord) -> Option<String> {
    let mut found = Vec::new();
    if record.name() != row.name {
        found.push(format!("named {:?}", record.name()));
    }
    Some(found.join("; ")).filter(|text| !text.is_empty())
}
