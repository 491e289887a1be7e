//! What the tests of [`conformance_tests!`](crate::conformance_tests) call.

use pinning_keys_core::Operation;
use tokio::runtime::Builder;

use crate::execution::Run;
use crate::report::{CaseReport, Outcome};
use crate::run::{announce, run_one};
use crate::{BoxError, CASES, Harness};

/// Runs the case whose name has underscores in place of dashes, on a fresh harness.
///
/// # Panics
///
/// Where the case fails, or the harness does, or where a key is left that could be revoked.
pub fn check<H: Harness, M: Future<Output = H>>(name: &str, make: impl FnOnce() -> M) {
    let id = name.replace('_', "-");
    let (report, seed, revokes) = with(make, async |harness| {
        let report = run_one(harness, &id).await;
        let report = report.unwrap_or_else(|error| panic!("the harness: {error}"));
        (report, harness.seed(), !harness.lacks(Operation::Revoke))
    });
    conclude(&report, seed, revokes);
}

fn conclude(report: &CaseReport, seed: u64, revokes: bool) {
    let id = report.case().id();
    for name in report.left() {
        eprintln!("may be left behind: {name}");
    }
    match report.outcome() {
        Outcome::Passed => {}
        Outcome::Skipped(why) => println!("skipped: {why}"),
        Outcome::Failed(why) => panic!("{id} (seed {seed}): {why}"),
    }
    let is_clean = !revokes || report.left().is_empty();
    assert!(is_clean, "{id} (seed {seed}): keys may be left behind: {}", report.left().join(", "));
}

/// Fails where fewer cases can run than the harness demands.
///
/// # Panics
///
/// In that case, with what the others lack.
pub fn check_minimum<H: Harness, M: Future<Output = H>>(make: impl FnOnce() -> M) {
    let (lacks, minimum) = with(make, async |harness| {
        let lacks = lacks(harness).await;
        (lacks.unwrap_or_else(|error| panic!("the harness: {error}")), harness.minimum())
    });
    let executed = CASES.len() - lacks.len();
    let enough = executed >= minimum.max(1);
    assert!(enough, "{executed} cases can run, and {minimum} must. Skipped:\n{}", lacks.concat());
}

/// A line for each case that shows nothing. Those that can tell only when they run are run.
async fn lacks(harness: &dyn Harness) -> Result<Vec<String>, BoxError> {
    println!("{}", announce(harness).await?);
    let run = Run::begin(harness).await?;
    let mut lacks = Vec::new();
    for selected in run.select() {
        if selected.lack.is_some() || selected.may_skip_late {
            let report = run.case(&selected).await;
            if let Outcome::Skipped(why) = report.outcome() {
                lacks.push(format!("  {}: {why}\n", report.case().id()));
            }
        }
    }
    Ok(lacks)
}

/// Makes a harness in a runtime of its own, and does something with it there.
fn with<H: Harness, M: Future<Output = H>, T>(
    make: impl FnOnce() -> M,
    work: impl AsyncFnOnce(&H) -> T,
) -> T {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let harness = make().await;
        if harness.pauses_clock() {
            tokio::time::pause();
        }
        work(&harness).await
    })
}
