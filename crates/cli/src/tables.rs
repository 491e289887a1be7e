//! The tables of all providers: what each can grant.

use pinning_keys::Permission;
use pinning_keys::adapter::{Grant, PermissionTable};
use pinning_keys::pinata::{ENDPOINTS, RESOURCES};
use pinning_keys::w3ipfs::SCOPES;

use crate::failure::Failure;
use crate::nearest::nearest;

/// The default table of a provider comes first.
pub(crate) static TABLES: [&PermissionTable; 3] = [&RESOURCES, &ENDPOINTS, &SCOPES];

/// Checks what a flag or a key of a file tolerates: a permission, or a grant with the provider's id
/// in front.
pub(crate) fn check_tolerance(place: &str, text: &str) -> Result<(), Failure> {
    let permissions = Permission::ALL.iter().map(|permission| permission.as_str().to_owned());
    let known: Vec<_> = permissions.chain(all_grants()).collect();
    if known.iter().any(|name| name == text) {
        return Ok(());
    }
    let without_provider = |name: &&str| name.split_once(':').is_some_and(|(_, name)| name == text);
    let names = || known.iter().map(String::as_str);
    let meant = names().find(without_provider).or_else(|| nearest(text, names()));
    let what = format!("unknown grant or permission in {place}");
    Err(match meant {
        Some(meant) => Failure::usage(format!("{what}; did you mean {meant}?")),
        None => Failure::usage(format!("{what}; a grant looks like pinata:org:files:write"))
            .with_next("pinning-keys help scopes   lists the permissions and the grants"),
    })
}

/// The grants of all tables, each with the provider's id in front.
fn all_grants() -> impl Iterator<Item = String> {
    TABLES.into_iter().flat_map(|table| table.grants().iter().map(move |it| full_name(table, it)))
}

pub(crate) fn full_name(table: &PermissionTable, grant: &Grant) -> String {
    format!("{}:{}", table.provider(), grant.name())
}
