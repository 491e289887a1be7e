//! The floors and ceilings that a table can distinguish.
//!
//! A grant contains all or none of an *atom*: a class of permissions that occur in exactly the same
//! grants. So a translation can learn only this about a request, for each atom: whether part of it
//! is needed, whether part of it is preferred, and whether all of it is within the ceiling.
//! [`floors_by_ceiling`] enumerates every combination of the first and the third, and
//! [`preferences`] samples the second. An atom of one permission has three such levels (excluded,
//! allowed, needed); a larger one has five, since it can be needed or allowed in part. The
//! permissions that no grant opens are one more atom, represented by one *foreign* permission.
//!
//! Enumerating [`permissions_as_atoms`] shows that a translation learns nothing else.

use std::collections::{BTreeMap, HashMap};

use pinning_keys_core::{PermissionSet, PermissionTable};

/// The atoms of a table, with the foreign permission last.
pub(crate) fn atoms(table: &PermissionTable) -> Vec<PermissionSet> {
    let mut atoms: BTreeMap<Vec<bool>, PermissionSet> = BTreeMap::new();
    for permission in table.reach() {
        let grants = table.grants().iter();
        let holders = grants.map(|grant| grant.opens().contains(permission)).collect();
        *atoms.entry(holders).or_default() |= permission;
    }
    atoms.into_values().chain([foreign(table)]).collect()
}

/// Each permission of the table as an atom, with the foreign permission last.
pub(crate) fn permissions_as_atoms(table: &PermissionTable) -> Vec<PermissionSet> {
    table.reach().iter().map(PermissionSet::from).chain([foreign(table)]).collect()
}

/// A permission that no grant of the table opens.
pub(crate) fn foreign(table: &PermissionTable) -> PermissionSet {
    let outside = PermissionSet::ALL - table.reach() - PermissionSet::ESCALATING;
    let foreign = outside.iter().find(|permission| permission.implies().is_empty());
    foreign.expect("a table that opens less than everything").into()
}

/// Every floor below each ceiling.
///
/// Both are closed, like those of every request. Nothing between them escalates, since a request
/// that prefers or tolerates such a permission is refused before the table is consulted.
pub(crate) fn floors_by_ceiling(
    atoms: &[PermissionSet],
) -> HashMap<PermissionSet, Vec<PermissionSet>> {
    let mut bounds = vec![(PermissionSet::EMPTY, PermissionSet::EMPTY)];
    for atom in atoms {
        let levels = levels(*atom);
        bounds = bounds
            .iter()
            .flat_map(|(floor, ceiling)| {
                levels.iter().map(move |(needs, may)| (*floor | *needs, *ceiling | *may))
            })
            .collect();
    }
    let mut floors: HashMap<PermissionSet, Vec<PermissionSet>> = HashMap::new();
    for (floor, ceiling) in bounds {
        if is_closed(floor) && is_closed(ceiling) && !floor.is_empty() {
            floors.entry(ceiling).or_default().push(floor);
        }
    }
    floors
}

/// The levels of one atom: the part that is needed and the part that may be granted.
fn levels(atom: PermissionSet) -> Vec<(PermissionSet, PermissionSet)> {
    let nothing = PermissionSet::EMPTY;
    let escalating = atom & PermissionSet::ESCALATING;
    let harmless = atom - escalating;
    let one: PermissionSet = harmless.iter().take(1).collect();
    // The part with most room for a mistake: everything that does not escalate.
    let part = if escalating.is_empty() {
        harmless.iter().take(harmless.len() - 1).collect()
    } else {
        harmless
    };
    let mut levels = Vec::new();
    for needs in [nothing, one, escalating, escalating | one] {
        for may in [nothing, part, escalating, atom] {
            let in_bounds = needs.is_subset(may);
            let unasked = (may - needs) & PermissionSet::ESCALATING;
            if in_bounds && unasked.is_empty() && !levels.contains(&(needs, may)) {
                levels.push((needs, may));
            }
        }
    }
    levels
}

/// The parts of the slack between floor and ceiling that are preferred; the rest is tolerated.
///
/// Nothing, everything, and for each binary digit of an atom's number the atoms with that digit and
/// those without it. Two atoms differ in a digit, so each pair is once both preferred, once both
/// tolerated, and once either way round.
pub(crate) fn preferences(atoms: &[PermissionSet]) -> Vec<PermissionSet> {
    let digits = usize::BITS - (atoms.len() - 1).leading_zeros();
    let with = |digit: u32, value| {
        let atoms = atoms.iter().enumerate().filter(move |(i, _)| i >> digit & 1 == value);
        closed(atoms.fold(PermissionSet::EMPTY, |set, (_, atom)| set | *atom))
    };
    let by_digit = (0..digits).flat_map(|digit| [with(digit, 0), with(digit, 1)]);
    [PermissionSet::EMPTY, PermissionSet::ALL].into_iter().chain(by_digit).collect()
}

/// Every closed union of `base` and some of these sets.
pub(crate) fn closed_unions(base: PermissionSet, sets: &[PermissionSet]) -> Vec<PermissionSet> {
    let mut unions = vec![base];
    for set in sets {
        let known = unions.len();
        unions.extend_from_within(..);
        for union in &mut unions[known..] {
            *union |= *set;
        }
    }
    unions.retain(|union| is_closed(*union));
    unions
}

/// The set with everything that it implies.
fn closed(set: PermissionSet) -> PermissionSet {
    let wider = set.iter().fold(set, |wider, permission| wider | permission.implies());
    if wider == set { set } else { closed(wider) }
}

fn is_closed(set: PermissionSet) -> bool {
    closed(set) == set
}
