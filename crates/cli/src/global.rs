//! The flags of every command.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, ColorChoice};

#[derive(clap::Args, Clone, Default)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Use this profile of the configuration
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<OsString>,
    /// Read this configuration file before the user's own
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Use this store: sqlite:PATH or postgres://…
    #[cfg(feature = "store")]
    #[arg(long, global = true, value_name = "STORE")]
    pub(crate) store: Option<OsString>,
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
