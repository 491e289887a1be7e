//! How a listed key differs from what is recorded. Nothing here does I/O.

use pinning_keys_core::KeyRecord;

use crate::request_form::GrantedForm;
use crate::store::KeyRow;

/// Describes the differences between a row and a record of its key.
///
/// Only what the record shows is compared: a grant that could not be read does not count as a
/// difference.
pub(crate) fn difference(row: &KeyRow, record: &KeyRecord) -> Option<String> {
    let granted = row.granted.as_deref().and_then(|text| GrantedForm::read(text).ok());
    let mut found = granted.map_or_else(Vec::new, |granted| {
        let shown = GrantedForm::of_record(record);
        let mut found = scope_differences(&granted, &shown);
        found.extend(use_difference(&granted, record));
        found
    });
    if record.name() != row.name {
        found.push(format!("named {:?}", record.name()));
    }
    Some(found.join("; ")).filter(|text| !text.is_empty())
}

fn scope_differences(granted: &GrantedForm, shown: &GrantedForm) -> Vec<String> {
    let is_readable = shown.incomplete.is_none();
    match (granted.admin, shown.admin) {
        (false, true) => return vec!["wider: an admin key".to_owned()],
        (true, false) if is_readable => return vec!["narrower: not an admin key".to_owned()],
        (true, _) => return Vec::new(),
        (false, false) => {}
    }
    let mut found = Vec::new();
    let more = shown.permissions - granted.permissions;
    if !more.is_empty() {
        found.push(format!("wider: also {more}"));
    }
    let native: Vec<_> =
        shown.native.iter().filter(|it| !granted.native.contains(it)).map(String::as_str).collect();
    if !native.is_empty() {
        found.push(format!("wider: also {}", native.join(" ")));
    }
    let less = granted.permissions - shown.permissions;
    if is_readable && !less.is_empty() {
        found.push(format!("narrower: not {less}"));
    }
    found
}

fn use_difference(granted: &GrantedForm, record: &KeyRecord) -> Option<String> {
    if granted.uses_unknown {
        return None;
    }
    match (granted.max_uses, record.max_uses()) {
        (Some(_), None) if record.is_unlimited() => Some("wider: no limit on uses".to_owned()),
        (Some(granted), Some(shown)) if shown > granted => {
            Some(format!("wider: {shown} uses instead of {granted}"))
        }
        (Some(granted), Some(shown)) if shown < granted => {
            Some(format!("narrower: {shown} uses instead of {granted}"))
        }
        (None, Some(shown)) => Some(format!("narrower: {shown} uses")),
        _ => None,
    }
}
