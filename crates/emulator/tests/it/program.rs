//! The program as a person or a script starts it.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value;

use crate::common::client::client;

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pinning-keys-emulator"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Exit code and standard error of a program that prints nothing else.
fn failure(output: Output) -> (Option<i32>, String) {
    assert!(output.stdout.is_empty());
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
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

    fn stdout(&mut self) -> BufReader<ChildStdout> {
        BufReader::new(self.0.stdout.take().unwrap())
    }

    /// The first line, which is JSON.
    fn report(&mut self) -> Value {
        let mut line = String::new();
        self.stdout().read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

async fn status(url: String, jwt: &str) -> u16 {
    client().get(url).bearer_auth(jwt).send().await.unwrap().status().as_u16()
}

#[cfg(unix)]
#[tokio::test]
async fn json_is_one_line_and_ctrl_c_stops_cleanly() {
    let mut running = Running::start(&["--listen", "127.0.0.1:0", "--json"]);
    let mut stdout = running.stdout();
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert!(line.starts_with(r#"{"pinata":{"base_url":"http://127.0.0.1:"#), "{line}");
    let report: Value = serde_json::from_str(&line).unwrap();
    let client = client();
    for (provider, path, key, secret) in [
        ("pinata", "/data/testAuthentication", 20, 64),
        ("w3ipfs", "/apiKeys/testAuthentication", 24, 44),
    ] {
        let text = |name: &str| report[provider][name].as_str().unwrap();
        assert_eq!((text("api_key").len(), text("api_secret").len()), (key, secret));
        let url = format!("{}{path}", text("base_url"));
        let answer = client.get(url).bearer_auth(text("jwt")).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }
    let process = running.0.id().to_string();
    assert!(Command::new("kill").args(["-INT", &process]).status().unwrap().success());
    // The client still holds its connection open; the program must not wait for it.
    assert_eq!(running.0.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
    drop(client);
}

/// The program can be stopped as soon as it has printed the line. Runs ten times, because the race
/// is not lost every time.
#[cfg(unix)]
#[test]
fn ctrl_c_right_after_the_line_stops_cleanly() {
    for _ in 0..10 {
        let mut running = Running::start(&["--listen", "127.0.0.1:0", "--json"]);
        running.report();
        let process = running.0.id().to_string();
        assert!(Command::new("kill").args(["-INT", &process]).status().unwrap().success());
        assert_eq!(running.0.wait().unwrap().code(), Some(0));
    }
}

/// What a shell would take from the exports opens what the emulator serves, and the line to paste
/// takes everything else from them.
#[tokio::test]
async fn exports_reach_each_provider() {
    let mut running = Running::start(&["--listen=127.0.0.1:0", "--seed=7"]);
    let mut lines = running.stdout().lines().map(Result::unwrap);
    assert!(lines.next().unwrap().contains("(seed 7)"));
    // As in one shell, which keeps what the first provider's lines export.
    let mut vars = BTreeMap::new();
    for (provider, test, count) in
        [("pinata", "/data/testAuthentication", 4), ("w3ipfs", "/apiKeys/testAuthentication", 3)]
    {
        for line in lines.by_ref() {
            if let Some(name) = line.trim().strip_prefix("unset ") {
                vars.remove(name);
            }
            if let Some((name, value)) =
                line.trim().strip_prefix("export ").and_then(|export| export.split_once('='))
            {
                assert!(!value.contains([' ', '$', '\'', '"', '\\']), "{line}");
                vars.insert(name.to_owned(), value.to_owned());
            }
            if let Some(data) = line.trim().strip_prefix("--data '") {
                serde_json::from_str::<Value>(data.trim_end_matches('\'')).unwrap();
                break;
            }
        }
        assert_eq!(vars["PINNING_KEYS_PROVIDER"], provider);
        let url = format!("{}{test}", vars["PINNING_KEYS_BASE_URL"]);
        assert_eq!(status(url, &vars["PINNING_KEYS_JWT"]).await, 200, "{provider}");
        assert_eq!(vars.len(), count, "{vars:?}");
    }
}

#[test]
fn seed_decides_the_credentials() {
    let jwt = |seed: &str| {
        let mut running = Running::start(&["--listen", "127.0.0.1:0", "--json", "--seed", seed]);
        running.report()["pinata"]["jwt"].clone()
    };
    assert_eq!(jwt("5"), jwt("5"));
    assert_ne!(jwt("5"), jwt("6"));
}

#[test]
fn misuse_exits_with_2_and_an_explanation() {
    for (arguments, part) in [
        (&["--port", "1"][..], "unknown argument \"--port\""),
        (&["--listen", "0.0.0.0:0"], "is not a loopback address"),
    ] {
        let (code, text) = failure(program(arguments).output().unwrap());
        assert_eq!(code, Some(2), "{arguments:?}: {text}");
        assert!(text.starts_with("error: ") && text.contains(part), "{arguments:?}: {text}");
        assert_eq!(text.lines().count(), 1, "{text}");
    }
}

#[cfg(unix)]
#[test]
fn argument_that_is_not_utf8_is_misuse() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let argument = OsStr::from_bytes(b"--seed=\xff");
    let (code, text) = failure(program(&[]).arg(argument).output().unwrap());
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("is not UTF-8"), "{text}");
}

#[test]
fn address_in_use_is_explained() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, text) = failure(program(&["--listen", &address]).output().unwrap());
    assert_eq!(code, Some(1));
    assert!(text.contains(&format!("{address} is in use")), "{text}");
    assert!(text.contains("--listen 127.0.0.1:0"), "{text}");
}

#[test]
fn help_is_printed() {
    let output = program(&["--help"]).output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("--listen ADDRESS"));
}

/// Writes to `/dev/full` fail, as they do if the reader is gone.
#[cfg(target_os = "linux")]
#[test]
fn failed_output_is_no_panic() {
    use std::fs::File;

    let full = || File::options().write(true).open("/dev/full").unwrap();
    for arguments in [&["--help"][..], &["--listen=127.0.0.1:0"]] {
        let (code, text) = failure(program(arguments).stdout(full()).output().unwrap());
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains("error: cannot print"), "{text}");
        let silent = program(arguments).stdout(full()).stderr(full()).status().unwrap();
        assert_eq!(silent.code(), Some(1));
    }
    let silent = program(&["--port"]).stderr(full()).status().unwrap();
    assert_eq!(silent.code(), Some(2));
}
