//! A run reports what it has checked and nothing else, whatever its harness and the adapter do.

mod support;

use std::time::Duration;

use pinning_keys_conformance::{CASES, CaseReport, Outcome, announce, run, run_one, testing};
use support::harness::Reference;
use support::mutation::Mutation;
use support::provider::SECRET_START;
use support::twist::Twist;
use tokio::time::Instant;

fn failed(why: &str) -> Outcome {
    Outcome::Failed(why.to_owned())
}

#[tokio::test(start_paused = true)]
async fn idle_fault_switch_fails_every_case_that_needs_it() {
    let report = run(&Reference::twisted(Twist::IdleSwitch)).await.unwrap();
    let because = "the fault switch did nothing";
    let is_idle = |case: &&CaseReport| matches!(case.outcome(), Outcome::Failed(why) if why.contains(because));
    let idle = report.cases().iter().filter(is_idle).count();
    assert!(idle > 50 && idle == report.failed(), "{report}");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_checked_is_skipped_before_the_run() {
    for (twist, id, why) in [
        (
            Twist::UncountedEndlessBodies,
            "all-02-list-stops-reading-an-endless-answer",
            "the fault switch does not count the bytes of endless answers",
        ),
        (
            Twist::NoDebugForms,
            "all-03-debug-forms-show-no-secret",
            "the harness has no Debug forms",
        ),
    ] {
        let harness = Reference::twisted(twist);
        assert_eq!(harness.outcome(id).await, Outcome::Skipped(why.to_owned()));
        assert_eq!(harness.keys().len(), 0, "{twist:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn probe_without_headers_skips_and_one_without_a_no_fails() {
    let id = "issue-07-headers-authenticate-the-holder";
    let outcome = Reference::twisted(Twist::NoHeadersTried).outcome(id).await;
    assert_eq!(outcome, Outcome::Skipped("the probe does not try out headers".to_owned()));
    let outcome = Reference::twisted(Twist::AnyHeadersAccepted).outcome(id).await;
    assert_eq!(outcome, failed("the probe accepts the headers of an unknown credential, too"));
}

/// The number of cases that a harness with this twist executes.
fn executed(twist: Twist) -> usize {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        tokio::time::pause();
        run(&Reference::twisted(twist)).await.unwrap().executed()
    })
}

fn check_minimum_without_bodies(minimum: usize) {
    testing::check_minimum(async || Reference { minimum, ..Reference::twisted(Twist::NoBodies) });
}

#[test]
fn late_skips_do_not_count_towards_the_minimum() {
    let minimum = executed(Twist::NoBodies);
    assert_eq!(minimum + 1, executed(Twist::Nothing));
    check_minimum_without_bodies(minimum);
}

#[test]
#[should_panic(expected = "plan-02-body-is-the-body-that-issue-sends: the ledger keeps no bodies")]
fn minimum_that_counts_late_skips_is_not_reached() {
    check_minimum_without_bodies(executed(Twist::Nothing));
}

#[tokio::test(start_paused = true)]
async fn pages_longer_than_the_page_size_show_nothing() {
    for id in [
        "list-01-keys-on-several-pages-are-listed",
        "list-02-key-created-between-pages-repeats-no-row",
        "list-02-repeated-row-is-dropped-and-counted",
    ] {
        let outcome = Reference::twisted(Twist::PageSize(1)).outcome(id).await;
        assert_eq!(outcome, failed("the page size is 1, but a page holds 3 keys"), "{id}");
    }
}

#[tokio::test(start_paused = true)]
async fn unusable_label_is_an_error() {
    let long =
        "a-label-that-leaves-no-room-in-names-of-a-hundred-characters-for-what-makes-them-unique";
    for (label, expected) in [
        (long, "has 87 characters, but key names of reference (rights) leave room for 86"),
        ("", "invalid label \"\": "),
        ("süite", "but reference (rights) does not allow 'ü' in names, only ASCII characters"),
    ] {
        let harness = Reference::twisted(Twist::Label(label));
        let errors = [
            run(&harness).await.unwrap_err(),
            run_one(&harness, CASES[0].id()).await.unwrap_err(),
            announce(&harness).await.unwrap_err(),
        ];
        for error in errors {
            assert!(error.to_string().contains(expected), "{error}");
        }
        assert_eq!(harness.keys().len(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn missing_issuer_is_an_error_without_secrets() {
    for (twist, expected) in [
        (Twist::IssuerPanics, ": no issuer for [secret]"),
        (Twist::IssuerFails, "no issuer for [secret]"),
        (Twist::IssuerHangs, "`Harness::issuer` did not end within "),
    ] {
        let error = run(&Reference::twisted(twist)).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{twist:?}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn panic_is_reported_without_secrets_and_keys_are_revoked() {
    let harness = Reference::twisted(Twist::IssuePanics);
    let report = run_one(&harness, "issue-03-credential-authenticates").await.unwrap();
    let Outcome::Failed(why) = report.outcome() else { panic!("{report:?}") };
    assert!(why.starts_with("panicked at "), "{why}");
    assert!(why.ends_with(": Authorization: Bearer [secret], base64 [secret]"), "{why}");
    assert_eq!((harness.live_keys(), report.left()), (0, &[][..]));
}

#[tokio::test(start_paused = true)]
async fn clean_up_that_panics_is_reported_and_goes_on() {
    let harness = Reference::twisted(Twist::RevokePanics);
    let report = run_one(&harness, "all-01-list-ends-when-no-answer-comes").await.unwrap();
    let Outcome::Failed(why) = report.outcome() else { panic!("{report:?}") };
    assert!(why.starts_with("the clean-up panicked at "), "{why}");
    assert!(why.ends_with(": not today: [secret]"), "{why}");
    assert_eq!(report.left().len(), 1);
    assert!(report.left()[0].starts_with("suite-all-01-list-"));

    // Of two keys, the second one is revoked.
    let report = run_one(&harness, "all-01-issue-ends-when-no-answer-comes").await.unwrap();
    assert_eq!(report.left().len(), 1);
    assert_eq!((harness.keys().len(), harness.live_keys()), (3, 2));
}

#[tokio::test(start_paused = true)]
async fn short_deadline_gets_longer_on_a_busy_machine() {
    let harness = Reference::twisted(Twist::BusyMachine);
    let outcome = harness.outcome("all-01-list-ends-when-no-answer-comes").await;
    assert_eq!(outcome, Outcome::Passed);
    let deadlines = harness.deadlines.lock().unwrap();
    assert_eq!(*deadlines, [Duration::from_millis(400), Duration::from_secs(4)]);
}

#[tokio::test(start_paused = true)]
async fn reasons_add_what_the_error_or_the_harness_leaves_out() {
    let unpropagated = Reference::twisted(Twist::NoPropagation);
    for (harness, why) in [
        (
            Reference::twisted(Twist::IssueIsTerse),
            "issue failed without naming the key that may exist: no",
        ),
        (Reference::twisted(Twist::RevokeIsTerse), "revoke failed: no"),
        (
            unpropagated.with_wrong(Mutation::RevokesNothing),
            "right after the key was revoked, it is still live; neither profile nor harness names \
             a propagation time",
        ),
    ] {
        assert_eq!(harness.outcome("revoke-01-credential-stops-working").await, failed(why));
    }
}

/// Most cases create keys, and the deadline can be long.
#[tokio::test(start_paused = true)]
async fn calls_get_little_time_after_one_of_their_kind_hung() {
    let harness = Reference::twisted(Twist::IssueHangs);
    let began = Instant::now();
    let report = run(&harness).await.unwrap();
    let why = "issue has a deadline of 10s but did not end within 10.05s";
    assert_eq!(*report.cases()[0].outcome(), failed(why));
    let short = failed("issue did not end within 5s, after an earlier issue had hung");
    let cases = report.cases().iter().filter(|case| *case.outcome() == short).count();
    assert!(cases > 50, "{report}");
    let executed = u32::try_from(report.executed()).unwrap();
    let most = Duration::from_secs(10) + Duration::from_secs(6) * executed;
    assert!(began.elapsed() < most, "{:?}", began.elapsed());
}

/// Lists show the secrets of keys that earlier cases created.
#[tokio::test(start_paused = true)]
async fn secrets_of_earlier_cases_are_redacted() {
    let harness = Reference::twisted(Twist::PagesAreErrors).with_wrong(Mutation::LeaksInRecord);
    let report = run(&harness).await.unwrap();
    let text = report.to_string();
    assert!(report.failed() > 5 && text.matches("[secret]").count() > 10, "{text}");
    assert!(!text.contains(SECRET_START), "{text}");
}
