//! The examples, run as a reader runs them. What `switch_providers` prints is in `main_job`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use pinning_keys::pinata::PinataConfig;
use pinning_keys::transport::{Limits, Transport as _};
use pinning_keys::{KeyIssuer as _, KeyRequest, ScopeRequest};
use pinning_keys_emulator::Emulator;
use pinning_keys_testkit::{example, page};
use serde_json::json;

/// What a program comes to that should end by itself, and soon.
fn output(command: &mut Command) -> Output {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = Running(command.spawn().expect("the example runs"));
    let status = ends_soon(&mut child);
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    child.0.stdout.take().unwrap().read_to_end(&mut stdout).unwrap();
    child.0.stderr.take().unwrap().read_to_end(&mut stderr).unwrap();
    Output { status, stdout, stderr }
}

/// Waits until a program ends by itself.
fn ends_soon(program: &mut Running) -> ExitStatus {
    for _ in 0..600 {
        if let Some(status) = program.0.try_wait().unwrap() {
            return status;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the example does not end")
}

/// A program that is ended with the test, whatever comes of that.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What an example that succeeds prints, which holds no secret.
fn printed(example: &str, arguments: &[&str]) -> String {
    let output = output(&mut example::command(example, arguments));
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{errors}");
    assert_eq!(errors, "", "{example}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert_holds_no_secret(&text);
    text
}

/// The exit code and the error text of an example that fails, without a panic or a secret.
fn failed(example: &str, arguments: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let output = output(example::command(example, arguments).envs(variables.iter().copied()));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(!told.contains("panicked") && !told.contains("Error {"), "{told}");
    assert_holds_no_secret(&told);
    assert_holds_no_secret(&String::from_utf8(output.stdout).unwrap());
    (output.status.code(), told)
}

#[track_caller]
fn assert_holds_no_secret(text: &str) {
    assert_eq!(secret_in(text), None, "in:\n{text}");
}

/// The kind of secret in a text, if there is one. The emulator that made it is in another
/// process, so that secrets are known by their shape alone.
fn secret_in(text: &str) -> Option<&'static str> {
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '+' && c != '/');
    let base_16 = |word: &str| word.len() == 64 && word.chars().all(|c| c.is_ascii_hexdigit());
    let base_64 = |word: &str| word.len() == 43 && text.contains(&format!("{word}="));
    if text.contains("eyJ") {
        Some("a JWT")
    } else if text.contains("sample-token-") {
        Some("a token of the adapter's own")
    } else if words.clone().any(base_16) {
        Some("a secret of Pinata's")
    } else if words.any(base_64) {
        Some("a secret of W3IPFS's")
    } else {
        None
    }
}

/// The text with the 13 random characters of unique names replaced.
fn with_fixed_names(text: &str, prefix: &str) -> String {
    let mut parts = text.split(prefix);
    let mut fixed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        fixed.push_str(prefix);
        fixed.push('…');
        fixed.push_str(&part[13..]);
    }
    fixed
}

#[test]
fn an_adapter_of_ones_own_leads_a_key_through_its_life() {
    let expected = "\
POST /keys at example-pins (rights)
  granted  pins:list pins:add-file
  missing  pins:list-jobs
  extra    nothing
  sends    {\"admin\":false,\"name\":\"team-site\",\"rights\":[\"look\",\"upload\"]}

issued    team-site may pins:list pins:add-file
listed    team-site may pins:list pins:add-file
verified  Live
revoked   Revoked
verified  Unrecognized
";
    assert_eq!(printed("custom_adapter", &[]), expected);
}

#[test]
fn an_adapter_of_ones_own_takes_fewer_than_120_lines() {
    let lines = page::read("examples/custom_adapter.rs").lines().count();
    assert!(lines < 120, "{lines} lines");
}

#[test]
fn the_same_program_makes_a_key_with_each_shipped_file() {
    let text = with_fixed_names(&printed("config_file", &[]), "build-");
    let begins = |beginning: &str| text.lines().filter(|line| line.starts_with(beginning)).count();
    assert_eq!(begins("examples/config_file/pinata.toml"), 1);
    assert_eq!(begins("POST /v3/api_keys at pinata (endpoints)"), 1);
    assert_eq!(begins("examples/config_file/w3ipfs.toml"), 1);
    assert_eq!(begins("POST /apiKeys/ at w3ipfs (scopes)"), 1);
    assert_eq!(begins("  missing  pins:add-json"), 1);
    assert_eq!(begins("  revoked  Revoked"), 2);
    assert_eq!(begins("  it was   Live"), 2);
    assert!(text.ends_with("2 keys made, 0 left.\n"), "{text}");
}

#[test]
fn a_file_is_planned_with_and_nothing_is_sent() {
    for (name, table) in [("pinata", "pinata (endpoints)"), ("w3ipfs", "w3ipfs (scopes)")] {
        let text = printed("config_file", &[&format!("examples/config_file/{name}.toml")]);
        assert!(text.lines().next().unwrap().ends_with(table), "{text}");
        assert!(text.contains("\nTo make this key: issuer.issue"), "{text}");
        // Neither file's credential is there.
        let told = "\nNothing was sent, and a credential that is kept elsewhere was not looked at.";
        assert!(text.contains(told), "{text}");
    }
}

#[test]
fn a_wrong_file_is_told_by_its_error_and_quotes_no_secret() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for (name, content, expected) in [
        (
            "typo",
            "provider = \"pinata\"\njwt_fiel = \"/run/secrets/jwt\"",
            "did you mean \"jwt_file\"?",
        ),
        ("provider", "provider = \"nobody\"", "unknown provider; expected one of pinata, w3ipfs"),
        ("credential", "provider = \"w3ipfs\"", "no credential of the account is set"),
        (
            "half",
            "provider = \"w3ipfs\"\napi_key = \"public\"",
            "api_key is set, but api_secret is not",
        ),
        ("syntax", "provider = \"pinata\"\njwt = eyJhbGciOi.secret", "line 2: "),
        ("scope", "provider = \"pinata\"\njwt = \"eyJ.a.b\"\ntable = \"all\"", "table must be"),
        (
            "refused",
            "provider = \"pinata\"\njwt = \"eyJ.a.b\"\ntable = \"resources\"",
            ".tolerates(\"pinata:org:files:write\")",
        ),
    ] {
        let path = folder.join(format!("{name}.toml"));
        std::fs::write(&path, content).unwrap();
        let (code, told) = failed("config_file", &[path.to_str().unwrap()], &[]);
        assert_eq!(code, Some(1), "{name}: {told}");
        assert!(told.contains(expected) && told.contains(&format!("{name}.toml: ")), "{told}");
    }
    let (code, told) = failed("config_file", &["no-such.toml"], &[]);
    assert_eq!(code, Some(1));
    assert!(told.starts_with("no-such.toml: "), "{told}");
}

#[test]
fn a_users_key_uploads_and_nothing_else_and_ends_with_the_next() {
    let text = printed("per_user_upload_key", &[]);
    let expected = "\
One user's visit, with keys of the built-in emulator

                                 pinata (endpoints)     w3ipfs (scopes)
uses of a key                    20                     any number
ask for a key, not logged in     refused  401           refused  401
ask for a key, logged in         done     201           done     201
upload a file with it            done     200           done     201
list what is pinned              refused  403           refused  403
remove a pin                     refused  403           refused  403
ask for another key              done     201           done     201
upload with the first key        refused  403           refused  401
upload with the second key       done     200           done     201
log out                          done     204           done     204
upload once more                 refused  403           refused  401

4 keys made, 0 left.
";
    assert_eq!(text, expected);
}

#[test]
fn a_table_that_cannot_keep_uploading_apart_is_refused_at_the_start() {
    // Were anything sent, it would be to a port on which nobody listens, and fail otherwise.
    let account = [("PINATA_JWT", "eyJ.a.b"), ("PINNING_KEYS_BASE_URL", "http://127.0.0.1:9")];
    let live = ["--serve", "--live"];
    let (code, told) = failed("per_user_upload_key", &live, &account);
    assert_eq!(code, Some(1));
    let refusal = "pinata (resources) cannot grant exactly pins:add-file: ";
    assert!(told.lines().next().unwrap().contains(refusal), "{told}");
    assert!(
        told.contains("table = \"endpoints\" (PINNING_KEYS_TABLE) grants it exactly"),
        "{told}"
    );
}

#[test]
fn the_service_stays_up_and_answers() {
    let live = [
        ("PINATA_JWT", "eyJ.a.b"),
        ("PINNING_KEYS_BASE_URL", "http://127.0.0.1:9"),
        ("PINNING_KEYS_TABLE", "endpoints"),
    ];
    for (arguments, variables) in [(&["--serve"][..], &[][..]), (&["--serve", "--live"], &live)] {
        let mut service = example::command("per_user_upload_key", arguments);
        let service = service.envs(variables.iter().copied()).stdout(Stdio::piped());
        let mut service = Running(service.spawn().unwrap());
        let mut lines = BufReader::new(service.0.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        assert!(first.starts_with("Serving http://127.0.0.1:"), "{first}");
        assert!(first.contains("with keys of pinata (endpoints)"), "{first}");

        let address = first["Serving http://".len()..].split(',').next().unwrap();
        let mut connection = std::net::TcpStream::connect(address).unwrap();
        let request = b"POST /upload-key HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        connection.write_all(request).unwrap();
        let answer = std::io::read_to_string(connection).unwrap();
        assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
        assert!(answer.contains("cache-control: no-store"), "{answer}");
    }
}

/// A service whose keys an emulator of the test makes, and the address where it serves.
#[cfg(unix)]
fn service_with_keys_of(emulator: &Emulator) -> (Running, String) {
    let pinata = emulator.pinata();
    let mut service = example::command("per_user_upload_key", &["--serve", "--live"]);
    let service = service
        .env("PINATA_JWT", pinata.jwt())
        .env("PINNING_KEYS_BASE_URL", pinata.base_url())
        .env("PINNING_KEYS_TABLE", "endpoints");
    let service = service.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut service = Running(service.spawn().unwrap());
    let mut first = String::new();
    BufReader::new(service.0.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let address = first["Serving http://".len()..].split(',').next().unwrap().to_owned();
    (service, address)
}

/// Opens a connection that asks for alice's key, and never comes to the request's end where
/// `is_half_open`.
#[cfg(unix)]
fn ask_for_a_key(address: &str, is_half_open: bool) -> std::net::TcpStream {
    let mut connection = std::net::TcpStream::connect(address).unwrap();
    let head = "POST /upload-key HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";
    let session = "x-session: sample-session-of-alice\r\n\r\n";
    connection.write_all(head.as_bytes()).unwrap();
    if !is_half_open {
        connection.write_all(session.as_bytes()).unwrap();
    }
    connection
}

#[cfg(unix)]
fn send_signal(signal: &str, service: &Running) {
    let process = service.0.id().to_string();
    assert!(Command::new("kill").args([signal, &process]).status().unwrap().success());
}

/// The exit code and the error text of a service that should end soon.
#[cfg(unix)]
fn ended(mut service: Running) -> (Option<i32>, String) {
    let code = ends_soon(&mut service).code();
    (code, std::io::read_to_string(service.0.stderr.take().unwrap()).unwrap())
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_service_that_is_told_to_end_revokes_its_keys_whoever_is_connected() {
    for signal in ["-INT", "-TERM"] {
        let emulator = Emulator::start().await.unwrap();
        let (service, address) = service_with_keys_of(&emulator);
        let answer = std::io::read_to_string(ask_for_a_key(&address, false)).unwrap();
        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
        assert_eq!((emulator.keys_made(), emulator.keys_live()), (1, 1));

        let idle = ask_for_a_key(&address, true);
        send_signal(signal, &service);
        assert_eq!(ended(service), (Some(0), String::new()), "{signal}");
        assert_eq!((emulator.keys_made(), emulator.keys_live()), (1, 0), "{signal}");
        drop(idle);
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_second_signal_ends_the_service_at_once_and_it_says_what_that_means() {
    let emulator = Emulator::start().await.unwrap();
    let (mut service, address) = service_with_keys_of(&emulator);
    let idle = ask_for_a_key(&address, true);
    // Two of a kind that come together count as one, so that they are sent until it ends.
    while service.0.try_wait().unwrap().is_none() {
        send_signal("-INT", &service);
        std::thread::sleep(Duration::from_millis(100));
    }
    let told = "ended before all keys were revoked: they may still work\n".to_owned();
    assert_eq!(ended(service), (Some(1), told));
    drop(idle);
}

/// Makes keys at the emulated Pinata that this library would not make, and others that matter.
async fn odd_keys(emulator: &Emulator) {
    let way = emulator.transport();
    let long = "l".repeat(101);
    for body in [
        json!({ "keyName": "Default", "permissions": { "resources": ["org:files:read"] } }),
        json!({ "keyName": " ", "permissions": { "resources": ["org:files:read"] } }),
        json!({ "keyName": long, "permissions": { "resources": ["org:files:read"] } }),
        json!({ "keyName": "none", "permissions": {} }),
        json!({ "keyName": "spent", "maxUses": 1, "permissions": { "admin": true } }),
    ] {
        let request = http::Request::post("/v3/api_keys")
            .header("authorization", format!("Bearer {}", emulator.pinata().jwt()))
            .header("content-type", "application/json")
            .body(body.to_string().into())
            .unwrap();
        let limits = Limits::new(Duration::from_secs(30), 1024 * 1024);
        let answer = way.send(request, limits).await.unwrap();
        assert!(answer.status().is_success(), "{body}: {}", answer.status());
        let key: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
        if body["maxUses"] == 1 {
            let request = http::Request::get("/data/testAuthentication")
                .header("authorization", format!("Bearer {}", key["JWT"].as_str().unwrap()));
            let request = request.body(bytes::Bytes::new()).unwrap();
            assert!(way.send(request, limits).await.unwrap().status().is_success());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn names_that_w3ipfs_does_not_take_and_keys_without_a_successor_are_told() {
    // Keys that grant nothing and odd names are there in accounts, whoever made them.
    let emulator = Emulator::start().await.unwrap();
    odd_keys(&emulator).await;
    let account = [
        ("PINATA_JWT", emulator.pinata().jwt()),
        ("PINNING_KEYS_BASE_URL", emulator.pinata().base_url()),
    ];
    let output = output(example::command("from_pinata_to_w3ipfs", &["--live"]).envs(account));
    let text = String::from_utf8(output.stdout).unwrap();
    let note = "\n  note      it needs another name: ";
    let part = |beginning: &str| {
        let part = text.split("\n\n").find(|part| part.starts_with(beginning));
        part.unwrap_or_else(|| panic!("{beginning} in {text}")).to_owned()
    };
    assert!(part("\"Default\"").contains(&format!("{note}W3IPFS keeps this one")), "{text}");
    assert!(part("\" \"").contains(&format!("{note}the name is empty")), "{text}");
    assert!(part("\"lllll").contains(&format!("{note}W3IPFS takes 100 characters")), "{text}");
    let idle = "\"none\", no permissions\n  becomes   nothing: it may do nothing\n  ask for   –";
    assert_eq!(part("\"none\""), idle);
    let spent = "\"spent\", admin\n  becomes   nothing: its uses are used up\n  ask for   –";
    assert_eq!(part("\"spent\""), spent);
    assert!(text.lines().all(|line| line.trim_end() == line), "{text}");
    assert!(text.contains("\n5 keys. Nothing was issued"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn one_key_is_counted_as_one() {
    let emulator = Emulator::start().await.unwrap();
    let (base_url, jwt) = (emulator.pinata().base_url(), emulator.pinata().jwt());
    let issuer = PinataConfig::new().with_base_url(base_url).with_jwt(jwt).build().unwrap();
    issuer.issue(&KeyRequest::new("only", ScopeRequest::reader()).unwrap()).await.unwrap();
    let account = [("PINATA_JWT", jwt), ("PINNING_KEYS_BASE_URL", base_url)];
    let output = output(example::command("from_pinata_to_w3ipfs", &["--live"]).envs(account));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("\n1 key. Nothing was issued"), "{text}");
}

#[test]
fn an_apps_tests_catch_keys_that_can_do_too_much() {
    let text = printed("test_your_app", &[]);
    let lines = |name: &str| {
        let mut lines = text.lines().skip_while(|line| !line.starts_with(name)).skip(1);
        [(); 3].map(|()| lines.next().unwrap().split_once("can ").unwrap().1.trim().to_owned())
    };
    let ok = "list                              ok";
    assert_eq!(lines("guest "), [ok; 3]);
    assert_eq!(lines("tolerant_guest "), [ok; 3]);
    let (two, one) = (
        "list, upload, remove              FAILS: can upload, can remove",
        "list, upload                      FAILS: can upload",
    );
    assert_eq!(lines("uploading_guest "), [two, one, one]);
    assert_eq!(lines("editing_guest "), [two; 3]);
    let all = "list, upload, remove, make keys   FAILS: can upload, can remove, can make keys";
    assert_eq!(lines("admin_guest "), [all; 3]);
}

/// One configuration of sixteen: their cases are tests of their own.
#[test]
fn the_conformance_report_counts_what_was_executed_and_what_was_not() {
    let one = "w3ipfs, jwt, in memory";
    let text = printed("conformance_report", &[one]);
    let lines: Vec<_> = text.lines().collect();
    let [head, row, "", foot] = lines[..] else { panic!("{text}") };
    assert_eq!(
        head.split_whitespace().collect::<Vec<_>>(),
        ["executed", "passed", "failed", "skipped"]
    );
    let counts = row.strip_prefix(one).expect(one).split_whitespace();
    let counts: Vec<usize> = counts.map(|count| count.parse().unwrap()).collect();
    let [executed, passed, 0, skipped] = counts[..] else { panic!("{row}") };
    assert!(executed == passed && executed > 100 && skipped < 15, "{row}");
    assert!(foot.starts_with("No clause is broken."), "{foot}");

    let json = printed("conformance_report", &["--json", one]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["configuration"], &json["report"]["executed"]),
        (&json!(one), &json!(executed))
    );
    let markdown = printed("conformance_report", &["--markdown", one]);
    assert!(markdown.starts_with(&format!("# {one}\n\n## w3ipfs (scopes)\n\nok: ")), "{markdown}");
    assert_eq!(failed("conformance_report", &["no such name"], &[]).0, Some(2));
}

#[test]
fn a_wrong_argument_shows_the_usage_and_help_is_no_error() {
    for example in ["config_file", "per_user_upload_key", "test_your_app", "conformance_report"] {
        for wrong in [&["--lvie"][..], &["--lvie", "--serve"]] {
            let (code, told) = failed(example, wrong, &[]);
            assert_eq!(code, Some(2), "{example}");
            assert!(told.contains("Usage: cargo run --example"), "{told}");
        }
        for help in ["--help", "-h"] {
            assert!(printed(example, &[help]).contains("Usage: cargo run --example"));
        }
    }
}

/// As in `cargo run --example … | true`.
#[test]
fn a_reader_that_is_gone_is_no_failure() {
    let examples = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples"));
    for example in examples.unwrap() {
        let example = example.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
        // It takes half a minute, and a part of it is tested above.
        let is_slow = example == "conformance_report";
        // This one is of a feature that is off by default.
        let is_missing = example == "bulk_issue" && cfg!(not(feature = "bulk"));
        if is_slow || is_missing {
            continue;
        }
        let mut command = example::command(&example, &[]);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{example}");
        assert!(output.status.success(), "{example}");
    }
}

#[test]
fn secrets_are_known_by_their_shape() {
    let emulator = Emulator::builder().in_memory();
    let (pinata, w3ipfs) = (emulator.pinata(), emulator.w3ipfs());
    for (secret, kind) in [
        (pinata.jwt(), "a JWT"),
        (&w3ipfs.jwt(), "a JWT"),
        (pinata.api_secret(), "a secret of Pinata's"),
        (w3ipfs.api_secret(), "a secret of W3IPFS's"),
    ] {
        for text in
            [secret.to_owned(), format!("key={secret}, "), format!("{{\"a\":\"{secret}\"}}")]
        {
            assert_eq!(secret_in(&text), Some(kind));
        }
    }
    for public in [pinata.api_key(), w3ipfs.api_key()] {
        assert_eq!(secret_in(public), None);
    }
}
