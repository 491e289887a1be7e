//! The commands.

use anyhow::{Context, Result, bail};
use lexopt::prelude::{Long, Value, ValueExt as _};

use crate::{footprint, issue, many, peers, report, server, summary, translate};

const HELP: &str = "\
What issuing keys costs with pinning-keys, and with what one would use otherwise

    cargo run --release --manifest-path benches/Cargo.toml -- COMMAND

commands
    all         all of these but report, one after another
    translate   translate scopes and plan keys: time and allocations
    issue       issue keys, beside hyper, reqwest and the official client
    bulk        issue and revoke 1,000 keys, 64 at a time
    list        list 100,000 keys as a stream
    footprint   crates, clean builds and sizes of programs (half an hour)
    summary     every budget, and whether it is met
    report      write the last figures into BENCHMARKS.md and draw its plot

options
    --rounds N  how often the peers take turns (6)
    --quick     little work and one round, to try the program; its figures are not kept
    --strict    with summary: fail unless every budget is met
";

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    pub(crate) rounds: u32,
    pub(crate) quick: bool,
}

/// Does what the command line says.
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
        Some("report") => report::run(),
        Some("summary") => summary::run(strict),
        Some("all") => {
            translate::run(effort)?;
            issue::run(effort)?;
            many::bulk(effort)?;
            many::list(effort)?;
            footprint::run(effort)?;
            summary::run(strict)
        }
        // How the program starts its own processes.
        Some("server") => inside(server::serve(serde_json::from_str(&job(argument)?)?)),
        Some("peer") => {
            let measured = inside(peers::run(serde_json::from_str(&job(argument)?)?))?;
            println!("{}", serde_json::to_string(&measured)?);
            Ok(())
        }
        Some("official") => peers::become_node(&job(argument)?),
        Some("many") => {
            let job: many::Job = serde_json::from_str(&job(argument)?)?;
            println!("{}", serde_json::to_string(&inside(job.run())?)?);
            Ok(())
        }
        None => {
            print!("{HELP}");
            Ok(())
        }
        Some(unknown) => bail!("there is no command {unknown:?}\n\n{HELP}"),
    }
}

fn job(argument: Option<String>) -> Result<String> {
    argument.context("this command is for the program itself")
}

/// Runs on this thread alone, so that all that is done counts on one core.
fn inside<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(future)
}
