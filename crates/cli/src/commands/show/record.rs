//! What the provider's list says about a key.

use pinning_keys::KeyRecord;
use serde::Serialize;

use crate::keys::age::Age;
use crate::keys::view::{moment, scope, uses};
use crate::output::table::{Cell, Labels};
use crate::output::tone::Tone;

/// A key for programs, with the members of `list`.
#[derive(Serialize)]
pub(super) struct Shown<K: Serialize> {
    #[serde(flatten)]
    pub(super) key: K,
    /// Whether the account works with this key; null if its credential does not show it.
    pub(super) own: Option<bool>,
}

/// The lines about what only the provider knows.
pub(super) fn push_record(labels: &mut Labels, record: &KeyRecord, own: Option<bool>) {
    labels.push("scope", scope(record));
    if !record.native_grants().is_empty() {
        let table = record.table().map_or_else(String::new, |table| format!(" ({})", table.name()));
        labels.push("grants", format!("{}{table}", record.native_grants().join(" ")));
    }
    if record.reading().is_lower_bound() {
        let reading = record.reading();
        let unknown: Vec<_> = reading.unknown().iter().chain(reading.partial()).collect();
        let unknown = unknown.iter().map(|grant| grant.as_str()).collect::<Vec<_>>().join(" ");
        labels.push("unknown", Cell::new(unknown).with_tone(Tone::Notable));
        labels.push("", "the key may be able to do more than its scope says");
    }
    labels.push("uses", used(record));
    labels.push("created", created(record));
    if let Some(end) = record.expires_at().and_then(moment) {
        labels.push("expires", end);
    }
    labels.push(
        "own key",
        match own {
            Some(true) => "yes, the account works with this key",
            Some(false) => "no",
            None => "unknown, because the account's credential does not show its key",
        },
    );
}

fn used(record: &KeyRecord) -> String {
    match (uses(record), record.is_unlimited()) {
        (uses, _) if uses.is_empty() => "not counted".to_owned(),
        (uses, true) => format!("{uses}, unlimited"),
        (uses, false) => uses,
    }
}

fn created(record: &KeyRecord) -> String {
    let time = record.created_at().and_then(|time| Some((moment(time)?, Age::since(time))));
    time.map_or_else(|| "unknown".to_owned(), |(moment, age)| format!("{moment}, {}", age.ago()))
}
