//! The trail: who did what, and when.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use pinning_keys_lifecycle::store::{AuditRow, Scope, SqliteStore, Store, Tx, Verdict};
use pinning_keys_lifecycle::{KeyId, KeyState, Lease};
use serde_json::{Value, json};

use crate::past::{DAY, HOUR};
use crate::support::{Stand, run};

#[test]
fn life_of_a_key_is_told_from_its_beginning() {
    let mut stand = Stand::pinata();
    stand.issued("ci", 3 * HOUR, Lease::of(HOUR));
    stand.issued("site", 2 * HOUR, Lease::of(DAY));
    run(stand.command(["run", "--once"]).env("USER", "alice")).exits(0);
    stand.set_variable("PINNING_KEYS_JWT", "");
    let all = stand.run("audit").exits(0).stdout;
    let header: Vec<&str> = all.lines().next().unwrap_or_default().split_whitespace().collect();
    assert_eq!(header, ["when", "who", "account", "key", "what", "change", "why"]);
    let lines = stand.run("audit ci --json").exits(0).objects();
    let told: Vec<(&str, &str)> =
        lines.iter().map(|it| (text(it, "action"), text(it, "to"))).collect();
    assert_eq!(told.first(), Some(&("issue", "intended")));
    assert_eq!(told.last().map(|(_, to)| *to), Some("revoked"));
    assert!(told.contains(&("confirm", "live")) && told.contains(&("end", "revoking")), "{told:?}");
    let numbers: Vec<i64> = lines.iter().filter_map(|it| it["number"].as_i64()).collect();
    assert!(numbers.is_sorted() && numbers.len() == lines.len());
    let (first, last) = (&lines[0], &lines[lines.len() - 1]);
    assert_eq!((text(first, "actor"), text(last, "actor")), ("test", "cli:alice"));
    assert_eq!((&first["from"], &last["from"]), (&Value::Null, &json!("revoking")));
    assert!(text(last, "key_ref").starts_with("v1:pinata:"), "{last}");
    assert!(lines.iter().all(|it| text(it, "name").starts_with("ci.")), "{lines:?}");
}

#[test]
fn name_tells_of_all_keys_that_had_it() {
    let stand = Stand::pinata();
    stand.issued("ci", 3 * HOUR, Lease::of(HOUR));
    stand.run("run --once").exits(0);
    let second = stand.issued("ci", Duration::ZERO, Lease::of(HOUR)).id().to_string();
    stand.issued("site", Duration::ZERO, Lease::none());
    let lines = stand.run("audit ci --json").exits(0).objects();
    let ids: BTreeSet<&str> = lines.iter().map(|line| text(line, "id")).collect();
    assert_eq!(ids.len(), 2, "{lines:?}");
    let only = stand.run(&format!("audit {second} --json")).exits(0).objects();
    assert!(only.len() < lines.len() && only.iter().all(|line| text(line, "id") == second));
}

#[test]
fn since_leaves_out_what_was_before() {
    let stand = Stand::pinata();
    stand.issued("old", 3 * DAY, Lease::of(10 * DAY));
    stand.issued("new", HOUR, Lease::of(10 * DAY));
    let names = |line: &str| {
        let lines = stand.run(line).exits(0).objects();
        let mut names: Vec<String> = lines
            .iter()
            .map(|it| text(it, "name").split('.').next().unwrap_or("").to_owned())
            .collect();
        names.dedup();
        names
    };
    assert_eq!(names("audit --json"), ["old", "new"]);
    assert_eq!(names("audit --since 1d --json"), ["new"]);
    assert_eq!(names("audit --since 2020-01-01 --json"), ["old", "new"]);
    assert_eq!(names("audit --since 2099-01-01T00:00:00Z --json"), Vec::<String>::new());
    let run = stand.run("audit --since 2099-01-01").exits(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", "no entries\n"));
    stand.run("audit --since yesterday").exits(64);
}

#[test]
fn unknown_key_is_suggested_and_missing_store_is_none() {
    let stand = Stand::pinata();
    assert!(stand.run("audit").exits(0).stderr.starts_with("no store yet"));
    stand.issued("ci-deploy", HOUR, Lease::none());
    let run = stand.run("audit ci-deplay").exits(1);
    assert!(run.stderr.contains("pinning-keys audit ci-deploy"), "{}", run.stderr);
}

#[test]
fn hundred_thousand_lines_are_paged() {
    const LINES: usize = 100_000;
    let stand = Stand::pinata();
    let id = stand.issued("ci", DAY, Lease::of(30 * DAY)).id().clone();
    stand.block_on(add_lines(&stand, &id, LINES));
    let run = run(&mut stand.command(["audit", "--json"])).exits(0);
    assert!(run.stdout.lines().count() >= LINES);
    let head = std::process::Command::new("sh")
        .args(["-c", "\"$0\" audit | head -n 3"])
        .arg(crate::support::PROGRAM)
        .env("HOME", stand.home())
        .output()
        .expect("a shell is installed");
    assert_eq!(String::from_utf8_lossy(&head.stdout).lines().count(), 3);
}

/// Adds lines to the trail, as years of work do.
async fn add_lines(stand: &Stand, id: &KeyId, lines: usize) {
    let store = SqliteStore::open(stand.store()).await.expect("the store exists");
    for _ in 0..lines / 1000 {
        let id = id.clone();
        let decide = move |tx: &mut Tx| {
            let line = AuditRow {
                number: 0,
                at: tx.now,
                actor: "worker".to_owned(),
                account: "pinata".to_owned(),
                key: id.clone(),
                reference: None,
                action: "renew".to_owned(),
                from: Some(KeyState::Live),
                to: KeyState::Live,
                effect: None,
                text: None,
            };
            tx.audit.extend(std::iter::repeat_n(line, 1000));
            Verdict::Commit
        };
        store.transact(Scope::default(), Arc::new(decide)).await.expect("it commits");
    }
}

fn text<'a>(line: &'a Value, member: &str) -> &'a str {
    line[member].as_str().unwrap_or_default()
}
