//! The program that the README's first command runs.

// The walk by itself, to be led over ways on which things go wrong.
#[path = "../examples/switch_providers/data_api.rs"]
#[allow(dead_code, reason = "only the program uses all of it")]
mod data_api;
#[path = "../examples/switch_providers/walk.rs"]
#[allow(dead_code, reason = "only the program uses all of it")]
mod walk;

use std::error::Error;
use std::io::Write as _;
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use pinning_keys::ScopeRequest;
use pinning_keys::transport::{Limits, Reach, Transport, TransportError, TransportErrorKind};
use pinning_keys::w3ipfs::W3ipfsConfig;
use pinning_keys_emulator::{Emulator, InMemoryTransport, PinataAssumptions};
use pinning_keys_testkit::{example, golden::assert_golden, page};
use tokio::time::Instant;

use data_api::DataApi;
use walk::{Outcome, Walk};

fn switch_providers(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    example::command("switch_providers", arguments)
        .envs(variables.iter().copied())
        .output()
        .expect("the example runs")
}

#[test]
fn its_output_is_the_readmes() {
    let text = example::output("switch_providers");
    // Each run has a port of its own.
    let (before, port) = text.split_once("http://127.0.0.1:").unwrap();
    let after = port.trim_start_matches(|digit: char| digit.is_ascii_digit());
    let text = format!("{before}http://127.0.0.1:41873{after}");

    let begin = "```sh\ncargo run --example switch_providers\n```\n\n```text\n";
    let actual = page::with_part(&page::read("README.md"), begin, "```\n", &text);
    assert_golden("README.md", &actual, "The README shows another output.");
}

#[test]
fn live_without_a_configuration_says_what_it_needs() {
    let output = switch_providers(&["--live"], &[]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("PINNING_KEYS_PROVIDER is not set"), "{told}");
}

#[test]
fn live_says_first_what_it_will_do_and_does_nothing_without_a_yes() {
    // Were anything sent, it would be to a port on which nobody listens, and fail.
    let account = [("PINATA_JWT", "eyJ.a.b"), ("PINNING_KEYS_BASE_URL", "http://127.0.0.1:9")];
    let output = switch_providers(&["--live"], &account);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("This makes 2 keys at the pinata account"), "{told}");
    assert!(told.contains(", one in each vocabulary.\nEach can only list"), "{told}");
    assert!(told.ends_with("Nothing was sent.\n"), "{told}");

    let account = [("PINNING_KEYS_PROVIDER", "w3ipfs"), ("PINNING_KEYS_JWT", "eyJ.a.b")];
    let told = String::from_utf8(switch_providers(&["--live"], &account).stdout).unwrap();
    assert!(told.contains("This makes 1 key at") && told.contains("configures.\nIt can only"));
}

#[test]
fn a_wrong_argument_shows_the_usage() {
    let output = switch_providers(&["--lvie"], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("Usage:"));
}

/// The program, led over the emulator by somebody who agrees.
fn live_with_a_yes(account: &[(&str, &str)]) -> Output {
    let mut child = example::command("switch_providers", &["--live"])
        .envs(account.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"y\n").unwrap();
    child.wait_with_output().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn live_with_a_yes_makes_keys_that_read_and_leaves_none() {
    for (provider, keys, told) in [
        ("pinata", 2, "2 keys issued, 2 revoked, none left."),
        ("w3ipfs", 1, "1 key issued, 1 revoked, none left."),
    ] {
        let emulator = Emulator::start().await.unwrap();
        let (base_url, jwt) = match provider {
            "pinata" => (emulator.pinata().base_url(), emulator.pinata().jwt().to_owned()),
            _ => (emulator.w3ipfs().base_url(), emulator.w3ipfs().jwt()),
        };
        let account = [
            ("PINNING_KEYS_PROVIDER", provider),
            ("PINNING_KEYS_JWT", &jwt),
            ("PINNING_KEYS_BASE_URL", base_url),
        ];
        let output = live_with_a_yes(&account);
        assert!(output.status.success());
        let output = String::from_utf8(output.stdout).unwrap();
        assert!(output.contains(told), "{output}");
        assert_eq!((emulator.keys_made(), emulator.keys_live()), (keys, 0));
        // The creates are all that is written.
        assert_eq!(emulator.requests_to(&http::Method::POST, "/"), keys as u64);
        assert_eq!(emulator.requests_to(&http::Method::PUT, "/"), 0);
    }
}

/// A server before the emulator, which refuses to make a second key.
async fn serve_with_one_create(emulator: &Emulator) -> String {
    let (way, creates) = (emulator.transport(), Arc::new(AtomicUsize::new(0)));
    let router = axum::Router::new().fallback(move |request: Request<axum::body::Body>| {
        let (way, creates) = (way.clone(), Arc::clone(&creates));
        async move {
            let (parts, body) = request.into_parts();
            let body = axum::body::to_bytes(body, 64 * 1024).await.unwrap();
            if parts.method == Method::POST && creates.fetch_add(1, Ordering::Relaxed) > 0 {
                let answer = Response::builder().status(StatusCode::FORBIDDEN);
                return answer.body(axum::body::Body::empty()).unwrap();
            }
            let limits = Limits::new(Duration::from_secs(30), 1024 * 1024);
            let answer = way.send(Request::from_parts(parts, body), limits).await.unwrap();
            answer.map(axum::body::Body::from)
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router).into_future());
    base_url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn where_a_later_walk_fails_an_earlier_ones_key_is_named() {
    // The first key goes on working after its end.
    let assumptions = PinataAssumptions::default().honour_revoked(1_000);
    let emulator = Emulator::builder().pinata_assumptions(assumptions).in_memory();
    let base_url = serve_with_one_create(&emulator).await;
    let account = [("PINATA_JWT", emulator.pinata().jwt()), ("PINNING_KEYS_BASE_URL", &*base_url)];
    let output = live_with_a_yes(&account);
    assert_eq!(output.status.code(), Some(1));
    let (table, told) = (String::from_utf8(output.stdout), String::from_utf8(output.stderr));
    let (table, told) = (table.unwrap(), told.unwrap());
    assert!(table.contains("STILL ALLOWED"), "{table}");
    assert!(table.ends_with("1 key issued, 0 revoked, look at the account for the rest.\n"));
    assert!(told.contains("403"), "{told}");
    assert!(told.contains("\nLEFT BEHIND: key \"switch-providers-"), "{told}");
    assert_eq!(emulator.keys_made(), 1);
}

/// A way to W3IPFS whose lists lag behind, and on which the answers to creates may get lost.
struct Way {
    emulator: Arc<InMemoryTransport>,
    /// An account that is the same, but for the keys made.
    before: Arc<InMemoryTransport>,
    /// Until when lists come without the keys made.
    lag: Instant,
    loses_creates: bool,
}

#[async_trait]
impl Transport for Way {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        let creates = request.method() == Method::POST;
        let lists = request.uri().path().ends_with("/apiKeys/list");
        if lists && Instant::now() < self.lag {
            return self.before.send(request, limits).await;
        }
        let answer = self.emulator.send(request, limits).await;
        if creates && self.loses_creates {
            return Err(TransportError::new(TransportErrorKind::Closed, Reach::MaybeSent));
        }
        answer
    }
}

/// What comes of a walk, and how many keys are left.
async fn walk_with(lag: u64, loses_creates: bool) -> (Result<Outcome, Box<dyn Error>>, usize) {
    let emulator = Emulator::builder().in_memory();
    let before = Emulator::builder().in_memory().transport();
    let lag = Instant::now() + Duration::from_secs(lag);
    let way = Arc::new(Way { emulator: emulator.transport(), before, lag, loses_creates });
    let (base_url, jwt) = (emulator.w3ipfs().base_url(), emulator.w3ipfs().jwt());
    let config = W3ipfsConfig::new().with_base_url(base_url).with_jwt(jwt);
    let issuer = config.with_transport(Arc::clone(&way) as _).build().unwrap();
    let api = DataApi::new(&pinning_keys::w3ipfs::SCOPES, base_url);
    let outcome = Walk::new(&issuer, way.as_ref(), &api).run(&ScopeRequest::reader()).await;
    assert_eq!(emulator.keys_made(), 1);
    (outcome, emulator.keys_live())
}

#[tokio::test(start_paused = true)]
async fn a_list_that_lags_behind_leaves_no_key() {
    let (outcome, left) = walk_with(3, false).await;
    assert!(outcome.is_ok_and(|outcome| outcome.is_over()));
    assert_eq!(left, 0);
    // For longer than a listing may take, but not for as long as it and a revocation may.
    let (outcome, left) = walk_with(15, false).await;
    let told = outcome.err().unwrap().to_string();
    assert!(told.ends_with(" is not listed as it was issued"), "{told}");
    assert_eq!(left, 0);
    let (outcome, left) = walk_with(3, true).await;
    let told = outcome.err().unwrap().to_string();
    assert!(told.ends_with("that was done: it was made, and is revoked"), "{told}");
    assert_eq!(left, 0);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_stays_is_named_whatever_else_went_wrong() {
    let (outcome, left) = walk_with(60, false).await;
    let told = outcome.err().unwrap().to_string();
    assert!(told.contains(" is not listed as it was issued\n"), "{told}");
    assert!(told.contains("LEFT BEHIND: key \"switch-providers-"), "{told}");
    assert_eq!(left, 1);
    let (outcome, left) = walk_with(60, true).await;
    let told = outcome.err().unwrap().to_string();
    assert!(told.contains("LEFT BEHIND, if it was made: key \"switch-providers-"), "{told}");
    assert_eq!(left, 1);
}
