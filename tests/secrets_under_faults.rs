//! No fault of the emulator, against any operation of both adapters in any configuration, brings a
//! secret out: not in values, errors and their sources, or what is logged at trace level. A process
//! that fails and panics prints none.
//!
//! The secrets of a lost key are known, too: emulators with the same seed create the same keys.

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use pinning_keys::transport::{ReqwestTransport, Transport};
use pinning_keys::{Error, IssuedKey, KeyIssuerExt, KeyQuery, KeyRequest, ScopeRequest};
use pinning_keys_conformance::capture;
use pinning_keys_emulator::{
    BodyFault, Cut, Emulator, EmulatorBuilder, Fault, FaultRule, ListedSecret, PinataAssumptions,
    W3ipfsAssumptions,
};
use pinning_keys_testkit::secrets::{Secrets, all_of};
use pinning_keys_testkit::stand::{Built, Configuration};

const NAME: &str = "under-faults";

/// An emulator whose lists show secrets, as in older documents.
fn emulator() -> EmulatorBuilder {
    let pinata = PinataAssumptions::default().list_shows_secret(true);
    let w3ipfs = W3ipfsAssumptions::default().listed_secret(ListedSecret::Full);
    Emulator::builder().seed(41).pinata_assumptions(pinata).w3ipfs_assumptions(w3ipfs)
}

fn built(
    emulator: &Emulator,
    configuration: Configuration,
    transport: Arc<dyn Transport>,
) -> Built {
    let (origin, deadline) = (emulator.pinata().base_url(), Duration::from_secs(10));
    configuration.build(emulator, origin, transport, deadline).unwrap()
}

fn in_memory(emulator: &Emulator, configuration: Configuration) -> Built {
    built(emulator, configuration, emulator.transport())
}

fn request() -> KeyRequest {
    KeyRequest::new(NAME, ScopeRequest::reader()).unwrap()
}

/// The first key of an emulator, whose answer may be lost in a test.
async fn first_key(configuration: Configuration) -> IssuedKey {
    let emulator = emulator().in_memory();
    in_memory(&emulator, configuration).issuer.issue(&request()).await.unwrap()
}

/// The secrets of the account and of the first key, whole and in halves, since bodies are cut.
fn secrets(configuration: Configuration, key: &IssuedKey) -> Secrets {
    let account = configuration.secrets(&emulator().in_memory());
    let shown = key.credential().expose();
    let key = [shown.bearer(), shown.api_secret()].into_iter().flatten();
    let mut secrets = Secrets::default();
    for secret in account.iter().map(String::as_str).chain(key) {
        let (first, second) = secret.split_at(secret.len() / 2);
        for text in [secret, first, second] {
            secrets.add(text);
        }
    }
    secrets
}

/// The output of all operations while every request has a fault.
async fn outputs(emulator: &Emulator, built: &Built, fault: Fault, key: &IssuedKey) -> Vec<String> {
    fn shown<T: Debug>(result: Result<T, Error>) -> String {
        result.map_or_else(|error| all_of(&error), |value| format!("{value:?} {value:#?}"))
    }
    emulator.faults().add(FaultRule::new(fault));
    let issuer = &*built.issuer;
    let outputs = vec![
        shown(issuer.issue(&request()).await),
        shown(issuer.list(&KeyQuery::new()).await),
        shown(issuer.verify(key.credential()).await),
        shown(issuer.reconcile(request().name()).await),
        shown(issuer.revoke(key.key_ref()).await),
    ];
    let first_at_pinata = emulator.pinata().keys().into_iter().next().map(|made| made.key);
    let first_at_w3ipfs = emulator.w3ipfs().keys().into_iter().next().map(|made| made.api_key);
    if let Some(made) = first_at_pinata.or(first_at_w3ipfs) {
        assert_eq!(made, key.key_ref().api_key(), "the lost key is another one");
    }
    outputs
}

/// Something is logged from this target, or the test proves nothing.
fn assert_nothing_is_logged(secrets: &Secrets, target: &str) {
    let lines = capture::lines();
    assert!(lines.iter().any(|line| line.contains(target)), "{lines:#?}");
    for line in lines {
        secrets.assert_not_in("the log", &line);
    }
}

async fn under_every_fault(index: usize) {
    capture::begin();
    let (name, configuration) = Configuration::ALL[index];
    let key = first_key(configuration).await;
    let secrets = secrets(configuration, &key);
    for fault in Fault::one_of_each() {
        let emulator = emulator().in_memory();
        let built = in_memory(&emulator, configuration);
        let what = format!("{fault:?} at {name}");
        for text in outputs(&emulator, &built, fault, &key).await.iter().chain(&built.forms) {
            secrets.assert_not_in(&what, text);
        }
    }
    assert_nothing_is_logged(&secrets, "pinning_keys::attempt");
}

/// A test for each of [`Configuration::ALL`], so that they run in parallel.
macro_rules! under_every_fault {
    ($($name:ident: $index:literal,)+) => {
        $(
            #[tokio::test(start_paused = true)]
            async fn $name() {
                under_every_fault($index).await;
            }
        )+

        #[test]
        fn every_configuration_is_tried() {
            assert_eq!([$($index,)+].len(), Configuration::ALL.len());
        }
    };
}

under_every_fault! {
    at_pinata_v3_with_resources: 0,
    at_pinata_v3_with_endpoints: 1,
    at_pinata_sdk_with_resources: 2,
    at_pinata_sdk_with_endpoints: 3,
    at_pinata_legacy_with_a_jwt: 4,
    at_pinata_legacy_with_a_pair: 5,
    at_w3ipfs_with_a_jwt: 6,
    at_w3ipfs_with_a_pair: 7,
}

/// With the built-in transport and everything that it logs.
#[tokio::test]
async fn over_tcp_log_shows_no_secret() {
    capture::begin();
    for (_, configuration) in Configuration::ALL {
        let key = first_key(configuration).await;
        let secrets = secrets(configuration, &key);
        for cut in [Cut::AfterCommit, Cut::MidBody] {
            let emulator = emulator().start().await.unwrap();
            let transport = ReqwestTransport::from_builder(reqwest::Client::builder).unwrap();
            let built = built(&emulator, configuration, Arc::new(transport));
            // Only once, or the list would be retried.
            emulator.faults().add(FaultRule::new(Fault::CutConnection(cut)).first(1));
            let result = built.issuer.issue(&request()).await;
            secrets.assert_not_in_error("a lost create", &result.unwrap_err());
            assert_eq!(emulator.keys_made(), 1);
            let page = built.issuer.list(&KeyQuery::new()).await.unwrap();
            secrets.assert_not_in("a page", &format!("{page:?}"));
        }
        assert_nothing_is_logged(&secrets, "hyper_util::client");
    }
}

/// The configurations whose failures a separate process prints.
const PRINTED: [usize; 2] = [0, 7];

#[tokio::test]
#[ignore = "the next test runs it in a separate process"]
async fn process_that_panics_at_every_failure() {
    for (_, configuration) in PRINTED.map(|index| Configuration::ALL[index]) {
        let key = first_key(configuration).await;
        let emulator = emulator().in_memory();
        let Built { issuer, forms } = in_memory(&emulator, configuration);
        eprintln!("{forms:#?} {emulator:#?} {key:#?}");
        emulator.faults().add(FaultRule::new(Fault::Body(BodyFault::Truncated)));
        let issued = issuer.issue(&request()).await;
        let listed = issuer.list(&KeyQuery::new()).await;
        let verified = issuer.verify(key.credential()).await;
        let revoked = issuer.revoke(key.key_ref()).await;
        emulator.faults().clear();
        let found = issuer.list(&KeyQuery::new()).await;
        for panicking in [
            &(|| unwrapped(&issued)) as &dyn Fn(),
            &|| unwrapped(&listed),
            &|| unwrapped(&verified),
            &|| unwrapped(&revoked),
            &|| {
                let _ = found.as_ref().unwrap_err();
            },
            &|| panic!("{:?} {:?}", key.credential(), key.key_ref()),
        ] {
            catch_unwind(AssertUnwindSafe(panicking)).unwrap_err();
        }
    }
}

fn unwrapped<T>(result: &Result<T, Error>) {
    let _ = result.as_ref().unwrap();
}

#[tokio::test]
async fn output_of_a_panicking_process_shows_no_secret() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "process_that_panics_at_every_failure", "--nocapture"])
        .env("RUST_BACKTRACE", "1")
        .output()
        .unwrap();
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed);
    assert!(output.status.success(), "{printed}");
    assert_eq!(printed.matches(" panicked at ").count(), 6 * PRINTED.len(), "{printed}");
    for (_, configuration) in PRINTED.map(|index| Configuration::ALL[index]) {
        let key = first_key(configuration).await;
        secrets(configuration, &key).assert_not_in("a process", &printed);
    }
}
