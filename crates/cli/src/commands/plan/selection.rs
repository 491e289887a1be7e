//! Which tables a plan shows.

use pinning_keys::adapter::PermissionTable;
use pinning_keys::{IssuerConfig, Permission, ScopeRequest};

use crate::failure::Failure;
use crate::nearest::{nearest, unknown};
use crate::scope_args::TargetArgs;
use crate::tables::TABLES;

/// The tables that the flags select: all of them if there are none.
pub(super) fn selected(target: &TargetArgs) -> Result<Vec<&'static PermissionTable>, Failure> {
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

/// Refuses a grant that has no effect at any table that is shown.
pub(super) fn check_tolerances(
    scope: &ScopeRequest,
    shown: &[&PermissionTable],
) -> Result<(), Failure> {
    let is_shown = |provider: &str| shown.iter().any(|table| table.provider() == provider);
    let grants = scope.tolerated().filter(|text| text.parse::<Permission>().is_err());
    let mut providers =
        grants.filter_map(|text| text.split_once(':')).map(|(provider, _)| provider);
    match providers.find(|provider| !is_shown(provider)) {
        Some(provider) => Err(Failure::usage(format!(
            "--tolerates names a grant of {provider}, and only tables of {} are shown",
            shown[0].provider()
        ))),
        None => Ok(()),
    }
}
