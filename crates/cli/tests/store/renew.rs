//! Extending leases.

use serde_json::json;

use crate::accounts::{both, documented, golden, issue, object};
use crate::support::{Stand, run};

#[test]
fn lease_is_extended_without_an_account() {
    let stand = Stand::pinata();
    issue(&stand, "ci", "--lease 1h --max-lease until:2099-05-31");
    let requests = stand.emulator().requests();
    let mut command = stand.command(["renew", "ci", "--json"]);
    for (name, _) in stand.emulator().pinata().vars() {
        command.env_remove(name);
    }
    let renewed = run(&mut command).exits(0);
    documented(&renewed);
    let renewed = object(&renewed);
    assert!(renewed["expires_at"].as_str() >= renewed["previous_expires_at"].as_str());
    assert_eq!(
        [&renewed["lease_seconds"], &renewed["base_name"], &renewed["dry_run"]],
        [&json!(3600), &json!("ci"), &json!(false)]
    );
    assert_eq!(stand.emulator().requests(), requests);
    let text = stand.run("renew ci").exits(0);
    let planned = stand.run("renew ci --dry-run").exits(0);
    assert_eq!((text.stderr.as_str(), planned.stderr.as_str()), ("", "nothing was changed\n"));
    golden("renew.txt", &format!("{}{}", text.stdout, planned.stdout));
}

#[test]
fn renewal_stops_at_the_maximum() {
    let stand = both();
    issue(&stand, "ci", "--lease 2h --max-lease 3h");
    // A dry run changes nothing, and the lease is renewed to the same end both times.
    let planned = object(&stand.run("renew ci --dry-run --json").exits(0));
    let renewed = object(&stand.run("renew ci --json").exits(0));
    assert_eq!(planned["previous_expires_at"], renewed["previous_expires_at"]);
    assert_eq!(planned["max_until"], renewed["max_until"]);
    assert!(renewed["expires_at"].as_str() < renewed["max_until"].as_str());
    issue(&stand, "short", "--lease 2h --max-lease 2h");
    let refused = stand.run("renew short").exits(1);
    let why = "error: cannot renew: its lease has reached its maximum\n";
    assert!(refused.stderr.starts_with(why), "{}", refused.stderr);
}

#[test]
fn key_that_cannot_be_renewed_says_what_to_do() {
    let stand = both();
    let none = stand.run("renew ci").exits(1);
    assert!(none.stderr.starts_with("error: there is no store yet"), "{}", none.stderr);
    assert!(!stand.home().join(".local").exists());
    issue(&stand, "ci-once", "--lease 24h");
    issue(&stand, "ci-endless", "");
    for (line, why, next) in [
        ("renew ci-once", "its lease is not renewable", "rotate ci-once --to SINK"),
        ("renew ci-once --dry-run", "its lease is not renewable", "--max-lease"),
        ("renew ci-endless", "the key has no lease", ""),
        ("renew ci-onec", "the store has no key named", "renew ci-once"),
    ] {
        let refused = stand.run(line).exits(1);
        assert!(refused.stderr.contains(why) && refused.stderr.contains(next), "{refused:?}");
        let refused = stand.run(&format!("{line} --json")).exits(1);
        let error: serde_json::Value = serde_json::from_str(&refused.stderr).expect("an object");
        assert!(error["error"]["kind"].is_string(), "{error}");
    }
}
