//! The suite is tested by adapters that are wrong in exactly one way each.

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use pinning_keys_conformance::{CASES, Case, Outcome, run, run_one};
use pinning_keys_core::Operation;
use support::golden::assert_golden;
use support::harness::Reference;
use support::mutants::{MUTANTS, Mutant};

#[tokio::test(start_paused = true)]
async fn an_adapter_that_is_right_passes_everything() {
    let harness = Reference::new(None);
    let report = run(&harness).await.unwrap();
    assert!(report.is_ok(), "{report}");
    assert!(report.cases().iter().all(|case| case.left().is_empty()), "{report}");
    assert!(harness.keys().iter().all(|key| key.revoked), "every key was revoked");
    assert!(harness.keys().iter().all(|key| key.name.starts_with("suite-")));
}

#[tokio::test(start_paused = true)]
async fn what_a_provider_lacks_is_skipped_and_the_rest_passes() {
    let harness = Reference::lacking(&[Operation::List, Operation::Revoke]);
    let report = run(&harness).await.unwrap();
    assert_eq!(report.failed(), 0, "{report}");
    assert!(report.executed() > 40 && report.skipped() > 20, "{report}");
    assert!(!report.is_ok(), "fewer cases were executed than the harness demands");
    let left: usize = report.cases().iter().map(|case| case.left().len()).sum();
    let live = harness.keys().iter().filter(|key| !key.revoked).count();
    assert!(live > 0 && left >= live, "what may be left behind is told: {left} for {live}");
}

#[tokio::test(start_paused = true)]
async fn every_mutant_is_caught_by_its_case_for_the_right_reason() {
    let mut missed = String::new();
    for Mutant { wrong, case, because, .. } in MUTANTS {
        let report = run_one(&Reference::new(Some(*wrong)), case).await.unwrap();
        let caught = matches!(report.outcome(), Outcome::Failed(why) if why.contains(because));
        if !caught {
            writeln!(missed, "{wrong:?}: {case} has {:?}, not {because:?}", report.outcome())
                .unwrap();
        }
    }
    assert!(missed.is_empty(), "{missed}");
}

#[test]
fn every_case_has_a_mutant() {
    let caught: BTreeSet<_> = MUTANTS.iter().map(|mutant| mutant.case).collect();
    let all: BTreeSet<_> = CASES.iter().map(Case::id).collect();
    assert_eq!(caught, all);
}

/// The part of the README that lists the mutants, between two lines of its own.
const BEGIN: &str = "<!-- mutants: written by `UPDATE_GOLDEN=1 cargo test --test mutants` -->";
const END: &str = "<!-- end of the mutants -->";

#[test]
fn the_readme_lists_every_mutant() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(file).unwrap().replace("\r\n", "\n");
    let (before, rest) = readme.split_once(BEGIN).expect("the line that begins the table");
    let (_, after) = rest.split_once(END).expect("the line that ends the table");
    assert_golden(
        "crates/conformance/README.md",
        &format!("{before}{BEGIN}\n{}\n{END}{after}", table()),
        "See there.",
    );
}

fn table() -> String {
    let mut table = "| an adapter that … | is caught by |\n|---|---|\n".to_owned();
    for Mutant { what, case, .. } in MUTANTS {
        writeln!(table, "| {what} | `{case}` |").unwrap();
    }
    table
}
