//! A run says what it has shown and nothing else, whatever its harness and the adapter do.

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use pinning_keys_conformance::{
    BoxError, CASES, Disturbance, FaultSwitch, Harness, Ledger, NotAvailable, Outcome, Outputs,
    Probe, Surroundings, announce, run, run_one, testing,
};
use pinning_keys_core::{
    Credential, Error, ErrorKind, IssuedKey, IssuerProfile, KeyIssuer, KeyPage, KeyQuery, KeyRef,
    KeyRequest, Operation, Plan, Revocation, Verification,
};
use support::harness::Reference;
use support::provider::ACCOUNT;
use tokio::time::sleep;

/// What is different from the reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Twist {
    #[default]
    Nothing,
    IssuerPanics,
    IssuerHangs,
    IssuerFails,
    /// The switch says that it disturbs, and does not.
    IdleSwitch,
    UncountedEndlessBodies,
    NoBodies,
    NoDebugForms,
    Label(&'static str),
    PageSize(usize),
    /// It takes a second until a request is made.
    BusyMachine,
    RevokePanics,
    IssuePanics,
}

struct Twisted {
    reference: Reference,
    twist: Twist,
    minimum: usize,
    deadlines: Mutex<Vec<Duration>>,
}

impl Twisted {
    fn new(twist: Twist) -> Self {
        Self { reference: Reference::new(None), twist, minimum: 1, deadlines: Mutex::default() }
    }

    async fn outcome(&self, id: &str) -> Outcome {
        run_one(self, id).await.unwrap().outcome().clone()
    }
}

#[async_trait]
impl Harness for Twisted {
    async fn issuer(&self) -> Result<Arc<dyn KeyIssuer>, BoxError> {
        match self.twist {
            Twist::IssuerPanics => panic!("no issuer for {ACCOUNT}"),
            Twist::IssuerHangs => std::future::pending().await,
            Twist::IssuerFails => Err(format!("no issuer for {ACCOUNT}").into()),
            twist => {
                let inner = self.reference.issuer().await?;
                Ok(Arc::new(Wrapped { inner, twist, delay: Duration::ZERO, is_late: false }))
            }
        }
    }

    fn label(&self) -> &str {
        if let Twist::Label(label) = self.twist { label } else { "honesty" }
    }

    fn max_keys(&self) -> usize {
        500
    }

    fn minimum(&self) -> usize {
        self.minimum
    }

    fn deadline(&self) -> Duration {
        self.reference.deadline()
    }

    async fn issuer_within(
        &self,
        deadline: Duration,
    ) -> Result<Option<Arc<dyn KeyIssuer>>, BoxError> {
        self.deadlines.lock().unwrap().push(deadline);
        let is_busy = self.twist == Twist::BusyMachine;
        let delay = if is_busy { Duration::from_secs(1) } else { Duration::ZERO };
        let left = deadline.saturating_sub(delay);
        let issuer = self.reference.issuer_within(left).await?;
        Ok(issuer.map(|inner| {
            let delay = delay.min(deadline);
            Arc::new(Wrapped { inner, twist: self.twist, delay, is_late: left.is_zero() }) as _
        }))
    }

    fn page_size(&self) -> Option<usize> {
        if let Twist::PageSize(page) = self.twist { Some(page) } else { None }
    }

    fn pauses_clock(&self) -> bool {
        true
    }

    fn probe(&self) -> Option<&dyn Probe> {
        self.reference.probe()
    }

    fn ledger(&self) -> Option<&dyn Ledger> {
        Some(self)
    }

    fn faults(&self) -> Option<&dyn FaultSwitch> {
        Some(self)
    }

    fn outputs(&self) -> Option<&dyn Outputs> {
        Some(self)
    }

    fn surroundings(&self) -> Option<&dyn Surroundings> {
        self.reference.surroundings()
    }
}

impl Ledger for Twisted {
    fn requests(&self) -> u64 {
        Ledger::requests(&self.reference)
    }

    fn made(&self, name: &str) -> usize {
        self.reference.made(name)
    }

    fn live(&self, name: &str) -> usize {
        self.reference.live(name)
    }

    fn create_body(&self, name: &str) -> Option<String> {
        self.reference.create_body(name).filter(|_| self.twist != Twist::NoBodies)
    }

    fn uses_left(&self, name: &str) -> Option<u64> {
        self.reference.uses_left(name)
    }
}

impl FaultSwitch for Twisted {
    fn offers(&self, operation: Operation, disturbance: Disturbance) -> bool {
        self.reference.faults().unwrap().offers(operation, disturbance)
    }

    fn disturb(&self, operation: Operation, disturbance: Disturbance) -> Result<(), NotAvailable> {
        if self.twist == Twist::IdleSwitch {
            return Ok(());
        }
        self.reference.faults().unwrap().disturb(operation, disturbance)
    }

    fn applied(&self) -> u64 {
        self.reference.faults().unwrap().applied()
    }

    fn clear(&self) {
        self.reference.faults().unwrap().clear();
    }

    fn endless_bytes_taken(&self) -> Option<u64> {
        let counts = self.twist != Twist::UncountedEndlessBodies;
        self.reference.faults().unwrap().endless_bytes_taken().filter(|_| counts)
    }
}

impl Outputs for Twisted {
    fn account_secrets(&self) -> Vec<String> {
        self.reference.account_secrets()
    }

    fn log(&self) -> String {
        self.reference.log()
    }

    fn debug_forms(&self) -> Vec<String> {
        if self.twist == Twist::NoDebugForms { Vec::new() } else { self.reference.debug_forms() }
    }
}

/// An adapter around the reference's.
struct Wrapped {
    inner: Arc<dyn KeyIssuer>,
    twist: Twist,
    delay: Duration,
    /// Whether the deadline is over before there is a request.
    is_late: bool,
}

#[async_trait]
impl KeyIssuer for Wrapped {
    fn profile(&self) -> &IssuerProfile {
        self.inner.profile()
    }

    fn plan(&self, request: &KeyRequest) -> Result<Plan, Error> {
        self.inner.plan(request)
    }

    async fn issue(&self, request: &KeyRequest) -> Result<IssuedKey, Error> {
        let key = self.inner.issue(request).await;
        let is_fine = self.twist != Twist::IssuePanics;
        assert!(is_fine, "Authorization: Bearer {ACCOUNT}, base64 YWNjb3VudC1zZWNyZXQtNGQwZTc3");
        key
    }

    async fn list(&self, query: &KeyQuery) -> Result<KeyPage, Error> {
        sleep(self.delay).await;
        if self.is_late {
            return Err(Error::new(ErrorKind::Timeout, "it took too long"));
        }
        self.inner.list(query).await
    }

    async fn revoke(&self, key: &KeyRef) -> Result<Revocation, Error> {
        assert!(self.twist != Twist::RevokePanics, "not today: {ACCOUNT}");
        self.inner.revoke(key).await
    }

    async fn verify(&self, credential: &Credential) -> Result<Verification, Error> {
        self.inner.verify(credential).await
    }
}

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
async fn a_clean_up_that_panics_is_told_and_what_is_left_too() {
    let harness = Twisted::new(Twist::RevokePanics);
    let report = run_one(&harness, "verify-01-live-key-is-live").await.unwrap();
    let Outcome::Failed(why) = report.outcome() else { panic!("{report:?}") };
    assert!(why.starts_with("the clean-up: it panicked at "), "{why}");
    assert!(why.ends_with(": not today: [secret]"), "{why}");
    assert_eq!(report.left().len(), 1);
    assert!(report.left()[0].starts_with("honesty-verify-01-"));
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
