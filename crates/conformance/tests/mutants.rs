//! Every case catches an adapter that is wrong in exactly one way, for the right reason.

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use pinning_keys_conformance::{CASES, Case, Outcome, run};
use pinning_keys_testkit::golden::assert_golden;
use support::harness::Reference;
use support::mutants::{MUTANTS, Mutant};
use support::mutation::Mutation;

#[tokio::test(start_paused = true)]
async fn every_mutant_is_caught_by_its_case_for_its_reason() {
    let mut missed = String::new();
    for Mutant { wrong, case, because, .. } in MUTANTS {
        let outcome = Reference::wrong(*wrong).outcome(case).await;
        let caught = matches!(&outcome, Outcome::Failed(why) if why.contains(because));
        if !caught {
            writeln!(missed, "{wrong:?}: {case} is {outcome:?}, not {because:?}").unwrap();
        }
    }
    assert!(missed.is_empty(), "{missed}");
}

/// The adapter reads the credential that it returned, so every other case passes.
#[tokio::test(start_paused = true)]
async fn headers_that_authenticate_nobody_are_caught_by_one_case_alone() {
    let report = run(&Reference::wrong(Mutation::NamesWrongHeader)).await.unwrap();
    let failed = report.cases().iter().filter(|case| matches!(case.outcome(), Outcome::Failed(_)));
    let failed: Vec<_> = failed.map(|report| report.case().id()).collect();
    assert_eq!(failed, ["issue-07-headers-authenticate-the-holder"]);
}

#[test]
fn every_case_has_a_mutant() {
    let caught: BTreeSet<_> = MUTANTS.iter().map(|mutant| mutant.case).collect();
    let all: BTreeSet<_> = CASES.iter().map(Case::id).collect();
    assert_eq!(caught, all);
}

/// The lines around the README's table of mutants.
const BEGIN: &str = "<!-- mutants: written by `UPDATE_GOLDEN=1 cargo test --test mutants` -->";
const END: &str = "<!-- end of the mutants -->";

#[test]
fn readme_lists_every_mutant() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(file).unwrap().replace("\r\n", "\n");
    let (before, rest) = readme.split_once(BEGIN).expect("the line before the table");
    let (_, after) = rest.split_once(END).expect("the line after the table");
    let mut table = "| an adapter that … | is caught by |\n|---|---|\n".to_owned();
    for Mutant { what, case, .. } in MUTANTS {
        writeln!(table, "| {what} | `{case}` |").unwrap();
    }
    assert_golden(
        "crates/conformance/README.md",
        &format!("{before}{BEGIN}\n{table}\n{END}{after}"),
        "The table lists the mutants of `tests/support/mutants.rs`.",
    );
}
