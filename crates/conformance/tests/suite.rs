//! The suite itself: that it covers the clauses, keeps to what it announces, cleans up, and
//! reports what happened without secrets.

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use pinning_keys_conformance::{
    BoxError, CASES, Case, CaseReport, FaultSwitch, Harness, Ledger, Outcome, Outputs, Probe,
    announce, run, run_one,
};
use pinning_keys_core::{KeyIssuer, KeyRequest, Operation, ScopeRequest, Verification};
use support::harness::Reference;
use support::mutants::MUTANTS;
use support::mutation::{Mutation, Trouble};

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

#[test]
fn ids_are_unique_and_say_what_they_are_about() {
    let ids: BTreeSet<_> = CASES.iter().map(Case::id).collect();
    assert_eq!(ids.len(), CASES.len());
    for case in CASES {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(case.id().chars().all(plain), "{}", case.id());
        assert!(case.id().len() > case.clause().len() + 3, "{} says nothing", case.id());
    }
}

/// The reference with something taken away.
struct Bare {
    reference: Reference,
    max_keys: usize,
    minimum: usize,
    has_all: bool,
}

impl Bare {
    fn new(max_keys: usize) -> Self {
        Self { reference: Reference::new(None), max_keys, minimum: 1, has_all: false }
    }
}

#[async_trait]
impl Harness for Bare {
    async fn issuer(&self) -> Result<Arc<dyn KeyIssuer>, BoxError> {
        self.reference.issuer().await
    }

    fn label(&self) -> &'static str {
        "bare"
    }

    fn max_keys(&self) -> usize {
        self.max_keys
    }

    fn minimum(&self) -> usize {
        self.minimum
    }

    fn deadline(&self) -> Duration {
        self.reference.deadline()
    }

    fn lacks(&self, operation: Operation) -> bool {
        self.reference.lacks(operation)
    }

    fn may_make_admin_keys(&self) -> bool {
        false
    }

    fn probe(&self) -> Option<&dyn Probe> {
        self.reference.probe().filter(|_| self.has_all)
    }

    fn ledger(&self) -> Option<&dyn Ledger> {
        self.reference.ledger().filter(|_| self.has_all)
    }

    fn faults(&self) -> Option<&dyn FaultSwitch> {
        self.reference.faults().filter(|_| self.has_all)
    }

    fn outputs(&self) -> Option<&dyn Outputs> {
        self.reference.outputs().filter(|_| self.has_all)
    }
}

#[tokio::test(start_paused = true)]
async fn a_harness_that_has_nothing_still_runs_the_cases_that_need_nothing() {
    let harness = Bare::new(500);
    let report = run(&harness).await.unwrap();
    assert!(report.is_ok(), "{report}");
    assert!(report.summary().starts_with("ok: "), "{report}");
    assert!(report.executed() >= 28, "{report}");
    let skipped = |why: &str| {
        report.cases().iter().any(|case| *case.outcome() == Outcome::Skipped(why.to_owned()))
    };
    for why in ["the harness has no probe", "the harness has no ledger"] {
        assert!(skipped(why), "{why}\n{report}");
    }
    assert!(harness.reference.keys().iter().all(|key| key.revoked));
}

#[tokio::test(start_paused = true)]
async fn a_run_makes_no_more_keys_than_it_is_allowed() {
    for max_keys in [0, 1, 5, 20, 60] {
        let harness = Bare::new(max_keys);
        let report = run(&harness).await.unwrap();
        let made = harness.reference.keys().len();
        assert!(made <= max_keys, "{made} of {max_keys}\n{report}");
        assert_eq!(report.failed(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_announced_is_what_is_made_at_most() {
    let harness = Bare::new(500);
    let announced = announce(&harness).await.unwrap();
    assert_eq!(harness.reference.keys().len(), 0, "nothing is made to say so");
    let keys = announced.split(' ').filter_map(|word| word.parse::<usize>().ok()).nth(2).unwrap();
    run(&harness).await.unwrap();
    assert!(harness.reference.keys().len() <= keys, "{announced}");
    assert!(announced.contains("\"bare\"") && announced.contains("none of them is admin"));
}

#[tokio::test(start_paused = true)]
async fn a_run_in_which_too_little_ran_is_not_green() {
    let mut harness = Bare::new(0);
    harness.minimum = 0;
    assert!(run(&harness).await.unwrap().is_ok(), "something needs no key");
    harness.minimum = 30;
    let report = run(&harness).await.unwrap();
    assert_eq!(report.failed(), 0);
    assert!(!report.is_ok(), "{report}");
    assert!(report.summary().starts_with("not ok: "), "{report}");
}

#[tokio::test(start_paused = true)]
async fn what_nobody_can_tell_is_not_passed() {
    let reference = Reference::lacking(&[Operation::List]);
    let report = run(&Bare { reference, ..Bare::new(500) }).await.unwrap();
    let reach = |case: &&CaseReport| case.case().clause() == "issue-04";
    let cases: Vec<_> = report.cases().iter().filter(reach).collect();
    assert!(cases.len() > 4);
    for case in cases {
        assert!(matches!(case.outcome(), Outcome::Skipped(_)), "{report}");
    }
}

#[test]
#[should_panic(expected = "cases can run, and 1000 must")]
fn the_test_of_the_minimum_fails_where_too_little_can_run() {
    pinning_keys_conformance::testing::check_minimum(async || Bare {
        minimum: 1000,
        ..Bare::new(500)
    });
}

#[tokio::test(start_paused = true)]
async fn keys_of_others_are_left_alone() {
    let harness = Reference::new(None);
    let issuer = harness.issuer().await.unwrap();
    let request = KeyRequest::new("not-of-the-suite", ScopeRequest::uploader()).unwrap();
    let key = issuer.issue(&request).await.unwrap();
    assert!(run(&harness).await.unwrap().is_ok());
    assert_eq!(issuer.verify(key.credential()).await.unwrap(), Verification::Live);
}

#[tokio::test(start_paused = true)]
async fn an_account_with_a_key_of_the_reserved_name_keeps_it() {
    for wrong in [None, Some(Mutation::SendsReservedNames)] {
        let harness = Reference::new(wrong);
        harness.has_own_key("Default");
        run(&harness).await.unwrap();
        let keys = harness.keys();
        assert!(!keys[0].revoked, "{wrong:?}");
        assert!(keys[1..].iter().all(|key| key.revoked), "{wrong:?}");
        let others = keys[1..].iter().filter(|key| key.name == "Default").count();
        assert_eq!(others > 0, wrong.is_some(), "the mutant makes keys of that name");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_case_made_is_revoked_even_where_it_fails_or_panics() {
    for wrong in [
        Mutation::PanicsOnHtml,
        Mutation::Repeats(Trouble::Status(500)),
        Mutation::Waits(Operation::Issue),
        Mutation::CallsRejected(Trouble::Lost),
        Mutation::TimeoutIsNotSent,
        Mutation::LosesPageTwo,
    ] {
        let harness = Reference::new(Some(wrong));
        let mutant = MUTANTS.iter().find(|mutant| mutant.wrong == wrong).unwrap();
        let report = run_one(&harness, mutant.case).await.unwrap();
        assert!(matches!(report.outcome(), Outcome::Failed(_)), "{wrong:?}");
        assert!(harness.keys().iter().all(|key| key.revoked), "{wrong:?}");
        assert_eq!(report.left(), [""; 0], "{wrong:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_revoked_is_told() {
    let harness = Reference::new(Some(Mutation::RevokesNothing));
    let report = run_one(&harness, "revoke-01-credential-stops-working").await.unwrap();
    assert_eq!(report.left().len(), 1);
    assert!(report.left()[0].starts_with("suite-revoke-01"));
}

/// Without a ledger, the credential tells; every form of the report names the keys.
#[tokio::test(start_paused = true)]
async fn what_is_not_proved_dead_is_told_in_every_form() {
    let reference = Reference::new(Some(Mutation::RevokesNothing));
    let harness = Bare { reference, ..Bare::new(500) };
    let report = run(&harness).await.unwrap();
    let left: Vec<_> = report.left().collect();
    // A key whose uses are used up is dead without being revoked.
    let mut live = harness.reference.keys();
    live.retain(|key| key.uses_left() != Some(0));
    assert_eq!(left.len(), live.len(), "{report}");
    assert!(!report.is_ok());
    for text in [report.to_string(), report.to_json(), report.to_markdown()] {
        assert!(left.iter().all(|name| text.contains(name)), "{text}");
    }
    assert!(report.to_markdown().contains("Seed 1."));
    let told = format!("; {} keys may be left behind", left.len());
    assert!(report.summary().ends_with(&told), "{}", report.summary());
}

#[test]
#[should_panic(expected = "(seed 1): keys may be left behind: suite-list-01")]
fn the_test_of_a_case_fails_where_a_key_is_left() {
    let make = async || Reference::new(Some(Mutation::RevokesNothing));
    pinning_keys_conformance::testing::check("list_01_new_key_is_listed", make);
}

#[test]
#[should_panic(expected = "issue-05-lost-answer-is-unknown (seed 1): ")]
fn the_test_of_a_case_tells_the_seed() {
    let make = async || Reference::new(Some(Mutation::CallsRejected(Trouble::Lost)));
    pinning_keys_conformance::testing::check("issue_05_lost_answer_is_unknown", make);
}

#[tokio::test(start_paused = true)]
async fn a_report_holds_no_secret() {
    for wrong in [
        Mutation::QuotesRefusal(Operation::Issue),
        Mutation::QuotesAnswer(Operation::Issue),
        Mutation::LeaksInDebug,
    ] {
        let report = run(&Reference::new(Some(wrong))).await.unwrap();
        assert!(report.failed() > 0);
        let texts = [report.to_string(), report.to_json(), report.to_markdown()].concat();
        for secret in ["secret-of-a-key", "account-secret-4d0e77"] {
            assert!(!texts.contains(secret), "{wrong:?}: {texts}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_report_says_the_same_in_every_form() {
    let report = run(&Reference::new(Some(Mutation::LeaksInLog))).await.unwrap();
    let text = report.to_string();
    assert!(text.contains("failed   all-03-log-shows-no-secret"), "{text}");
    assert!(text.contains("  the log shows a secret"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!(json["failed"], 1);
    assert_eq!(json["cases"].as_array().unwrap().len(), CASES.len());
    assert_eq!(json["ok"], false);
    let markdown = report.to_markdown();
    assert!(
        markdown.contains("| `all-03-log-shows-no-secret` | failed | the log shows a secret |")
    );
}

#[tokio::test(start_paused = true)]
async fn scopes_are_drawn_alike_from_one_seed() {
    let bodies = async || {
        let harness = Reference::new(None);
        run_one(&harness, "issue-04-scopes-drawn-by-chance").await.unwrap();
        let rights = |body: &str| body.split_once("rights").map(|(_, rest)| rest.to_owned());
        harness.keys().iter().map(|key| rights(&key.body)).collect::<Vec<_>>()
    };
    let one = bodies().await;
    assert!(one.len() > 2, "{one:?}");
    assert_eq!(one, bodies().await);
}

#[tokio::test]
async fn a_case_that_there_is_not_is_an_error() {
    let error = run_one(&Reference::new(None), "issue-99").await.unwrap_err();
    assert_eq!(error.to_string(), "there is no case \"issue-99\"");
}
