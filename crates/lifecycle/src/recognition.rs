//! Which rows a record of a listing concerns. Names in listings are foreign text.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use pinning_keys_core::{KeyRecord, KeyRef};

use crate::store::KeyRow;
use crate::{KeyId, KeyState, Suffix, Timestamp};

/// How far the provider's clock may be behind the store's, when a key's creation is compared with
/// the intent to create it.
const CLOCK_TOLERANCE: Duration = Duration::from_mins(5);

/// Recognizes the keys of rows.
///
/// A record concerns a row
///
/// * if its name ends with the suffix of the row's name, apart from the day;
/// * if the row has its reference, whatever the name;
/// * if its name is the beginning of the name of a row without a reference whose create may have been
///   carried out: the provider may have truncated it.
pub(crate) struct Recognition<'a> {
    by_id: HashMap<KeyId, &'a KeyRow>,
    by_reference: HashMap<KeyRef, &'a KeyRow>,
    /// Rows whose create may have made a key that no listing has shown yet.
    unsettled: BTreeMap<&'a str, &'a KeyRow>,
}

impl<'a> Recognition<'a> {
    pub(crate) fn of(rows: impl IntoIterator<Item = &'a KeyRow>) -> Self {
        let mut known = Self {
            by_id: HashMap::new(),
            by_reference: HashMap::new(),
            unsettled: BTreeMap::new(),
        };
        for row in rows {
            known.by_id.insert(row.id.clone(), row);
            known.by_reference.extend(row.key_refs().into_iter().map(|key| (key, row)));
            if matches!(row.state, KeyState::Intended | KeyState::InDoubt) {
                known.unsettled.insert(&row.name, row);
            }
        }
        known
    }

    /// The rows that a record concerns: at most one, unless the name is the beginning of several.
    pub(crate) fn rows_of(&self, record: &KeyRecord) -> Vec<&'a KeyRow> {
        let by_name = Suffix::of_name(record.name()).and_then(|suffix| {
            let row = self.by_id.get(suffix.id())?;
            let own = Suffix::of_name(&row.name)?;
            (own.label() == suffix.label()).then_some(*row)
        });
        match by_name.or_else(|| self.by_reference.get(record.key_ref()).copied()) {
            Some(row) => vec![row],
            None => self.truncated(record),
        }
    }

    fn truncated(&self, record: &KeyRecord) -> Vec<&'a KeyRow> {
        let name = record.name();
        if name.is_empty() {
            return Vec::new();
        }
        let longer = self.unsettled.range(name..).map(|(full, row)| (*full, *row));
        longer
            .take_while(|(full, _)| full.starts_with(name))
            .map(|(_, row)| row)
            .filter(|row| !is_older(record, row))
            .collect()
    }
}

/// Whether the provider shows that the key was there before the intent.
fn is_older(record: &KeyRecord, row: &KeyRow) -> bool {
    record
        .created_at()
        .is_some_and(|at| Timestamp::from(at).saturating_add(CLOCK_TOLERANCE) < row.created_at)
}

/// Whether a listed key may still work.
pub(crate) fn is_alive(record: &KeyRecord, now: Timestamp) -> bool {
    record.is_revoked() != Some(true)
        && record.expires_at().is_none_or(|at| Timestamp::from(at) > now)
}
