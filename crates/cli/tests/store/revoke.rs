//! Revoking keys that the store knows, and others beside them.

#[cfg(unix)]
use std::io::{BufRead as _, BufReader};
#[cfg(unix)]
use std::process::Stdio;
use std::time::Duration;

use http::{Method, StatusCode};
use pinning_keys_emulator::{Cut, Fault, FaultRule, Stage};
use pinning_keys_lifecycle::{AuditFilter, KeyState, Lease};
use pinning_keys_testkit::golden::assert_golden;
use pinning_keys_testkit::secrets::Secrets;
use serde_json::{Value, json};

use crate::masks::masked;
use crate::past::{DAY, HOUR};
use crate::support::listed::{every_secret, reference};
use crate::support::{Run, Stand};

/// The names, without the suffix, of the keys at Pinata that still work.
fn live(stand: &Stand) -> Vec<String> {
    let keys = stand.emulator().pinata().keys().into_iter().filter(|key| !key.revoked);
    keys.map(|key| key.name.split('.').next().unwrap_or_default().to_owned()).collect()
}

/// The name without its suffix, and the result, of each line.
fn results(run: &Run) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let result = |line: Value| {
        let name = text(&line["name"]).split('.').next().unwrap_or_default().to_owned();
        (name, text(&line["result"]))
    };
    let mut results: Vec<_> = run.objects().into_iter().map(result).collect();
    results.sort();
    results
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(key, result)| ((*key).to_owned(), (*result).to_owned())).collect()
}

fn state(stand: &Stand, id: &str) -> KeyState {
    let manager = stand.manager(Duration::ZERO);
    stand.block_on(manager.get(&id.parse().expect("an id"))).expect("a row").state()
}

#[test]
fn name_covers_both_keys_of_an_overlap_and_the_row_knows() {
    let stand = Stand::pinata();
    let manager = stand.manager(Duration::ZERO);
    let old = stand.live(&manager, "ci", Lease::of(30 * DAY));
    let new = stand.rotated(&manager, &old, HOUR);
    stand.live(&manager, "ci-other", Lease::none());
    let run = stand.run("revoke ci --yes --json").exits(0);
    assert_eq!(results(&run), pairs(&[("ci", "revoked"), ("ci", "revoked")]));
    assert_eq!(live(&stand), ["ci-other"]);
    for id in [&old, &new] {
        assert_eq!(state(&stand, id), KeyState::Revoked);
    }
    let lines = stand.block_on(manager.audit(&AuditFilter::default(), 0, 100)).expect("a page");
    let by_hand = lines.iter().filter(|line| line.action == "revoke" && line.actor == "cli:alice");
    assert_eq!(by_hand.filter(|line| line.to == KeyState::Revoking).count(), 2, "{lines:?}");
    let again = stand.run("revoke ci --yes").exits(0);
    assert!(again.stdout.starts_with("already gone   ci   v1:pinata:"), "{}", again.stdout);
}

#[test]
fn id_reference_full_name_and_secret_go_through_the_store() {
    let stand = Stand::pinata();
    let manager = stand.manager(Duration::ZERO);
    let [one, two, three] =
        ["one", "two", "three"].map(|it| stand.live(&manager, it, Lease::none()));
    let leaked = stand.undelivered(&manager, "leaked", Lease::none());
    let keys = stand.emulator().pinata().keys();
    let full = keys[2].name.clone();
    stand.run(&format!("revoke {one} v1:pinata:{} {full} --yes", keys[1].key)).exits(0);
    let token = leaked.credential().expose().bearer().expect("a JWT").to_owned();
    let run = stand.run_with_stdin("revoke --token - --yes", &token).exits(0);
    assert!(run.stdout.starts_with("revoked   leaked   v1:pinata:"), "{}", run.stdout);
    assert!(run.stdout.ends_with("the secret is dead\n"), "{}", run.stdout);
    assert!(!format!("{}{}", run.stdout, run.stderr).contains(&token));
    for id in [&one, &two, &three, leaked.id().as_str()] {
        assert_eq!(state(&stand, id), KeyState::Revoked);
    }
    assert_eq!(live(&stand), Vec::<String>::new());
}

#[test]
fn what_cannot_be_revoked_now_is_scheduled_and_exits_with_75() {
    let stand = Stand::pinata();
    let manager = stand.manager(Duration::ZERO);
    let id = stand.live(&manager, "ci", Lease::none());
    let leaked = stand.undelivered(&manager, "leaked", Lease::none());
    stand.live(&manager, "other", Lease::none());
    for name in [&id, leaked.id().as_str()] {
        stand.refuse_to_revoke(name);
    }
    let run = stand.run("revoke ci other --yes").exits(75);
    let line = run.stdout.lines().find(|line| line.starts_with("scheduled   ci   v1:pinata:"));
    assert!(line.is_some_and(|line| line.contains("; next try 20")), "{}", run.stdout);
    assert_eq!(
        run.stderr,
        "error: 1 of 2 keys still work until a worker revokes them\n  \
         to try again:  pinning-keys run --once\n"
    );
    assert_eq!(state(&stand, &id), KeyState::Revoking);
    let token = leaked.credential().expose().bearer().expect("a JWT").to_owned();
    let run = stand.run_with_stdin("revoke --token - --yes --json", &token).exits(75);
    assert_eq!(run.objects()[0]["result"], "scheduled");
    assert_eq!(run.objects()[0]["error"]["kind"], "scheduled");
    assert!(!format!("{}{}", run.stdout, run.stderr).contains(&token));
    stand.emulator().faults().clear();
    let run = stand.run("revoke ci --yes --json").exits(0);
    assert_eq!(results(&run), pairs(&[("ci", "revoked")]));
}

#[test]
fn names_are_revoked_through_the_store_even_if_the_list_breaks() {
    let stand = Stand::pinata();
    let id = stand.live(&stand.manager(Duration::ZERO), "ci", Lease::none());
    let fault = Fault::status(StatusCode::SERVICE_UNAVAILABLE, Stage::BeforeCommit);
    stand.emulator().faults().add(FaultRule::new(fault).method(Method::GET).path("/v3/api_keys"));
    let run = stand.run("revoke ci --yes").exits(0);
    assert!(run.stderr.starts_with("warning: cannot look for keys of the same name"), "{run:?}");
    assert_eq!(state(&stand, &id), KeyState::Revoked);
    // Nothing says whether such a key exists.
    stand.run("revoke foreign --yes").exits(75);
}

#[test]
fn filters_match_managed_keys_only_unless_foreign_is_given() {
    let stand = Stand::pinata();
    stand.days_ago(3);
    let manager = stand.manager(Duration::ZERO);
    let id = stand.live(&manager, "ci-managed", Lease::none());
    let name = stand.emulator().pinata().keys()[0].name.clone();
    stand.pinata_key(&name.replace("managed", "stray").replace(&id, "0123456789abc"));
    stand.pinata_key("ci-foreign");
    stand.pinata_key_with("ci-admin", &json!({ "admin": true }), None);
    // The suffix is no part of the name.
    stand.run(&format!("revoke --prefix {} --yes", &name[..12])).exits(1);
    let planned = stand.run("revoke --prefix ci- --dry-run --json").exits(0);
    let advice = "This is what programs read: a change can break them.";
    let ids = [id.clone(), "0123456789abc".to_owned()];
    let path = "crates/cli/tests/golden/store/revoke.jsonl";
    assert_golden(path, &masked(&planned.stdout, &ids), advice);
    let planned = stand.run("revoke --prefix ci- --foreign --dry-run").exits(0);
    let path = "crates/cli/tests/golden/store/revoke.txt";
    assert_golden(path, &masked(&planned.stdout, &ids), "This is what people see.");
    let run = stand.run("revoke --prefix ci- --yes").exits(0);
    assert!(run.stderr.contains("2 foreign keys match, too"), "{run:?}");
    assert_eq!(live(&stand), ["ci-stray", "ci-foreign", "ci-admin"]);
    assert_eq!(state(&stand, &id), KeyState::Revoked);

    let none = stand.run("revoke --prefix ci-f --yes").exits(1);
    let why = "error: only foreign keys match; nothing was revoked\n";
    assert!(none.stderr.starts_with(why), "{}", none.stderr);
    assert!(none.stderr.contains("--foreign"), "{}", none.stderr);
    let run = stand.run("revoke --prefix ci- --foreign --yes --json").exits(0);
    let expected = [("ci-admin", "excluded"), ("ci-foreign", "revoked"), ("ci-stray", "excluded")];
    assert_eq!(results(&run), pairs(&expected));
    assert_eq!(live(&stand), ["ci-stray", "ci-admin"]);
}

#[test]
fn older_than_looks_at_managed_keys_too() {
    let stand = Stand::pinata();
    let manager = stand.manager(Duration::ZERO);
    stand.days_ago(31);
    stand.live(&manager, "old", Lease::none());
    stand.days_ago(1);
    stand.live(&manager, "new", Lease::none());
    stand.run("revoke --older-than 30d --yes").exits(0);
    assert_eq!(live(&stand), ["new"]);
}

#[test]
fn foreign_key_of_the_same_name_is_refused_with_the_list() {
    let stand = Stand::pinata();
    let id = stand.live(&stand.manager(Duration::ZERO), "ci", Lease::none());
    let foreign = stand.pinata_key("ci");
    let run = stand.run("revoke ci --yes").exits(1);
    assert!(run.stderr.contains(&format!("pinning-keys revoke {id}   managed, live")), "{run:?}");
    let other = format!("pinning-keys revoke {}   foreign, live", reference(&foreign));
    assert!(run.stderr.contains(&other), "{}", run.stderr);
    assert_eq!(live(&stand).len(), 2);
    stand.run(&format!("revoke {} --yes", reference(&foreign))).exits(0);
    stand.run("revoke ci --yes").exits(0);
    assert_eq!((live(&stand).len(), state(&stand, &id)), (0, KeyState::Revoked));
}

#[test]
fn key_in_doubt_is_scheduled_unless_another_has_its_name() {
    let stand = Stand::pinata();
    let cut = FaultRule::new(Fault::CutConnection(Cut::AfterCommit));
    stand.emulator().faults().add(cut.method(Method::POST).path("/v3/api_keys").first(1));
    stand.run("issue ci --preset reader --to file:ci.json").exits(3);
    let run = stand.run("revoke ci --yes --json").exits(75);
    assert_eq!(results(&run), pairs(&[("ci", "scheduled")]));
    stand.run("issue ci --preset reader --to file:ci.json").exits(0);
    let run = stand.run("revoke ci --yes --json").exits(0);
    assert_eq!(results(&run), pairs(&[("ci", "revoked")]));
}

/// Another program gave its key the name of one of ours.
#[test]
fn twin_of_a_managed_key_is_left_alone() {
    let stand = Stand::pinata();
    let id = stand.live(&stand.manager(Duration::ZERO), "ci", Lease::none());
    let name = stand.emulator().pinata().keys()[0].name.clone();
    let twin = stand.pinata_key(&name);
    let listed = stand.run("list --strays --json").exits(0).objects();
    assert_eq!(listed[0]["key_ref"], json!(reference(&twin)));
    stand.run(&format!("revoke {name} --yes")).exits(1);
    stand.run("revoke --prefix ci --foreign --yes").exits(0);
    assert_eq!((live(&stand).len(), state(&stand, &id)), (1, KeyState::Revoked));
    // Now the full name is that of a row that has ended and of a key that works.
    stand.run(&format!("revoke {name} --yes")).exits(0);
    assert_eq!(live(&stand), Vec::<String>::new());
}

#[test]
fn key_that_works_although_its_row_has_ended_is_revoked_at_the_provider() {
    let stand = Stand::pinata();
    stand.live(&stand.manager(Duration::ZERO), "ci", Lease::none());
    let key = stand.emulator().pinata().keys()[0].clone();
    let row = |revoked: bool| {
        json!({ "keys": [{
            "id": "1", "name": key.name, "key": key.key, "revoked": revoked,
            "scopes": { "resources": ["org:files:read"] },
            "createdAt": "2025-01-01T00:00:00.000Z",
        }], "count": 1 })
    };
    stand.run("revoke ci --yes").exits(0);
    for (argument, deletes) in [("ci", 1), (&key.name, 1), ("--prefix ci", 1)] {
        let count = || stand.emulator().requests_to(&Method::DELETE, "/v3/api_keys");
        let before = count();
        stand.pinata_list_is(&row(false));
        stand.run(&format!("revoke {argument} --yes --json")).exits(0);
        assert_eq!(count() - before, deletes, "{argument}");
    }
    let before = stand.emulator().requests_to(&Method::DELETE, "/v3/api_keys");
    stand.pinata_list_is(&row(true));
    stand.run("revoke ci --yes").exits(0);
    assert_eq!(stand.emulator().requests_to(&Method::DELETE, "/v3/api_keys"), before);
}

#[test]
fn no_secret_of_a_managed_key_is_shown() {
    let stand = Stand::pinata();
    let mut secrets = Secrets::of(every_secret(&stand).iter().map(String::as_str));
    let manager = stand.manager(Duration::ZERO);
    for name in ["ci", "scheduled"] {
        secrets.add_credential(stand.undelivered(&manager, name, Lease::of(DAY)).credential());
    }
    stand.refuse_to_revoke("scheduled");
    for line in [
        "list",
        "show ci",
        "revoke --prefix c --dry-run",
        "revoke ci --yes",
        "revoke scheduled --yes",
        "show scheduled",
        "list --managed",
    ] {
        for flags in ["-v --color=always", "-v --json"] {
            let run = stand.run(&format!("{flags} {line}"));
            assert!([0, 75].contains(&run.code), "{line}: {run:?}");
            secrets.assert_not_in(line, &format!("{}\n{}", run.stdout, run.stderr));
        }
    }
}

#[cfg(unix)]
#[test]
fn interrupt_settles_what_is_in_flight_and_the_same_command_goes_on() {
    const KEYS: usize = 20;
    let stand = Stand::pinata();
    let manager = stand.manager(Duration::ZERO);
    for number in 0..KEYS {
        stand.live(&manager, &format!("ci-{number}"), Lease::none());
    }
    stand.pinata_key("ci-foreign");
    let delay = Duration::from_millis(700);
    let slow = Fault::Latency { stage: Stage::BeforeCommit, delay };
    stand.emulator().faults().add(FaultRule::new(slow).method(Method::DELETE));
    let mut command = stand.command(["revoke", "--prefix", "ci-", "--foreign", "--yes"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut first = String::new();
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
    stdout.read_line(&mut first).expect("the first result");
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it runs");
    let ended = child.wait_with_output().expect("the program ends");
    let stderr = String::from_utf8(ended.stderr).expect("the output is UTF-8");
    assert_eq!(ended.status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("are settled first"), "{stderr}");
    let left = live(&stand);
    assert!((2..KEYS).contains(&left.len()) && left.contains(&"ci-foreign".to_owned()), "{left:?}");
    stand.emulator().faults().clear();
    let rest = stand.run("revoke --prefix ci- --foreign --yes").exits(0);
    assert_eq!((rest.stdout.lines().count(), live(&stand).len()), (left.len(), 0));
}

#[test]
fn foreign_is_accepted_without_a_store_and_is_no_filter() {
    let stand = Stand::pinata();
    stand.pinata_key("ci");
    stand.run("revoke --foreign --yes").exits(64);
    stand.run("revoke ci --foreign --yes").exits(64);
    stand.run("revoke --prefix ci --foreign --yes").exits(0);
    assert_eq!(live(&stand), Vec::<String>::new());
    assert!(!stand.home().join(".local").exists());
}
