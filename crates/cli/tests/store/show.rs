//! One key as the provider and the store know it.

use std::time::Duration;

use http::{Method, StatusCode};
use pinning_keys_emulator::{Fault, FaultRule, Stage};
use pinning_keys_lifecycle::Lease;
use pinning_keys_testkit::golden::assert_golden;
use serde_json::{Value, json};

use crate::accounts::{both, issue};
use crate::masks::masked;
use crate::past::{DAY, HOUR};
use crate::support::{Stand, run};

const GOLDEN: &str = "crates/cli/tests/golden/store";

#[test]
fn managed_key_is_shown_by_name_id_reference_and_full_name() {
    let stand = Stand::pinata();
    stand.days_ago(3);
    let manager = stand.manager(HOUR);
    let lease = Lease::of(30 * DAY).renewable_until(365 * DAY);
    let id = stand.live(&manager, "ci", lease);
    let first = stand.run("show ci").exits(0);
    let (key, ids) = (&stand.emulator().pinata().keys()[0], [id.clone()]);
    let shown = masked(&first.stdout, &ids);
    assert_golden(&format!("{GOLDEN}/show.txt"), &shown, "This is what people see.");
    assert_eq!(first.stderr, "");
    for argument in [&id, &key.name, &format!("v1:pinata:{}", key.key)] {
        assert_eq!(stand.run(&format!("show {argument}")).exits(0).stdout, first.stdout);
    }
    let advice = "This is what programs read: a change can break them.";
    let object = stand.run("show ci --json").exits(0).stdout;
    assert_golden(&format!("{GOLDEN}/show.jsonl"), &masked(&object, &ids), advice);
}

#[test]
fn name_during_an_overlap_is_the_successor_and_shows_the_other() {
    let stand = Stand::pinata();
    let manager = stand.manager(Duration::ZERO);
    let old = stand.live(&manager, "ci", Lease::of(30 * DAY));
    let new = stand.rotated(&manager, &old, HOUR);
    let shown = &stand.run("show ci --json").exits(0).objects()[0];
    assert_eq!(shown["managed"]["id"], json!(new));
    assert_eq!(shown["managed"]["replaces"], json!(old));
    let text = stand.run(&format!("show {old}")).exits(0).stdout;
    assert!(text.contains("lease         replaced, ends in 1h\n"), "{text}");
    assert!(text.contains(&format!("replaced by   {new}\n")), "{text}");
}

/// The lines on stderr.
fn steps(stand: &Stand, argument: &str) -> String {
    stand.run(&format!("show {argument}")).exits(0).stderr
}

#[test]
fn what_is_wrong_is_shown_with_the_next_command() {
    let stand = Stand::pinata();
    let past = stand.manager(3 * DAY);
    let late = stand.live(&past, "late", Lease::of(DAY));
    let gone = stand.live(&past, "gone", Lease::none());
    stand.refuse_to_revoke(&late);
    let now = stand.manager(Duration::ZERO);
    let new = stand.undelivered(&now, "new", Lease::none()).id().to_string();
    assert!(steps(&stand, "late").starts_with("pinning-keys run --once   tries again"));
    let text = stand.run("show late").exits(0).stdout;
    assert!(text.contains("overdue 2d") && text.contains("failure"), "{text}");
    assert!(steps(&stand, "new").starts_with(&format!("pinning-keys revoke {new}   ")));
    let text = stand.run("show new").exits(0).stdout;
    assert!(text.contains("confirm by"), "{text}");
    stand.pinata_list_is(&json!({ "keys": [], "count": 0 }));
    let missing = stand.run("show gone").exits(0);
    assert!(missing.stdout.contains("state       missing"), "{}", missing.stdout);
    assert!(missing.stderr.starts_with(&format!("pinning-keys forget {gone} --yes   ")));
}

#[test]
fn key_in_doubt_is_shown_without_a_reference() {
    let stand = Stand::pinata();
    let refused = Fault::status(StatusCode::INTERNAL_SERVER_ERROR, Stage::BeforeCommit);
    let rule = FaultRule::new(refused).method(Method::POST).path("/v3/api_keys");
    stand.emulator().faults().add(rule);
    stand.run("issue ci --preset reader --to file:ci.json").exits(3);
    let shown = stand.run("show ci").exits(0);
    assert!(shown.stdout.contains("state       in doubt\n"), "{}", shown.stdout);
    assert!(shown.stderr.starts_with("pinning-keys run --once   "), "{}", shown.stderr);
    let object = &stand.run("show ci --json").exits(0).objects()[0];
    assert_eq!((&object["key_ref"], &object["own"]), (&Value::Null, &Value::Null));
    assert_eq!(
        (&object["state"], &object["managed"]["state"]),
        (&json!("unknown"), &json!("in_doubt"))
    );
}

#[test]
fn foreign_key_of_the_same_name_is_ambiguous_until_it_is_revoked() {
    let stand = Stand::pinata();
    let id = stand.live(&stand.manager(HOUR), "ci", Lease::none());
    let foreign = stand.pinata_key("ci");
    let shown = stand.run("show ci").exits(1);
    assert!(shown.stderr.starts_with("error: 2 keys are named \"ci\"\n"), "{}", shown.stderr);
    assert!(shown.stderr.contains(&format!("pinning-keys show {id}   managed, live")));
    assert!(shown.stderr.contains("   foreign, live\n"), "{}", shown.stderr);
    stand.run(&format!("show {id}")).exits(0);
    stand.revoke_at_pinata(&foreign);
    stand.run("show ci").exits(0);
}

#[test]
fn foreign_keys_strays_and_unknown_names_are_told_apart() {
    let stand = Stand::pinata();
    let id = stand.live(&stand.manager(HOUR), "ci-deploy", Lease::none());
    let name = stand.emulator().pinata().keys()[0].name.clone();
    let lost = name.replace(&id, "0123456789abc");
    stand.pinata_key(&lost);
    stand.pinata_key("dashboard");
    let shown = stand.run("show dashboard").exits(0).stdout;
    assert!(shown.contains("owner     foreign\n") && !shown.contains("lease"), "{shown}");
    let stray = stand.run(&format!("show {lost}")).exits(0);
    assert!(stray.stdout.contains("stray: it has the store's label"), "{}", stray.stdout);
    assert!(stray.stderr.starts_with("pinning-keys strays   "), "{}", stray.stderr);
    let unknown = stand.run("show ci-deplyo").exits(1).stderr;
    assert!(unknown.contains("did you mean:  pinning-keys show ci-deploy\n"), "{unknown}");
}

#[test]
fn account_that_has_the_key_is_suggested() {
    let stand = both();
    issue(&stand, "ci", "");
    for verb in ["show ci", "revoke ci --yes"] {
        let unknown = stand.run(&format!("--profile w3 {verb}")).exits(1).stderr;
        let verb = verb.trim_end_matches(" --yes");
        let next = format!("in its account:  pinning-keys --profile production {verb}\n");
        assert!(unknown.contains(&next), "{unknown}");
    }
}

#[test]
fn hostile_names_in_the_store_are_escaped() {
    let stand = Stand::pinata();
    let manager = stand.manager(HOUR);
    let id = stand.live(&manager, "::set-output name=a::b", Lease::none());
    for words in [vec!["show", &id], vec!["list"], vec!["revoke", &id, "--dry-run"]] {
        let shown = run(&mut stand.command(&words)).exits(0);
        assert!(!shown.stdout.contains(" ::set-output"), "{}", shown.stdout);
        assert!(shown.stdout.contains("\\u{3a}:set-output"), "{}", shown.stdout);
    }
}
