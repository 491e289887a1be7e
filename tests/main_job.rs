//! The program that the README's first command runs.

use std::io::Write as _;
use std::process::Stdio;

use http::{Method, StatusCode};
use pinning_keys_emulator::{Emulator, Fault, FaultRule, PinataAssumptions, Stage};
use pinning_keys_testkit::{example, golden::assert_golden, page};

/// The exit code, output and errors of the program with `--live`, which gets this answer.
fn live(account: &[(&str, String)], answer: &str) -> (Option<i32>, String, String) {
    let mut child = example::command("switch_providers", &["--live"])
        .envs(account.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that asks nothing may have ended by now.
    let _ = child.stdin.take().unwrap().write_all(answer.as_bytes());
    let output = child.wait_with_output().unwrap();
    let code = output.status.code();
    let (text, errors) = example::texts(output);
    (code, text, errors)
}

#[test]
fn output_is_the_readmes() {
    let text = example::output("switch_providers");
    let (before, port) = text.split_once("http://127.0.0.1:").unwrap();
    let after = port.trim_start_matches(|digit: char| digit.is_ascii_digit());
    let text = format!("{before}http://127.0.0.1:41873{after}");

    let begin = "```sh\ncargo run --example switch_providers\n```\n\n```text\n";
    let actual = page::with_part(&page::read("README.md"), begin, "```\n", &text);
    assert_golden("README.md", &actual, "The README shows another output.");
}

#[test]
fn live_without_configuration_says_what_is_missing() {
    let (code, _, errors) = live(&[], "");
    assert_eq!(code, Some(1));
    assert!(errors.contains("PINNING_KEYS_PROVIDER is not set"), "{errors}");
}

#[test]
fn live_without_a_yes_sends_nothing() {
    // A request would go to a port where nobody listens, and fail.
    let pinata = [("PINATA_JWT", "eyJ.a.b"), ("PINNING_KEYS_BASE_URL", "http://127.0.0.1:9")];
    let w3ipfs = [("PINNING_KEYS_PROVIDER", "w3ipfs"), ("PINNING_KEYS_JWT", "eyJ.a.b")];
    for (account, announced) in [
        (pinata, "This creates 2 keys in the pinata account, one for each table."),
        (w3ipfs, "This creates 1 key in the w3ipfs account, one for each table."),
    ] {
        let account = account.map(|(name, value)| (name, value.to_owned()));
        let (code, text, errors) = live(&account, "");
        assert_eq!((code, &*errors), (Some(0), ""));
        assert!(text.contains(announced) && text.ends_with("Nothing was sent.\n"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn live_with_a_yes_leaves_no_key() {
    for (provider, keys, end) in [
        ("pinata", 2, "2 keys issued, 2 revoked, none left."),
        ("w3ipfs", 1, "1 key issued, 1 revoked, none left."),
    ] {
        let emulator = Emulator::start().await.unwrap();
        let (pinata, w3ipfs) = (emulator.pinata().vars(), emulator.w3ipfs().vars());
        let account = if provider == "pinata" { pinata } else { w3ipfs };
        let (code, text, errors) = live(&account, "y\n");
        assert_eq!(code, Some(0), "{errors}");
        assert!(text.contains(end), "{text}");
        assert_eq!((emulator.keys_made(), emulator.keys_live()), (keys, 0));
        // Nothing is written but the keys.
        assert_eq!(emulator.requests_to(&Method::POST, "/"), keys as u64);
        assert_eq!(emulator.requests_to(&Method::PUT, "/"), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn failed_walk_names_the_key_of_an_earlier_one() {
    // The first key still works after it is revoked, and the second is refused.
    let assumptions = PinataAssumptions::default().honour_revoked(1_000);
    let emulator = Emulator::builder().pinata_assumptions(assumptions).start().await.unwrap();
    let refused = FaultRule::new(Fault::status(StatusCode::FORBIDDEN, Stage::BeforeCommit));
    emulator.faults().add(refused.method(Method::POST).from_nth(2));
    let (code, text, errors) = live(&emulator.pinata().vars(), "y\n");
    assert_eq!(code, Some(1));
    assert!(text.contains("STILL ALLOWED"), "{text}");
    assert!(text.ends_with("1 key issued, 0 revoked, check the account for the rest.\n"), "{text}");
    assert!(errors.contains("403"), "{errors}");
    assert!(errors.contains("\nLEFT BEHIND: key \"switch-providers-"), "{errors}");
    assert_eq!(emulator.keys_made(), 1);
}
