//! The search for the grants that answer a request.

use crate::{Grant, PermissionSet, PermissionTable};

/// Grants of a table, and what they open together.
pub(crate) struct Cover {
    pub(crate) reach: PermissionSet,
    /// A bit for each of the table's grants. These are the narrow ones, even if one wider grant
    /// could replace several.
    pub(crate) grants: u64,
}

/// The least that grants within `ceiling` can open while they cover as much of `wanted` as
/// such grants can.
///
/// Grants are nested or disjoint, and narrower ones come first. So the first grant within the
/// ceiling that opens a permission is the narrowest that does, and every other answer opens at
/// least as much for it. A native grant opens nothing, so it is never part of the cover.
pub(crate) fn least_cover(
    table: &PermissionTable,
    wanted: PermissionSet,
    ceiling: PermissionSet,
) -> Cover {
    let (mut reach, mut grants) = (PermissionSet::EMPTY, 0);
    let mut left = wanted & table.reach();
    for (i, grant) in table.grants().iter().enumerate() {
        if left.is_empty() {
            break;
        }
        if !left.is_disjoint(grant.opens()) && grant.opens().is_subset(ceiling) {
            reach |= grant.opens();
            grants |= 1 << i;
            left -= grant.opens();
        }
    }
    Cover { reach, grants }
}

/// The fewest grants that open exactly `reach` together with what is `open` already: the widest
/// ones within it, which are disjoint.
pub(crate) fn fewest_grants(
    table: &PermissionTable,
    reach: PermissionSet,
    open: PermissionSet,
) -> u64 {
    let mut chosen = 0;
    let mut left = reach;
    for (i, grant) in table.grants().iter().enumerate().rev() {
        if left.is_empty() {
            break;
        }
        // Of several that open the same, the first is chosen.
        if grant.opens().is_subset(left) && table.by_name_only() & 1 << i == 0 {
            left -= grant.opens();
            if !grant.opens().is_subset(open) {
                chosen |= 1 << i;
            }
        }
    }
    chosen
}

/// The grants that a key has whose wire names satisfy `has`.
pub(crate) fn held(table: &PermissionTable, has: impl Fn(&&'static str) -> bool) -> u64 {
    let grants = table.grants().iter().enumerate();
    let complete = grants.filter(|(_, grant)| grant.wire_names().iter().all(&has));
    complete.fold(0, |bits, (i, _)| bits | 1 << i)
}

/// Of these grants, those that a scope does not show: native ones, and those that open the same
/// as another, unless it is just the first, to which the permission alone leads.
pub(crate) fn unshown(table: &PermissionTable, grants: u64) -> u64 {
    let by_name = grants & table.by_name_only();
    if by_name == 0 {
        return 0;
    }
    let opens_the_same = |opens: PermissionSet| {
        selected(table, by_name).any(|grant| !grant.is_native() && grant.opens() == opens)
    };
    let all = table.grants().iter().enumerate();
    let twins = all.filter(|(_, grant)| !grant.is_native() && opens_the_same(grant.opens()));
    by_name | twins.fold(0, |bits, (i, _)| bits | 1 << i) & grants
}

/// The grants of the table whose bits are set.
pub(crate) fn selected(
    table: &PermissionTable,
    bits: u64,
) -> impl Iterator<Item = &'static Grant> + use<> {
    let grants = table.grants().iter().enumerate();
    grants.filter(move |(i, _)| bits & (1 << i) != 0).map(|(_, grant)| grant)
}
