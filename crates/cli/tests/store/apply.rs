//! `apply`: what is declared comes to be, once, whatever happens on the way.

use std::process::Stdio;
use std::time::{Duration, SystemTime};

use http::{Method, StatusCode};
use pinning_keys::{KeyRequest, ScopeRequest};
use pinning_keys_emulator::{Cut, Fault, FaultRule, Stage};
use pinning_keys_lifecycle::Lease;
use serde_json::json;

use crate::declared::{CI, SITE, actions, declaring, results};
use crate::past::DAY;
use crate::support::{Run, Stand};

const APPLY: &str = "apply --yes --json";
const KEYS: &str = "/v3/api_keys";

/// A delivery that is not confirmed is given up after 10 minutes.
const DELIVERY: Duration = Duration::from_secs(11 * 60);

impl Stand {
    /// Lets a worker run once, this many delivery deadlines later.
    fn work_later(&self, times: u32) {
        let manager = self.manager_at(SystemTime::now() + times * DELIVERY);
        self.block_on(async {
            manager.confirm_clock().await.expect("it is the store's time");
            manager.run_due(10).await.expect("the store works");
        });
    }
}

/// Fails the creates with these numbers, of which the first is 1.
fn fail_create(stand: &Stand, fault: Fault, number: u64) {
    let rule = FaultRule::new(fault).method(Method::POST).path(KEYS).nth(number);
    stand.emulator().faults().add(rule);
}

fn cut() -> Fault {
    Fault::CutConnection(Cut::AfterCommit)
}

#[test]
fn a_second_run_changes_nothing() {
    let w3 = CI.replace("\"main\"", "\"w3\"").replace("ci", "w3-ci");
    let stand =
        declaring(&format!("{CI}lease = \"90d\"\nrotate = \"30d\"\n{SITE}max_uses = 5\n{w3}"));
    let run = stand.run("apply --yes").exits(0);
    assert_eq!(
        run.stdout,
        "issued        ci   to ci.json\nissued        site   to site.json\nissued        w3-ci   to w3-ci.json\n"
    );
    assert!(run.stderr.contains("3 issued\n"), "{}", run.stderr);
    let files = ["ci.json", "site.json", "w3-ci.json"].map(|file| stand.read(file));
    let second = stand.run("apply --yes --exit-code").exits(0);
    assert_eq!(
        (second.stdout.as_str(), second.stderr.as_str()),
        ("", "every declared key is as declared\n")
    );
    assert_eq!(stand.keys(), (3, 3));
    assert_eq!(["ci.json", "site.json", "w3-ci.json"].map(|file| stand.read(file)), files);
    stand.run("diff --exit-code").exits(0);
}

#[test]
fn earlier_attempts_end_with_the_old_key() {
    let stand = declaring(CI);
    stand.run(APPLY).exits(0);
    stand.run("rotate ci --to command:false").exits(3);
    assert_eq!(stand.keys(), (2, 2));
    stand.declare(&format!("{CI}lease = \"30d\"\n"));
    stand.run(APPLY).exits(0);
    assert_eq!(stand.keys(), (3, 1));
}

#[test]
fn secret_is_in_its_place_and_neither_in_the_output_nor_in_the_store() {
    let stand = declaring(CI);
    let outputs = [APPLY, "diff --json", "apply --yes"].map(|line| {
        let run = stand.run(&format!("{line} -v")).exits(0);
        run.stdout + &run.stderr
    });
    let stored: serde_json::Value = serde_json::from_str(&stand.read("ci.json")).expect("a key");
    let database = std::fs::read(stand.store()).expect("the store exists");
    for secret in ["bearer", "api_secret"].map(|name| stored[name].as_str().expect("a secret")) {
        assert!(outputs.iter().all(|output| !output.contains(secret)), "{outputs:?}");
        assert!(!database.windows(secret.len()).any(|bytes| bytes == secret.as_bytes()));
    }
    assert!(!database.windows(7).any(|bytes| bytes == b"ci.json"), "the sink is in the store");
}

#[test]
fn a_changed_scope_is_a_rotation_whose_predecessor_ends() {
    let stand = declaring(CI);
    stand.run("apply --yes").exits(0);
    let first = stand.delivered("ci.json");
    stand.declare(&CI.replace("reader", "manager").replace("json\"", "json\"\nlease = \"30d\""));
    let run = stand.run("apply --dry-run").exits(0);
    assert!(run.stdout.contains("rotate   ci"), "{}", run.stdout);
    assert!(run.stdout.contains("   adds pins:add-file"), "{}", run.stdout);
    assert!(run.stderr.ends_with("1 change: 1 to rotate\nnothing was changed\n"), "{}", run.stderr);
    assert_eq!(stand.delivered("ci.json"), first);
    stand.run("apply --dry-run --exit-code").exits(2);
    let run = stand.run(&format!("{APPLY} --exit-code")).exits(2);
    assert_eq!(results(&run), ["rotated ci"]);
    assert_ne!(stand.delivered("ci.json"), first);
    assert_eq!(stand.keys(), (2, 1));
    assert_eq!(results(&stand.run(APPLY).exits(0)), ["up_to_date ci"]);
    stand.run("verify --profile main --file ci.json").exits(0);
}

#[test]
fn a_key_that_is_due_is_rotated_and_works_until_the_overlap_is_over() {
    let stand = declaring(&format!("{CI}lease = \"90d\"\nrotate = \"30d\"\noverlap = \"1h\"\n"));
    stand.issued_ago("ci", 31 * DAY, Lease::of(90 * DAY));
    assert_eq!(results(&stand.run(APPLY).exits(0)), ["rotated ci"]);
    assert_eq!(stand.keys(), (2, 2));
    let run = stand.run("diff --json --exit-code").exits(0);
    assert_eq!(actions(&run), ["up_to_date ci", "ending ci"]);
}

#[test]
fn a_key_that_is_gone_at_the_provider_is_replaced() {
    let stand = declaring(CI);
    stand.run("apply --yes").exits(0);
    let key = stand.emulator().pinata().keys()[0].key.clone();
    stand.revoke_at_pinata(&json!({ "pinata_api_key": key }));
    assert_eq!(results(&stand.run(APPLY).exits(0)), ["rotated ci"]);
    assert_eq!(stand.keys(), (2, 1));
    assert_eq!(results(&stand.run(APPLY).exits(0)), ["up_to_date ci"]);
}

#[test]
fn a_key_moves_to_the_account_that_is_declared() {
    let stand = declaring(CI);
    stand.run("apply --yes").exits(0);
    stand.declare(&CI.replace("\"main\"", "\"w3\""));
    // No key of the file is in the old account any more, but the configuration still has it.
    let run = stand.run(APPLY).exits(0);
    assert_eq!(results(&run), ["rotated ci"]);
    assert_eq!(run.objects()[0]["old_key"], "revoked");
    assert_eq!(stand.emulator().pinata().keys_live(), 0);
    assert_eq!(stand.emulator().w3ipfs().keys_live(), 1);
    assert!(stand.delivered("ci.json").starts_with("v1:w3ipfs:"));
    assert_eq!(results(&stand.run(APPLY).exits(0)), ["up_to_date ci"]);
}

#[test]
fn a_key_that_moves_works_for_its_overlap_and_is_shown_in_its_own_account() {
    let key = format!("{CI}overlap = \"1h\"\n");
    let stand = declaring(&key);
    stand.run("apply --yes").exits(0);
    stand.declare(&key.replace("\"main\"", "\"w3\""));
    let run = stand.run(APPLY).exits(0);
    assert_eq!(run.objects()[0]["old_key"], "works");
    let run = stand.run("diff --json --exit-code").exits(0);
    let shown: Vec<_> = run.objects().iter().map(|it| it["profile"].clone()).collect();
    assert_eq!(
        (actions(&run), shown),
        (
            vec!["up_to_date ci".to_owned(), "ending ci".to_owned()],
            vec![json!("w3"), json!("main")],
        )
    );
    // A key of the other account is not pruned.
    stand.issued_ago("other", Duration::ZERO, Lease::none());
    assert_eq!(results(&stand.run(&format!("{APPLY} --prune")).exits(0)), ["up_to_date ci"]);
}

#[test]
fn a_key_whose_account_is_no_longer_configured_is_left_to_a_worker() {
    let stand = declaring(CI);
    stand.run("apply --yes").exits(0);
    stand.declare(&CI.replace("\"main\"", "\"w3\""));
    let path = ".config/pinning-keys/config.toml";
    let config = stand.read(path);
    let (_, w3) = config.split_once("[profiles.w3]").expect("the second profile");
    std::fs::remove_file(stand.home().join(path)).expect("it is there");
    stand.write_private(path, &format!("[profiles.w3]{w3}"));
    let run = stand.run(APPLY).exits(75);
    assert_eq!(results(&run), ["rotated ci"]);
    assert_eq!(run.objects()[0]["old_key"], "still_works");
    assert!(run.stderr.contains("run --once   revokes old keys"), "{}", run.stderr);
    let run = stand.run("diff").exits(0);
    assert!(run.stdout.contains("ending       ci     main"), "{}", run.stdout);
}

/// A run on another machine need not find the file, so that it must not end the key.
#[test]
fn a_secret_that_was_lost_is_replaced_by_rotate() {
    let stand = declaring(CI);
    stand.run("apply --yes").exits(0);
    let first = stand.delivered("ci.json");
    std::fs::remove_file(stand.home().join("ci.json")).expect("it is there");
    assert_eq!(results(&stand.run(APPLY).exits(0)), ["up_to_date ci"]);
    stand.run("rotate ci --profile main --to file:ci.json").exits(0);
    assert_ne!(stand.delivered("ci.json"), first);
    assert_eq!(stand.keys(), (2, 1));
    stand.run("diff --exit-code").exits(0);
}

#[test]
fn a_lease_that_is_over_is_followed_by_a_new_key() {
    let stand = declaring(&format!("{CI}lease = \"1d\"\n"));
    stand.issued_ago("ci", 2 * DAY, Lease::of(DAY));
    let run = stand.run("apply --yes --json --dry-run").exits(0);
    assert_eq!(actions(&run), ["issue ci lease_over"]);
    stand.run(APPLY).exits(0);
    assert_eq!(stand.keys(), (2, 1));
    assert_eq!(results(&stand.run(APPLY).exits(0)), ["up_to_date ci"]);
}

#[test]
fn nothing_is_done_without_consent() {
    let stand = declaring(CI);
    let run = stand.run("apply").exits(1);
    let plan =
        "        name   profile   why       to\nissue   ci     main      missing   ci.json\n";
    assert!(run.stderr.starts_with(plan), "{}", run.stderr);
    assert!(run.stderr.contains("pass --yes to confirm"), "{}", run.stderr);
    assert_eq!(stand.keys(), (0, 0));
    assert!(!stand.store().exists());
    let ci = crate::support::run(stand.command(["apply", "--yes"]).env("CI", "true")).exits(64);
    assert!(ci.stderr.contains("a store that outlives the job"), "{}", ci.stderr);
}

#[test]
fn nothing_to_change_needs_no_consent() {
    let stand = declaring(CI);
    stand.run("apply --yes").exits(0);
    let run = stand.run("apply").exits(0);
    assert_eq!(run.stderr, "every declared key is as declared\n");
}

#[test]
fn a_command_is_shown_before_it_runs_and_no_plan_runs_it() {
    let key = CI.replace("file:ci.json", "command:sh keep.sh") + "field = \"jwt\"\n";
    let stand = declaring(&key);
    stand.write("keep.sh", "cat > kept\n");
    for plan in ["diff", "apply --dry-run"] {
        let run = stand.run(plan).exits(0);
        assert!(run.stdout.contains("command: sh keep.sh"), "{}", run.stdout);
        assert!(!stand.home().join("kept").exists());
    }
    let run = stand.run("apply --yes").exits(0);
    assert!(run.stderr.contains("command: sh keep.sh"), "{}", run.stderr);
    assert!(stand.read("kept").starts_with("eyJ"));
}

#[test]
fn prune_revokes_what_is_not_declared_once_everything_else_is() {
    let stand = declaring(&format!("{CI}{SITE}"));
    stand.run("apply --yes").exits(0);
    stand.pinata_key("foreign");
    let other = CI.replace("ci", "other");
    stand.declare(&format!("{CI}{other}"));
    stand.write("other.json", "mine");
    let run = stand.run(&format!("{APPLY} --prune")).exits(1);
    assert_eq!(results(&run), ["up_to_date ci", "failed other", "not_started site"]);
    std::fs::remove_file(stand.home().join("other.json")).expect("it is there");
    assert_eq!(results(&stand.run(APPLY).exits(0)), ["up_to_date ci", "issued other"]);
    let run = stand.run(&format!("{APPLY} --prune")).exits(0);
    assert_eq!(results(&run), ["up_to_date ci", "up_to_date other", "revoked site"]);
    // The foreign key is left alone.
    assert_eq!(stand.keys(), (4, 3));
}

#[test]
fn an_unknown_outcome_does_not_stop_the_others() {
    let third = SITE.replace("site", "third");
    let stand = declaring(&format!("{CI}{SITE}{third}"));
    fail_create(&stand, cut(), 2);
    let run = stand.run(APPLY).exits(3);
    assert_eq!(results(&run), ["issued ci", "unknown site", "issued third"]);
    assert!(run.stderr.contains("as declared: 2 issued, 1 unknown\""), "{}", run.stderr);
    assert_eq!(run.stderr.matches("settle").count(), 1, "{}", run.stderr);
    assert!(run.stderr.contains("pinning-keys run --once"), "{}", run.stderr);
    assert_eq!(stand.keys(), (3, 3));
    // The key that nobody has is settled; a repeat issues another one.
    let run = stand.run(APPLY).exits(0);
    assert_eq!(results(&run), ["up_to_date ci", "issued site", "up_to_date third"]);
    let run = stand.run("diff --json --exit-code").exits(2);
    assert!(actions(&run).contains(&"in_doubt site".to_owned()), "{}", run.stdout);
}

#[test]
fn a_sink_that_fails_does_not_stop_the_others() {
    let leaky = CI.replace("file:ci.json", "command:false") + "field = \"jwt\"\n";
    let missing =
        SITE.replace("file:site.json", "command:nosuchprogram").replace("site", "missing");
    let stand = declaring(&format!("{leaky}{missing}{SITE}"));
    let run = stand.run(APPLY).exits(3);
    assert_eq!(results(&run), ["unknown ci", "failed missing", "issued site"]);
    let lines = run.objects();
    assert!(lines[0]["error"]["next"].to_string().contains("the key is revoked at"), "{lines:?}");
    // A repeat waits until the key, which may be in use, is given up.
    stand.declare(&format!("{}{SITE}", leaky.replace("false", "cat")));
    let run = stand.run(APPLY).exits(75);
    assert_eq!(results(&run), ["waiting ci", "up_to_date site"]);
    assert!(run.objects()[0]["until"].is_string(), "{}", run.stdout);
}

#[test]
fn a_rotation_whose_delivery_is_unclear_is_repeated() {
    let key = |script: &str| CI.replace("file:ci.json", script) + "field = \"jwt\"\n";
    let stand = declaring(&key("command:cat"));
    stand.run(APPLY).exits(0);
    stand.declare(&key("command:false").replace("reader", "manager"));
    let run = stand.run(APPLY).exits(3);
    assert_eq!(results(&run), ["unknown ci"]);
    assert_eq!(stand.keys(), (2, 2));
    stand.declare(&key("command:cat").replace("reader", "manager"));
    assert_eq!(results(&stand.run(APPLY).exits(0)), ["rotated ci"]);
    assert_eq!(results(&stand.run(APPLY).exits(0)), ["up_to_date ci"]);
}

#[test]
fn a_refused_account_is_not_asked_again_and_the_other_one_is() {
    let w3 = CI.replace("\"main\"", "\"w3\"").replace("ci", "w3-ci");
    let stand = declaring(&format!("{CI}{SITE}{w3}"));
    let refused = Fault::status(StatusCode::UNAUTHORIZED, Stage::BeforeCommit);
    fail_create(&stand, refused, 1);
    let run = stand.run(APPLY).exits(4);
    assert_eq!(results(&run), ["failed ci", "not_started site", "issued w3-ci"]);
}

#[test]
fn a_foreign_key_of_the_name_is_left_alone() {
    let stand = declaring(CI);
    stand.pinata_key("ci");
    assert_eq!(results(&stand.run(APPLY).exits(0)), ["issued ci"]);
    assert_eq!(stand.keys(), (2, 2));
    assert_eq!(results(&stand.run(&format!("{APPLY} --prune")).exits(0)), ["up_to_date ci"]);
    assert_eq!(stand.keys(), (2, 2));
}

#[test]
fn an_interrupted_run_is_continued_by_the_next_one() {
    // A run that ended between the create and the end of the delivery.
    let stand = declaring(&format!("{CI}{SITE}"));
    let manager = stand.manager_ago(DAY / 24 / 5);
    let request = KeyRequest::new("ci", ScopeRequest::reader()).expect("a valid request");
    let keys = manager.account("main").expect("the account");
    drop(stand.block_on(keys.issue(&request, Lease::none())).expect("a key"));
    // 12 minutes later, it was given up.
    assert_eq!(results(&stand.run(APPLY).exits(0)), ["issued ci", "issued site"]);
    assert_eq!(stand.keys(), (3, 2));
    assert_eq!(results(&stand.run(APPLY).exits(0)), ["up_to_date ci", "up_to_date site"]);
}

#[test]
fn of_two_runs_at_once_one_issues_each_key() {
    let keys: String = (0..4).map(|n| CI.replace("ci", &format!("ci-{n}"))).collect();
    let stand = declaring(&keys);
    let start = || {
        let mut command = stand.command(["apply", "--yes", "--json"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
    };
    let runs = [start(), start()].map(|child| child.wait_with_output().expect("it ends"));
    let codes = runs.map(|run| run.status.code());
    assert!(codes.iter().all(|code| matches!(code, Some(0 | 75))), "{codes:?}");
    assert!(codes.contains(&Some(0)) || stand.run("apply --yes").code == 0);
    assert_eq!(stand.keys(), (4, 4));
    stand.run("diff --exit-code").exits(0);
}

#[test]
fn the_later_of_two_runs_says_once_what_to_do() {
    let stand = declaring(CI);
    // The run reads the store, and then waits for the list until another one has issued the key.
    let latency = Fault::Latency { delay: Duration::from_secs(3), stage: Stage::AfterCommit };
    let held = FaultRule::new(latency).method(Method::GET).path(KEYS).first(1);
    let held = stand.emulator().faults().add(held);
    let mut command = stand.command(["apply", "--yes"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a run");
    while held.hits() == 0 {
        std::thread::yield_now();
    }
    stand.run("apply --yes").exits(0);
    let run: Run = child.wait_with_output().expect("it ends").into();
    let run = run.exits(75);
    assert!(run.stdout.contains("another run is issuing or rotating it"), "{}", run.stdout);
    assert_eq!(run.stderr.matches("run the same command again").count(), 1, "{}", run.stderr);
    assert_eq!(stand.keys(), (1, 1));
}

/// The provider shows each scope as it was granted, so that nothing is rotated again and again.
#[test]
fn every_scope_is_as_declared_once_it_is_issued() {
    let scopes = [
        "preset = \"reader\"",
        "preset = \"pinner\"\ntolerates = [\"pinata:org:files:write\"]",
        "preset = \"manager\"",
        "admin = true\nlease = \"1d\"",
        "needs = [\"pins:list\"]\nprefers = [\"pins:list-jobs\", \"links:create\"]",
    ];
    let key = |at: usize, scope: &str, profile: &str| {
        let name = format!("{profile}-{at}");
        format!("[[key]]\nname = {name:?}\nprofile = {profile:?}\n{scope}\nto = \"file:{name}\"\n")
    };
    let of = |profile| scopes.iter().enumerate().map(move |(at, scope)| key(at, scope, profile));
    let stand = declaring(&of("main").chain(of("w3")).collect::<String>());
    let run = stand.run("apply --yes").exits(0);
    assert!(run.stderr.contains("warning: main-3 may do everything"), "{}", run.stderr);
    stand.run("diff --exit-code").exits(0);
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_the_run_after_the_key_that_is_being_issued() {
    let stand = declaring(&format!("{CI}{SITE}"));
    let latency = Fault::Latency { delay: Duration::from_secs(1), stage: Stage::AfterCommit };
    let held = FaultRule::new(latency).method(Method::POST).path(KEYS).first(1);
    let held = stand.emulator().faults().add(held);
    let mut command = stand.command(["apply", "--yes", "--json"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a run");
    while held.hits() == 0 {
        std::thread::yield_now();
    }
    let mut signal = std::process::Command::new("kill");
    signal.args(["-INT", &child.id().to_string()]).status().expect("it is installed");
    let run: Run = child.wait_with_output().expect("it ends").into();
    let run = run.exits(130);
    assert_eq!(results(&run), ["issued ci", "not_started site"]);
    assert_eq!(results(&stand.run(APPLY).exits(0)), ["up_to_date ci", "issued site"]);
}

#[test]
fn every_member_of_the_json_is_documented() {
    let documented = include_str!("../../../../docs/cli/json.md");
    let stand = declaring(&format!("{CI}{SITE}").replace("site.json", "taken"));
    stand.pinata_key("ci");
    stand.write("taken", "mine");
    let runs =
        ["diff", "apply --yes", "apply --yes"].map(|line| stand.run(&format!("{line} --json")));
    for object in runs.iter().flat_map(Run::objects) {
        let reasons = object["reasons"].as_array().expect("a list");
        let members = reasons.iter().chain([&object]).filter_map(serde_json::Value::as_object);
        for name in members.flat_map(serde_json::Map::keys) {
            assert!(documented.contains(&format!("`{name}`")), "{name} is not documented");
        }
        for word in [&object["action"], &object["result"]].into_iter().filter_map(|it| it.as_str())
        {
            assert!(documented.contains(&format!("`{word}`")), "{word} is not documented");
        }
    }
}

/// Wherever a run is killed, later ones finish its work, and no key is left that nobody has.
#[test]
fn a_run_that_is_killed_anywhere_is_continued() {
    std::thread::scope(|scope| {
        for number in 1..=6 {
            scope.spawn(move || kill_at_request(number));
        }
    });
}

/// Kills a run at its n-th request, before or after the provider has carried it out.
fn kill_at_request(number: u64) {
    let stand = declaring(&format!("{CI}{SITE}"));
    let stage = if number % 2 == 0 { Stage::AfterCommit } else { Stage::BeforeCommit };
    let latency = Fault::Latency { delay: Duration::from_secs(60), stage };
    let held = stand.emulator().faults().add(FaultRule::new(latency).nth(number));
    let mut command = stand.command(["apply", "--yes"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a run");
    while held.hits() == 0 {
        assert!(child.try_wait().expect("it is ours").is_none(), "{number}: it has ended");
        std::thread::yield_now();
    }
    child.kill().expect("it is ours");
    child.wait().expect("it ends");
    let repeat = stand.run(APPLY);
    if repeat.code == 75 {
        // What may be undelivered is waited for, until it is given up.
        assert!(results(&repeat).iter().any(|it| it.starts_with("waiting")), "{repeat:?}");
        stand.work_later(1);
        stand.run(APPLY).exits(0);
    } else {
        repeat.exits(0);
    }
    (2..5).for_each(|times| stand.work_later(times));
    assert_eq!(stand.emulator().keys_live(), 2, "{number}");
    stand.run("diff --exit-code").exits(0);
    for file in ["ci.json", "site.json"] {
        stand.run(&format!("verify --profile main --file {file}")).exits(0);
    }
}
