//! The regression guard: counts the instructions of fixed work, and fails where they are more
//! than the baseline beside this program says.
//!
//! Without an argument it compares. With `--update` it writes the baseline anew, and with
//! `CASE RUNS` it does the work of a case, which is how it calls itself under valgrind.

mod baseline;
mod canned;
mod work;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use baseline::{Baseline, Verdict};
use pinning_keys_guard::callgrind;
use work::{Counts, Table};

/// How often the work is done under valgrind: the difference of two runs counts.
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
        _ => bail!("arguments: none to compare, or --update to write the baseline anew"),
    }
}

fn compare() -> Result<ExitCode> {
    let baseline = Baseline::read()?;
    let now = measure()?;
    let verdict = baseline.judge(&now);
    print!("{verdict}");
    Ok(match verdict {
        Verdict { worse: true, .. } => ExitCode::FAILURE,
        Verdict { .. } => ExitCode::SUCCESS,
    })
}

fn update() -> Result<ExitCode> {
    let now = measure()?;
    print!("{}", Baseline::read().unwrap_or_default().judge(&now));
    now.write()?;
    Ok(ExitCode::SUCCESS)
}

/// Counts everything, on this machine with this compiler.
fn measure() -> Result<Baseline> {
    let valgrind = callgrind::version().context("there is no valgrind")?;
    let program = std::env::current_exe()?;
    let mut counts = Vec::new();
    for table in Table::ALL {
        let case = |case: &str| {
            let name = format!("{table}/{case}");
            let arguments = |runs: u64| vec![name.clone(), runs.to_string()];
            callgrind::per_run(&program, arguments, RUNS)
        };
        counts.extend(
            Counts {
                translate: case("translate")?,
                plan: case("plan")?,
                carry: case("carry")?,
                issue: case("issue")?,
            }
            .named(table),
        );
    }
    Ok(Baseline::new(baseline::surroundings(&valgrind)?, counts))
}
