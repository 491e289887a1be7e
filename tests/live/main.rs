//! A run against a real provider with your account, and the same run against the emulator.
//!
//! `cargo test --test live -- --ignored --nocapture` creates a few keys that can only read, records
//! how the provider answers, revokes them, and runs the part of the conformance suite that needs
//! only an account. It writes `target/live-report.md`, which contains no secret. The account is
//! configured as for any program: see `IssuerConfig::from_env`.

mod keys;
mod mask;
mod recorder;
mod report;
mod run;
mod suite;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use pinning_keys::transport::{Limits, ReqwestTransport, Transport, TransportError};
use pinning_keys::{Error, IssuerConfig};
use pinning_keys_emulator::{Cut, Emulator, Fault, FaultRule, Stage, W3ipfsAssumptions};
use report::Report;
use run::{Account, Run};

const NEEDS: &str = "\
A live run needs an account of yours, in the environment:
  PINNING_KEYS_PROVIDER=pinata or w3ipfs
  PINNING_KEYS_JWT=… or PINNING_KEYS_JWT_FILE=…, or a key pair
and, if it may make admin keys and revoke them at once, LIVE_ADMIN_KEY=yes;
LIVE_SUITE_KEYS=… for how many keys the conformance suite may make, 0 to leave it out.";

#[tokio::test]
#[ignore = "it makes keys at a provider; see the top of the file"]
async fn at_the_account_of_the_environment() {
    let config = or_needs(IssuerConfig::from_env()).unwrap_or_else(|told| panic!("{told}"));
    let account = Account {
        config,
        way: Arc::new(ReqwestTransport::new().unwrap()),
        may_make_admin: std::env::var("LIVE_ADMIN_KEY").is_ok_and(|value| value == "yes"),
        patience: (5, Duration::from_secs(2)),
        suite_keys: suite_keys(std::env::var("LIVE_SUITE_KEYS").ok().as_deref()),
        propagation: None,
    };
    let run = Run::new(account).unwrap();
    println!("{}", run.announcement().await);
    let report = run.run().await;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/live-report.md");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, report.text()).unwrap();
    println!("{}\nIt is in target/live-report.md.", report.text());
    assert!(report.left.is_empty(), "keys are left behind: {:?}", report.left);
    assert!(report.broken().is_empty(), "clauses are broken: {:?}", report.broken());
}

fn suite_keys(wanted: Option<&str>) -> usize {
    wanted.map_or(suite::MOST_KEYS, |wanted| {
        wanted.parse().unwrap_or_else(|_| panic!("LIVE_SUITE_KEYS is not a number: {NEEDS}"))
    })
}

fn or_needs(config: Result<IssuerConfig, Error>) -> Result<IssuerConfig, String> {
    config.map_err(|error| format!("{error}\n\n{NEEDS}"))
}

#[test]
fn keys_of_the_suite_are_a_number() {
    assert_eq!((suite_keys(None), suite_keys(Some("0"))), (suite::MOST_KEYS, 0));
    assert!(std::panic::catch_unwind(|| suite_keys(Some("few"))).is_err());
}

#[test]
fn run_without_an_account_says_what_it_needs() {
    let none: [(&str, &str); 0] = [];
    let told = or_needs(IssuerConfig::from_vars(none)).unwrap_err();
    assert!(told.contains("PINNING_KEYS_PROVIDER is not set") && told.contains("LIVE_ADMIN_KEY"));
}

/// An account at the emulator, over TCP.
fn account(vars: Vec<(&str, String)>, may_make_admin: bool) -> Account {
    Account {
        config: IssuerConfig::from_vars(vars).unwrap(),
        way: Arc::new(ReqwestTransport::new().unwrap()),
        may_make_admin,
        patience: (1, Duration::ZERO),
        suite_keys: 0,
        propagation: Some(Duration::ZERO),
    }
}

/// Runs every step, and compares the announcement with what was created.
async fn run_at(emulator: &Emulator, account: Account) -> Report {
    let run = Run::new(Account { suite_keys: suite::MOST_KEYS, ..account }).unwrap();
    let announced = run.announcement().await;
    assert!(announced.contains("at most 16 keys named pinning-keys-live-…"), "{announced}");
    let of_suite =
        announced.split_once("They create at most ").unwrap().1.split_once(" keys").unwrap();
    let most = keys::MOST_KEYS + of_suite.0.parse::<usize>().unwrap();
    let report = run.run().await;
    assert_eq!((emulator.keys_live(), &report.left[..]), (0, &[][..]));
    assert_eq!(emulator.keys_made(), report.made());
    assert!(report.made() <= most, "{} of {most}", report.made());
    let names = emulator.pinata().keys().into_iter().map(|key| key.name);
    let names = names.chain(emulator.w3ipfs().keys().into_iter().map(|key| key.name));
    for name in names {
        assert!(name.starts_with("pinning-keys-live-"), "{name}");
    }
    assert_eq!(report.broken().len(), 0, "{:?}", report.broken());
    let conformance = report.answer(suite::QUESTION);
    assert!(
        conformance.contains("0 failed") && conformance.contains("at least 25"),
        "{conformance}"
    );
    let passed = "| `verify-01-live-key-is-live` | passed |";
    assert!(report.text().contains(passed), "{}", report.text());
    for (question, answer) in report.findings.iter().map(|found| (found.question, &found.answer)) {
        assert!(!answer.contains("NOT SETTLED") && !answer.is_empty(), "{question}: {answer}");
    }
    report
}

#[tokio::test]
async fn run_at_the_emulated_pinata_finds_the_assumptions() {
    let emulator = Emulator::builder().seed(31).start().await.unwrap();
    let report = run_at(&emulator, account(emulator.pinata().vars(), true)).await;
    for (question, expected) in [
        (run::CREATE, "200"),
        (run::HONOURED, "at test 1, one every 0 s"),
        (run::SCOPES, r#"`{"resources":["org:files:read"]}`"#),
        (run::SECRET, "no"),
        (run::PAGE, "10"),
        (run::TOTAL, "the page"),
        (run::USES, "yes, 1"),
        (run::EXHAUSTED, "unrecognized (401)"),
        (run::REVOKED, "revoked (403)"),
        (run::AGAIN, "Revoked (200)"),
        (run::UNKNOWN, "NotFound (404)"),
        (run::PAIR, "no (401)"),
        ("/v3/pinata/keys", "200, shows the run's keys"),
        ("/users/apiKeys", "200, shows the run's keys"),
        ("/data/testAuthentication", "200"),
    ] {
        assert_eq!(report.answer(question), expected, "{question}");
    }
}

#[tokio::test]
async fn run_at_the_emulated_w3ipfs_finds_the_assumptions() {
    let emulator = Emulator::builder().seed(32).start().await.unwrap();
    let report = run_at(&emulator, account(emulator.w3ipfs().vars(), true)).await;
    for (question, expected) in [
        (run::CREATE, "200"),
        (run::SECRET, "no"),
        (run::PAGE, "10"),
        (run::TOTAL, "more than the page"),
        (run::USES, "keys have no limit"),
        (run::REVOKED, "unrecognized (401)"),
        (run::AGAIN, "NotFound (200)"),
        (run::UNKNOWN, "NotFound (200)"),
        (run::PAIR, "yes (200)"),
        ("/apiKeys/list/", "200, shows the run's keys"),
        ("/apikeys/list", "404"),
    ] {
        assert_eq!(report.answer(question), expected, "{question}");
    }
}

/// A transport that panics when a key is tested.
struct Panicking(ReqwestTransport);

#[async_trait]
impl Transport for Panicking {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        assert!(!request.uri().path().ends_with("testAuthentication"), "intended");
        self.0.send(request, limits).await
    }
}

#[tokio::test]
async fn keys_are_revoked_when_steps_fail_and_panic() {
    let emulator = Emulator::builder().seed(33).start().await.unwrap();
    let lost = FaultRule::new(Fault::CutConnection(Cut::AfterCommit));
    emulator.faults().add(lost.method(Method::POST).nth(5));
    let way = Arc::new(Panicking(ReqwestTransport::new().unwrap()));
    let account = Account { way, ..account(emulator.w3ipfs().vars(), false) };
    let report = Run::new(account).unwrap().run().await;
    assert!(report.answer("a key's life").contains("panicked"));
    assert!(report.answer("pages").starts_with("NOT SETTLED: key \"pinning-keys-live-"));
    assert_eq!(report.answer(run::PAIR), "not tried: it needs an admin key for a moment");
    assert_eq!((emulator.keys_made(), emulator.keys_live()), (5, 0));
    assert!(report.left.is_empty());
    let text = report.text();
    assert!(text.contains("| `POST /api/apiKeys/` | no answer | 1 |"), "{text}");
}

#[tokio::test]
async fn key_that_cannot_be_revoked_is_named() {
    let emulator = Emulator::builder().seed(34).start().await.unwrap();
    let refused = FaultRule::new(Fault::status(StatusCode::FORBIDDEN, Stage::BeforeCommit));
    emulator.faults().add(refused.method(Method::DELETE));
    let account = Account { suite_keys: 6, ..account(emulator.w3ipfs().vars(), false) };
    let report = Run::new(account).unwrap().run().await;
    assert_eq!(report.left.len(), emulator.keys_live());
    let of_suite = |name: &String| name.starts_with("pinning-keys-live-all-01-");
    assert!(report.left.iter().any(of_suite), "{:?}", report.left);
    assert!(report.text().contains("LEFT BEHIND, revoke it by hand: `pinning-keys-live-"));
}

#[tokio::test]
async fn broken_clause_is_named() {
    let assumptions = W3ipfsAssumptions::default().honour_revoked(1_000_000);
    let emulator = Emulator::builder().seed(35).w3ipfs_assumptions(assumptions);
    let emulator = emulator.start().await.unwrap();
    let account = account(emulator.w3ipfs().vars(), false);
    let account = Account { suite_keys: suite::MOST_KEYS, ..account };
    let report = Run::new(account).unwrap().run().await;
    let clause = "revoke-01-credential-stops-working";
    assert!(report.broken().iter().any(|found| found.question == clause), "{}", report.text());
    assert!(report.text().contains(&format!("| {clause} | BROKEN: ")));
    // They are revoked, but still work.
    assert!(emulator.keys_live() == 0 && !report.left.is_empty());
}
