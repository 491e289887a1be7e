//! The cases, one file for each method of the trait.

mod account;
mod all;
mod confinement;
mod facts;
mod issue;
mod issue_expiry;
mod issue_scopes;
mod list;
mod plan;
mod probe;
mod profile;
mod revoke;
mod shared;
mod verify;

use crate::case::Case;

/// All cases of the suite, grouped by the methods of the trait.
///
/// ```
/// use pinning_keys_conformance::CASES;
///
/// let about_revoking = CASES.iter().filter(|case| case.clause().starts_with("revoke-"));
/// assert!(about_revoking.count() > 10);
/// ```
pub static CASES: &[Case] = &ALL;

const PARTS: [&[Case]; 13] = [
    all::CASES,
    account::CASES,
    profile::CASES,
    plan::CASES,
    issue::CASES,
    issue_scopes::CASES,
    issue_expiry::CASES,
    list::CASES,
    revoke::CASES,
    verify::CASES,
    probe::CASES,
    facts::CASES,
    confinement::CASES,
];

static ALL: [Case; count()] = {
    let mut all = [PARTS[0][0]; count()];
    let (mut part, mut at) = (0, 0);
    while part < PARTS.len() {
        let mut i = 0;
        while i < PARTS[part].len() {
            all[at] = PARTS[part][i];
            at += 1;
            i += 1;
        }
        part += 1;
    }
    all
};

const fn count() -> usize {
    let (mut count, mut part) = (0, 0);
    while part < PARTS.len() {
        count += PARTS[part].len();
        part += 1;
    }
    count
}
