//! Measures the command line: its start, the build of its program and the program's size.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use pinning_keys_guard::command_line;
use serde::{Deserialize, Serialize};

use crate::results::{self, Effort};
use crate::stats::{Spread, median};
use crate::table::Table;

/// How often each program is started in a round.
const STARTS: usize = 50;

/// What was measured.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Figures {
    rounds: Vec<Round>,
    /// How long a clean release build took, in seconds.
    build_seconds: Option<f64>,
    /// The size of the program without symbols.
    stripped_bytes: Option<u64>,
}

/// The medians of a round in milliseconds, from the start of the process to its end.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Round {
    plan_ms: f64,
    true_ms: f64,
}

impl Figures {
    /// How much longer `plan` takes than `true`, in milliseconds.
    pub(crate) fn plan_over_true(&self) -> Option<Spread> {
        Spread::of(self.rounds.iter().map(|round| round.plan_ms - round.true_ms))
    }
}

pub(crate) fn run(effort: Effort) -> Result<()> {
    let folder = results::folder()?.join("start");
    if !effort.quick && folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    eprintln!("command line: release build");
    let began = Instant::now();
    let program = command_line::build(&folder)?;
    let mut figures = Figures {
        build_seconds: Some(began.elapsed().as_secs_f64()),
        stripped_bytes: Some(command_line::size(&program)?),
        ..Figures::default()
    };
    for round in 0..effort.rounds {
        eprintln!("command line: starting it, round {} of {}", round + 1, effort.rounds);
        figures.rounds.push(measure(&program, if effort.quick { 2 } else { STARTS })?);
    }
    results::save("start", effort, &figures)?;
    println!("\n{}", show(&figures));
    Ok(())
}

/// Starts both programs in turn.
fn measure(program: &Path, starts: usize) -> Result<Round> {
    let folder = program.parent().context("the program is in no folder")?;
    let (mut plan, mut nothing) = (Vec::new(), Vec::new());
    for _ in 0..starts {
        plan.push(time(Command::new(program).args(command_line::PLAN), folder)?);
        nothing.push(time(&mut Command::new("true"), folder)?);
    }
    let milliseconds =
        |times: Vec<Duration>| median(times.iter().map(|time| time.as_secs_f64() * 1e3));
    let (plan_ms, true_ms) = milliseconds(plan).zip(milliseconds(nothing)).context("no start")?;
    Ok(Round { plan_ms, true_ms })
}

/// How long a process takes from its start to its end.
fn time(command: &mut Command, folder: &Path) -> Result<Duration> {
    command_line::isolate(command, folder).stdout(Stdio::null());
    let began = Instant::now();
    let status = command.status()?;
    let took = began.elapsed();
    ensure!(status.success(), "{command:?} failed");
    Ok(took)
}

pub(crate) fn show(figures: &Figures) -> Table {
    let mut table = Table::new(&["command line", "measured"]);
    let mut row = |what: &str, figure: Option<String>| {
        table.row([what.to_owned(), figure.unwrap_or_default()]);
    };
    let of = |figure: fn(&Round) -> f64| Spread::of(figures.rounds.iter().map(figure));
    let shown = |spread: Option<Spread>| spread.map(|spread| format!("{spread:.1} ms"));
    row("`plan`, from start to exit", shown(of(|round| round.plan_ms)));
    row("`true`, from start to exit", shown(of(|round| round.true_ms)));
    row("clean release build", figures.build_seconds.map(|seconds| format!("{seconds:.0} s")));
    let size = figures.stripped_bytes.map(|bytes| format!("{:.1} MB", bytes as f64 / 1e6));
    row("stripped program", size);
    table
}
