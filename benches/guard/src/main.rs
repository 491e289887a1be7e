//! The regression guard: counts the instructions of fixed work, and fails if they exceed the
//! baseline. It also holds the limits of the command line.
//!
//! Without an argument it compares. With `--update` it rewrites the baseline, and with `CASE RUNS`
//! it does the work of a case, which is how it runs itself under valgrind.

mod baseline;
mod canned;
mod limits;
mod work;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use baseline::Baseline;
use pinning_keys_guard::callgrind;
use work::{PARTS, TABLES};

/// How often the work is done under valgrind; the difference of two runs counts.
const RUNS: (u64, u64) = (200, 1_200);

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => compare(),
        ["--update"] => update(),
        [case, runs] => {
            work::run(case, runs.parse()?)?;
            Ok(ExitCode::SUCCESS)
        }
        _ => bail!("expected no argument to compare, or --update to rewrite the baseline"),
    }
}

fn compare() -> Result<ExitCode> {
    let baseline = Baseline::read()?;
    let now = measure()?;
    let verdict = baseline.judge(&now);
    print!("{verdict}");
    let limits = limits::measure()?;
    for limited in &limits {
        println!("{limited}");
    }
    let failed = verdict.worse || limits.iter().any(limits::Limited::is_exceeded);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn update() -> Result<ExitCode> {
    let now = measure()?;
    print!("{}", Baseline::read().unwrap_or_default().judge(&now));
    now.write()?;
    Ok(ExitCode::SUCCESS)
}

/// Counts every case.
fn measure() -> Result<Baseline> {
    let valgrind = callgrind::version().context("valgrind is not installed")?;
    let program = std::env::current_exe()?;
    let mut counts = Vec::new();
    for table in TABLES {
        let label = work::label(table);
        let mut of_parts = [0; PARTS.len()];
        for (part, count) in PARTS.iter().zip(&mut of_parts) {
            let arguments = |runs: u64| vec![format!("{label}/{part}"), runs.to_string()];
            *count = callgrind::per_run(&program, arguments, RUNS)?;
        }
        counts.extend(work::named(&label, of_parts));
    }
    Ok(Baseline::new(baseline::tools(&valgrind)?, counts))
}
