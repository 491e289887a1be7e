//! The flags that say how the new key differs from the old one.

use std::num::NonZeroU64;
use std::time::Duration;

use pinning_keys::{PermissionSet, ScopeRequest};
use pinning_keys_lifecycle::Rotation;

use crate::failure::Failure;
use crate::flag_values::Suggested;
use crate::key_args::uses;
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
    #[command(flatten)]
    overlap: OverlapArgs,
}

/// How the new key differs from the old one.
pub(super) struct Changes {
    scope: Option<ScopeRequest>,
    without: PermissionSet,
    tolerates: Vec<String>,
    max_uses: Option<NonZeroU64>,
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
            overlap: self.overlap.read()?,
        })
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
        match self.max_uses {
            Some(uses) => rotation.max_uses(uses),
            None => rotation,
        }
    }
}
