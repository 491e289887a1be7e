//! The rules that the grants of a table keep, so that every request has one best answer and nobody
//! gets more than that answer says. Everything is `const`, so that the compiler checks a `static`.

use crate::table_fault::{Rule, TableFault};
use crate::text::is_same;
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
    fault_of_wire_names(grants)
}

const fn fault_of(grants: &'static [Grant], i: usize) -> Option<TableFault> {
    let grant = &grants[i];
    if !is_visible(grant.name()) {
        return Some(TableFault::of_table(Rule::OddName));
    }
    if has_odd_wire_names(grant.wire_names()) {
        return Some(TableFault::of_grant(Rule::OddWireNames, grant.name()));
    }
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

/// Wire names are checked once the grants themselves are sound.
const fn fault_of_wire_names(grants: &'static [Grant]) -> Option<TableFault> {
    let mut i = 0;
    while i < grants.len() {
        if let Some(fault) = lacks_implied(grants, i) {
            return Some(fault);
        }
        if let Some(fault) = completed_by_others(grants, i) {
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
    } else if is_same_names(earlier.wire_names(), later.wire_names()) {
        Rule::SameWireNames
    } else if is_part_of_twin(earlier, later) {
        Rule::PartOfTwin
    } else if wide.is_empty() || narrow.is_subset(wide) || narrow.is_disjoint(wide) {
        return None;
    } else if wide.is_subset(narrow) {
        Rule::Order
    } else {
        Rule::Overlap
    };
    Some(TableFault::of_grants(rule, earlier.name(), later.name()))
}

/// A compound grant whose wire names do not open all that its permissions imply.
const fn lacks_implied(grants: &'static [Grant], i: usize) -> Option<TableFault> {
    let grant = &grants[i];
    if !grant.is_compound() {
        return None;
    }
    // Of several narrower grants that open the same, one is enough.
    let mut left = implied(grant.opens());
    let mut j = 0;
    while j < i {
        let narrow = &grants[j];
        if first_missing(narrow.wire_names(), grant.wire_names()).is_none() {
            left = left.difference(narrow.opens());
        }
        j += 1;
    }
    let mut j = 0;
    while j < i {
        let narrow = &grants[j];
        let is_narrower = narrow.opens().len() < grant.opens().len();
        if is_narrower && !narrow.opens().is_disjoint(left) {
            if let Some(name) = first_missing(narrow.wire_names(), grant.wire_names()) {
                let fault = TableFault::of_grants(Rule::LacksImplied, grant.name(), narrow.name());
                return Some(fault.with_wire_name(name));
            }
        }
        j += 1;
    }
    None
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

/// A grant that keys get unasked, because other grants have all its wire names together.
///
/// A grant that opens permissions, or lets the holder get more, needs a wire name that no grant has
/// unless its holders may have this one too.
const fn completed_by_others(grants: &'static [Grant], i: usize) -> Option<TableFault> {
    let grant = &grants[i];
    if grant.is_native() && !grant.is_escalating() {
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
        Some(other) => Some(TableFault::of_grants(Rule::CompletedByOthers, grant.name(), other)),
        None => None,
    }
}

/// The name of a grant that is sent with this wire name, although its holders must not have `grant`.
const fn sent_without(
    grants: &'static [Grant],
    grant: &Grant,
    wire_name: &str,
) -> Option<&'static str> {
    let mut i = 0;
    while i < grants.len() {
        let may_have = grant.opens().is_subset(grants[i].opens())
            && (grants[i].is_escalating() || !grant.is_escalating());
        if !may_have && contains(grants[i].wire_names(), wire_name) {
            return Some(grants[i].name());
        }
        i += 1;
    }
    None
}

/// Whether two grants open the same, and one is sent as some of the other's wire names.
const fn is_part_of_twin(a: &Grant, b: &Grant) -> bool {
    let is_twin =
        !a.is_native() && a.opens().is_subset(b.opens()) && b.opens().is_subset(a.opens());
    is_twin
        && (first_missing(a.wire_names(), b.wire_names()).is_none()
            || first_missing(b.wire_names(), a.wire_names()).is_none())
}

/// Whether a wire name cannot be shown, or appears twice.
const fn has_odd_wire_names(names: &[&'static str]) -> bool {
    let mut i = 0;
    while i < names.len() {
        let (earlier, _) = names.split_at(i);
        if !is_visible(names[i]) || contains(earlier, names[i]) {
            return true;
        }
        i += 1;
    }
    false
}

/// Whether a name is some visible ASCII without blanks, so that it can be part of a list.
const fn is_visible(name: &str) -> bool {
    let bytes = name.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        if !bytes[i].is_ascii_graphic() {
            return false;
        }
        i += 1;
    }
    !bytes.is_empty()
}

const fn is_same_names(a: &[&'static str], b: &[&'static str]) -> bool {
    first_missing(a, b).is_none() && first_missing(b, a).is_none()
}

/// The first of `wanted` that is not among `names`.
const fn first_missing(wanted: &[&'static str], names: &[&str]) -> Option<&'static str> {
    let mut i = 0;
    while i < wanted.len() {
        if !contains(names, wanted[i]) {
            return Some(wanted[i]);
        }
        i += 1;
    }
    None
}

const fn contains(names: &[&str], name: &str) -> bool {
    let mut i = 0;
    while i < names.len() {
        if is_same(names[i], name) {
            return true;
        }
        i += 1;
    }
    false
}

/// The longest id. It is far shorter than secrets, so that one passed instead of an id is refused:
/// ids are shown.
const MAX_ID_BYTES: usize = 32;

/// Whether the text can be a provider's id or a table's name; both appear in stored key references
/// and in configuration.
#[doc(hidden)]
pub const fn is_id(text: &str) -> bool {
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
