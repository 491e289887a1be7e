//! Which keys are listed.

use crate::failure::Failure;
use crate::keys::filter::Filter;
use crate::keys::state::State;

/// List the keys of the account
///
/// If there is a store, each key is shown with what the store knows about it. A key is managed,
/// stray (issued by the store, which then lost it) or foreign. Managed keys appear under the name
/// that was requested, even if the provider does not list them.
///
/// If the list breaks off or may lack a key, the keys that were read are printed, and the exit code
/// is not 0.
///
/// With --json, each key is a line, which is printed as soon as the key is read. It has key_ref,
/// name, state (live, used_up, revoked, missing or unknown), scope, uses, max_uses, created_at,
/// expires_at, table, native_grants, unknown_grants, partial_grants, restrictions and revoked. If
/// there is a store, it also has ownership and managed.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) owners: Owners,
    /// Only keys that work
    #[arg(long, group = "state")]
    live: bool,
    /// Only revoked keys, if the provider lists them
    #[arg(long, group = "state")]
    revoked: bool,
    /// Only keys with no uses left
    #[arg(long, group = "state")]
    used_up: bool,
    /// Only keys whose name begins with this
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,
}

impl Args {
    pub(super) fn filter(&self) -> Result<Filter, Failure> {
        Filter::new(self.prefix.as_deref(), self.state())
    }

    pub(super) fn state(&self) -> Option<State> {
        let wanted = |flag: bool, state| flag.then_some(state);
        wanted(self.live, State::Live)
            .or(wanted(self.revoked, State::Revoked))
            .or(wanted(self.used_up, State::UsedUp))
    }
}

/// Whose keys are listed.
#[derive(clap::Args)]
#[group(multiple = false)]
pub(super) struct Owners {
    /// Only keys that the store manages
    #[arg(long)]
    pub(super) managed: bool,
    /// Only keys that the store does not manage
    #[arg(long)]
    pub(super) foreign: bool,
    /// Only keys that the store issued and then lost
    #[arg(long)]
    pub(super) strays: bool,
}
