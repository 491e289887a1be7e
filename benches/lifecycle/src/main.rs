//! Measures the life of a key after it is issued; see BENCHMARKS.md.

mod cli;
mod counted;
mod counting;
mod provider;
mod report;
mod rows;
mod simulated_clock;
mod timed;
mod world;

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
