//! Issuing a key that the store knows.

use http::{Method, StatusCode};
use pinning_keys_emulator::{BodyFault, Cut, Fault, FaultRule, Stage};
use serde_json::{Value, json};

use crate::support::{Run, Stand, run};

const KEYS: &str = "/v3/api_keys";
const ISSUE: &str = "issue ci --preset reader --to file:ci.json";

/// The number of keys that were made, and of those that are live.
fn keys(stand: &Stand) -> (usize, usize) {
    (stand.emulator().keys_made(), stand.emulator().keys_live())
}

fn object(run: &Run) -> Value {
    run.objects().remove(0)
}

#[test]
fn secret_is_in_the_file_and_neither_in_the_output_nor_in_the_store() {
    let stand = Stand::pinata();
    let issued = stand.run(&format!("{ISSUE} --lease 90d --max-lease 365d --json")).exits(0);
    let stored: Value = serde_json::from_str(&stand.read("ci.json")).expect("an object");
    let database = std::fs::read(stand.home().join(".local/state/pinning-keys/keys.db"));
    let database = database.expect("the default store exists");
    for name in ["bearer", "api_secret"] {
        let secret = stored[name].as_str().expect("a secret");
        let outputs = format!("{}{}", issued.stdout, issued.stderr);
        assert!(!outputs.contains(secret), "{outputs}");
        let is_secret = |bytes: &[u8]| bytes == secret.as_bytes();
        assert!(!database.windows(secret.len()).any(is_secret), "{name} is in the store");
    }
    let issued = object(&issued);
    assert_eq!(issued["managed"]["lease_seconds"], 90 * 24 * 3600);
    assert_eq!(issued["managed"]["account"], "pinata");
    assert_eq!(issued["managed"]["expires_at"], stored["expires_at"]);
    assert_eq!(issued["key_ref"], stored["key_ref"]);
    assert_eq!(issued["recorded"]["state"], "as_issued");
    let id = issued["managed"]["id"].as_str().expect("an id");
    let name = stored["name"].as_str().expect("a name");
    assert!(name.starts_with("ci.") && name.contains(id), "{name}");
    stand.run("verify --file ci.json").exits(0);
}

#[test]
fn people_see_how_long_the_key_works_and_what_ends_it() {
    let stand = Stand::pinata();
    let run = stand.run(&format!("{ISSUE} --lease until:2099-05-31")).exits(0);
    assert_eq!(
        run.stdout,
        "issued    ci   at pinata (resources)\n\
         granted   pins:list pins:list-jobs\n\
         lease     until 2099-06-01 00:00:00 UTC\n\
         to        ci.json   confirmed\n"
    );
    assert_eq!(
        run.stderr,
        "warning: the lease ends only if a worker runs; once a minute:  pinning-keys run --once\n"
    );
    let run = stand.run("issue site --preset reader --to file:site.json").exits(0);
    let none = "lease     none; the key's token expires 2100-01-01 00:00:00 UTC\n";
    assert!(run.stdout.contains(none), "{}", run.stdout);
    assert_eq!(run.stderr, "");
}

#[test]
fn name_of_an_open_key_is_refused() {
    let stand = Stand::pinata();
    stand.run(ISSUE).exits(0);
    let run = stand.run("issue ci --preset reader --to file:second.json").exits(1);
    assert!(run.stderr.contains("cannot issue: a live key has this name"), "{}", run.stderr);
    assert_eq!(keys(&stand), (1, 1));
}

#[test]
fn key_that_cannot_be_handed_on_is_revoked() {
    let stand = Stand::pinata();
    // The program ends before it reads the secret.
    let run = stand.run("issue ci --preset reader --to command:nosuchprogram").exits(1);
    assert!(run.stderr.contains("nosuchprogram"), "{}", run.stderr);
    assert_eq!(keys(&stand), (0, 0));
    // The command may have stored the secret before it failed.
    let run = stand.run("issue ci --preset reader --to command:false").exits(1);
    assert!(run.stderr.contains("; the new key is revoked\n"), "{}", run.stderr);
    assert_eq!(keys(&stand), (1, 0));
    // The name is free again.
    stand.run(ISSUE).exits(0);
}

#[test]
fn key_that_is_recorded_wider_is_revoked_before_its_secret_is_delivered() {
    let first = Stand::pinata();
    first.run(ISSUE).exits(0);
    let key = first.emulator().pinata().keys()[0].key.clone();
    let stand = Stand::pinata();
    let row = json!({
        "id": "1", "name": "ci", "key": key, "secret": null, "max_uses": null, "uses": 0,
        "user_id": "u", "scopes": { "admin": true }, "revoked": false,
        "createdAt": "2025-01-01T00:00:00.000Z", "updatedAt": "2025-01-01T00:00:00.000Z",
    });
    let list = Fault::Body(BodyFault::Text(json!({ "keys": [row], "count": 1 }).to_string()));
    stand.emulator().faults().add(FaultRule::new(list).method(Method::GET).path(KEYS));
    let run = stand.run(ISSUE).exits(1);
    let why = "the provider recorded more than was requested (wider: an admin key";
    assert!(run.stderr.contains(why), "{}", run.stderr);
    assert_eq!((keys(&stand), stand.home().join("ci.json").exists()), ((1, 0), false));
}

#[test]
fn lost_answer_is_settled_by_the_command_that_is_printed() {
    let stand = Stand::pinata();
    let cut = Fault::CutConnection(Cut::AfterCommit);
    stand.emulator().faults().add(FaultRule::new(cut).method(Method::POST).path(KEYS).first(1));
    let run = stand.run(ISSUE).exits(3);
    assert!(run.stderr.contains("pinning-keys run --once"), "{}", run.stderr);
    assert!(!stand.home().join("ci.json").exists());
}

#[test]
fn ci_without_a_store_issues_a_key_that_no_store_knows() {
    let stand = Stand::pinata();
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let issued = run(stand.command(words(ISSUE)).env("CI", "true")).exits(0);
    assert_eq!(issued.stdout.lines().count(), 3, "{}", issued.stdout);
    assert!(issued.stderr.starts_with("CI is set and no store is named"), "{}", issued.stderr);
    assert!(!stand.home().join(".local").exists());
    let leased = format!("{ISSUE} --lease 1h");
    run(stand.command(words(&leased)).env("CI", "1")).exits(64);
    let named = "issue two --preset reader --to file:two.json --store sqlite:ci.db --lease 1h";
    run(stand.command(words(named)).env("CI", "true")).exits(0);
    assert!(stand.home().join("ci.db").exists());
    assert_eq!(keys(&stand), (2, 2));
}

#[test]
fn dry_run_writes_no_store() {
    let stand = Stand::pinata();
    let line = "issue ci --preset reader --dry-run --lease 24h --json";
    let planned = object(&stand.run(line).exits(0));
    assert_eq!(planned["managed"]["id"], Value::Null);
    assert_eq!(planned["managed"]["lease_seconds"], 86_400);
    assert_eq!((planned["key_ref"].clone(), keys(&stand)), (Value::Null, (0, 0)));
    assert!(!stand.home().join(".local").exists());
}

#[test]
fn admin_key_needs_consent_and_can_have_a_lease() {
    let stand = Stand::pinata();
    let line = "issue root --admin --to file:root.json --lease 1h";
    let run = stand.run(line).exits(1);
    assert!(run.stderr.contains("--yes"), "{}", run.stderr);
    stand.run(&format!("{line} --yes")).exits(0);
    assert_eq!(keys(&stand), (1, 1));
}

#[test]
fn wrong_leases_and_stores_are_refused_before_anything_is_sent() {
    let stand = Stand::pinata();
    for (flags, code, why) in [
        ("--lease 0h", 64, "--lease is not a length of time or a date"),
        ("--lease -1d", 64, ""),
        ("--lease 6m", 64, "--lease is not a length of time or a date"),
        ("--lease 10s", 64, "the lease is shorter than"),
        ("--lease until:2020-01-01", 64, "--lease is in the past"),
        ("--lease 99999d", 64, "beyond the year 2099"),
        ("--lease 2d --max-lease 1d", 64, "the lease is longer than its maximum"),
        ("--max-lease 1d", 64, "--lease"),
        ("--lease 1d --unmanaged", 64, "--lease needs a store"),
        ("--store keys.db", 64, "the address of the store is not valid"),
        ("--store postgres://me:s3cret@127.0.0.1/x", 64, "--store has a password"),
        ("--store postgres://me@127.0.0.1:1/x", 75, ""),
        ("--store sqlite:no/such/keys.db", 78, "the folder of the store does not exist"),
    ] {
        let run = stand.run(&format!("{ISSUE} {flags}")).exits(code);
        assert!(run.stderr.contains(why), "{flags}: {}", run.stderr);
        assert!(!run.stderr.contains("s3cret") && run.stdout.is_empty(), "{flags}");
    }
    assert_eq!(keys(&stand), (0, 0));
}

#[test]
fn leaked_key_is_revoked_at_once_although_the_account_was_refused_before() {
    let stand = Stand::pinata();
    stand.run(ISSUE).exits(0);
    let refused = Fault::status(StatusCode::UNAUTHORIZED, Stage::BeforeCommit);
    stand.emulator().faults().add(FaultRule::new(refused).path(KEYS).first(1));
    stand.run("issue two --preset reader --to file:two.json").exits(4);
    let next = stand.run("issue two --preset reader --to file:two.json").exits(75);
    assert!(next.stderr.contains("nothing is sent to account \"pinata\" until"), "{}", next.stderr);
    stand.run("revoke ci --yes").exits(0);
    assert_eq!(keys(&stand).1, 0);
}
