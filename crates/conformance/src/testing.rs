//! The functions behind the tests of [`conformance_tests!`](crate::conformance_tests).

use pinning_keys_core::Operation;
use tokio::runtime::Builder;

use crate::cases::CASES;
use crate::execution::Run;
use crate::harness::{BoxError, Harness};
use crate::report::{CaseReport, Outcome};
use crate::run::{announce, run_one};

/// Runs a case on a fresh harness. Its name is the id, with underscores instead of dashes.
///
/// # Panics
///
/// If the case or the harness fails, or if a key is left that could be revoked.
pub fn check<H: Harness, M: Future<Output = H>>(name: &str, make: impl FnOnce() -> M) {
    let id = name.replace('_', "-");
    let (report, seed, revokes) = with(make, async |harness| {
        let report = run_one(harness, &id).await;
        let report = report.unwrap_or_else(|error| panic!("harness error: {error}"));
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

/// Checks that at least as many cases can run as the harness demands.
///
/// # Panics
///
/// If fewer can, with the reason why each of the others is skipped.
pub fn check_minimum<H: Harness, M: Future<Output = H>>(make: impl FnOnce() -> M) {
    let (skipped, minimum) = with(make, async |harness| {
        let skipped = skipped(harness).await;
        (skipped.unwrap_or_else(|error| panic!("harness error: {error}")), harness.minimum())
    });
    let executed = CASES.len() - skipped.len();
    let enough = executed >= minimum.max(1);
    let skipped = skipped.concat();
    assert!(enough, "{executed} cases can run, but {minimum} must; skipped:\n{skipped}");
}

/// A line for each case that is skipped. The cases that may skip late are run to find out.
async fn skipped(harness: &dyn Harness) -> Result<Vec<String>, BoxError> {
    println!("{}", announce(harness).await?);
    let run = Run::begin(harness).await?;
    let mut skipped = Vec::new();
    for selected in run.select() {
        if selected.missing.is_some() || selected.may_skip_late {
            let report = run.case(&selected).await;
            if let Outcome::Skipped(why) = report.outcome() {
                skipped.push(format!("  {}: {why}\n", report.case().id()));
            }
        }
    }
    Ok(skipped)
}

/// Creates a harness in its own runtime, and works with it there.
fn with<H: Harness, M: Future<Output = H>, T>(
    make: impl FnOnce() -> M,
    work: impl AsyncFnOnce(&H) -> T,
) -> T {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        let harness = make().await;
        if harness.pauses_clock() {
            tokio::time::pause();
        }
        work(&harness).await
    })
}
