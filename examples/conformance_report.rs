//! Which promises are kept: the conformance suite on both adapters, in every configuration, on
//! the emulator. Run: `cargo run --example conformance_report [-- --details | --json | --markdown]`.
//! With `--json`, each line is one configuration.

#[path = "../tests/support/conformance/mod.rs"]
mod support;

use std::io::{IsTerminal as _, Write as _, stderr, stdout};
use std::process::ExitCode;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use pinning_keys_conformance::{BoxError, CASES, Harness, Outcome, Report, run_with};
use support::configuration::Configuration;
use support::stand::Stand;
use tokio::runtime::Builder;

/// A run that is over sooner needs no progress line.
const PATIENCE: Duration = Duration::from_secs(2);

const USAGE: &str = "conformance_report [--details | --json | --markdown]";

/// Where the emulator is reached.
#[derive(Clone, Copy)]
enum Place {
    Memory,
    Tcp,
}

fn main() -> ExitCode {
    let form = std::env::args().nth(1).unwrap_or_default();
    if !["", "--details", "--json", "--markdown"].contains(&&*form) {
        eprintln!("usage: {USAGE}");
        return ExitCode::from(2);
    }
    match report_all(&form) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// One configuration at one place, and the report of it once there is one.
struct Run {
    name: String,
    configuration: Configuration,
    place: Place,
    report: OnceLock<Result<Report, BoxError>>,
}

/// Whether every configuration keeps every promise.
fn report_all(form: &str) -> Result<bool, BoxError> {
    let runs = runs();
    let progress = Progress::new(runs.len() * CASES.len());
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(run) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let report = report(run.configuration, run.place, &progress);
                    run.report.get_or_init(|| report);
                }
            });
        }
    });
    progress.wipe();
    show_head(form);
    let mut all_ok = true;
    for Run { name, report, .. } in runs {
        let report = report.into_inner().ok_or("a run did not come to its end")??;
        show(&name, &report, form);
        all_ok &= report.is_ok();
    }
    Ok(all_ok)
}

fn runs() -> Vec<Run> {
    let places = [("in memory", Place::Memory), ("over TCP", Place::Tcp)];
    let all = Configuration::ALL.into_iter().flat_map(|(name, configuration)| {
        places.map(|(place_name, place)| Run {
            name: format!("{name}, {place_name}"),
            configuration,
            place,
            report: OnceLock::new(),
        })
    });
    all.collect()
}

fn report(
    configuration: Configuration,
    place: Place,
    progress: &Progress,
) -> Result<Report, BoxError> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let stand = match place {
            Place::Memory => Stand::in_memory(configuration, configuration.minimum()),
            Place::Tcp => Stand::over_tcp(configuration, configuration.minimum()).await,
        };
        if stand.pauses_clock() {
            tokio::time::pause();
        }
        run_with(&stand, |_| progress.step()).await
    })
}

/// A line that is written over by the next one, on a terminal alone.
struct Progress {
    started: Instant,
    ended: AtomicUsize,
    all: usize,
}

impl Progress {
    fn new(all: usize) -> Self {
        Self { started: Instant::now(), ended: AtomicUsize::new(0), all }
    }

    fn step(&self) {
        let ended = self.ended.fetch_add(1, Ordering::Relaxed) + 1;
        self.write(&format!("{ended} of {} cases", self.all));
    }

    fn wipe(&self) {
        self.write("");
    }

    fn write(&self, text: &str) {
        if self.started.elapsed() > PATIENCE && stderr().is_terminal() {
            eprint!("\r{text:<40}\r");
            let _ = stderr().flush();
        }
    }
}

/// Writes a line. A reader that is gone is no failure.
fn tell(line: &str) {
    let _ = writeln!(stdout(), "{line}");
}

fn show_head(form: &str) {
    if form.is_empty() {
        tell(&format!("{:<52}executed  passed  failed  skipped", ""));
    }
}

fn show(name: &str, report: &Report, form: &str) {
    match form {
        "--json" => {
            tell(&format!("{{\"configuration\":{name:?},\"report\":{}}}", report.to_json()));
        }
        "--markdown" => tell(&format!("## {name}\n\n{}", report.to_markdown())),
        "--details" => tell(&format!("{name}\n\n{report}\n")),
        _ => show_row(name, report),
    }
}

fn show_row(name: &str, report: &Report) {
    tell(&format!(
        "{name:<52}{:>8}{:>8}{:>8}{:>9}",
        report.executed(),
        report.passed(),
        report.failed(),
        report.skipped()
    ));
    for case in report.cases() {
        if let Outcome::Failed(why) = case.outcome() {
            let why = why.lines().next().unwrap_or_default();
            tell(&format!("  {}: {why}", case.case().id()));
        }
    }
}
