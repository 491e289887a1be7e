//! The rules that the grants of a table keep, so that every request has one best answer and nobody
//! gets more than that answer says. Everything is `const`, so that the compiler checks a `static`.

use crate::table_fault::{Rule, TableFault};
use crate::text::begins_with;
use crate::{Grant, Permission, PermissionSet};

/// The first rule that is broken, if any.
pub(crate) const fn first_fault(
    provider: &'static str,
    name: &'static str,
    grants: &'static [Grant],
) -> Option<TableFault> {
    if !is_id(provider) {
        return Some(TableFault::of_table(Rule::ProviderId));
    }
    // `pins:remove` in a request is always the permission, never a provider's grant `remove`.
    if Permission::has_area(provider) {
        return Some(TableFault::of_table(Rule::ProviderIsArea));
    }
    if !is_id(name) {
        return Some(TableFault::of_table(Rule::TableName));
    }
    if grants.len() > 64 {
        return Some(TableFault::of_table(Rule::TooMany));
    }
    let mut i = 0;
    while i < grants.len() {
        if let Some(fault) = fault_of(grants, i) {
            return Some(fault);
        }
        i += 1;
    }
    fault_of_words(grants)
}

const fn fault_of(grants: &'static [Grant], i: usize) -> Option<TableFault> {
    let grant = &grants[i];
    if grant.opens().is_empty() && !grant.is_native() {
        return Some(TableFault::of_grant(Rule::OpensNothing, grant.name()));
    }
    let opens_escalating = !grant.opens().is_disjoint(PermissionSet::ESCALATING);
    if grant.is_escalating() && !grant.is_native() && !opens_escalating {
        return Some(TableFault::of_grant(Rule::EscalatesUnsaid, grant.name()));
    }
    let mut j = 0;
    while j < i {
        if let Some(fault) = fault_between(&grants[j], grant) {
            return Some(fault);
        }
        j += 1;
    }
    None
}

/// The words make sense only if the grants do.
const fn fault_of_words(grants: &'static [Grant]) -> Option<TableFault> {
    let mut i = 0;
    while i < grants.len() {
        if let Some(fault) = lacks_implied(grants, i) {
            return Some(fault);
        }
        if let Some(fault) = has_no_word_of_its_own(grants, i) {
            return Some(fault);
        }
        i += 1;
    }
    None
}

const fn fault_between(earlier: &Grant, later: &Grant) -> Option<TableFault> {
    let (narrow, wide) = (earlier.opens(), later.opens());
    let rule = if is_same(earlier.name(), later.name()) {
        Rule::SameName
    } else if is_same_words(earlier.wire_names(), later.wire_names()) {
        Rule::SameWords
    } else if wide.is_empty() || narrow.is_subset(wide) || narrow.is_disjoint(wide) {
        return None;
    } else if wide.is_subset(narrow) {
        Rule::Order
    } else {
        Rule::Overlap
    };
    Some(TableFault::of_grants(rule, earlier.name(), later.name()))
}

/// A compound grant whose words do not open all that its permissions imply.
const fn lacks_implied(grants: &'static [Grant], i: usize) -> Option<TableFault> {
    let grant = &grants[i];
    let mut left = if grant.is_compound() { implied(grant.opens()) } else { PermissionSet::EMPTY };
    let mut fault = None;
    let mut j = 0;
    // Narrower grants come first. Of several that open the same, one is enough.
    while j < i {
        let narrow = &grants[j];
        if !narrow.opens().is_disjoint(left) && narrow.opens().len() < grant.opens().len() {
            match first_missing(narrow.wire_names(), grant.wire_names()) {
                None => left = left.difference(narrow.opens()),
                Some(word) => fault = Some((narrow, word)),
            }
        }
        j += 1;
    }
    match fault {
        Some((narrow, word)) if !narrow.opens().is_disjoint(left) => Some(
            TableFault::of_grants(Rule::LacksImplied, grant.name(), narrow.name()).with_word(word),
        ),
        _ => None,
    }
}

/// What some permission of the set implies.
const fn implied(set: PermissionSet) -> PermissionSet {
    let mut implied = PermissionSet::EMPTY;
    let mut i = 0;
    while i < Permission::ALL.len() {
        if set.contains(Permission::ALL[i]) {
            implied = implied.union(Permission::ALL[i].implies());
        }
        i += 1;
    }
    implied
}

/// A grant that keys get unasked, because grants that do not include it have all its words.
const fn has_no_word_of_its_own(grants: &'static [Grant], i: usize) -> Option<TableFault> {
    let grant = &grants[i];
    if grant.is_native() {
        return None;
    }
    let mut other = None;
    let mut at = 0;
    while at < grant.wire_names().len() {
        match sent_without(grants, grant, grant.wire_names()[at]) {
            Some(name) => other = Some(name),
            None => return None,
        }
        at += 1;
    }
    match other {
        Some(other) => Some(TableFault::of_grants(Rule::NoWordOfItsOwn, grant.name(), other)),
        None => None,
    }
}

/// The name of a grant that is sent with this word and does not include `grant`.
const fn sent_without(grants: &'static [Grant], grant: &Grant, word: &str) -> Option<&'static str> {
    let mut i = 0;
    while i < grants.len() {
        let includes = grant.opens().is_subset(grants[i].opens());
        if !includes && contains(grants[i].wire_names(), word) {
            return Some(grants[i].name());
        }
        i += 1;
    }
    None
}

const fn is_same_words(a: &[&'static str], b: &[&'static str]) -> bool {
    first_missing(a, b).is_none() && first_missing(b, a).is_none()
}

/// The first of `wanted` that is not among `words`.
const fn first_missing(wanted: &[&'static str], words: &[&str]) -> Option<&'static str> {
    let mut i = 0;
    while i < wanted.len() {
        if !contains(words, wanted[i]) {
            return Some(wanted[i]);
        }
        i += 1;
    }
    None
}

const fn contains(words: &[&str], word: &str) -> bool {
    let mut i = 0;
    while i < words.len() {
        if is_same(words[i], word) {
            return true;
        }
        i += 1;
    }
    false
}

const fn is_same(a: &str, b: &str) -> bool {
    a.len() == b.len() && begins_with(a.as_bytes(), b.as_bytes())
}

/// The longest id. It is far shorter than secrets, so that one passed instead of an id is refused:
/// ids are shown.
const MAX_ID_BYTES: usize = 32;

/// Whether the text can be a provider's id or a table's name; both appear in stored key references
/// and in configuration.
pub(crate) const fn is_id(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        if !matches!(bytes[i], b'a'..=b'z' | b'0'..=b'9' | b'-') {
            return false;
        }
        i += 1;
    }
    !bytes.is_empty() && bytes.len() <= MAX_ID_BYTES
}
