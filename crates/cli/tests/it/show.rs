//! One key in full.

use pinning_keys_testkit::golden::assert_golden;
use serde_json::json;

use crate::support::listed::{every_secret, reference};
use crate::support::{Stand, run};

#[test]
fn key_is_shown_by_name_and_by_reference() {
    let stand = Stand::pinata();
    stand.days_ago(3);
    let permissions = json!({ "resources": ["org:files:read"] });
    let key = stand.pinata_key_with("dashboard", &permissions, Some(10));
    stand.pinata_key("dashboard 2");
    let by_name = stand.run("show dashboard").exits(0).stdout;
    let lines: Vec<_> = by_name.lines().collect();
    assert_eq!(lines[0], "name      dashboard");
    assert!(lines[1].starts_with(&format!("key       {}", reference(&key))), "{by_name}");
    assert_eq!(
        lines[2..6],
        [
            "state     live",
            "scope     pins:list pins:list-jobs",
            "grants    org:files:read (resources)",
            "uses      0 of 10",
        ]
    );
    assert!(lines[6].ends_with(" UTC, 3d ago"), "{by_name}");
    assert_eq!(lines[7..], ["own key   no"]);
    let by_reference = stand.run(&format!("show {}", reference(&key))).exits(0).stdout;
    assert_eq!(by_reference, by_name);
}

#[test]
fn json_is_one_object() {
    let stand = Stand::pinata();
    stand.pinata_key("dashboard");
    let run = stand.run("show dashboard --json").exits(0);
    let advice = "This is what programs read: a change can break them.";
    assert_golden("crates/cli/tests/golden/show.jsonl", &run.stdout, advice);
}

#[test]
fn what_cannot_be_read_is_shown_as_such() {
    let stand = Stand::pinata();
    stand.pinata_list_is(&json!({ "keys": [{
        "id": "1", "name": "odd", "key": "0d2a0d2a0d2a0d2a0d2a",
        "scopes": { "resources": ["org:files:read", "org:telepathy:read"] },
    }], "count": 1 }));
    let shown = stand.run("show odd").exits(0).stdout;
    for line in [
        "state     unknown",
        "unknown   org:telepathy:read",
        "          the key may be able to do more than its scope says",
        "uses      not counted",
        "created   unknown",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}: {shown}");
    }
}

#[test]
fn own_key_is_named_as_such() {
    let stand = Stand::w3ipfs_by_pair();
    assert_eq!(stand.run("show Default --json").exits(0).objects()[0]["own"], true);
    // A login is no key.
    assert_eq!(Stand::w3ipfs().run("show Default --json").exits(0).objects()[0]["own"], false);
}

#[test]
fn name_of_several_keys_lists_their_references() {
    let stand = Stand::pinata();
    let (one, other) = (stand.pinata_key("ci"), stand.pinata_key("ci"));
    stand.revoke_at_pinata(&one);
    let run = stand.run("show ci").exits(1);
    assert!(run.stderr.starts_with("error: 2 keys are named \"ci\"\n"), "{}", run.stderr);
    for (key, state) in [(one, "revoked"), (other, "live")] {
        let line = format!("pinning-keys show {}   {state}", reference(&key));
        assert!(run.stderr.contains(&line), "{}", run.stderr);
    }
}

#[test]
fn missing_name_suggests_the_nearest() {
    for stand in [Stand::pinata(), Stand::w3ipfs()] {
        let revoked = stand.pinata_key("ci-deplyoo");
        stand.revoke_at_pinata(&revoked);
        stand.pinata_key("ci-deploy");
        stand.w3ipfs_key("ci-deploy");
        let run = stand.run("show ci-deplyo").exits(1);
        assert!(run.stderr.starts_with("error: no key is named \"ci-deplyo\"\n"), "{}", run.stderr);
        assert!(
            run.stderr.contains("did you mean:  pinning-keys show ci-deploy\n"),
            "{}",
            run.stderr
        );
        stand.run("show ci").exits(1);
    }
}

#[test]
fn references_are_checked_before_anything_is_sent() {
    let stand = Stand::pinata();
    let secret = format!("v1:pinata:{}", "0d2a".repeat(16));
    for reference in
        [&secret, "v1:w3ipfs:c2Ft", "v1:pinata", "v2:pinata:0d2a", "v1:pinata:0d2a:1:2", ""]
    {
        run(&mut stand.command(["show", reference])).exits(64);
    }
    assert_eq!(stand.emulator().requests(), 0);
    stand.run("show v1:pinata:0d2a").exits(1);
}

#[test]
fn secret_as_reference_is_refused_and_not_repeated() {
    let stand = Stand::pinata();
    for secret in every_secret(&stand) {
        let ended = run(&mut stand.command(["show", &secret])).exits(64);
        assert!(ended.stderr.contains("revoke --token -"), "{}", ended.stderr);
        assert!(ended.stderr.contains("verify -"), "{}", ended.stderr);
        assert!(!ended.stderr.contains(&secret) && ended.stdout.is_empty());
    }
    assert_eq!(stand.emulator().requests(), 0);
}

/// Such a name would be read as the reference of another key.
#[test]
fn suggested_command_names_a_key_by_reference_if_its_name_looks_like_one() {
    let stand = Stand::pinata();
    let victim = stand.pinata_key("victim");
    let reference = format!("v1:pinata:{}", victim["pinata_api_key"].as_str().expect("a key"));
    let key = stand.pinata_key(&format!("{reference}0"));
    let own = format!("v1:pinata:{}", key["pinata_api_key"].as_str().expect("a key"));
    let run = stand.run(&format!("show x{reference}0")).exits(1);
    assert!(run.stderr.contains(&format!("did you mean:  pinning-keys show {own}\n")), "{run:?}");
}
