//! What issuing keys costs with `pinning-keys`, beside what one would use otherwise.
//!
//! `bench all` measures everything, `bench summary` holds it against the budgets; see
//! BENCHMARKS.md.

mod cli;
mod drive;
mod footprint;
mod issue;
mod many;
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
