//! The program `pinning-keys`: scoped API keys of IPFS pinning providers, from a shell or CI.

mod account;
mod ask;
mod cli;
mod commands;
mod exit;
mod failure;
mod interrupt;
mod output;
mod run;
mod scope_args;
mod session;
mod settings;
mod usage;

use std::process::ExitCode;

fn main() -> ExitCode {
    run::run(std::env::args_os()).into()
}
