//! The flags that describe a key: its scope, and the provider and table that grant it.

use clap::builder::PossibleValue;
use pinning_keys::{Error, IssuerConfig, Permission, PermissionSet, ScopeRequest};

use crate::failure::Failure;
use crate::flag_values::Suggested;
use crate::presets::{self, PRESETS};
use crate::tables::{TABLES, check_tolerance};

#[derive(clap::Args)]
pub(crate) struct ScopeArgs {
    /// Start from a ready-made scope: reader, uploader, pinner or manager
    #[arg(
        long,
        value_name = "NAME",
        value_parser = Suggested(|| PRESETS.iter().map(|it| PossibleValue::new(it.name)).collect()),
        hide_possible_values = true,
        help_heading = "Scope",
        conflicts_with_all = ["needs", "prefers", "admin"],
    )]
    preset: Option<String>,
    /// Permissions that the key must have, such as pins:add-file,pins:list
    #[arg(
        long,
        value_name = "PERMISSIONS",
        value_delimiter = ',',
        value_parser = Suggested(known_permissions),
        hide_possible_values = true,
        help_heading = "Scope",
        conflicts_with = "admin",
    )]
    needs: Vec<String>,
    /// Permissions that the key gets if the provider can grant them
    #[arg(
        long,
        value_name = "PERMISSIONS",
        value_delimiter = ',',
        value_parser = Suggested(known_permissions),
        hide_possible_values = true,
        help_heading = "Scope",
        requires = "needs",
        conflicts_with = "admin",
    )]
    prefers: Vec<String>,
    /// Grants or permissions that the key may have if they cannot be left out, such as
    /// pinata:org:files:write
    #[arg(
        long,
        value_name = "GRANTS",
        value_delimiter = ',',
        conflicts_with = "admin",
        help_heading = "Scope"
    )]
    tolerates: Vec<String>,
    /// Issue an admin key, which may do everything
    #[arg(long, help_heading = "Scope")]
    admin: bool,
}

/// Which provider and table.
#[derive(clap::Args, Default)]
pub(crate) struct TargetArgs {
    /// The provider: pinata or w3ipfs
    #[arg(
        long,
        value_name = "ID",
        value_parser = Suggested(providers),
        hide_possible_values = true,
        help_heading = "Scope",
    )]
    pub(crate) provider: Option<String>,
    /// The table of a provider that has several: resources or endpoints at Pinata
    #[arg(
        long,
        value_name = "NAME",
        value_parser = Suggested(tables),
        hide_possible_values = true,
        help_heading = "Scope",
    )]
    pub(crate) table: Option<String>,
}

impl ScopeArgs {
    /// The request that the flags describe; `None` if they name no scope, apart from `--tolerates`.
    #[cfg(feature = "store")]
    pub(crate) fn request_if_named(&self) -> Result<Option<ScopeRequest>, Failure> {
        let is_named = self.admin || self.preset.is_some() || !self.needs.is_empty();
        is_named.then(|| self.request()).transpose()
    }

    /// The grants and permissions of `--tolerates`.
    pub(crate) fn tolerated(&self) -> Result<Vec<&str>, Failure> {
        tolerances(&self.tolerates)
    }

    /// The request that the flags describe. It can be expressed at some provider or at none, but is
    /// not wrong at all of them.
    pub(crate) fn request(&self) -> Result<ScopeRequest, Failure> {
        let floor = match &self.preset {
            _ if self.admin => return Ok(ScopeRequest::admin()),
            Some(name) => presets::named(name)?,
            None if self.needs.is_empty() => return Err(no_scope()),
            None => ScopeRequest::needs(permissions("--needs", &self.needs)?)
                .prefers(permissions("--prefers", &self.prefers)?),
        };
        let request = self.tolerated()?.into_iter().fold(floor, ScopeRequest::tolerates);
        request.check().map_err(Error::from)?;
        Ok(request)
    }
}

fn no_scope() -> Failure {
    Failure::usage("no scope was given")
        .with_next("name a scope, such as --preset uploader or --needs pins:add-file,pins:list")
        .with_next("pinning-keys help scopes   explains scopes and lists all permissions")
}

/// Reads the values of `--tolerates`.
pub(crate) fn tolerances(values: &[String]) -> Result<Vec<&str>, Failure> {
    values
        .iter()
        .map(|text| text.trim())
        .map(|text| check_tolerance("--tolerates", text).map(|()| text))
        .collect()
}

/// Reads the values of a flag or of a key of a file. An error repeats none of them, because any could
/// be a secret.
pub(crate) fn permissions<S: AsRef<str>>(
    place: &str,
    names: &[S],
) -> Result<PermissionSet, Failure> {
    let parsed = names.iter().map(|name| name.as_ref().trim().parse::<Permission>());
    parsed.collect::<Result<_, _>>().map_err(|error| match error.suggestion() {
        Some(meant) => {
            Failure::usage(format!("unknown permission in {place}; did you mean {meant}?"))
        }
        None => Failure::usage(format!("unknown permission in {place}"))
            .with_next("pinning-keys help scopes   lists all permissions"),
    })
}

pub(crate) fn known_permissions() -> Vec<PossibleValue> {
    let value = |it: &Permission| PossibleValue::new(it.as_str()).help(it.description());
    Permission::ALL.iter().map(value).collect()
}

fn providers() -> Vec<PossibleValue> {
    IssuerConfig::PROVIDERS.iter().map(PossibleValue::new).collect()
}

fn tables() -> Vec<PossibleValue> {
    TABLES.iter().map(|table| PossibleValue::new(table.name())).collect()
}
