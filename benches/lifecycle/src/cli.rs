//! The command line.

use anyhow::{Result, bail};
use lexopt::prelude::{Long, Value, ValueExt as _};
use pinning_keys_bench_kit::budget;
use pinning_keys_bench_kit::results::{self, Effort};

use crate::report::Report;
use crate::{counted, timed};

const HELP: &str = "\
Measures the life of a key after it is issued

    cargo run --release --manifest-path benches/Cargo.toml --package pinning-keys-lifecycle-bench

options
    --rounds N  how often each time is measured (default: 6)
    --quick     do little work in one round, to try the program; figures are not stored
";

pub(crate) fn run() -> Result<()> {
    let mut parser = lexopt::Parser::from_env();
    let mut effort = Effort { rounds: 6, quick: false };
    let mut arguments = Vec::new();
    while let Some(part) = parser.next()? {
        match part {
            Long("rounds") => effort.rounds = parser.value()?.parse()?,
            Long("quick") => effort = Effort { rounds: 1, quick: true },
            Long("help") => {
                print!("{HELP}");
                return Ok(());
            }
            Value(text) => arguments.push(text.string()?),
            _ => bail!(part.unexpected()),
        }
    }
    match &arguments[..] {
        [] => measure(effort),
        // The program runs this in the processes that it starts.
        [command, job] if command == "job" => {
            let job: timed::Job = serde_json::from_str(job)?;
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            println!("{}", runtime.block_on(job.run())?);
            Ok(())
        }
        [unknown, ..] => bail!("unknown command {unknown:?}\n\n{HELP}"),
    }
}

fn measure(effort: Effort) -> Result<()> {
    let mut report = Report::new();
    counted::run(counted::Size::of(effort), &mut report)?;
    timed::run(timed::Size::of(effort), &mut report)?;
    let section = report.into_section();
    println!("\n{}\n{}", budget::show(&section.budgets), section.text);
    results::save("lifecycle", effort, &section)
}
