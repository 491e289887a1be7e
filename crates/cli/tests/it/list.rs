//! Listing keys.

use std::process::Stdio;

use http::{Method, StatusCode};
use pinning_keys_emulator::{Emulator, Fault, FaultRule, ListFault, Stage, W3ipfsAssumptions};
use pinning_keys_testkit::golden::assert_golden;
use serde_json::json;

use crate::support::{Stand, run};

/// A live key, a used-up one and a revoked one.
fn three_states() -> Stand {
    let stand = Stand::pinata();
    stand.days_ago(31);
    let revoked = stand.pinata_key("old");
    stand.revoke_at_pinata(&revoked);
    stand.used_up_pinata_key("once");
    stand.pinata_key("ci-deploy");
    stand
}

fn names(stdout: &str) -> Vec<&str> {
    stdout.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect()
}

#[test]
fn each_key_is_a_row_with_reference_name_state_and_scope() {
    let stand = three_states();
    let run = stand.run("list").exits(0);
    let rows: Vec<Vec<&str>> =
        run.stdout.lines().map(|line| line.split("   ").map(str::trim).collect()).collect();
    assert_eq!(rows.len(), 4, "{}", run.stdout);
    let keys: Vec<_> = stand.emulator().pinata().keys();
    for (name, state, key) in
        [("ci-deploy", "live", 2), ("once", "used up", 1), ("old", "revoked", 0)]
    {
        let key_ref = format!("v1:pinata:{}", keys[key].key);
        let is_row = |row: &&Vec<&str>| row[0] == name;
        let row = rows.iter().find(is_row).expect("a row");
        for cell in [state, "pins:list pins:list-jobs", "31d", &key_ref] {
            assert!(row.contains(&cell), "{cell}: {row:?}");
        }
    }
    assert_eq!(run.stderr, "1 of 3 are revoked; --live leaves them out\n");
}

#[test]
fn filters_select_by_state_and_prefix() {
    let stand = three_states();
    for (flags, expected) in [
        ("--live", vec!["ci-deploy"]),
        ("--used-up", vec!["once"]),
        ("--revoked", vec!["old"]),
        ("--prefix o", vec!["once", "old"]),
        ("--prefix O", vec![]),
        ("--prefix o --used-up", vec!["once"]),
    ] {
        let run = stand.run(&format!("list {flags}")).exits(0);
        assert_eq!(names(&run.stdout), expected, "{flags}");
    }
    assert_eq!(stand.run("list --prefix x").exits(0).stderr, "no keys\n");
    stand.run("list --live --revoked").exits(64);
    let note = Stand::w3ipfs().run("list --used-up").exits(0).stderr;
    assert_eq!(note, "no keys; w3ipfs does not limit the uses of keys\n");
}

#[test]
fn json_has_one_key_a_line() {
    let stand = Stand::pinata();
    stand.pinata_key_with("limited", &json!({ "resources": ["org:files:read"] }), Some(10));
    stand.pinata_key_with("admin", &json!({ "admin": true }), None);
    stand.used_up_pinata_key("once");
    let run = stand.run("list --json").exits(0);
    let advice = "This is what programs read: a change can break them.";
    assert_golden("crates/cli/tests/golden/list.jsonl", &run.stdout, advice);
}

#[test]
fn w3ipfs_keys_are_listed_with_either_credential() {
    for stand in [Stand::w3ipfs(), Stand::w3ipfs_by_pair()] {
        stand.w3ipfs_key("reader");
        let run = stand.run("list --json").exits(0);
        let shown: Vec<_> = run
            .objects()
            .iter()
            .map(|key| json!([key["name"], key["state"], key["scope"]]))
            .collect();
        assert_eq!(
            shown,
            [json!(["reader", "live", ["pins:list"]]), json!(["Default", "live", "admin"])]
        );
    }
}

#[test]
fn hostile_names_cannot_act_on_a_terminal_or_runner() {
    let stand = Stand::pinata();
    for name in ["\u{1b}[2J\u{7}", "::set-output name=a::b", "two\nlines", "turn\u{202e}ed"] {
        stand.pinata_key(name);
    }
    let shown = stand.run("list").exits(0).stdout;
    for text in ["\\u{1b}[2J\\u{7}", "\\u{3a}:set-output", "two\\u{a}lines", "turn\\u{202e}ed"] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    assert_eq!(shown.lines().count(), 5, "{shown}");
    let objects = stand.run("list --json").exits(0).objects();
    assert_eq!(objects[1]["name"], "two\nlines");
}

#[test]
fn ten_thousand_keys_are_listed() {
    const KEYS: usize = 10_000;
    let many = W3ipfsAssumptions::default().max_keys(KEYS);
    let builder = Emulator::builder().w3ipfs_assumptions(many);
    let stand = Stand::start(builder, |emulator| emulator.w3ipfs().vars());
    for number in 0..KEYS {
        stand.w3ipfs_key(&format!("user {number}"));
    }
    let run = stand.run("list --json --prefix user").exits(0);
    assert_eq!(run.stdout.lines().count(), KEYS);
    assert!(run.stdout.lines().next().expect("a line").contains("\"user 9999\""));
}

#[test]
fn list_that_breaks_shows_what_was_read_and_fails() {
    let stand = Stand::pinata();
    for number in 0..25 {
        stand.pinata_key(&number.to_string());
    }
    let fault = Fault::status(StatusCode::SERVICE_UNAVAILABLE, Stage::BeforeCommit);
    let list = FaultRule::new(fault).method(Method::GET).path("/v3/api_keys").from_nth(2);
    stand.emulator().faults().add(list);
    let run = stand.run("list --json").exits(75);
    assert_eq!(run.stdout.lines().count(), 10);
    let error: serde_json::Value = serde_json::from_str(&run.stderr).expect("an object");
    let message = error["error"]["message"].as_str().expect("a message");
    assert!(
        message.starts_with("the list of keys is incomplete, because it broke after 10 keys: "),
        "{message}"
    );
}

#[test]
fn list_with_discrepancies_fails() {
    let stand = Stand::w3ipfs();
    for number in 0..5 {
        stand.w3ipfs_key(&number.to_string());
    }
    stand.emulator().faults().add(FaultRule::new(Fault::List(ListFault::MissingRow)));
    let run = stand.run("list").exits(1);
    assert_eq!(names(&run.stdout).len(), 5, "{}", run.stdout);
    assert!(run.stderr.contains("the list of keys may be incomplete: "), "{}", run.stderr);
}

#[test]
fn refused_credential_exits_with_4() {
    let stand = Stand::start(Emulator::builder(), |emulator| {
        let mut variables = emulator.pinata().vars();
        for (name, value) in &mut variables {
            if *name == "PINNING_KEYS_JWT" {
                *value = "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl".to_owned();
            }
        }
        variables
    });
    let run = stand.run("list").exits(4);
    assert!(run.stdout.is_empty() && run.stderr.starts_with("error: "), "{run:?}");
}

#[test]
fn list_ends_early_when_nobody_reads_it() {
    let stand = Stand::pinata();
    for number in 0..60 {
        stand.pinata_key(&number.to_string());
    }
    let mut command = stand.command(["list", "--json"]);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
    drop(child.stdout.take());
    assert!(child.wait().expect("it ends").success());
    let pages = stand.emulator().requests_to(&Method::GET, "/v3");
    assert!(pages < 3, "{pages} of 7 pages");
}

#[test]
fn secret_or_empty_prefix_is_refused() {
    let stand = Stand::pinata();
    let secret = stand.emulator().pinata().api_secret();
    for (prefix, message) in [(secret, "--prefix looks like a secret"), ("", "--prefix is empty")] {
        let ended = run(&mut stand.command(["list", "--prefix", prefix])).exits(64);
        assert!(ended.stderr.contains(message), "{}", ended.stderr);
        assert!(!ended.stderr.contains(secret));
    }
    assert_eq!(stand.emulator().requests(), 0);
}
