//! A run against a real provider, at an account of yours, and the same run against the emulator.
//!
//! `cargo test --test live -- --ignored --nocapture` makes a few keys that can only read, looks at
//! how the provider answers, revokes them, and writes `target/live-report.md`, in which no secret
//! stands. The account is configured as for any program: see `IssuerConfig::from_env`.

mod keys;
mod mask;
mod recorder;
mod report;
mod run;
#[path = "../support/secrets.rs"]
mod secrets;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response};
use pinning_keys::transport::{
    Limits, Reach, ReqwestTransport, Transport, TransportError, TransportErrorKind,
};
use pinning_keys::{Error, IssuerConfig};
use pinning_keys_emulator::Emulator;
use report::Report;
use run::Account;

const NEEDS: &str = "\
A live run needs an account of yours, in the environment:
  PINNING_KEYS_PROVIDER=pinata or w3ipfs
  PINNING_KEYS_JWT=… or PINNING_KEYS_JWT_FILE=…, or a key pair
and, if it may make an admin key and revoke it at once, LIVE_ADMIN_KEY=yes.";

#[tokio::test]
#[ignore = "it makes keys at a provider; see the top of the file"]
async fn at_the_account_of_the_environment() {
    let config = or_what_it_needs(IssuerConfig::from_env()).unwrap_or_else(|told| panic!("{told}"));
    let account = Account {
        config,
        way: Arc::new(ReqwestTransport::new().unwrap()),
        may_make_admin: std::env::var("LIVE_ADMIN_KEY").is_ok_and(|value| value == "yes"),
        patience: (5, Duration::from_secs(2)),
    };
    println!("{}", account.announcement());
    let report = run::run(account).await.unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/live-report.md");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, report.text()).unwrap();
    println!("{}\nIt is in target/live-report.md.", report.text());
    assert!(report.left.is_empty(), "keys are left behind: {:?}", report.left);
}

fn or_what_it_needs(config: Result<IssuerConfig, Error>) -> Result<IssuerConfig, String> {
    config.map_err(|error| format!("{error}\n\n{NEEDS}"))
}

#[test]
fn without_an_account_it_says_what_it_needs() {
    let none: [(&str, &str); 0] = [];
    let told = or_what_it_needs(IssuerConfig::from_vars(none)).unwrap_err();
    assert!(told.contains("PINNING_KEYS_PROVIDER is not set") && told.contains("LIVE_ADMIN_KEY"));
}

/// An account at the emulator, reached over TCP.
fn account(provider: &str, settings: &[(&str, &str)], may_make_admin: bool) -> Account {
    let config = IssuerConfig::for_provider(provider).unwrap();
    let config = settings
        .iter()
        .fold(config, |config, (name, value)| config.with_setting(name, *value).unwrap());
    let way: Arc<dyn Transport> = Arc::new(ReqwestTransport::new().unwrap());
    Account { config, way, may_make_admin, patience: (1, Duration::ZERO) }
}

async fn run_at(emulator: &Emulator, account: Account) -> Report {
    assert!(account.announcement().contains("at most 16 keys named pinning-keys-live-…"));
    let report = run::run(account).await.unwrap();
    assert_eq!((emulator.keys_live(), &report.left[..]), (0, &[][..]));
    assert!(emulator.keys_made() <= report.made && report.made <= keys::MOST_KEYS);
    for (question, answer) in report.findings.iter().map(|found| (found.question, &found.answer)) {
        assert!(!answer.contains("NOT SETTLED") && !answer.is_empty(), "{question}: {answer}");
    }
    report
}

#[tokio::test]
async fn at_the_emulated_pinata_it_finds_what_is_assumed() {
    let emulator = Emulator::builder().seed(31).start().await.unwrap();
    let pinata = emulator.pinata();
    let settings = [("base_url", pinata.base_url()), ("jwt", pinata.jwt())];
    let report = run_at(&emulator, account("pinata", &settings, true)).await;
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
async fn at_the_emulated_w3ipfs_it_finds_what_is_assumed() {
    let emulator = Emulator::builder().seed(32).start().await.unwrap();
    let (base_url, jwt) = (emulator.w3ipfs().base_url(), emulator.w3ipfs().jwt());
    let settings = [("base_url", base_url), ("jwt", &*jwt)];
    let report = run_at(&emulator, account("w3ipfs", &settings, true)).await;
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

/// A way on which tests of keys panic, and the answers to some creates get lost.
struct Bad {
    way: ReqwestTransport,
    creates: AtomicUsize,
}

#[async_trait]
impl Transport for Bad {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        assert!(!request.uri().path().ends_with("testAuthentication"), "this is meant to fail");
        let creates = request.method() == Method::POST;
        let answer = self.way.send(request, limits).await;
        if creates && self.creates.fetch_add(1, Ordering::Relaxed) == 4 {
            return Err(TransportError::new(TransportErrorKind::Closed, Reach::MaybeSent));
        }
        answer
    }
}

#[tokio::test]
async fn what_it_made_is_revoked_where_steps_fail_and_panic() {
    let emulator = Emulator::builder().seed(33).start().await.unwrap();
    let (base_url, jwt) = (emulator.w3ipfs().base_url(), emulator.w3ipfs().jwt());
    let settings = [("base_url", base_url), ("jwt", &*jwt)];
    let way = Bad { way: ReqwestTransport::new().unwrap(), creates: AtomicUsize::new(0) };
    let account = Account { way: Arc::new(way), ..account("w3ipfs", &settings, false) };
    let report = run::run(account).await.unwrap();
    assert!(report.answer("a key's life").contains("panicked"));
    assert!(report.answer("pages").starts_with("NOT SETTLED: key \"pinning-keys-live-"));
    assert_eq!(report.answer(run::PAIR), "not tried: it takes an admin key for a moment");
    assert_eq!((emulator.keys_made(), emulator.keys_live()), (5, 0));
    assert!(report.left.is_empty());
    assert!(
        report.text().contains("| `POST /api/apiKeys/` | no answer | 1 |"),
        "{}",
        report.text()
    );
}

#[tokio::test]
async fn what_it_cannot_revoke_is_named() {
    let emulator = Emulator::builder().seed(34).start().await.unwrap();
    let (base_url, jwt) = (emulator.w3ipfs().base_url(), emulator.w3ipfs().jwt());
    let settings = [("base_url", base_url), ("jwt", &*jwt)];
    let account = account("w3ipfs", &settings, false);
    let way = Arc::clone(&account.way);
    let account = Account { way: Arc::new(Undeleting(way)), ..account };
    let report = run::run(account).await.unwrap();
    assert_eq!(report.left.len(), emulator.keys_live());
    assert!(report.text().contains("LEFT BEHIND, revoke it by hand: `pinning-keys-live-"));
}

/// A way on which nothing is deleted.
struct Undeleting(Arc<dyn Transport>);

#[async_trait]
impl Transport for Undeleting {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        if request.method() == Method::DELETE {
            return Ok(Response::builder().status(403).body(Bytes::new()).unwrap());
        }
        self.0.send(request, limits).await
    }
}
