//! Replacing keys.

use std::time::Duration;

use http::{Method, StatusCode};
use pinning_keys_emulator::{Cut, Fault, FaultRule, Stage};
use pinning_keys_lifecycle::Lease;
use serde_json::{Value, json};

use crate::accounts::{both, documented, golden, issue, live, object, stored, typed};
use crate::past::DAY;
use crate::support::{Run, Stand, run};

const KEYS: &str = "/v3/api_keys";

/// Runs a line in whose words `|` means a blank.
fn run_with_blanks(stand: &Stand, line: &str) -> Run {
    run(&mut stand.command(line.split(' ').map(|word| word.replace('|', " "))))
}

#[test]
fn file_of_the_old_key_gets_the_new_one() {
    let stand = both();
    issue(&stand, "ci", "");
    let old = stored(&stand, "ci.json", "key_ref");
    let rotated = stand.run("rotate ci --to file:ci.json").exits(0);
    golden("rotate.txt", &format!("{}---\n{}", rotated.stdout, rotated.stderr));
    assert_ne!(stored(&stand, "ci.json", "key_ref"), old);
    stand.run("verify --file ci.json").exits(0);
    assert_eq!(live(&stand), (1, 0));
    // The secret of the new key is nowhere else.
    let secret = stored(&stand, "ci.json", "bearer");
    assert!(!rotated.stdout.contains(&secret) && !rotated.stderr.contains(&secret));
    let other = stand.run("rotate ci --to file:other.json --json").exits(0);
    golden("rotate.jsonl", &other.stdout);
    documented(&other);
    assert_eq!(other.stderr, "");
    // It holds a key that was replaced before, not the one to replace.
    let refused = stand.run("rotate ci --to file:ci.json").exits(1);
    assert!(refused.stderr.contains("ci.json exists and holds another key"), "{refused:?}");
    assert_eq!((stand.emulator().keys_made(), live(&stand)), (3, (1, 0)));
}

#[test]
fn old_key_works_for_the_overlap() {
    let stand = both();
    issue(&stand, "ci", "--lease 24h --max-lease 30d");
    let rotated = stand.run("rotate ci --to env:.env#KEY --overlap 1h --json").exits(0);
    assert!(rotated.stderr.contains("only if a worker runs"), "{}", rotated.stderr);
    let rotated = object(&rotated);
    assert_eq!((&rotated["old_key"], live(&stand)), (&json!("works"), (2, 0)));
    assert_eq!(rotated["new"]["lease_seconds"], 86_400);
    assert_eq!(rotated["new"]["max_until"], rotated["old"]["max_until"]);
    assert_eq!(rotated["overlap_seconds"], 3600);
    // The name names the new key from now on, and its variable is replaced.
    let again = object(&stand.run("rotate ci --to env:.env#KEY --json").exits(0));
    assert_eq!(again["old"]["id"], rotated["new"]["id"]);
    assert_eq!((&again["old_key"], live(&stand)), (&json!("revoked"), (2, 0)));
    let refused = stand.run(&format!("rotate {} --dry-run", text(&rotated["old"]["id"]))).exits(1);
    assert!(refused.stderr.contains("the key was replaced by"), "{refused:?}");
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

#[test]
fn dry_run_shows_both_keys_and_sends_nothing() {
    let stand = both();
    issue(&stand, "ci", "");
    let requests = stand.emulator().requests();
    let mut shown = String::new();
    for flags in [
        "--overlap 1h",
        "--without pins:list-jobs --tolerates pins:list-jobs --to file:ci.json",
        "--needs pins:add-file --tolerates pinata:org:files:write --max-uses 5",
        "--admin",
        "--without pins:list-jobs",
        "--needs swaps:write",
    ] {
        let line = format!("rotate ci {flags} --dry-run");
        let run = stand.run(&line);
        shown += &typed(&line, &run);
    }
    golden("rotate-dry-run.txt", &shown);
    let planned = object(&stand.run("rotate ci --preset reader --dry-run --json").exits(0));
    assert_eq!([&planned["new"], &planned["to"], &planned["old_key"]], [&Value::Null; 3]);
    assert_eq!([&planned["lost"], &planned["gained"]], [&json!([]); 2]);
    assert_eq!(stand.emulator().requests(), requests);
}

#[test]
fn wider_key_needs_consent() {
    let stand = both();
    issue(&stand, "ci", "");
    let requests = stand.emulator().requests();
    for flags in ["--needs pins:add-file --tolerates pinata:org:files:write", "--admin"] {
        let refused = stand.run(&format!("rotate ci {flags} --to file:ci.json")).exits(1);
        assert!(refused.stderr.contains("pass --yes to confirm"), "{refused:?}");
    }
    assert_eq!(stand.emulator().requests(), requests);
    stand.run("rotate ci --admin --to file:ci.json --yes").exits(0);
    // A successor of an admin key is one too, and that is asked each time.
    stand.run("rotate ci --to file:ci.json").exits(1);
    let rotated = object(&stand.run("rotate ci --to file:ci.json --yes --json").exits(0));
    assert_eq!((&rotated["granted"], &rotated["gained"]), (&json!("admin"), &json!([])));
    assert_eq!(live(&stand), (1, 0));
}

#[test]
fn remaining_uses_are_handed_on_only_if_they_are_known() {
    let stand = both();
    issue(&stand, "ci", "--max-uses 9");
    let refused = stand.run("rotate ci --to file:ci.json").exits(1);
    let why = "it is not known how often it was used\n  set how often the new key may be used: \
               --max-uses N\n";
    assert!(refused.stderr.contains(why), "{}", refused.stderr);
    let rotated = object(&stand.run("rotate ci --to file:ci.json --max-uses 4 --json").exits(0));
    assert_eq!(rotated["max_uses"], 4);
}

#[test]
fn wrong_flags_are_refused_before_anything_is_sent() {
    let stand = both();
    issue(&stand, "ci", "");
    let requests = stand.emulator().requests();
    for (flags, code, why) in [
        ("", 64, "no destination for the secret was given"),
        ("--to file:ci.json --overlap soon", 64, "--overlap is not a length of time"),
        ("--to file:ci.json --overlap 99999d", 64, "beyond the year 2099"),
        ("--to file:ci.json --without pins:lst", 64, "did you mean pins:list?"),
        ("--to file:ci.json --without pins:list --preset reader", 64, "cannot be used with"),
        ("--to file:ci.json --tolerates pins:lst", 64, "--tolerates"),
        ("--to file:ci.json --max-uses 0", 64, ""),
        ("--to file:no/ci.json", 1, "does not exist"),
        ("--to command:nosuchprogram", 1, "nosuchprogram"),
        ("--show-secret", 64, "on a terminal only"),
        ("--to file:ci.json --without pins:list,pins:list-jobs", 1, "nothing"),
    ] {
        let refused = stand.run(&format!("rotate ci {flags}")).exits(code);
        assert!(refused.stderr.contains(why), "{flags}: {}", refused.stderr);
        assert_eq!(refused.stdout, "", "{flags}");
    }
    assert_eq!((stand.emulator().requests(), live(&stand)), (requests, (1, 0)));
    issue(&stand, "deploy", "");
    let unknown = stand.run("rotate deploj --to file:ci.json").exits(1);
    assert!(unknown.stderr.contains("pinning-keys rotate deploy\n"), "{}", unknown.stderr);
}

#[test]
fn key_of_an_account_that_is_not_selected_is_refused() {
    let stand = both();
    issue(&stand, "ci", "");
    let refused = stand.run("rotate ci --to file:ci.json --profile w3").exits(78);
    assert!(refused.stderr.contains("--profile production"), "{}", refused.stderr);
    // Without the flag, the profile of the key's account is used.
    stand.run("issue w3 --needs pins:list --to file:w3.json --profile w3").exits(0);
    stand.run("rotate w3 --to file:w3.json").exits(0);
    assert_eq!(live(&stand), (1, 1));
}

#[test]
fn successor_is_of_the_table_of_the_old_key() {
    for stand in [Stand::pinata(), both()] {
        let issue = "issue ci --preset reader --table endpoints --to env:.env#KEY";
        stand.run(issue).exits(0);
        let rotated = object(&stand.run("rotate ci --to env:.env#KEY --json").exits(0));
        assert_eq!(
            (&rotated["table"], &rotated["old"]["table"]),
            (&json!("endpoints"), &json!("endpoints"))
        );
        // Another table serves other routes.
        let other = "rotate ci --to env:.env#KEY --table resources";
        let refused = stand.run(other).exits(1);
        assert!(refused.stderr.contains("pass --yes to confirm"), "{}", refused.stderr);
        let plan = stand.run(&format!("{other} --dry-run")).exits(0).stdout;
        assert!(plan.contains("\ntable     endpoints                       resources\n"), "{plan}");
        stand.run(&format!("{other} --yes")).exits(0);
        let rotated = object(&stand.run("rotate ci --to env:.env#KEY --json").exits(0));
        assert_eq!(rotated["old"]["table"], rotated["new"]["table"]);
        assert_eq!(rotated["table"], "resources");
    }
}

#[test]
fn lease_of_the_new_key_can_be_named() {
    let stand = both();
    issue(&stand, "ci", "--lease 30d --max-lease 90d");
    let plan = stand.run("rotate ci --lease 3d --dry-run").exits(0).stdout;
    let lease = plan.lines().find(|line| line.starts_with("lease ")).expect("the lease");
    assert!(lease.contains("   30d, renewable until 20") && lease.ends_with("   3d"), "{plan}");
    assert!(plan.contains("   in 3d\n"), "{plan}");
    for (flags, code) in [("--lease 1s", 64), ("--max-lease 9d", 64), ("--lease soon", 64)] {
        stand.run(&format!("rotate ci --to file:ci.json {flags}")).exits(code);
    }
    let rotated = object(&stand.run("rotate ci --to file:ci.json --lease 3d --json").exits(0));
    documented(&stand.run("rotate ci --dry-run --json"));
    let seconds = json!(3 * 86_400);
    assert_eq!([&rotated["lease_seconds"], &rotated["new"]["lease_seconds"]], [&seconds; 2]);
    assert_eq!(rotated["new"]["max_until"], rotated["new"]["expires_at"]);
    let dead_end = stand.run("renew ci").exits(1).stderr;
    let renewable = "rotate --lease 30d --max-lease 180d --to SINK ci";
    assert!(dead_end.contains(renewable), "{dead_end}");
    stand.run(&renewable.replace("SINK", "file:ci.json")).exits(0);
    stand.run("renew ci").exits(0);
}

#[test]
fn sink_that_fails_leaves_the_old_key_alone() {
    let stand = both();
    issue(&stand, "ci", "");
    let before = stand.read("ci.json");
    // The first attempt, at which the command may have passed the secret on.
    let failed = run_with_blanks(&stand, "rotate ci --to command:sh|-c|'exit|7'").exits(3);
    assert_eq!(
        failed.stderr.lines().skip_while(|line| !line.starts_with("error")).collect::<Vec<_>>(),
        [
            "error: the delivery failed: the command sh failed with exit code 7; the secret may \
             have been delivered, and the old key works",
            "  the new key works too, because its holder may have it",
            "  to deliver another key, which revokes the others:  pinning-keys rotate ci --to SINK",
        ]
    );
    assert_eq!((live(&stand), stand.read("ci.json")), ((2, 0), before));
    let listed = stand.run("list --json").exits(0).objects();
    let kept = listed.iter().find(|key| key["managed"]["state"] == "undelivered").expect("a key");
    let shown = stand.run(&format!("show {}", kept["managed"]["id"].as_str().expect("an id")));
    assert!(shown.stdout.contains("undelivered, has no end"), "{}", shown.stdout);
    assert!(shown.stderr.contains("kept until the next rotation"), "{}", shown.stderr);
    stand.run("verify --file ci.json").exits(0);
    // The printed command works, and only the delivered key is left.
    stand.run("rotate ci --to file:ci.json").exits(0);
    let settled = stand.run("renew ci").exits(1);
    assert!(settled.stderr.contains("no lease"), "{settled:?}");
    stand.run("verify --file ci.json").exits(0);
}

#[test]
fn earlier_attempts_are_revoked_with_the_old_key() {
    let stand = both();
    issue(&stand, "ci", "");
    let attempt = || run_with_blanks(&stand, "rotate ci --to command:sh|-c|'exit|7'").exits(3);
    attempt();
    attempt();
    assert_eq!(live(&stand), (3, 0));
    let rotated = stand.run("rotate ci --to file:ci.json --overlap 1h").exits(0);
    let ended = |line: &&str| line.starts_with("attempt   ") && line.ends_with("   revoked");
    assert_eq!(rotated.stdout.lines().filter(ended).count(), 2, "{}", rotated.stdout);
    assert_eq!(live(&stand), (2, 0));
    // The old key goes on for its overlap; an attempt that cannot be revoked is reported.
    attempt();
    let fault = Fault::status(StatusCode::INTERNAL_SERVER_ERROR, Stage::BeforeCommit);
    stand.emulator().faults().add(FaultRule::new(fault).method(Method::DELETE));
    let late = stand.run("rotate ci --to file:ci.json --overlap 1h --json").exits(75);
    documented(&late);
    let result = &object(&late)["attempts"][0]["result"];
    assert_eq!((result, live(&stand)), (&json!("still_works"), (4, 0)));
    assert!(late.stderr.contains("but an earlier attempt still works: "), "{}", late.stderr);
}

#[test]
fn file_of_an_attempt_that_was_not_confirmed_is_replaced() {
    let stand = both();
    issue(&stand, "ci", "");
    // The sink stores the secret, and then fails.
    let script = "rotate ci --field json --to command:sh|-c|'cat>|ci.json;exit|1'";
    run_with_blanks(&stand, script).exits(3);
    assert_ne!(stored(&stand, "ci.json", "key_ref"), "");
    stand.run("rotate ci --to file:ci.json").exits(0);
    stand.run("verify --file ci.json").exits(0);
}

#[test]
fn rotation_that_is_open_is_explained() {
    let stand = both();
    issue(&stand, "ci", "");
    // The program is killed while the sink has the secret.
    let script = "rotate ci --to command:sh|-c|'kill|-9|$PPID'";
    let killed = run_with_blanks(&stand, script);
    assert_eq!(killed.code, -1);
    assert_eq!(live(&stand), (2, 0));
    let refused = stand.run("rotate ci --to file:ci.json").exits(1);
    let lines: Vec<_> = refused.stderr.lines().collect();
    assert_eq!(lines[0], "error: cannot rotate: the key is being rotated");
    assert!(
        lines[1].starts_with("  if that rotation was stopped, try again after 20"),
        "{lines:?}"
    );
    assert!(lines[2].starts_with("  to give it up now:  pinning-keys revoke "), "{lines:?}");
    let id = lines[2].rsplit(' ').next().expect("an id");
    let undelivered = stand.run(&format!("rotate {id} --to file:ci.json")).exits(1);
    let why = "cannot rotate: the delivery of the key is not confirmed";
    assert!(undelivered.stderr.contains(why), "{undelivered:?}");
    let way_out = format!("to give it up now:  pinning-keys revoke {id}\n");
    assert!(undelivered.stderr.contains(&way_out), "{undelivered:?}");
    let json = stand.run("rotate ci --to file:ci.json --json").exits(1);
    let error: Value = serde_json::from_str(&json.stderr).expect("an object");
    assert_eq!(error["error"]["kind"], "already_open");
}

#[test]
fn key_that_was_never_delivered_can_be_given_up() {
    let stand = Stand::pinata();
    let manager = stand.manager(Duration::ZERO);
    let _delivery = stand.undelivered(&manager, "ci", Lease::of(30 * DAY));
    for verb in ["rotate ci --to file:ci.json", "renew ci"] {
        let refused = stand.run(verb).exits(1).stderr;
        let lines: Vec<_> = refused.lines().collect();
        assert!(lines[0].ends_with("the delivery of the key is not confirmed"), "{refused}");
        assert!(lines[2].starts_with("  if it is not confirmed by 20"), "{refused}");
        assert!(lines[2].ends_with("a worker gives it up:  pinning-keys run --once"), "{refused}");
        let give_up = lines[1].strip_prefix("  to give it up now:  pinning-keys ");
        stand.run(&format!("{} --dry-run", give_up.expect("a command"))).exits(0);
    }
}

#[test]
fn lost_answer_leaves_the_old_key_alone() {
    let stand = both();
    issue(&stand, "ci", "");
    let cut = Fault::CutConnection(Cut::AfterCommit);
    stand.emulator().faults().add(FaultRule::new(cut).method(Method::POST).path(KEYS).first(1));
    let failed = stand.run("rotate ci --to file:ci.json").exits(3);
    assert!(failed.stderr.contains("; the old key works\n"), "{}", failed.stderr);
    assert!(failed.stderr.contains("to settle it:  pinning-keys run --once"), "{}", failed.stderr);
    stand.run("verify --file ci.json").exits(0);
    stand.run("rotate ci --to file:ci.json").exits(0);
}

#[test]
fn old_key_that_cannot_be_revoked_is_reported() {
    let stand = both();
    issue(&stand, "ci", "");
    let fault = Fault::status(StatusCode::INTERNAL_SERVER_ERROR, Stage::BeforeCommit);
    stand.emulator().faults().add(FaultRule::new(fault).method(Method::DELETE));
    let late = stand.run("rotate ci --to file:ci.json").exits(75);
    assert!(late.stdout.ends_with("old key   still works\n"), "{}", late.stdout);
    assert!(late.stderr.contains("the new key is delivered, but the old one still works: "));
    assert!(late.stderr.contains("to try again:  pinning-keys run --once"), "{}", late.stderr);
    stand.run("verify --file ci.json").exits(0);
}

#[test]
fn key_that_was_revoked_is_not_rotated() {
    let stand = both();
    issue(&stand, "ci", "");
    let name = stored(&stand, "ci.json", "name");
    let reference = stored(&stand, "ci.json", "key_ref");
    stand.run("revoke ci --yes").exits(0);
    for argument in ["ci", &name, &reference] {
        for verb in ["rotate", "renew", "forget --yes"] {
            let refused = stand.run(&format!("{verb} {argument}")).exits(1).stderr;
            let ended = format!("error: the key \"{argument}\" ended at 20");
            assert!(refused.starts_with(&ended), "{refused}");
            let lines: Vec<_> = refused.lines().collect();
            assert!(lines[0].ends_with(" UTC: revoked by the provider"), "{refused}");
            assert_eq!(lines[1..], ["  to issue another one:  pinning-keys issue ci"]);
        }
    }
    let failure = stand.run("rotate ci --to file:ci.json --json").exits(1).stderr;
    assert!(failure.contains("\"kind\":\"nothing_matched\""), "{failure}");
    assert_eq!((stand.emulator().keys_made(), live(&stand)), (1, (0, 0)));
}
