//! The program `pinning-keys`: scoped API keys of IPFS pinning providers, from a shell or CI.

mod account;
mod ask;
mod cli;
mod command_line;
mod commands;
#[cfg(feature = "store")]
mod declared;
mod destination;
mod durations;
mod exit;
mod failure;
mod flag_values;
mod given;
mod global;
mod help;
mod holder;
mod interrupt;
mod issuing;
mod key_args;
mod key_summary;
mod keys;
#[cfg(feature = "store")]
mod lease_args;
#[cfg(feature = "store")]
mod managed;
mod nearest;
mod next_lines;
mod output;
#[cfg(feature = "store")]
mod overlap;
mod position;
mod presets;
mod progress;
mod recorded;
mod rewording;
mod run;
mod scope_args;
mod secret_words;
mod session;
mod settings;
mod tables;
mod usage;

use std::process::ExitCode;

fn main() -> ExitCode {
    run::run(std::env::args_os()).into()
}
