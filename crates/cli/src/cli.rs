//! What can be typed.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, ColorChoice, CommandFactory as _, Parser, Subcommand};

use crate::commands::{
    completions, config, exec, help, issue, list, man, plan, probe, revoke, show, verify,
};
use crate::help::commands::explained;

/// Issue, list, verify, probe and revoke scoped API keys of IPFS pinning providers.
#[derive(Parser)]
#[command(name = "pinning-keys", version, disable_help_flag = true, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The flags of every command.
#[derive(clap::Args, Clone, Default)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Use this profile of the configuration
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<OsString>,
    /// Read this configuration file before the user's own
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print JSON, for programs
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Use colour: auto, always or never (default: auto)
    #[arg(long, global = true, value_name = "WHEN", hide_possible_values = true)]
    pub(crate) color: Option<ColorChoice>,
    /// Print only results, warnings and errors
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
    /// Show each request to the provider
    #[arg(short, global = true)]
    pub(crate) verbose: bool,
    /// Print help
    #[arg(short, long, global = true, action = ArgAction::HelpShort)]
    help: Option<bool>,
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
    Help(help::Args),
}

/// The program for clap, with everything that its help says. Completions and manual pages are made
/// without that.
pub(crate) fn command() -> clap::Command {
    explained(Cli::command().max_term_width(100))
}
