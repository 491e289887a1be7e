//! The commands.

use anyhow::{Context, Result, bail};
use lexopt::prelude::{Long, Value, ValueExt as _};

use crate::results::Effort;
use crate::{
    command_line, footprint, issue, lifecycle, many, peers, report, server, summary, translate,
};

const HELP: &str = "\
Measures what issuing keys costs with pinning-keys, and with the alternatives

    cargo run --release --manifest-path benches/Cargo.toml -- COMMAND

commands
    all         all of these except report, one after another
    translate   translate scopes and plan keys: time and allocations
    issue       issue keys, compared with hyper, reqwest and the official client
    bulk        issue and revoke 1,000 keys, 64 at a time
    list        list 100,000 keys as a stream
    footprint   count crates, time clean builds, measure programs (half an hour)
    start       start the command line; build and weigh its program
    lifecycle   the life of a key after it is issued
    summary     print every budget and whether it is met
    report      write the last figures to BENCHMARKS.md and draw its plot

options
    --rounds N  how many times each peer is measured (default: 6)
    --quick     do little work in one round, to try the program; figures are not stored
    --strict    with summary: fail unless every budget is met
";

/// Runs the command that the command line names.
pub(crate) fn run() -> Result<()> {
    let mut parser = lexopt::Parser::from_env();
    let (mut command, mut argument) = (None, None);
    let mut strict = false;
    let mut effort = Effort { rounds: 6, quick: false };
    while let Some(part) = parser.next()? {
        match part {
            Long("rounds") => effort.rounds = parser.value()?.parse()?,
            Long("strict") => strict = true,
            Long("quick") => effort = Effort { rounds: 1, quick: true },
            Value(text) if command.is_none() => command = Some(text.string()?),
            Value(text) if argument.is_none() => argument = Some(text.string()?),
            _ => bail!(part.unexpected()),
        }
    }
    match command.as_deref() {
        Some("translate") => translate::run(effort),
        Some("issue") => issue::run(effort),
        Some("bulk") => many::bulk(effort),
        Some("list") => many::list(effort),
        Some("footprint") => footprint::run(effort),
        Some("start") => command_line::run(effort),
        Some("lifecycle") => lifecycle::run(effort),
        Some("report") => report::run(),
        Some("summary") => summary::run(strict),
        Some("all") => {
            translate::run(effort)?;
            issue::run(effort)?;
            many::bulk(effort)?;
            many::list(effort)?;
            footprint::run(effort)?;
            command_line::run(effort)?;
            lifecycle::run(effort)?;
            summary::run(strict)
        }
        // The program starts its own processes with these.
        Some("server") => block_on(server::serve(serde_json::from_str(&job(argument)?)?)),
        Some("peer") => print(&block_on(peers::run(serde_json::from_str(&job(argument)?)?))?),
        Some("official") => peers::become_node(&job(argument)?),
        Some("many") => {
            let job: many::Job = serde_json::from_str(&job(argument)?)?;
            print(&block_on(job.run())?)
        }
        None => {
            print!("{HELP}");
            Ok(())
        }
        Some(unknown) => bail!("unknown command {unknown:?}\n\n{HELP}"),
    }
}

fn job(argument: Option<String>) -> Result<String> {
    argument.context("only the program itself runs this command")
}

fn print(measured: &impl serde::Serialize) -> Result<()> {
    println!("{}", serde_json::to_string(measured)?);
    Ok(())
}

/// Runs on this thread alone, so that all the work counts on one core.
fn block_on<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(future)
}
