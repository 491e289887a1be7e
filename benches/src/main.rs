//! Measures what issuing keys costs with `pinning-keys`, and with the alternatives.
//!
//! `bench all` measures everything, and `bench summary` compares it with the budgets; see
//! BENCHMARKS.md.

mod cli;
mod command_line;
mod drive;
mod footprint;
mod issue;
mod many;
mod peer;
mod peers;
mod plot;
mod process;
mod report;
mod results;
mod server;
mod stats;
mod summary;
mod table;
mod translate;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
