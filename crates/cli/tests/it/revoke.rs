//! Revoking one key and many.

use std::process::Command;

use http::{Method, StatusCode};
use pinning_keys_emulator::{
    BodyFault, Emulator, Fault, FaultRule, ListFault, PinataAssumptions, RateLimit, Stage,
    W3ipfsAssumptions,
};
use pinning_keys_testkit::golden::assert_golden;
use serde_json::{Value, json};

use crate::support::listed::{every_secret, public, reference};
use crate::support::{Run, Stand, run};

/// The names of the keys at Pinata that still work.
fn live(stand: &Stand) -> Vec<String> {
    let keys = stand.emulator().pinata().keys().into_iter();
    keys.filter(|key| !key.revoked).map(|key| key.name).collect()
}

/// Name, or else reference, and result of each line.
fn results(run: &Run) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let objects = run.objects().into_iter();
    let result = |line: Value| {
        let key = text(&line["name"]).or_else(|| text(&line["key_ref"]));
        (key.expect("a name or reference"), text(&line["result"]).expect("a result"))
    };
    let mut results: Vec<_> = objects.map(result).collect();
    results.sort();
    results
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(key, result): &(&str, &str)| ((*key).to_owned(), (*result).to_owned());
    expected.iter().map(owned).collect()
}

#[test]
fn keys_are_revoked_by_name_and_by_reference() {
    let stand = Stand::pinata();
    let [one, _, _] = ["one", "two", "twofold"].map(|name| stand.pinata_key(name));
    let line = format!("revoke two {} --yes", reference(&one));
    let run = stand.run(&line).exits(0);
    let mut lines: Vec<_> = run.stdout.lines().map(str::trim_end).collect();
    lines.sort_unstable();
    assert_eq!(lines[0], format!("revoked   two   {}", reference_of(&stand, "two")));
    assert_eq!(lines[1], format!("revoked   {}", reference(&one)));
    assert_eq!(live(&stand), ["twofold"]);
    // The list shows it as revoked.
    for flag in ["--yes", "--dry-run"] {
        let again = stand.run(&format!("revoke two {flag}")).exits(0);
        assert!(again.stdout.starts_with("already gone   two"), "{}", again.stdout);
    }
}

fn reference_of(stand: &Stand, name: &str) -> String {
    let keys = stand.emulator().pinata().keys();
    let key = keys.iter().find(|key| key.name == name).expect("a key of this name");
    format!("v1:pinata:{}", key.key)
}

#[test]
fn filters_combine_with_and() {
    let stand = Stand::pinata();
    stand.days_ago(31);
    stand.used_up_pinata_key("ci-old-used");
    stand.pinata_key("ci-old");
    stand.used_up_pinata_key("old-used");
    stand.days_ago(29);
    stand.used_up_pinata_key("ci-new-used");
    let run = stand.run("revoke --prefix ci- --used-up --older-than 30d --yes --json").exits(0);
    assert_eq!(results(&run), pairs(&[("ci-old-used", "revoked")]));
    assert_eq!(live(&stand), ["ci-old", "old-used", "ci-new-used"]);
    for (age, expected) in [("5w", 1), ("30d", 0), ("696h", 0)] {
        let line = format!("revoke --prefix ci-old --older-than {age} --dry-run");
        stand.run(&line).exits(expected);
    }
    for age in ["30", "6m", "0d", "-1d", "canary"] {
        let ended = stand.run(&format!("revoke --older-than={age} --yes")).exits(64);
        assert!(ended.stderr.contains("--older-than 30d"), "{}", ended.stderr);
        assert!(!ended.stderr.contains("canary"), "{}", ended.stderr);
    }
}

/// An account that works with a listed key, which may manage keys.
fn with_own_key() -> Stand {
    let mut stand = Stand::pinata();
    let own = stand.pinata_key_with("ci-own", &json!({ "resources": ["org:write"] }), None);
    stand.set_variable("PINNING_KEYS_JWT", own["JWT"].as_str().expect("a JWT"));
    stand
}

#[test]
fn filters_spare_own_key_admin_keys_and_keys_of_unknown_age() {
    let stand = with_own_key();
    stand.pinata_key_with("ci-admin", &json!({ "admin": true }), None);
    stand.pinata_key("ci-deploy");
    let run = stand.run("revoke --prefix ci- --yes --json").exits(0);
    let expected = [("ci-admin", "excluded"), ("ci-deploy", "revoked"), ("ci-own", "excluded")];
    assert_eq!(results(&run), pairs(&expected));
    let reasons: Vec<_> = run.objects().iter().map(|line| line["reason"].clone()).collect();
    assert!(
        reasons.contains(&json!("own_key")) && reasons.contains(&json!("admin")),
        "{reasons:?}"
    );

    let nothing = stand.run("revoke --prefix ci- --yes").exits(1);
    assert!(nothing.stderr.contains("can be revoked only by name"));
    assert!(nothing.stderr.contains("pinning-keys revoke ci-admin   an admin key"));
    assert!(nothing.stderr.contains("pinning-keys revoke ci-own   the account works with it"));

    let ageless = Stand::pinata();
    let key = ageless.pinata_key("ci");
    let undated = json!({ "keys": [{
        "id": "1", "name": "ci", "key": public(&key), "revoked": false,
        "scopes": { "resources": ["org:files:read"] },
    }], "count": 1 });
    ageless.pinata_list_is(&undated);
    let nothing = ageless.run("revoke --prefix ci --yes").exits(1);
    assert!(nothing.stderr.contains("revoke ci   its age is unknown"), "{}", nothing.stderr);
    ageless.pinata_list_is(&undated);
    ageless.run("revoke ci --yes").exits(0);
    assert_eq!(live(&ageless), Vec::<String>::new());
}

#[test]
fn own_and_admin_keys_are_revoked_by_name_the_own_one_alone() {
    let stand = with_own_key();
    stand.pinata_key_with("admin", &json!({ "admin": true }), None);
    let both = stand.run("revoke admin ci-own --yes").exits(1);
    assert!(both.stderr.contains("pinning-keys revoke ci-own"), "{}", both.stderr);
    assert_eq!(live(&stand).len(), 2);
    stand.run("revoke admin --yes").exits(0);
    let own = stand.run("revoke ci-own --yes").exits(0);
    assert!(own.stderr.starts_with("warning: the account works with this key"), "{}", own.stderr);
    assert_eq!(live(&stand), Vec::<String>::new());
}

#[test]
fn dry_run_shows_the_plan_and_revokes_nothing() {
    let stand = Stand::pinata();
    stand.pinata_key_with("ci-admin", &json!({ "admin": true }), None);
    stand.pinata_key("ci-deploy");
    let run = stand.run("revoke --prefix ci- --dry-run").exits(0);
    assert!(run.stdout.contains("\nrevoke               ci-deploy   live"), "{}", run.stdout);
    assert!(run.stdout.contains("\nkeep: an admin key   ci-admin    live"), "{}", run.stdout);
    let run = stand.run("revoke --prefix ci- --dry-run --json").exits(0);
    assert_eq!(results(&run), pairs(&[("ci-admin", "excluded"), ("ci-deploy", "planned")]));
    assert_eq!(live(&stand).len(), 2);
}

#[test]
fn without_terminal_and_yes_nothing_is_even_listed() {
    let stand = Stand::pinata();
    stand.pinata_key("ci");
    let requests = stand.emulator().requests();
    for line in ["revoke ci", "revoke --prefix ci"] {
        let ended = stand.run(line).exits(1);
        assert!(ended.stderr.contains("pass --yes"), "{}", ended.stderr);
    }
    assert_eq!(stand.emulator().requests(), requests);
}

#[test]
fn nothing_matched_exits_with_1() {
    for stand in [Stand::pinata(), Stand::w3ipfs()] {
        stand.pinata_key("ci-deploy");
        stand.w3ipfs_key("ci-deploy");
        let none = stand.run("revoke ci-deplyo --yes").exits(1);
        assert!(none.stderr.contains("did you mean:  pinning-keys revoke ci-deploy"));
        assert!(none.stderr.contains("a newly created key"), "{}", none.stderr);
        stand.run("revoke --prefix x --yes").exits(1);
        stand.run("revoke one two --yes").exits(1);
        assert_eq!(stand.emulator().keys_live(), 2);
    }
}

#[test]
fn missing_names_do_not_keep_the_others() {
    let stand = Stand::w3ipfs();
    stand.w3ipfs_key("one");
    stand.w3ipfs_key("two");
    let run = stand.run("revoke one three two --yes --json").exits(1);
    assert_eq!(results(&run), pairs(&[("one", "revoked"), ("two", "revoked")]));
    assert!(run.stderr.contains("no key is named \\\"three\\\""), "{}", run.stderr);
}

#[test]
fn name_of_several_live_keys_is_refused_with_the_list() {
    let stand = Stand::pinata();
    let keys = [(); 3].map(|()| stand.pinata_key("ci"));
    stand.revoke_at_pinata(&keys[0]);
    let run = stand.run("revoke ci --yes").exits(1);
    assert!(run.stderr.starts_with("error: 2 keys are named \"ci\"\n"), "{}", run.stderr);
    for key in &keys[1..] {
        assert!(run.stderr.contains(&format!("pinning-keys revoke {}", reference(key))));
    }
    assert_eq!(live(&stand).len(), 2);
    let others = stand.run(&format!("revoke {} --yes", reference(&keys[1]))).exits(0);
    assert_eq!(others.stderr, "");
    stand.run("revoke ci --yes").exits(0);
    assert_eq!(live(&stand), Vec::<String>::new());
}

#[test]
fn list_that_breaks_revokes_nothing() {
    let stand = Stand::pinata();
    for number in 0..25 {
        stand.pinata_key(&format!("ci-{number}"));
    }
    let fault = Fault::status(StatusCode::SERVICE_UNAVAILABLE, Stage::BeforeCommit);
    stand.emulator().faults().add(FaultRule::new(fault).method(Method::GET).from_nth(2));
    let run = stand.run("revoke --prefix ci- --yes").exits(75);
    assert!(run.stderr.contains("the list of keys is incomplete"), "{}", run.stderr);
    assert_eq!(live(&stand).len(), 25);
}

#[test]
fn list_with_discrepancies_revokes_what_it_shows_and_fails() {
    let stand = Stand::w3ipfs();
    for number in 0..5 {
        stand.w3ipfs_key(&format!("ci-{number}"));
    }
    let missing = FaultRule::new(Fault::List(ListFault::MissingRow)).first(1);
    stand.emulator().faults().add(missing);
    let run = stand.run("revoke --prefix ci- --yes --json").exits(1);
    assert!(run.stderr.contains("may be incomplete"), "{}", run.stderr);
    assert_eq!((run.stdout.lines().count(), stand.emulator().keys_live()), (4, 1));
    stand.run("revoke --prefix ci- --yes").exits(0);
    assert_eq!(stand.emulator().keys_live(), 0);
}

#[test]
fn failures_are_reported_by_key_and_the_gravest_decides() {
    let stand = Stand::pinata();
    let keys = ["ci-1", "ci-2", "ci-3"].map(|name| stand.pinata_key(name));
    let path = |key: &Value| format!("/v3/api_keys/{}", public(key));
    let refusal = Fault::status(StatusCode::FORBIDDEN, Stage::BeforeCommit);
    let lost = Fault::Body(BodyFault::Html);
    let faults = stand.emulator().faults();
    faults.add(FaultRule::new(refusal).method(Method::DELETE).path(path(&keys[0])));
    let rule = faults.add(FaultRule::new(lost).method(Method::DELETE).path(path(&keys[1])));
    let run = stand.run("revoke --prefix ci- --yes --json").exits(3);
    let expected = [("ci-1", "failed"), ("ci-2", "unknown"), ("ci-3", "revoked")];
    assert_eq!(results(&run), pairs(&expected));
    assert!(run.stderr.contains("2 of 3 keys were not revoked"), "{}", run.stderr);
    assert!(run.stderr.contains("run the same command again"), "{}", run.stderr);
    assert!(rule.hits() > 0);
    let again = stand.run("revoke --prefix ci- --yes --json").exits(1);
    assert_eq!(results(&again), pairs(&[("ci-1", "failed")]));
}

#[test]
fn failure_that_all_keys_would_meet_stops_the_batch() {
    let stand = Stand::pinata();
    for number in 0..30 {
        stand.pinata_key(&format!("ci-{number}"));
    }
    let fault = Fault::status(StatusCode::UNAUTHORIZED, Stage::BeforeCommit);
    stand.emulator().faults().add(FaultRule::new(fault).method(Method::DELETE));
    let run = stand.run("revoke --prefix ci- --yes --json").exits(4);
    let not_started = results(&run).iter().filter(|(_, result)| result == "not_started").count();
    assert!(not_started >= 26, "{not_started}");
    assert!(run.stderr.contains("stopped: every remaining key"), "{}", run.stderr);
    assert_eq!(live(&stand).len(), 30);
}

#[test]
fn json_is_documented_by_a_golden_file() {
    let stand = Stand::pinata();
    stand.pinata_key_with("ci-admin", &json!({ "admin": true }), None);
    stand.pinata_key("ci-deploy");
    let planned = stand.run("revoke --prefix ci- --dry-run --json").exits(0).stdout;
    let revoked = stand.run("revoke --prefix ci- --yes --json").exits(0).stdout;
    let advice = "This is what programs read: a change can break them.";
    let path = "crates/cli/tests/golden/revoke.jsonl";
    assert_golden(path, &format!("{planned}{revoked}"), advice);
}

#[test]
fn two_thousand_keys_are_revoked() {
    const KEYS: usize = 2_000;
    let many = W3ipfsAssumptions::default().max_keys(KEYS);
    let builder = Emulator::builder().w3ipfs_assumptions(many);
    let stand = Stand::start(builder, |emulator| emulator.w3ipfs().vars());
    for number in 0..KEYS {
        stand.w3ipfs_key(&format!("user {number}"));
    }
    let run = run(&mut stand.command(["revoke", "--prefix", "user ", "--yes"])).exits(0);
    assert_eq!((run.stdout.lines().count(), stand.emulator().keys_live()), (KEYS, 0));
}

/// Without the limit that the program is told, the emulator would refuse most of the requests.
#[test]
fn revoking_many_keeps_to_the_rate_limit() {
    const KEYS: usize = 25;
    // Ten keys at once, and then ten a second.
    let limit = RateLimit::new(20, std::time::Duration::from_secs(1)).path("/v3/api_keys/{key}");
    let builder = Emulator::builder().rate_limit(limit);
    let mut stand = Stand::start(builder, |emulator| emulator.pinata().vars());
    for number in 0..KEYS {
        stand.pinata_key(&format!("ci-{number}"));
    }
    stand.set_variable("PINNING_KEYS_REQUESTS_PER_MINUTE", "600");
    let run = stand.run("revoke --prefix ci- --yes").exits(0);
    assert_eq!((run.stdout.lines().count(), stand.emulator().rate_limited()), (KEYS, 0));
}

#[test]
fn hostile_names_are_escaped_in_results() {
    let stand = Stand::pinata();
    stand.pinata_key("::set-output name=a::b");
    stand.pinata_key("x\u{1b}[2J\n::error::");
    let run = stand.run("revoke --older-than 1h --yes").exits(0);
    assert_eq!(run.stdout.lines().count(), 2, "{}", run.stdout);
    assert!(!run.stdout.contains('\u{1b}') && !run.stdout.contains("   ::set"), "{}", run.stdout);
}

#[test]
fn what_to_revoke_is_named_or_filtered_but_not_both() {
    let stand = Stand::pinata();
    for line in [
        "revoke",
        "revoke --yes",
        "revoke ci --prefix ci",
        "revoke ci --token -",
        "revoke --token - --used-up",
        "revoke --nonsense",
    ] {
        stand.run(line).exits(64);
    }
    let own = stand.pinata_key("-x");
    run(&mut stand.command(["revoke", "--yes", "--", "-x"])).exits(0);
    assert!(live(&stand).is_empty(), "{}", public(&own));
}

/// A leaked key, whose secret is given on stdin.
fn revoke_token(stand: &Stand, flags: &str, secret: &str) -> Run {
    stand.run_with_stdin(&format!("revoke --token - {flags}"), secret)
}

#[test]
fn leaked_secret_is_traced_and_its_key_revoked() {
    let stand = Stand::pinata();
    let key = stand.pinata_key("leaked");
    let secret = key["JWT"].as_str().expect("a JWT");
    let dry = revoke_token(&stand, "--dry-run", secret).exits(0);
    assert!(dry.stdout.starts_with("planned   leaked"), "{}", dry.stdout);
    let refused = revoke_token(&stand, "", secret);
    // Without a terminal device, `--yes` is needed.
    assert_ne!(refused.code, 0);
    assert_eq!(live(&stand), ["leaked"]);
    let run = revoke_token(&stand, "--yes --json", &format!("{secret}\n")).exits(0);
    let expected = json!({ "format": 1, "key_ref": reference(&key), "name": "leaked",
        "result": "revoked", "credential": "dead" });
    assert_eq!(run.objects(), [expected]);
    assert!(live(&stand).is_empty());
    let again = revoke_token(&stand, "--yes", secret).exits(0);
    assert!(again.stdout.starts_with("already gone   leaked"), "{}", again.stdout);
    for run in [dry, refused, run, again] {
        assert!(!format!("{run:?}").contains(secret));
    }
}

#[test]
fn leaked_pair_of_w3ipfs_is_read_as_the_file_that_issue_writes() {
    let stand = Stand::w3ipfs();
    let key = stand.w3ipfs_key("leaked");
    let stored = json!({
        "provider": "w3ipfs", "api_key": key["api_key"], "api_secret": key["secret_key"],
        "api_key_header": "pinning_api_key", "api_secret_header": "pinning_secret_key",
    });
    let run = revoke_token(&stand, "--yes", &stored.to_string()).exits(0);
    assert!(run.stdout.contains("the secret is dead"), "{}", run.stdout);
    assert_eq!(stand.emulator().keys_live(), 0);
    let other = revoke_token(&Stand::pinata(), "--yes", &stored.to_string()).exits(78);
    assert!(other.stderr.contains("belongs to w3ipfs, and the account to pinata"));
    let login = revoke_token(&stand, "--yes", &stand.emulator().w3ipfs().jwt()).exits(1);
    assert!(login.stderr.contains("does not name a key"), "{}", login.stderr);
}

#[test]
fn forged_token_is_refused_with_the_next_command() {
    let stand = Stand::pinata();
    let key = stand.pinata_key("victim");
    let jwt = key["JWT"].as_str().expect("a JWT");
    let forged = format!("{}.{}", jwt.rsplit_once('.').expect("three parts").0, "x".repeat(43));
    for flag in ["--yes", "--dry-run"] {
        let run = revoke_token(&stand, flag, &forged).exits(1);
        assert!(run.stderr.contains("does not prove"), "{}", run.stderr);
        assert!(run.stderr.contains("pinning-keys revoke victim"), "{}", run.stderr);
    }
    assert_eq!(live(&stand), ["victim"]);
}

#[test]
fn own_token_is_refused() {
    let stand = with_own_key();
    let own = stand.variable("PINNING_KEYS_JWT");
    let run = revoke_token(&stand, "--yes", own).exits(1);
    assert!(run.stderr.contains("works with this key"), "{}", run.stderr);
    assert!(!run.stderr.contains(own));
    assert_eq!(live(&stand), ["ci-own"]);
}

#[test]
fn secret_that_lingers_is_waited_for() {
    let lingering = PinataAssumptions::default().honour_revoked(2);
    let builder = Emulator::builder().pinata_assumptions(lingering);
    let stand = Stand::start(builder, |emulator| emulator.pinata().vars());
    let key = stand.pinata_key("leaked");
    let run = revoke_token(&stand, "--yes", key["JWT"].as_str().expect("a JWT")).exits(0);
    assert!(run.stdout.contains("the secret is dead"), "{}", run.stdout);
}

/// The uses of the key are limited, so that nothing asks again whether the secret works.
#[test]
fn secret_that_still_works_exits_with_1() {
    let lingering = PinataAssumptions::default().honour_revoked(9);
    let builder = Emulator::builder().pinata_assumptions(lingering);
    let stand = Stand::start(builder, |emulator| emulator.pinata().vars());
    let permissions = json!({ "resources": ["org:files:read"] });
    let key = stand.pinata_key_with("leaked", &permissions, Some(100));
    let run = revoke_token(&stand, "--yes", key["JWT"].as_str().expect("a JWT")).exits(1);
    assert!(run.stdout.contains("the secret is still live"), "{}", run.stdout);
}

#[test]
fn secret_as_argument_is_refused_and_not_repeated() {
    let stand = Stand::pinata();
    for secret in every_secret(&stand) {
        for arguments in [&["revoke"][..], &["revoke", "--prefix"], &["revoke", "--token"]] {
            let ended = run(stand.command(arguments).arg(&secret)).exits(64);
            assert!(ended.stderr.contains("revoke --token -"), "{}", ended.stderr);
            assert!(!ended.stderr.contains(&secret) && ended.stdout.is_empty());
        }
    }
    assert_eq!(stand.emulator().requests(), 0);
}

#[cfg(unix)]
mod at_a_terminal {
    use rexpect::process::WaitStatus;

    use super::*;
    use crate::support::terminal::on_terminal;

    /// A line of a shell, in the program's environment.
    fn shell(stand: &Stand, script: &str) -> Command {
        let program = stand.command([""]);
        let environment = program.get_envs().filter_map(|(name, value)| Some((name, value?)));
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).env_clear().envs(environment).current_dir(stand.home());
        shell
    }

    #[test]
    fn question_shows_the_plan_and_takes_no_for_the_default() {
        let stand = Stand::pinata();
        stand.pinata_key("ci-1");
        stand.pinata_key("ci-2");
        for (answer, code, left) in [("", 1, 2), ("n", 1, 2), ("y", 0, 0)] {
            let mut terminal = on_terminal(stand.command(["revoke", "--prefix", "ci-"]));
            terminal.exp_string("ci-1").expect("the plan");
            terminal.exp_string("revoke 2 keys at pinata? [y/N] ").expect("the question");
            terminal.send_line(answer).expect("an answer");
            terminal.exp_eof().expect("the end");
            let status = terminal.process().wait().expect("a status");
            assert_eq!((exit_code(status), live(&stand).len()), (code, left), "{answer:?}");
        }
    }

    #[test]
    fn leaked_secret_on_stdin_is_asked_about_on_the_device() {
        let stand = Stand::pinata();
        let key = stand.pinata_key("leaked");
        stand.write("token", key["JWT"].as_str().expect("a JWT"));
        let script = format!("{} revoke --token - < token", crate::support::PROGRAM);
        let mut terminal = on_terminal(shell(&stand, &script));
        terminal.exp_string("revoke \"leaked\" at pinata? [y/N] ").expect("the question");
        terminal.send_line("y").expect("an answer");
        terminal.exp_string("the secret is dead").expect("the result");
        terminal.exp_eof().expect("the end");
        assert!(live(&stand).is_empty());
    }

    #[test]
    fn interrupt_settles_what_is_in_flight_and_the_same_command_goes_on() {
        const KEYS: usize = 40;
        let stand = Stand::pinata();
        for number in 0..KEYS {
            stand.pinata_key(&format!("ci-{number}"));
        }
        let slow = Fault::Latency {
            stage: Stage::BeforeCommit,
            delay: std::time::Duration::from_millis(700),
        };
        let slow = FaultRule::new(slow).method(Method::DELETE);
        stand.emulator().faults().add(slow);
        // A terminal without columns has no room for progress.
        let program = crate::support::PROGRAM;
        let script = format!("stty cols 80; TERM=xterm exec {program} revoke --prefix ci- --yes");
        let mut terminal = on_terminal(shell(&stand, &script));
        terminal.exp_string("revoking [").expect("progress after two seconds");
        terminal.exp_string(" of 40").expect("the number of keys");
        terminal.send_control('c').expect("an interrupt");
        terminal.exp_string("interrupt again to end at once").expect("what it waits for");
        terminal.exp_string("keys were revoked").expect("what is left");
        terminal.exp_string("run the same command again").expect("how to go on");
        terminal.exp_eof().expect("the end");
        let status = terminal.process().wait().expect("a status");
        assert_eq!(exit_code(status), 130);
        let left = live(&stand).len();
        assert!((1..KEYS).contains(&left), "{left}");
        stand.emulator().faults().clear();
        let rest = stand.run("revoke --prefix ci- --yes").exits(0);
        assert_eq!((rest.stdout.lines().count(), live(&stand).len()), (left, 0));
    }

    #[test]
    fn second_interrupt_ends_at_once() {
        let stand = Stand::pinata();
        stand.pinata_key("ci-1");
        let delay = std::time::Duration::from_secs(60);
        let stuck = Fault::Latency { stage: Stage::BeforeCommit, delay };
        stand.emulator().faults().add(FaultRule::new(stuck).method(Method::DELETE));
        let program = crate::support::PROGRAM;
        let script = format!("stty cols 80; TERM=xterm exec {program} revoke ci-1 --yes");
        let mut terminal = on_terminal(shell(&stand, &script));
        terminal.exp_string("revoking [").expect("progress after two seconds");
        terminal.send_control('c').expect("an interrupt");
        terminal.exp_string("interrupt again to end at once").expect("what it waits for");
        terminal.send_control('c').expect("another interrupt");
        terminal.exp_eof().expect("the end");
        assert_eq!(exit_code(terminal.process().wait().expect("a status")), 130);
        stand.emulator().faults().clear();
    }

    #[test]
    fn interrupt_at_the_question_revokes_nothing() {
        let stand = Stand::pinata();
        stand.pinata_key("ci-1");
        let mut terminal = on_terminal(stand.command(["revoke", "ci-1"]));
        terminal.exp_string("revoke \"ci-1\" at pinata? [y/N] ").expect("the question");
        terminal.send_control('c').expect("an interrupt");
        terminal.exp_string("error: interrupted").expect("the end in words");
        terminal.exp_eof().expect("the end");
        assert_eq!(exit_code(terminal.process().wait().expect("a status")), 130);
        assert_eq!(live(&stand), ["ci-1"]);
    }

    fn exit_code(status: WaitStatus) -> i32 {
        match status {
            WaitStatus::Exited(_, code) => code,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn key_that_is_named_twice_is_revoked_once() {
    let stand = Stand::pinata();
    stand.pinata_key("twice");
    let run = stand.run("revoke twice twice --yes").exits(0);
    assert_eq!((run.stdout.lines().count(), live(&stand).len()), (1, 0));
}

#[test]
fn leaked_token_is_read_with_what_surrounds_it() {
    for (before, after) in [
        ("Authorization: Bearer ", "\n"),
        ("bearer ", ""),
        ("export PINATA_JWT='", "'\n"),
        ("PINATA_JWT=", "\r\n"),
        ("  \"", "\" "),
    ] {
        let stand = Stand::pinata();
        let key = stand.pinata_key("leaked");
        let secret = key["JWT"].as_str().expect("a JWT");
        revoke_token(&stand, "--yes", &format!("{before}{secret}{after}")).exits(0);
        assert!(live(&stand).is_empty(), "{before:?}");
    }
    let stand = Stand::pinata();
    let run = revoke_token(&stand, "--yes", "one canary\ntwo canary\n").exits(1);
    assert!(run.stderr.contains("give a JWT alone") && !run.stderr.contains("canary"), "{run:?}");
}
