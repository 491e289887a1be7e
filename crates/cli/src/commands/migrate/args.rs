//! The arguments of `migrate`.

use std::ffi::OsString;
use std::time::Duration;

use pinning_keys::PermissionSet;
use pinning_keys_lifecycle::MigrationPlan;

use crate::failure::Failure;
use crate::flag_values::Suggested;
use crate::overlap::OverlapArgs;
use crate::scope_args::{known_permissions, permissions, tolerances};

/// Move keys to another account
///
/// Each key is replaced by a key of the other account, which may be at another provider. The new key
/// gets the scope, the remaining uses and the lease that the store recorded for the old one. A key
/// whose scope the other provider cannot grant stays where it is, unless --without or --tolerates
/// changes that. The new secret of NAME is written to DIR/NAME.json, and may replace the old one
/// there.
///
/// The keys are those of the account that --profile or the configuration selects. The program shows
/// the plan and asks before it moves anything. Keys are moved one after another, and each old key is
/// revoked once the new one is delivered, or after the overlap. To continue after an interruption or
/// a failure, run the same command again: no key is moved twice.
///
/// With --json, each key is a line with result: moved, already_moved, stays (with error), failed
/// (with error), unknown (with error), not_started or, with --dry-run, planned.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The keys to move, each by its name, reference or id
    #[arg(value_name = "NAME", required_unless_present = "all", conflicts_with = "all")]
    pub(super) keys: Vec<OsString>,
    /// Move all live keys of the account that the store manages
    #[arg(long)]
    pub(super) all: bool,
    /// The profile of the account that gets the keys
    #[arg(long, value_name = "PROFILE")]
    pub(super) into: OsString,
    /// The folder for the files with the new secrets
    #[arg(long, value_name = "file:DIR", help_heading = "Delivery")]
    pub(super) to: OsString,
    /// Permissions to leave out of the new keys
    #[arg(
        long,
        value_name = "PERMISSIONS",
        value_delimiter = ',',
        value_parser = Suggested(known_permissions),
        hide_possible_values = true,
        help_heading = "Scope",
    )]
    without: Vec<String>,
    /// Grants or permissions to accept if they cannot be left out
    #[arg(long, value_name = "GRANTS", value_delimiter = ',', help_heading = "Scope")]
    tolerates: Vec<String>,
    #[command(flatten)]
    overlap: OverlapArgs,
    /// Show the plan, and change nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Skip the confirmation
    #[arg(long)]
    pub(super) yes: bool,
}

/// How the new keys may differ from the old ones.
pub(super) struct Wishes {
    without: PermissionSet,
    tolerates: Vec<String>,
    pub(super) overlap: Duration,
}

impl Args {
    pub(super) fn wishes(&self) -> Result<Wishes, Failure> {
        Ok(Wishes {
            without: permissions("--without", &self.without)?,
            tolerates: tolerances(&self.tolerates)?.into_iter().map(str::to_owned).collect(),
            overlap: self.overlap.read()?,
        })
    }

    /// The profile of the account that gets the keys.
    pub(super) fn into(&self) -> Result<&str, Failure> {
        self.into.to_str().ok_or_else(|| Failure::usage("the profile of --into is not UTF-8"))
    }
}

impl Wishes {
    pub(super) fn apply(&self, plan: MigrationPlan) -> MigrationPlan {
        let plan = plan.overlap(self.overlap).without(self.without);
        self.tolerates.iter().cloned().fold(plan, MigrationPlan::tolerates)
    }
}
