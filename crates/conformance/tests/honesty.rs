//! A run says what it has shown and nothing else, whatever its harness and the adapter do.

mod support;

use std::time::Duration;

use pinning_keys_conformance::{CASES, CaseReport, Outcome, announce, run, run_one, testing};
use support::harness::Reference;
use support::mutation::Mutation;
use support::twisted::{Twist, Twisted};
use tokio::time::Instant;

fn failed(why: &str) -> Outcome {
    Outcome::Failed(why.to_owned())
}

fn skipped(why: &str) -> Outcome {
    Outcome::Skipped(why.to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_fault_switch_that_does_nothing_makes_every_case_fail_that_needs_it() {
    let report = run(&Twisted::new(Twist::IdleSwitch)).await.unwrap();
    let mut with_switch = 0;
    for case in report.cases() {
        let lacks = "the fault switch did nothing";
        let failed = matches!(case.outcome(), Outcome::Failed(why) if why.contains(lacks));
        let is_other = matches!(case.outcome(), Outcome::Passed | Outcome::Skipped(_));
        assert!(failed || is_other, "{report}");
        with_switch += usize::from(failed);
    }
    assert!(with_switch > 50, "{report}");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_seen_is_skipped_before_the_run() {
    for (twist, id, why) in [
        (
            Twist::UncountedEndlessBodies,
            "all-02-list-stops-reading-an-endless-answer",
            "the fault switch does not count what is taken of an endless body",
        ),
        (
            Twist::NoDebugForms,
            "all-03-debug-forms-show-no-secret",
            "the harness tells no Debug forms",
        ),
    ] {
        let harness = Twisted::new(twist);
        assert_eq!(harness.outcome(id).await, skipped(why));
        assert_eq!(harness.reference.keys().len(), 0, "{twist:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_turns_out_to_show_nothing_is_skipped() {
    let harness = Twisted::new(Twist::NoBodies);
    let id = "plan-02-body-is-the-body-that-is-sent";
    assert_eq!(harness.outcome(id).await, skipped("the ledger keeps no bodies"));
}

/// How many cases a harness with this twist executes.
fn executed(twist: Twist) -> usize {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        tokio::time::pause();
        run(&Twisted::new(twist)).await.unwrap().executed()
    })
}

#[test]
fn what_turns_out_to_show_nothing_does_not_count_towards_the_minimum() {
    let minimum = executed(Twist::NoBodies);
    assert_eq!(minimum + 1, executed(Twist::Nothing));
    testing::check_minimum(async || Twisted { minimum, ..Twisted::new(Twist::NoBodies) });
}

#[test]
#[should_panic(expected = "plan-02-body-is-the-body-that-is-sent: the ledger keeps no bodies")]
fn a_minimum_that_counts_it_is_not_reached() {
    let minimum = executed(Twist::Nothing);
    testing::check_minimum(async || Twisted { minimum, ..Twisted::new(Twist::NoBodies) });
}

#[tokio::test(start_paused = true)]
async fn pages_that_are_longer_than_they_are_said_to_be_show_nothing() {
    for id in [
        "list-01-keys-on-several-pages-are-listed",
        "list-02-key-made-meanwhile-repeats-no-row",
        "list-02-repeated-row-is-dropped-and-counted",
    ] {
        let outcome = Twisted::new(Twist::PageSize(1)).outcome(id).await;
        assert_eq!(outcome, failed("a page is said to hold 1 keys, and 3 stand on one"), "{id}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_label_is_never_cut() {
    let long =
        "a-label-that-leaves-no-room-in-names-of-a-hundred-characters-for-what-makes-them-unique";
    for (label, says) in [
        (long, "has 87 characters, and names at reference (rights) have room for 86"),
        ("", "the harness's label \"\": a key's name is empty"),
    ] {
        let harness = Twisted::new(Twist::Label(label));
        let errors = [
            run(&harness).await.unwrap_err(),
            run_one(&harness, CASES[0].id()).await.unwrap_err(),
            announce(&harness).await.unwrap_err(),
        ];
        for error in errors {
            assert!(error.to_string().contains(says), "{error}");
        }
        assert_eq!(harness.reference.keys().len(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_harness_without_an_issuer_is_an_error_without_secrets() {
    for (twist, says) in [
        (Twist::IssuerPanics, ": no issuer for [secret]"),
        (Twist::IssuerFails, "no issuer for [secret]"),
        (Twist::IssuerHangs, "the harness has made no issuer in "),
    ] {
        let error = run(&Twisted::new(twist)).await.unwrap_err().to_string();
        assert!(error.contains(says), "{twist:?}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_told_without_secrets_and_what_was_made_is_revoked() {
    let harness = Twisted::new(Twist::IssuePanics);
    let report = run_one(&harness, "issue-03-credential-authenticates").await.unwrap();
    let Outcome::Failed(why) = report.outcome() else { panic!("{report:?}") };
    assert!(why.starts_with("it panicked at "), "{why}");
    assert!(why.ends_with(": Authorization: Bearer [secret], base64 [secret]"), "{why}");
    assert!(harness.reference.keys().iter().all(|key| key.revoked));
    assert_eq!(report.left(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_clean_up_that_panics_is_told_and_goes_on() {
    let harness = Twisted::new(Twist::RevokePanics);
    let report = run_one(&harness, "all-01-list-ends-where-no-answer-comes").await.unwrap();
    let Outcome::Failed(why) = report.outcome() else { panic!("{report:?}") };
    assert!(why.starts_with("the clean-up: it panicked at "), "{why}");
    assert!(why.ends_with(": not today: [secret]"), "{why}");
    assert_eq!(report.left().len(), 1);
    assert!(report.left()[0].starts_with("honesty-all-01-list-"));

    // Two keys, of which the second one is revoked.
    let report = run_one(&harness, "all-01-issue-ends-where-no-answer-comes").await.unwrap();
    assert_eq!(report.left().len(), 1);
    let made = harness.reference.keys();
    let left: Vec<_> = made.iter().filter(|key| !key.revoked).collect();
    assert_eq!((made.len(), left.len()), (3, 2));
}

#[tokio::test(start_paused = true)]
async fn only_calls_without_an_answer_are_made_in_a_hurry() {
    let harness = Twisted::new(Twist::Nothing);
    assert!(run(&harness).await.unwrap().is_ok());
    let deadlines = harness.deadlines.lock().unwrap();
    let lasting = CASES.iter().filter(|case| {
        let id = case.id();
        ["no-answer-comes", "the-answer-drips", "no-answer-is", "without-an-answer"]
            .iter()
            .any(|part| id.contains(part))
    });
    assert_eq!(deadlines.len(), lasting.count());
    assert!(deadlines.iter().all(|deadline| *deadline == Duration::from_millis(400)));
}

#[tokio::test(start_paused = true)]
async fn on_a_busy_machine_a_short_deadline_gets_longer() {
    let harness = Twisted::new(Twist::BusyMachine);
    let outcome = harness.outcome("all-01-list-ends-where-no-answer-comes").await;
    assert_eq!(outcome, Outcome::Passed);
    let deadlines = harness.deadlines.lock().unwrap();
    assert_eq!(*deadlines, [Duration::from_millis(400), Duration::from_secs(4)]);
}

#[tokio::test(start_paused = true)]
async fn an_error_that_says_little_is_told_with_what_failed() {
    for (twist, why) in [
        (Twist::IssueIsTerse, "issue fails, and does not name the key that may exist: no"),
        (Twist::RevokeIsTerse, "revoke fails: no"),
    ] {
        let outcome = Twisted::new(twist).outcome("revoke-01-credential-stops-working").await;
        assert_eq!(outcome, failed(why));
    }
}

#[tokio::test(start_paused = true)]
async fn where_changes_are_given_no_time_that_is_told() {
    let reference = Reference::new(Some(Mutation::RevokesNothing));
    let harness = Twisted { reference, ..Twisted::new(Twist::NoPropagation) };
    let outcome = harness.outcome("revoke-01-credential-stops-working").await;
    let why = "right after it was revoked it is still live; neither profile nor harness gives \
               changes time to take effect";
    assert_eq!(outcome, failed(why));
}

/// Most cases make keys, and the deadline can be long.
#[tokio::test(start_paused = true)]
async fn what_did_not_end_once_is_waited_for_but_shortly_after_that() {
    let harness = Twisted::new(Twist::IssueHangs);
    let began = Instant::now();
    let report = run(&harness).await.unwrap();
    let why = "issue has a deadline of 10s, and has not ended in 10.05s";
    assert_eq!(*report.cases()[0].outcome(), failed(why));
    let shortly = "issue has not ended in 5s, nor in all of its time before";
    let told = |case: &&CaseReport| *case.outcome() == failed(shortly);
    let cases = report.cases().iter().filter(told).count();
    assert!(cases > 50, "{report}");
    let most =
        Duration::from_secs(10) + Duration::from_secs(6) * report.executed().try_into().unwrap();
    assert!(began.elapsed() < most, "{:?}", began.elapsed());
}

/// What is listed shows the secrets of keys that earlier cases have made.
#[tokio::test(start_paused = true)]
async fn secrets_of_earlier_cases_stand_in_no_report_either() {
    let reference = Reference::new(Some(Mutation::LeaksInRecord));
    let harness = Twisted { reference, ..Twisted::new(Twist::PagesAreErrors) };
    let report = run(&harness).await.unwrap();
    let text = report.to_string();
    assert!(report.failed() > 5 && text.matches("[secret]").count() > 10, "{text}");
    assert!(!text.contains("secret-of-a-key"), "{text}");
}
