//! The program, as a person or a script starts it.

#[path = "common/client.rs"]
mod client;

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pinning-keys-emulator"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn fails(arguments: &[&str]) -> Output {
    program(arguments).output().unwrap()
}

/// A running program, which does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        Self(program(arguments).spawn().unwrap())
    }

    fn lines(&mut self) -> impl Iterator<Item = String> {
        BufReader::new(self.0.stdout.take().unwrap()).lines().map(Result::unwrap)
    }
}

#[cfg(unix)]
#[tokio::test]
async fn json_is_one_line_and_ctrl_c_ends_it_cleanly() {
    let mut running = Running::start(&["--listen", "127.0.0.1:0", "--json"]);
    let mut stdout = BufReader::new(running.0.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let report: Value = serde_json::from_str(&line).unwrap();
    let text = |name: &str| report["pinata"][name].as_str().unwrap();
    assert!(line.starts_with(r#"{"pinata":{"base_url":"http://127.0.0.1:"#), "{line}");
    assert_eq!((text("api_key").len(), text("api_secret").len()), (20, 64));
    let w3ipfs = |name: &str| report["w3ipfs"][name].as_str().unwrap();
    assert_eq!((w3ipfs("api_key").len(), w3ipfs("api_secret").len()), (24, 44));

    let client = client::client();
    let url = format!("{}/data/testAuthentication", text("base_url"));
    let answer = client.get(url).bearer_auth(text("jwt")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let url = format!("{}/apiKeys/list", w3ipfs("base_url"));
    let answer = client.get(url).bearer_auth(w3ipfs("jwt")).send().await.unwrap();
    assert_eq!(answer.status(), 200);

    let process = running.0.id().to_string();
    assert!(Command::new("kill").args(["-INT", &process]).status().unwrap().success());
    // The client above still holds its connection open; the program must not wait for it.
    assert_eq!(running.0.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
    drop(client);
}

#[test]
fn the_friendly_form_shows_everything_and_a_line_to_paste() {
    let mut running = Running::start(&["--listen=127.0.0.1:0", "--seed=7"]);
    let mut text = String::new();
    for line in running.lines() {
        text += &line;
        text.push('\n');
        if line.contains("pin_list") {
            break;
        }
    }
    for part in ["(seed 7)", "base URL    http://127.0.0.1:", "API key", "JWT         eyJ", "curl"]
    {
        // Once for each provider, but for the seed.
        let times = 1 + usize::from(part != "(seed 7)");
        assert!(text.matches(part).count() >= times, "{part} is not in\n{text}");
    }
}

#[test]
fn the_seed_decides_the_credentials() {
    let first_line = |seed: &str| {
        let mut running = Running::start(&["--listen", "127.0.0.1:0", "--json", "--seed", seed]);
        let line = running.lines().next().unwrap();
        let report: Value = serde_json::from_str(&line).unwrap();
        report["pinata"]["jwt"].as_str().unwrap().to_owned()
    };
    assert_eq!(first_line("5"), first_line("5"));
    assert_ne!(first_line("5"), first_line("6"));
}

#[tokio::test]
async fn faults_are_taken_only_where_asked_for() {
    for (arguments, expected) in [
        (&["--listen=127.0.0.1:0", "--json"][..], 404),
        (&["--listen=127.0.0.1:0", "--json", "--control"], 201),
    ] {
        let mut running = Running::start(arguments);
        let line = running.lines().next().unwrap();
        let report: Value = serde_json::from_str(&line).unwrap();
        let base_url = report["pinata"]["base_url"].as_str().unwrap();
        let client = client::client();
        let rule = r#"{"fault":{"status":{"code":503}}}"#;
        let added = client.post(format!("{base_url}/_emulator/faults")).body(rule).send().await;
        assert_eq!(added.unwrap().status(), expected);
        let answer = client.get(format!("{base_url}/v3/api_keys")).send().await.unwrap();
        assert_eq!(answer.status(), if expected == 201 { 503 } else { 401 });
    }
}

#[test]
fn the_friendly_form_shows_how_to_make_a_fault_of_its_own_words() {
    let mut running = Running::start(&["--listen=127.0.0.1:0", "--control"]);
    let line = running.lines().find(|line| line.contains("\"fault\"")).unwrap();
    let rule = line.split('\'').nth(1).unwrap();
    let rule: pinning_keys_emulator::FaultRule = serde_json::from_str(rule).unwrap();
    assert!(format!("{rule:?}").contains("AfterCommit"));
}

#[test]
fn misuse_ends_with_2_and_says_why() {
    for (arguments, part) in [
        (&["--port", "1"][..], "unknown argument --port"),
        (&["--listen", "here"], "is not an address with a port"),
        (&["--listen", "0.0.0.0:0"], "is not a loopback address"),
        (&["--seed", "many"], "is not a whole number"),
    ] {
        let output = fails(arguments);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
        assert!(text.contains(part), "{arguments:?}: {text}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn an_address_in_use_is_explained() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = fails(&["--listen", &address]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains(&format!("{address} is in use")), "{text}");
    assert!(text.contains("--listen 127.0.0.1:0"), "{text}");
}

#[test]
fn help_is_printed() {
    let output = fails(&["--help"]);
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("--listen ADDRESS"));
}

#[cfg(unix)]
#[test]
fn an_argument_that_is_not_text_is_misuse() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let output = program(&[]).arg(OsStr::from_bytes(b"--seed=\xff")).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("argument is not text"), "{text}");
}

/// What is written to `/dev/full` fails, as it does where the reader is gone.
#[cfg(target_os = "linux")]
#[test]
fn output_that_nobody_takes_is_no_panic() {
    use std::fs::File;

    let full = || File::options().write(true).open("/dev/full").unwrap();
    for arguments in [&["--help"][..], &["--listen=127.0.0.1:0"]] {
        let output = program(arguments).stdout(full()).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains("error: cannot print"), "{text}");
        let silent = program(arguments).stdout(full()).stderr(full()).status().unwrap();
        assert_eq!(silent.code(), Some(1));
    }
    let silent = program(&["--port"]).stderr(full()).status().unwrap();
    assert_eq!(silent.code(), Some(2));
}
