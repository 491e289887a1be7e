//! The conformance suite on both adapters in every configuration, on the emulator, in memory and
//! over TCP.
//!
//! ```text
//! cargo run --example conformance_report
//! cargo run --example conformance_report -- --details "legacy, endpoints, jwt"
//! ```
//!
//! `--details`, `--json` and `--markdown` print every case, with `--json` a line for each run. A
//! part of a name selects the runs that contain it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use indicatif::ProgressBar;
use pinning_keys::transport::ReqwestTransport;
use pinning_keys_conformance::{BoxError, Harness, Outcome, Report, run};
use pinning_keys_testkit::stand::{Configuration, Stand, built_in};
use tokio::runtime::Builder;

/// One configuration, in memory or over TCP, and its report once there is one.
struct Run {
    name: String,
    configuration: Configuration,
    in_memory: bool,
    report: OnceLock<Result<Report, BoxError>>,
}

fn main() -> Result<(), BoxError> {
    let mut arguments = std::env::args().skip(1).peekable();
    let form = arguments.next_if(|argument| argument.starts_with('-')).unwrap_or_default();
    let runs = runs(&arguments.next().unwrap_or_default());
    let is_form = ["", "--details", "--json", "--markdown"].contains(&&*form);
    if !is_form || runs.is_empty() {
        return Err("usage: conformance_report [--details | --json | --markdown] [NAME]".into());
    }
    run_all(&runs);

    if form.is_empty() {
        println!("{:<52}executed  passed  failed  skipped", "");
    }
    let mut all_ok = true;
    for Run { name, report, .. } in runs {
        let report = report.into_inner().ok_or("a run has not ended")??;
        match &*form {
            "--json" => {
                println!("{{\"configuration\":{name:?},\"report\":{}}}", report.to_json());
            }
            "--markdown" => println!("# {name}\n\n{}", report.to_markdown()),
            "--details" => println!("{name}\n\n{report}\n"),
            _ => print_row(&name, &report),
        }
        all_ok &= report.is_ok();
    }
    if !all_ok {
        return Err("a clause is broken".into());
    }
    if form.is_empty() {
        println!("\nNo clause is broken. To see why cases are skipped: --details");
    }
    Ok(())
}

/// The runs whose names contain this.
fn runs(part: &str) -> Vec<Run> {
    let places = [("in memory", true), ("over TCP", false)];
    let all = Configuration::ALL.into_iter().flat_map(|(name, configuration)| {
        places.map(|(place, in_memory)| Run {
            name: format!("{name}, {place}"),
            configuration,
            in_memory,
            report: OnceLock::new(),
        })
    });
    all.filter(|run| run.name.contains(part)).collect()
}

/// Runs the suite for each, as many at once as there are processors.
fn run_all(runs: &[Run]) {
    let next = AtomicUsize::new(0);
    // It is drawn on a terminal only.
    let progress = ProgressBar::new(runs.len() as u64);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(run) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    run.report.get_or_init(|| report(run));
                    progress.inc(1);
                }
            });
        }
    });
    progress.finish_and_clear();
}

fn report(Run { configuration, in_memory, .. }: &Run) -> Result<Report, BoxError> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let stand = if *in_memory {
            Stand::in_memory(*configuration)
        } else {
            Stand::over_tcp(*configuration, built_in(ReqwestTransport::from_builder)).await
        };
        if stand.pauses_clock() {
            tokio::time::pause();
        }
        run(&stand).await
    })
}

fn print_row(name: &str, report: &Report) {
    let (executed, passed) = (report.executed(), report.passed());
    let (failed, skipped) = (report.failed(), report.skipped());
    println!("{name:<52}{executed:>8}{passed:>8}{failed:>8}{skipped:>9}");
    for case in report.cases() {
        if let Outcome::Failed(why) = case.outcome() {
            println!("  {}: {}", case.case().id(), why.lines().next().unwrap_or_default());
        }
    }
    if !report.is_ok() {
        println!("  {}", report.summary());
    }
}
