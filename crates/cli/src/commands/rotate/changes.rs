//! The flags that say how the new key differs from the old one.

use std::num::NonZeroU64;
use std::time::Duration;

use pinning_keys::{PermissionSet, ScopeRequest};
use pinning_keys_lifecycle::{Lease, Rotation};

use crate::failure::Failure;
use crate::flag_values::Suggested;
use crate::key_args::uses;
use crate::lease_args::lease;
use crate::managed::refusal::ScopeFrom;
use crate::overlap::OverlapArgs;
use crate::scope_args::{ScopeArgs, known_permissions, permissions};

#[derive(clap::Args)]
pub(super) struct ChangeArgs {
    #[command(flatten)]
    scope: ScopeArgs,
    /// Permissions of the old key to leave out of the new one
    #[arg(
        long,
        value_name = "PERMISSIONS",
        value_delimiter = ',',
        value_parser = Suggested(known_permissions),
        hide_possible_values = true,
        help_heading = "Scope",
        conflicts_with_all = ["preset", "needs", "admin"],
    )]
    without: Vec<String>,
    /// How many requests the new key may be used for (default: what the old key has left)
    #[arg(long, value_name = "N", help_heading = "Scope", value_parser = uses)]
    max_uses: Option<NonZeroU64>,
    /// How long the new key works: 24h, 90d, until:2026-12-31 (default: as long as the old one did)
    #[arg(long, value_name = "TIME", help_heading = "Lease")]
    lease: Option<String>,
    /// Let `renew` extend the new lease, at most until this time: 180d, until:2026-12-31
    #[arg(long, value_name = "TIME", requires = "lease", help_heading = "Lease")]
    max_lease: Option<String>,
    #[command(flatten)]
    overlap: OverlapArgs,
}

/// How the new key differs from the old one.
pub(super) struct Changes {
    scope: Option<ScopeRequest>,
    without: PermissionSet,
    tolerates: Vec<String>,
    max_uses: Option<NonZeroU64>,
    /// `None`: that of the old key.
    pub(super) lease: Option<Lease>,
    pub(super) overlap: Duration,
}

impl ChangeArgs {
    pub(super) fn read(&self) -> Result<Changes, Failure> {
        let tolerates = self.scope.tolerated()?.into_iter().map(str::to_owned).collect();
        Ok(Changes {
            scope: self.scope.request_if_named()?,
            without: permissions("--without", &self.without)?,
            tolerates,
            max_uses: self.max_uses,
            lease: self.lease()?,
            overlap: self.overlap.read()?,
        })
    }

    fn lease(&self) -> Result<Option<Lease>, Failure> {
        let Some(length) = &self.lease else { return Ok(None) };
        lease(Some(length), self.max_lease.as_deref(), ["--lease", "--max-lease"]).map(Some)
    }
}

impl Changes {
    /// Where the scope of the new key is from.
    pub(super) fn scope_from(&self) -> ScopeFrom {
        if self.scope.is_some() { ScopeFrom::Flags } else { ScopeFrom::OldKey }
    }

    /// The rotation with these changes. If the scope can issue keys, the program asks first.
    pub(super) fn apply(&self, rotation: Rotation) -> Rotation {
        let rotation = rotation.overlap(self.overlap).without(self.without).allow_escalating();
        let rotation = match &self.scope {
            Some(scope) => rotation.scope(scope.clone()),
            // It is part of a scope that is named.
            None => self.tolerates.iter().cloned().fold(rotation, Rotation::tolerates),
        };
        let rotation = self.lease.into_iter().fold(rotation, Rotation::lease);
        match self.max_uses {
            Some(uses) => rotation.max_uses(uses),
            None => rotation,
        }
    }
}
