//! Which promises are kept: the conformance suite on both adapters, in every configuration, on
//! the emulator. Run: `cargo run --example conformance_report`. `-- --details`, `--json` and
//! `--markdown` print every case, with `--json` each configuration on a line; what stands behind
//! that, such as `w3ipfs` or `"legacy, endpoints, jwt"`, is what the names of those have in them
//! that are run.

use std::io::{IsTerminal as _, Write as _, stderr, stdout};
use std::process::ExitCode;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use pinning_keys::transport::ReqwestTransport;
use pinning_keys_conformance::{BoxError, CASES, Harness, Outcome, Report, run_with};
use pinning_keys_testkit::stand::{Configuration, Stand, ready_made};
use tokio::runtime::Builder;

/// A run that is over sooner needs no progress line.
const PATIENCE: Duration = Duration::from_secs(2);

const USAGE: &str = "Usage: cargo run --example conformance_report \
    [-- [--details | --json | --markdown] [PART OF A NAME]]";

/// Where the emulator is reached.
#[derive(Clone, Copy)]
enum Place {
    Memory,
    Tcp,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).peekable();
    let form = arguments.next_if(|argument| argument.starts_with('-')).unwrap_or_default();
    if ["--help", "-h"].contains(&&*form) {
        tell(USAGE);
        return ExitCode::SUCCESS;
    }
    let part = arguments.next().unwrap_or_default();
    let runs = runs(&part);
    let is_form = ["", "--details", "--json", "--markdown"].contains(&&*form);
    if !is_form || runs.is_empty() || arguments.next().is_some() {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    }
    match report_all(runs, &form) {
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
fn report_all(runs: Vec<Run>, form: &str) -> Result<bool, BoxError> {
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
    if form.is_empty() && all_ok {
        tell("\nNo clause is broken. Why cases are skipped: --details");
    }
    Ok(all_ok)
}

/// The runs that have this in their names.
fn runs(part: &str) -> Vec<Run> {
    let places = [("in memory", Place::Memory), ("over TCP", Place::Tcp)];
    let all = Configuration::ALL.into_iter().flat_map(|(name, configuration)| {
        places.map(|(place_name, place)| Run {
            name: format!("{name}, {place_name}"),
            configuration,
            place,
            report: OnceLock::new(),
        })
    });
    all.filter(|run| run.name.contains(part)).collect()
}

fn report(
    configuration: Configuration,
    place: Place,
    progress: &Progress,
) -> Result<Report, BoxError> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let stand = match place {
            Place::Memory => Stand::in_memory(configuration),
            Place::Tcp => {
                Stand::over_tcp(configuration, ready_made(ReqwestTransport::from_builder)).await
            }
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
        "--markdown" => tell(&format!("# {name}\n\n{}", report.to_markdown())),
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
    if !report.is_ok() {
        tell(&format!("  {}", report.summary()));
    }
}
