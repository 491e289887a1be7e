//! The program that the README's first command runs.

#[path = "support/golden.rs"]
mod golden;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use pinning_keys_emulator::Emulator;

/// The example, which cargo builds with the tests of its package, without an account.
fn command(arguments: &[&str]) -> Command {
    let mut path: PathBuf = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.extend(["examples", "switch_providers"]);
    path.set_extension(std::env::consts::EXE_EXTENSION);
    assert!(path.exists(), "run all tests of the package, so that its examples are built");
    let mut command = Command::new(path);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name == "PINATA_JWT" || name.starts_with("PINNING_KEYS_") {
            command.env_remove(&*name);
        }
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

fn switch_providers(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    command(arguments).envs(variables.iter().copied()).output().expect("the example runs")
}

#[test]
fn its_output_is_the_readmes() {
    let output = switch_providers(&[], &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    // Each run has a port of its own.
    let (before, port) = text.split_once("http://127.0.0.1:").unwrap();
    let after = port.trim_start_matches(|digit: char| digit.is_ascii_digit());
    let text = format!("{before}http://127.0.0.1:41873{after}");

    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");
    let readme = std::fs::read_to_string(path).unwrap().replace("\r\n", "\n");
    let begin = "```sh\ncargo run --example switch_providers\n```\n\n```text\n";
    let start = readme.find(begin).unwrap() + begin.len();
    let stop = start + readme[start..].find("```\n").unwrap();
    let actual = format!("{}{text}{}", &readme[..start], &readme[stop..]);
    golden::assert_golden("README.md", &actual, "The README shows another output.");
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
    assert!(
        told.contains("This makes two keys") && told.ends_with("Nothing was sent.\n"),
        "{told}"
    );
}

#[test]
fn a_wrong_argument_shows_the_usage() {
    let output = switch_providers(&["--lvie"], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("Usage:"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn live_with_a_yes_makes_keys_that_read_and_leaves_none() {
    let emulator = Emulator::start().await.unwrap();
    let account = [
        ("PINATA_JWT", emulator.pinata().jwt().to_owned()),
        ("PINNING_KEYS_BASE_URL", emulator.pinata().base_url().to_owned()),
    ];
    let mut child = command(&["--live"])
        .envs(account)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"y\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("2 keys issued, 2 revoked, none left."), "{told}");
    assert_eq!((emulator.keys_made(), emulator.keys_live()), (2, 0));
    for write in [http::Method::PUT, http::Method::POST] {
        // The two creates are all that is written.
        let creates = if write == http::Method::POST { 2 } else { 0 };
        assert_eq!(emulator.requests_to(&write, "/"), creates);
    }
}
