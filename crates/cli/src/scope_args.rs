//! The flags that describe a key: its scope, and the provider and table that grant it.

use std::str::FromStr as _;

use clap::ValueEnum;
use pinning_keys::{Permission, PermissionSet, ScopeRequest};

use crate::failure::Failure;

#[derive(clap::Args)]
pub(crate) struct ScopeArgs {
    /// Start from a ready-made scope
    #[arg(long, value_enum, conflicts_with_all = ["needs", "admin"])]
    preset: Option<Preset>,
    /// Permissions that the key must have, such as pins:add-file,pins:list
    #[arg(long, value_name = "PERMISSIONS", value_delimiter = ',', conflicts_with = "admin")]
    needs: Vec<String>,
    /// Permissions that the key gets if the provider can grant them
    #[arg(long, value_name = "PERMISSIONS", value_delimiter = ',', conflicts_with = "admin")]
    prefers: Vec<String>,
    /// Grants or permissions that the key may have if they cannot be left out
    #[arg(long, value_name = "GRANTS", value_delimiter = ',', conflicts_with = "admin")]
    tolerates: Vec<String>,
    /// Issue an admin key, which may do everything
    #[arg(long)]
    admin: bool,
}

/// Which provider and table.
#[derive(clap::Args, Default)]
pub(crate) struct TargetArgs {
    /// The provider: pinata or w3ipfs
    #[arg(long, value_name = "ID")]
    pub(crate) provider: Option<String>,
    /// The table of a provider that has several: resources or endpoints at Pinata
    #[arg(long, value_name = "NAME")]
    pub(crate) table: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Preset {
    Reader,
    Uploader,
    Pinner,
    Manager,
}

impl ScopeArgs {
    /// The request that the flags describe.
    pub(crate) fn request(&self) -> Result<ScopeRequest, Failure> {
        let request = match self.preset {
            _ if self.admin => return Ok(ScopeRequest::admin()),
            Some(Preset::Reader) => ScopeRequest::reader(),
            Some(Preset::Uploader) => ScopeRequest::uploader(),
            Some(Preset::Pinner) => ScopeRequest::pinner(),
            Some(Preset::Manager) => ScopeRequest::manager(),
            None => ScopeRequest::needs(permissions(&self.needs)?),
        };
        let request = request.prefers(permissions(&self.prefers)?);
        Ok(self.tolerates.iter().fold(request, |request, name| request.tolerates(name.as_str())))
    }
}

fn permissions(names: &[String]) -> Result<PermissionSet, Failure> {
    let parsed = names.iter().map(|name| Permission::from_str(name));
    parsed.collect::<Result<_, _>>().map_err(|error| Failure::usage(error.to_string()))
}
