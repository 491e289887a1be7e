//! The provider's list, joined with the store.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};
use pinning_keys::{KeyRef, KeyRequest, ScopeRequest};
use pinning_keys_emulator::{Emulator, Fault, FaultRule, Stage, W3ipfsAssumptions};
use pinning_keys_lifecycle::store::{KeyFilter, KeyRow, Scope, Store as _, Tx, Verdict};
use pinning_keys_lifecycle::{KeyManager, Lease, SqliteStore};
use pinning_keys_testkit::golden::assert_golden;
use serde_json::{Value, json};

use crate::masks::masked;
use crate::past::{DAY, HOUR};
use crate::support::{Run, Stand};

/// The id of a key that the store has lost.
const LOST: &str = "0123456789abc";

/// The base name, or else the name, of each line, with its ownership and state.
fn lines(run: &Run) -> Vec<[String; 3]> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let line = |key: Value| {
        let name = key["managed"].get("base_name").unwrap_or(&key["name"]);
        [text(name), text(&key["ownership"]), text(&key["state"])]
    };
    run.objects().into_iter().map(line).collect()
}

fn names(run: &Run) -> Vec<String> {
    lines(run).into_iter().map(|[name, ..]| name).collect()
}

/// Keys of all kinds, and the ids of those that the store knows.
fn every_kind() -> (Stand, Vec<String>) {
    let stand = Stand::pinata();
    stand.days_ago(3);
    let past = stand.manager(3 * DAY);
    let late = stand.live(&past, "late", Lease::of(DAY));
    let site = stand.live(&past, "site", Lease::none());
    let dropped = stand.live(&past, "dropped", Lease::none());
    stand.refuse_to_revoke(&late);
    let now = stand.manager(Duration::ZERO);
    let ci = stand.live(&now, "ci", Lease::of(30 * DAY));
    let successor = stand.rotated(&now, &ci, HOUR);
    let undelivered = stand.undelivered(&now, "new", Lease::none()).id().to_string();
    stand.pinata_key("dashboard");
    let name = stand.emulator().pinata().keys()[0].name.clone();
    stand.pinata_key(&name.replace("late", "lost").replace(&late, LOST));
    let keys = stand.emulator().pinata().keys().into_iter();
    let key = keys.filter(|key| key.name.contains("dropped")).map(|key| key.key).next();
    stand.revoke_at_pinata(&json!({ "pinata_api_key": key }));
    (stand, vec![late, site, dropped, ci, successor, undelivered, LOST.to_owned()])
}

#[test]
fn people_see_owner_lease_and_last_sight_of_each_key() {
    let (stand, ids) = every_kind();
    let listed = stand.run("list").exits(0);
    let shown = masked(&format!("{}\n{}", listed.stdout, listed.stderr), &ids);
    assert_golden("crates/cli/tests/golden/store/list.txt", &shown, "This is what people see.");
}

#[test]
fn programs_get_the_list_of_the_provider_and_what_the_store_knows() {
    let (stand, ids) = every_kind();
    let listed = stand.run("list --json").exits(0);
    let advice = "This is what programs read: a change can break them.";
    let shown = masked(&listed.stdout, &ids);
    assert_golden("crates/cli/tests/golden/store/list.jsonl", &shown, advice);
    assert_eq!(listed.stderr, "");
}

#[test]
fn filters_select_by_owner_state_and_the_name_that_was_requested() {
    let (stand, _) = every_kind();
    let full = stand.emulator().pinata().keys()[0].name.clone();
    assert!(full.starts_with("late."), "{full}");
    for (flags, expected) in [
        ("--managed --live", vec!["new", "ci", "ci", "site", "late"]),
        ("--foreign", vec!["dashboard"]),
        ("--prefix d", vec!["dashboard", "dropped"]),
        ("--prefix d --managed", vec!["dropped"]),
        ("--managed --revoked", vec!["dropped"]),
        // It is in the names at the provider only.
        (&format!("--prefix {}", &full[..10]), vec![]),
        ("--managed --used-up", vec![]),
    ] {
        let listed = stand.run(&format!("list --json {flags}")).exits(0);
        assert_eq!(names(&listed), expected, "{flags}");
    }
    let strays = stand.run("list --strays").exits(0);
    assert!(strays.stdout.contains("lost."), "{}", strays.stdout);
    assert_eq!(strays.stderr, "1 key is a stray:  pinning-keys strays\n");
    stand.run("list --managed --foreign").exits(64);
}

#[test]
fn key_that_the_provider_does_not_list_is_missing_unless_it_is_new() {
    let stand = Stand::pinata();
    let past = stand.manager(HOUR);
    stand.live(&past, "gone", Lease::none());
    stand.live(&stand.manager(Duration::ZERO), "new", Lease::none());
    let none = json!({ "keys": [], "count": 0 });
    stand.pinata_list_is(&none);
    let listed = stand.run("list --json").exits(0);
    let mut shown = lines(&listed);
    shown.sort();
    let owned = |line: [&str; 3]| line.map(str::to_owned);
    let expected = [["gone", "managed", "missing"], ["new", "managed", "unknown"]];
    assert_eq!(shown, expected.map(owned));
    let gone = &listed.objects()[0];
    assert!(gone["key_ref"].as_str().is_some_and(|it| it.starts_with("v1:pinata:")), "{gone}");
    assert_eq!((&gone["scope"], &gone["revoked"]), (&Value::Null, &Value::Null));
    // Only a list of all keys proves it.
    for flags in ["--live", "--foreign", "--prefix x"] {
        stand.pinata_list_is(&none);
        assert_eq!(stand.run(&format!("list {flags}")).exits(0).stdout, "", "{flags}");
    }
}

#[test]
fn list_that_breaks_reports_no_key_as_missing() {
    let stand = Stand::pinata();
    stand.live(&stand.manager(HOUR), "ci", Lease::none());
    for number in 0..15 {
        stand.pinata_key(&number.to_string());
    }
    let fault = Fault::status(StatusCode::SERVICE_UNAVAILABLE, Stage::BeforeCommit);
    stand.emulator().faults().add(FaultRule::new(fault).method(Method::GET).from_nth(2));
    let listed = stand.run("list --json").exits(75);
    assert_eq!(listed.stdout.lines().count(), 10, "{}", listed.stdout);
}

#[test]
fn key_that_is_issued_while_the_list_is_read_is_no_stray() {
    let stand = Stand::pinata();
    let manager = stand.manager(Duration::ZERO);
    stand.live(&manager, "first", Lease::none());
    let delay = Duration::from_secs(1);
    let slow = Fault::Latency { stage: Stage::BeforeCommit, delay };
    let slow = FaultRule::new(slow).method(Method::GET).path("/v3/api_keys").first(1);
    let tally = stand.emulator().faults().add(slow);
    let mut command = stand.command(["list", "--json"]);
    let child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
    while tally.hits() == 0 {
        std::thread::yield_now();
    }
    stand.live(&manager, "second", Lease::none());
    let listed = Run::from(child.wait_with_output().expect("the program ends")).exits(0);
    let owned = |line: [&str; 3]| line.map(str::to_owned);
    let expected = [["first", "managed", "live"], ["second", "managed", "live"]];
    assert_eq!(lines(&listed), expected.map(owned));
}

#[test]
fn what_was_done_without_the_store_is_noted() {
    let stand = Stand::pinata();
    let id = stand.live(&stand.manager(HOUR), "ci", Lease::none());
    let key = stand.emulator().pinata().keys()[0].key.clone();
    stand.revoke_at_pinata(&json!({ "pinata_api_key": key }));
    let listed = stand.run("list").exits(0).stdout;
    assert!(listed.contains("revoked without the store"), "{listed}");
    let forgotten = Stand::pinata();
    let manager = forgotten.manager(HOUR);
    let id_of_other = forgotten.live(&manager, "ci", Lease::none());
    assert_ne!(id, id_of_other);
    forgotten.block_on(manager.forget(&id_of_other.parse().expect("an id"))).expect("forgotten");
    let listed = forgotten.run("list --json").exits(0);
    assert_eq!(listed.objects()[0]["ownership"], "foreign");
    assert_eq!(listed.objects()[0]["managed"], Value::Null);
}

#[test]
fn without_a_store_nothing_is_managed() {
    let stand = Stand::pinata();
    stand.pinata_key("ci");
    let listed = stand.run("list --managed").exits(0);
    assert_eq!(listed.stdout, "");
    assert_eq!(listed.stderr, "no keys; there is no store, so all keys are foreign\n");
    let foreign = stand.run("list --foreign --json").exits(0);
    assert_eq!(foreign.objects()[0].get("ownership"), None);
    assert!(!stand.home().join(".local").exists());
}

#[test]
fn joined_list_ends_early_when_nobody_reads_it() {
    let stand = Stand::pinata();
    stand.live(&stand.manager(HOUR), "ci", Lease::none());
    for number in 0..60 {
        stand.pinata_key(&number.to_string());
    }
    let requests = stand.emulator().requests();
    let mut command = stand.command(["list", "--json"]);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
    drop(child.stdout.take());
    assert!(child.wait().expect("it ends").success());
    let pages = stand.emulator().requests() - requests;
    assert!(pages < 3, "{pages} of 7 pages");
}

#[test]
fn ten_thousand_managed_keys_are_listed() {
    const KEYS: usize = 10_000;
    let many = W3ipfsAssumptions::default().max_keys(KEYS + 10);
    let builder = Emulator::builder().w3ipfs_assumptions(many);
    let stand = Stand::start(builder, |emulator| emulator.w3ipfs().vars());
    stand.block_on(fill(&stand, KEYS));
    let listed = stand.run("list --managed --json --prefix user").exits(0);
    assert_eq!(listed.stdout.lines().count(), KEYS);
    let line: Value = serde_json::from_str(listed.stdout.lines().next().expect("a line")).unwrap();
    assert_eq!(line["managed"]["state"], "live");
}

/// Fills the default store with keys that were not issued one after another, which would take long.
async fn fill(stand: &Stand, keys: usize) {
    let path = stand.store();
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    let store = SqliteStore::open(path).await.expect("a store");
    let builder = KeyManager::builder(store.clone()).account("w3ipfs", stand.w3ipfs_issuer());
    let manager = builder.build().await.expect("a manager");
    let request = KeyRequest::new("user-0", ScopeRequest::reader()).expect("a valid request");
    let account = manager.account("w3ipfs").expect("the account");
    let delivery = account.issue(&request, Lease::of(DAY)).await.expect("a key");
    delivery.confirm().await.expect("it is confirmed");
    let first = store.keys(&KeyFilter::default(), None, 1).await.expect("a page").remove(0);
    let row = |number: usize| {
        let (id, holder) = (format!("{number:0>13}"), format!("user-{number}"));
        let name = first.name.replace("user-0", &holder).replace(first.id.as_str(), &id);
        let key = stand.emulator().w3ipfs().create_key(&name, r#"{"admin":true}"#);
        let key_ref = KeyRef::new("w3ipfs", &*key.api_key).expect("a reference");
        KeyRow {
            id: id.parse().expect("an id"),
            name,
            references: json!([key_ref]).to_string(),
            open_holder: Some(holder.clone()),
            holder,
            ..first.clone()
        }
    };
    let rows: Vec<KeyRow> = (1..keys).map(row).collect();
    for rows in rows.chunks(500) {
        let rows = rows.to_vec();
        let decide = move |tx: &mut Tx| {
            tx.rows.clone_from(&rows);
            Verdict::Commit
        };
        store.transact(Scope::default(), Arc::new(decide)).await.expect("they are written");
    }
}
