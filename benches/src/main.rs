//! Measures what issuing keys costs with `pinning-keys`, and with the alternatives.
//!
//! `bench all` measures everything, and `bench summary` compares it with the budgets; see
//! BENCHMARKS.md.

mod cli;
mod command_line;
mod drive;
mod footprint;
mod issue;
mod lifecycle;
mod many;
mod peer;
mod peers;
mod plot;
mod report;
mod server;
mod summary;
mod translate;

use std::process::ExitCode;

use pinning_keys_bench_kit::{process, results, stats, table};

fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
