//! What can be typed.

use clap::{CommandFactory as _, Parser, Subcommand};

#[cfg(feature = "store")]
use crate::commands::{apply, audit, diff, forget, run, status, strays};
use crate::commands::{
    completions, config, exec, help, issue, list, man, plan, probe, revoke, show, verify,
};
#[cfg(feature = "store")]
use crate::commands::{migrate, renew, rotate};
use crate::global::Global;
use crate::help::commands::explained;

/// Issue, lease, rotate, check and revoke scoped API keys of IPFS pinning providers.
#[derive(Parser)]
#[command(name = "pinning-keys", version, disable_help_flag = true, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    Plan(plan::Args),
    Issue(issue::Args),
    List(list::Args),
    Show(show::Args),
    Verify(verify::Args),
    Probe(probe::Args),
    Revoke(revoke::Args),
    Exec(exec::Args),
    #[cfg(feature = "store")]
    Renew(renew::Args),
    #[cfg(feature = "store")]
    Rotate(rotate::Args),
    #[cfg(feature = "store")]
    Migrate(migrate::Args),
    #[cfg(feature = "store")]
    Run(run::Args),
    #[cfg(feature = "store")]
    Status(status::Args),
    #[cfg(feature = "store")]
    Audit(audit::Args),
    #[cfg(feature = "store")]
    Strays(strays::Args),
    #[cfg(feature = "store")]
    Forget(forget::Args),
    #[cfg(feature = "store")]
    Diff(diff::Args),
    #[cfg(feature = "store")]
    Apply(apply::Args),
    Config(config::Args),
    Completions(completions::Args),
    Man(man::Args),
    Help(help::Args),
}

/// The program for clap, as completions and manual pages describe it.
pub(crate) fn command() -> clap::Command {
    Cli::command().max_term_width(100)
}

/// The program for clap, with everything that its help says.
pub(crate) fn explained_command() -> clap::Command {
    explained(command())
}
