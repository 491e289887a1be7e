//! The tables of all providers: what each can grant.

use pinning_keys::adapter::{Grant, PermissionTable};
use pinning_keys::pinata::{ENDPOINTS, RESOURCES};
use pinning_keys::w3ipfs::SCOPES;
use pinning_keys::{IssuerConfig, Permission};

use crate::failure::Failure;
use crate::nearest::{nearest, unknown};
use crate::scope_args::TargetArgs;

/// The default table of a provider comes first.
pub(crate) static TABLES: [&PermissionTable; 3] = [&RESOURCES, &ENDPOINTS, &SCOPES];

/// The tables that the flags select: all of them if there are none.
pub(crate) fn selected(target: &TargetArgs) -> Result<Vec<&'static PermissionTable>, Failure> {
    let mut tables = TABLES.to_vec();
    if let Some(provider) = &target.provider {
        check_provider(provider)?;
        tables.retain(|table| table.provider() == provider);
    }
    let Some(wanted) = &target.table else { return Ok(tables) };
    let names: Vec<_> = tables.iter().map(|table| table.name()).collect();
    tables.retain(|table| table.name() == wanted);
    if !tables.is_empty() {
        return Ok(tables);
    }
    let what = match &target.provider {
        Some(provider) => format!("table of {provider}"),
        None => "table".to_owned(),
    };
    Err(Failure::usage(unknown(&what, wanted, &names)))
}

fn check_provider(id: &str) -> Result<(), Failure> {
    let known = IssuerConfig::PROVIDERS;
    match (IssuerConfig::for_provider(id), nearest(id, known.iter().copied())) {
        (Ok(_), _) => Ok(()),
        (Err(_), Some(_)) => Err(Failure::usage(unknown("provider", id, known))),
        // The library knows the provider's other names too.
        (Err(error), None) => Err(Failure::usage(error.to_string())),
    }
}

/// Checks what `--tolerates` names: a permission, or a grant with the provider's id in front.
pub(crate) fn check_tolerance(text: &str) -> Result<(), Failure> {
    let permissions = Permission::ALL.iter().map(|permission| permission.as_str().to_owned());
    let known: Vec<_> = permissions.chain(all_grants()).collect();
    if known.iter().any(|name| name == text) {
        return Ok(());
    }
    let without_provider = |name: &&str| name.split_once(':').is_some_and(|(_, name)| name == text);
    let names = || known.iter().map(String::as_str);
    let meant = names().find(without_provider).or_else(|| nearest(text, names()));
    let what = "unknown grant or permission in --tolerates";
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
