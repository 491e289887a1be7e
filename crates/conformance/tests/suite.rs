//! The suite covers every clause, does what it announces, cleans up, and reports without secrets.

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use pinning_keys_conformance::{CASES, Case, CaseReport, Outcome, announce, run, run_one, testing};
use pinning_keys_core::Operation;
use support::harness::Reference;
use support::mutants::MUTANTS;
use support::mutation::{Mutation, Trouble};
use support::provider::SECRET_START;
use support::twist::Twist;

/// The clauses in the documentation of the trait: `* **issue-03** …`.
fn documented() -> BTreeSet<&'static str> {
    let source = include_str!("../../core/src/issuer.rs");
    let clause = |line: &'static str| line.split_once("* **")?.1.split_once("**").map(|(c, _)| c);
    source.lines().filter_map(clause).collect()
}

#[test]
fn every_clause_has_a_case_and_every_case_a_clause() {
    let cases: BTreeSet<_> = CASES.iter().map(Case::clause).collect();
    assert_eq!(cases, documented());
}

fn bare(max_keys: usize) -> Reference {
    Reference { max_keys, ..Reference::twisted(Twist::Bare) }
}

#[tokio::test(start_paused = true)]
async fn right_adapter_passes_everything_and_leaves_nothing() {
    let harness = Reference::new();
    let report = run(&harness).await.unwrap();
    assert!(report.is_ok(), "{report}");
    assert_eq!((report.left().count(), harness.live_keys()), (0, 0), "{report}");
    assert!(harness.keys().iter().all(|key| key.name.starts_with("suite-")));
    // Only calls without an answer have a short deadline.
    let unanswered = ["no-answer", "drips"];
    let lasting = |case: &&Case| unanswered.iter().any(|part| case.id().contains(part));
    let deadlines = harness.deadlines.lock().unwrap();
    assert_eq!(deadlines.len(), CASES.iter().filter(lasting).count());
    assert!(deadlines.iter().all(|deadline| *deadline == Duration::from_millis(400)));
}

#[tokio::test(start_paused = true)]
async fn bare_harness_still_runs_the_cases_that_need_nothing() {
    let harness = bare(500);
    let announced = announce(&harness).await.unwrap();
    assert_eq!(harness.keys().len(), 0, "announcing creates nothing");
    let report = run(&harness).await.unwrap();
    assert!(report.is_ok() && report.executed() >= 28, "{report}");
    assert!(report.summary().starts_with("ok: "), "{report}");
    assert_eq!(harness.live_keys(), 0);
    for why in ["the harness has no probe", "the harness has no ledger"] {
        let skipped = Outcome::Skipped(why.to_owned());
        assert!(report.cases().iter().any(|case| *case.outcome() == skipped), "{why}\n{report}");
    }
    let keys = announced.split(' ').filter_map(|word| word.parse::<usize>().ok()).nth(2).unwrap();
    assert!(harness.keys().len() <= keys, "{announced}");
    assert!(announced.contains("\"suite\"") && announced.contains("none of them is an admin key"));
}

/// Everything else passes: no other case expires a credential.
#[tokio::test(start_paused = true)]
async fn adapter_that_never_renews_fails_only_the_clause_about_it() {
    let harness = Reference::wrong(Mutation::NeverRenews);
    let report = run(&harness).await.unwrap();
    let has_failed = |case: &&CaseReport| matches!(case.outcome(), Outcome::Failed(_));
    let failed: Vec<_> = report.cases().iter().filter(has_failed).collect();
    assert_eq!(failed.len(), 4, "{report}");
    assert!(failed.iter().all(|case| case.case().clause() == "all-05"), "{report}");
    assert_eq!((report.left().count(), harness.live_keys()), (0, 0), "{report}");
}

#[tokio::test(start_paused = true)]
async fn run_creates_at_most_the_allowed_keys() {
    for max_keys in [0, 1, 5, 20, 60] {
        let harness = bare(max_keys);
        let report = run(&harness).await.unwrap();
        let made = harness.keys().len();
        assert!(made <= max_keys, "{made} of {max_keys}\n{report}");
        assert_eq!(report.failed(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn run_of_too_few_cases_does_not_pass() {
    let mut harness = bare(0);
    harness.minimum = 0;
    assert!(run(&harness).await.unwrap().is_ok(), "some cases need no key");
    harness.minimum = 30;
    let report = run(&harness).await.unwrap();
    assert_eq!(report.failed(), 0);
    assert!(!report.is_ok(), "{report}");
    assert!(report.summary().starts_with("not ok: "), "{report}");
}

#[tokio::test(start_paused = true)]
async fn cases_of_missing_operations_are_skipped() {
    let harness = Reference::new().lacking(&[Operation::List, Operation::Revoke]);
    let report = run(&harness).await.unwrap();
    assert_eq!(report.failed(), 0, "{report}");
    assert!(report.executed() > 40 && report.skipped() > 20, "{report}");
    assert!(!report.is_ok(), "fewer cases were executed than the harness demands");
    let (left, live) = (report.left().count(), harness.live_keys());
    assert!(live > 0 && left >= live, "{left} reported, {live} live");
}

#[tokio::test(start_paused = true)]
async fn provider_without_admin_keys_and_expiry_passes() {
    let harness = Reference::twisted(Twist::FewKinds);
    let announced = announce(&harness).await.unwrap();
    assert!(announced.contains("; they may include keys that can create keys. "), "{announced}");
    let report = run(&harness).await.unwrap();
    assert!(report.is_ok(), "{report}");
    assert!(harness.keys().iter().all(|key| !key.body.contains("\"admin\":true")));
    let outcome = |id: &str| {
        let mut cases = report.cases().iter();
        cases.find(|case| case.case().id() == id).unwrap().outcome().clone()
    };
    for id in [
        "profile-02-unsupported-admin-key-is-refused-before-any-request",
        "profile-02-expiry-works-or-is-refused",
    ] {
        assert_eq!(outcome(id), Outcome::Passed);
    }
    for (id, why) in [
        ("issue-04-admin-can-do-everything", "the profile offers no admin keys"),
        ("issue-08-expiry-is-honoured", "the profile offers no expiry"),
        ("issue-08-overlong-expiry-is-refused-before-any-request", "the profile bounds no expiry"),
    ] {
        assert_eq!(outcome(id), Outcome::Skipped(why.to_owned()));
    }
}

#[tokio::test(start_paused = true)]
async fn expiry_is_checked_by_what_shows_it() {
    let id = "issue-08-expiry-is-honoured";
    for (harness, expected) in [
        (bare(500), Outcome::Passed),
        (bare(500).lacking(&[Operation::List]), Outcome::Passed),
        (
            bare(500).with_wrong(Mutation::IgnoresExpiry).lacking(&[Operation::List]),
            Outcome::Skipped("nothing shows when the key expires".to_owned()),
        ),
        (
            bare(500).with_wrong(Mutation::IgnoresExpiry),
            Outcome::Failed(
                "nothing shows when the key expires; give the harness a ledger with `expires_at`"
                    .to_owned(),
            ),
        ),
    ] {
        assert_eq!(harness.outcome(id).await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn reach_that_nothing_shows_is_not_passed() {
    let report = run(&bare(500).lacking(&[Operation::List])).await.unwrap();
    let reach = |case: &&CaseReport| case.case().clause() == "issue-04";
    let cases: Vec<_> = report.cases().iter().filter(reach).collect();
    assert!(cases.len() > 4);
    for case in cases {
        assert!(matches!(case.outcome(), Outcome::Skipped(_)), "{report}");
    }
}

#[tokio::test(start_paused = true)]
async fn keys_of_others_are_left_alone() {
    for wrong in [None, Some(Mutation::SendsReservedNames)] {
        let harness = wrong.map_or_else(Reference::new, Reference::wrong);
        // The reserved name is the only one that a key of the suite can share.
        harness.has_own_key("Default");
        harness.has_own_key("not-of-the-suite");
        run(&harness).await.unwrap();
        let keys = harness.keys();
        let (others, ours) = keys.split_at(2);
        assert!(others.iter().all(|key| !key.revoked), "{wrong:?}");
        assert!(ours.iter().all(|key| key.revoked), "{wrong:?}");
        let shared = ours.iter().any(|key| key.name == "Default");
        assert_eq!(shared, wrong.is_some(), "the mutant creates keys with that name");
    }
}

#[tokio::test(start_paused = true)]
async fn keys_are_revoked_even_if_the_case_fails_or_panics() {
    for wrong in [
        Mutation::PanicsOnHtml,
        Mutation::Repeats(Trouble::Status(500)),
        Mutation::Waits(Operation::Issue),
        Mutation::CallsRejected(Trouble::Lost),
        Mutation::TimeoutIsNotSent,
        Mutation::LosesPageTwo,
    ] {
        let harness = Reference::wrong(wrong);
        let mutant = MUTANTS.iter().find(|mutant| mutant.wrong == wrong).unwrap();
        let report = run_one(&harness, mutant.case).await.unwrap();
        assert!(matches!(report.outcome(), Outcome::Failed(_)), "{wrong:?}");
        assert_eq!((harness.live_keys(), report.left()), (0, &[][..]), "{wrong:?}");
    }
}

/// Without a ledger, the credential shows it.
#[tokio::test(start_paused = true)]
async fn keys_not_proved_dead_appear_in_every_form() {
    let harness = bare(500).with_wrong(Mutation::RevokesNothing);
    let report = run(&harness).await.unwrap();
    let left: Vec<_> = report.left().collect();
    // An exhausted key is dead without being revoked.
    let mut live = harness.keys();
    live.retain(|key| key.uses_left() != Some(0));
    assert_eq!(left.len(), live.len(), "{report}");
    assert!(!report.is_ok());
    for text in [report.to_string(), report.to_json(), report.to_markdown()] {
        assert!(left.iter().all(|name| text.contains(name)), "{text}");
    }
    assert!(report.to_markdown().contains("Seed 1."));
    let end = format!("; {} keys may be left behind", left.len());
    assert!(report.summary().ends_with(&end), "{}", report.summary());
}

#[test]
#[should_panic(expected = "(seed 1): keys may be left behind: suite-list-01")]
fn test_of_a_case_fails_if_a_key_is_left() {
    let make = async || Reference::wrong(Mutation::RevokesNothing);
    testing::check("list_01_new_key_is_listed", make);
}

#[test]
#[should_panic(expected = "issue-05-lost-answer-is-unknown (seed 1): ")]
fn test_of_a_failed_case_names_the_seed() {
    let make = async || Reference::wrong(Mutation::CallsRejected(Trouble::Lost));
    testing::check("issue_05_lost_answer_is_unknown", make);
}

#[tokio::test(start_paused = true)]
async fn report_contains_no_secret() {
    for wrong in [
        Mutation::QuotesRefusal(Operation::Issue),
        Mutation::QuotesAnswer(Operation::Issue),
        Mutation::LeaksInDebug,
    ] {
        let report = run(&Reference::wrong(wrong)).await.unwrap();
        assert!(report.failed() > 0);
        let texts = [report.to_string(), report.to_json(), report.to_markdown()].concat();
        for secret in [SECRET_START, "account-secret-4d0e77"] {
            assert!(!texts.contains(secret), "{wrong:?}: {texts}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn report_is_the_same_in_every_form() {
    let report = run(&Reference::wrong(Mutation::LeaksInLog)).await.unwrap();
    let text = report.to_string();
    assert!(text.contains("FAILED   all-03-log-shows-no-secret "), "{text}");
    assert!(text.contains("  the log shows a secret"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!(json["failed"], 1);
    assert_eq!(json["cases"].as_array().unwrap().len(), CASES.len());
    assert_eq!(json["ok"], false);
    let row = "| `all-03-log-shows-no-secret` | failed | the log shows a secret |";
    assert!(report.to_markdown().contains(row));
}

#[tokio::test(start_paused = true)]
async fn same_seed_draws_the_same_scopes() {
    let bodies = async || {
        let harness = Reference::new();
        harness.outcome("issue-04-random-scopes").await;
        let rights = |body: &str| body.split_once("rights").map(|(_, rest)| rest.to_owned());
        harness.keys().iter().map(|key| rights(&key.body)).collect::<Vec<_>>()
    };
    let one = bodies().await;
    assert!(one.len() > 2, "{one:?}");
    assert_eq!(one, bodies().await);
}

#[tokio::test]
async fn unknown_case_is_an_error() {
    let error = run_one(&Reference::new(), "issue-99").await.unwrap_err();
    assert_eq!(error.to_string(), "unknown case \"issue-99\"");
}
