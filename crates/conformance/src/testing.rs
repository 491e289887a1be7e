//! What the tests of [`conformance_tests!`](crate::conformance_tests) call.

use pinning_keys_core::Operation;
use tokio::runtime::Builder;

use crate::report::{CaseReport, Outcome};
use crate::run::{Selected, announce, run_one, select};
use crate::{CASES, Harness};

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
        if let Ok(announcement) = announce(harness).await {
            println!("{announcement}");
        }
        let issuer = harness.issuer().await.expect("the harness makes an issuer");
        let selection = select(harness, issuer.profile()).into_iter();
        let lack = |Selected { case, lack, .. }: Selected| {
            lack.map(|lack| format!("  {}: {lack}\n", case.id()))
        };
        (selection.filter_map(lack).collect::<Vec<_>>(), harness.minimum())
    });
    let executed = CASES.len() - lacks.len();
    let enough = executed >= minimum && executed > 0;
    assert!(enough, "{executed} cases can run, and {minimum} must. Skipped:\n{}", lacks.concat());
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
