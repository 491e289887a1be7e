//! What can be typed.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ColorChoice, Parser, Subcommand};

use crate::commands::{
    completions, config, exec, issue, list, man, plan, probe, revoke, show, verify,
};

/// Issue, list, verify, probe and revoke scoped API keys of IPFS pinning providers.
#[derive(Parser)]
#[command(name = "pinning-keys", version, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The flags of every command.
#[derive(clap::Args, Clone, Default)]
pub(crate) struct Global {
    /// Work with this profile of the configuration
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<OsString>,
    /// Read this configuration file too
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print JSON, for programs
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN")]
    pub(crate) color: Option<ColorChoice>,
    /// Print no progress and no notes
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
    /// Print more of what is done
    #[arg(short, global = true)]
    pub(crate) verbose: bool,
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
    Config(config::Args),
    Completions(completions::Args),
    Man(man::Args),
}
