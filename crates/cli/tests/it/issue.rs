//! Issuing and delivering a key.

use std::fs;

use http::{Method, StatusCode};
use pinning_keys_emulator::{BodyFault, Cut, Fault, FaultRule, ListFault, RetryAfter, Stage};
use pinning_keys_testkit::golden::assert_golden;

use crate::support::{Run, Stand, run};

const KEYS: &str = "/v3/api_keys";

/// The number of keys that were made, and of those that are live.
fn keys(stand: &Stand) -> (usize, usize) {
    (stand.emulator().keys_made(), stand.emulator().keys_live())
}

/// Runs the program with an argument that has blanks, in the place of `_`.
fn run_with(stand: &Stand, line: &str, argument: &str) -> Run {
    let words = line.split_whitespace().map(|word| if word == "_" { argument } else { word });
    run(&mut stand.command(words))
}

/// The reference of the only key.
#[cfg(unix)]
fn reference(stand: &Stand) -> String {
    format!("v1:pinata:{}", stand.emulator().pinata().keys()[0].key)
}

/// Types the command that a failure printed behind this label, and consents to what it does.
#[cfg(unix)]
fn type_next(stand: &Stand, failed: &Run, label: &str) -> Run {
    let mut lines = failed.stderr.lines().map(str::trim_start);
    let rest = lines.find_map(|line| line.strip_prefix(label)).expect("a command");
    let words = rest.trim_start().split("   ").next().unwrap_or_default();
    let words = words.strip_prefix("pinning-keys ").expect("a command of the program");
    let mut shell = std::process::Command::new("sh");
    let command = stand.command([""; 0]);
    let variables = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
    let script = format!("exec {} --quiet {words} --yes", crate::support::PROGRAM);
    shell.args(["-c", &script]).current_dir(stand.home()).env_clear().envs(variables);
    run(&mut shell)
}

fn golden(name: &str, text: &str) {
    let advice = "People read the text, and programs the JSON, which may only grow.";
    assert_golden(&format!("crates/cli/tests/golden/{name}"), text, advice);
}

#[test]
fn the_secret_is_in_the_file_and_nowhere_else() {
    let stand = Stand::pinata();
    let mut printed = String::new();
    let tolerant = "--needs pins:list --prefers nfts:list --tolerates pins:list-jobs";
    for (name, flags) in
        [("text", ""), ("json", "--json"), ("loud", "-v"), ("limited", "--max-uses 7")]
    {
        let line = format!("issue --unmanaged {name} {tolerant} --to file:{name}.key {flags}");
        let run = stand.run(&line).exits(0);
        printed.push_str(&run.stdout);
        assert_eq!(run.stderr.is_empty(), name != "loud", "{}", run.stderr);
        let stored: serde_json::Value = serde_json::from_str(&stand.read(&format!("{name}.key")))
            .expect("the file is an object");
        let secrets = ["bearer", "api_secret"].map(|name| stored[name].as_str().expect("a secret"));
        let outputs = run.stdout + &run.stderr;
        assert!(secrets.iter().all(|secret| !outputs.contains(secret)), "{outputs}");
        stand.run(&format!("verify --file {name}.key")).exits(0);
    }
    golden("issue.txt", &printed);
    assert_eq!(keys(&stand), (4, 4));
}

#[test]
fn nothing_is_sent_if_anything_is_wrong_beforehand() {
    let stand = Stand::pinata();
    fs::create_dir(stand.home().join("folder")).expect("a folder");
    for (flags, code, why) in [
        ("--preset reader", 64, "no destination for the secret was given"),
        ("--preset reader --to flie:key.json", 64, "did you mean \"file\"?"),
        ("--preset reader --to file:no/key.json", 1, "does not exist"),
        ("--preset reader --to file:folder", 1, ""),
        ("--preset reader --to file:key.json --field jtw", 64, "did you mean \"jwt\"?"),
        ("--preset reader --to command:no-such-program", 1, ""),
        ("--preset reader --overwrite --show-secret", 64, ""),
        ("--preset reader --to github:env#KEY", 1, ""),
        ("--preset uploader --to file:key.json", 1, "--tolerates pinata:org:files:write"),
        ("--admin --to file:key.json", 1, "pass --yes to confirm"),
        (
            "--needs keys:manage --tolerates pinata:org:write --to file:k",
            1,
            "pass --yes to confirm",
        ),
        ("--preset reader --max-uses 0 --to file:key.json", 64, ""),
        ("--preset reader --lease 24h --to file:key.json", 64, ""),
        ("--preset reader --show-secret", 64, "on a terminal only"),
        ("--preset reader --show-secret --json", 64, "on a terminal only"),
        ("--to file:key.json", 64, "no scope was given"),
    ] {
        let run = stand.run(&format!("issue --unmanaged ci {flags}")).exits(code);
        assert!(run.stderr.contains(why), "{flags}: {}", run.stderr);
        assert_eq!(run.stdout, "", "{flags}");
    }
    assert_eq!(stand.emulator().requests(), 0);
}

#[test]
fn names_that_are_secrets_or_look_like_flags_are_refused() {
    let stand = Stand::pinata();
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzY29wZWRLZXlTZWNyZXQiOiJ4In0.c2lnbmF0dXJl";
    let hex = "0123456789abcdef".repeat(4);
    let base64 = "q8N3vTzXk1+/fJ0aWm5YbR7cLd2eUiOpGhSsEtQrZ4w=";
    for name in [jwt, &hex, base64, "-ci", "--ci", "", " ci", "a\u{1b}[31m", "one\ntwo"] {
        let run = run_with(&stand, "issue --unmanaged _ --preset reader --to file:key.json", name)
            .exits(64);
        let shows = |part: &str| part.len() > 3 && run.stderr.contains(part);
        assert!(!shows(name) && !run.stderr.contains('\u{1b}'), "{}", run.stderr);
    }
    assert_eq!(stand.emulator().requests(), 0);
    stand.run("issue --unmanaged --preset reader --to file:key.json -- -ci").exits(0);
    assert_eq!(stand.emulator().pinata().keys()[0].name, "-ci");
    // Words in lower case can have the length of a secret.
    let long = "ci-deploy-production-europe-west-2025-01-01";
    run_with(&stand, "issue --unmanaged _ --preset reader --dry-run", long).exits(0);
}

#[cfg(unix)]
#[test]
fn a_name_that_is_not_utf_8_is_refused() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let stand = Stand::pinata();
    let words =
        ["issue", "--unmanaged", "--preset", "reader", "--to", "file:key.json"].map(OsStr::new);
    let words = words.into_iter().chain([OsStr::from_bytes(b"c\xffi")]);
    let run = run(&mut stand.command(words)).exits(64);
    assert!(run.stderr.contains("the name of the key is not UTF-8"), "{}", run.stderr);
    assert_eq!(stand.emulator().requests(), 0);
}

#[test]
fn a_dry_run_shows_the_plan_and_checks_the_sink() {
    let stand = Stand::pinata();
    let run =
        stand.run("issue --unmanaged ci --preset reader --to file:key.json --dry-run").exits(0);
    assert!(run.stdout.ends_with("to        key.json   ready\n"), "{}", run.stdout);
    assert_eq!(run.stderr, "nothing was sent\n");
    let run = stand.run("issue --unmanaged ci --preset reader --dry-run --json").exits(0);
    let [object] = &run.objects()[..] else { panic!("{}", run.stdout) };
    assert_eq!((&object["dry_run"], &object["key_ref"]), (&true.into(), &().into()));
    stand.run("issue --unmanaged ci --preset reader --to file:no/key.json --dry-run").exits(1);
    stand.run("issue --unmanaged ci --admin --to file:key.json --dry-run").exits(0);
    assert_eq!(stand.emulator().requests(), 0);
    assert!(!stand.home().join("key.json").exists());
}

#[test]
fn a_name_that_a_live_key_has_is_refused() {
    let stand = Stand::pinata();
    stand.run("issue --unmanaged ci --preset reader --to file:1.json").exits(0);
    let run = stand.run("issue --unmanaged ci --preset reader --to file:2.json").exits(1);
    assert!(run.stderr.contains("a key named \"ci\" exists at pinata"), "{}", run.stderr);
    assert!(run.stderr.contains("pinning-keys revoke ci\n"), "{}", run.stderr);
    // A name that only contains it, or belongs to a revoked key, is free.
    stand.run("issue --unmanaged c --preset reader --to file:3.json").exits(0);
    assert_eq!(keys(&stand), (2, 2));
}

#[test]
fn a_key_that_cannot_be_delivered_is_revoked() {
    let stand = Stand::pinata();
    for (name, command, why) in [
        ("a", "false", ""),
        ("b", "sh -c 'cat > /dev/null; echo no such vault >&2; exit 3'", "no such vault"),
    ] {
        let sink = format!("command:{command}");
        let run =
            run_with(&stand, &format!("issue --unmanaged {name} --preset reader --to _"), &sink)
                .exits(1);
        assert!(run.stderr.contains("; the new key is revoked\n"), "{}", run.stderr);
        assert!(run.stderr.contains(why), "{}", run.stderr);
        assert_eq!(run.stdout, "");
    }
    assert_eq!(keys(&stand), (2, 0));
}

#[cfg(unix)]
#[test]
fn text_of_a_sink_is_escaped_once() {
    let stand = Stand::pinata();
    let sink = r"command:sh -c 'printf \\033[2Jbad >&2; exit 1'";
    let run = run_with(&stand, "issue --unmanaged ci --preset reader --to _", sink).exits(1);
    assert!(run.stderr.contains(r"exit code 1: \u{1b}[2Jbad"), "{}", run.stderr);
    let run =
        run_with(&stand, "issue --unmanaged ci --preset reader --to _", "file:k\u{1b}[2J.json")
            .exits(0);
    assert!(run.stdout.contains(r"k\u{1b}[2J.json   confirmed"), "{}", run.stdout);
}

#[cfg(unix)]
#[test]
fn an_undelivered_key_that_cannot_be_revoked_is_named() {
    let stand = Stand::pinata();
    let broken = Fault::status(StatusCode::FORBIDDEN, Stage::BeforeCommit);
    stand.emulator().faults().add(FaultRule::new(broken).path("/v3/api_keys/{key}"));
    let run = stand.run("issue --unmanaged ci --preset reader --to command:false").exits(3);
    assert!(run.stderr.contains("; the new key may still work (cannot revoke"), "{}", run.stderr);
    let command = format!("to revoke it:  pinning-keys revoke {}\n", reference(&stand));
    assert!(run.stderr.contains(&command), "{}", run.stderr);
    assert_eq!(keys(&stand), (1, 1));
    stand.emulator().faults().clear();
    type_next(&stand, &run, "to revoke it:").exits(0);
    assert_eq!(keys(&stand), (1, 0));
}

#[cfg(unix)]
#[test]
fn a_lost_answer_exits_3_and_shows_how_to_settle_it() {
    let stand = Stand::pinata();
    let lost = Fault::CutConnection(Cut::AfterCommit);
    stand.emulator().faults().add(FaultRule::new(lost).method(Method::POST).path(KEYS));
    stand.write("my keys.toml", "");
    let line = "issue --unmanaged _ --preset reader --to file:key.json";
    let named = run_with(&stand, line, "ci it's").exits(3);
    assert!(
        named.stderr.starts_with("error: key \"ci it's\" may exist at pinata: "),
        "{}",
        named.stderr
    );
    assert!(
        named.stderr.contains(r"  pinning-keys revoke 'ci it'\''s'   finds"),
        "{}",
        named.stderr
    );
    // It acts on the account that this call works with.
    let mut words =
        vec!["issue", "--unmanaged", "x", "--preset", "reader", "--to", "file:key.json"];
    words.extend(["--config", "my keys.toml"]);
    let run = run(&mut stand.command(words)).exits(3);
    let command = "  pinning-keys --config 'my keys.toml' revoke x   finds";
    assert!(run.stderr.contains(command), "{}", run.stderr);
    for run in [named, run] {
        type_next(&stand, &run, "to settle it:").exits(0);
    }
    assert_eq!(keys(&stand), (2, 0));
    let json = run_with(&stand, &format!("{line} --json"), "other").exits(3);
    assert!(json.stderr.contains(r#""exit_code":3"#), "{}", json.stderr);
    assert_eq!(keys(&stand), (3, 1));
    assert!(!stand.home().join("key.json").exists());
}

#[cfg(unix)]
#[test]
fn a_shell_reads_the_name_in_the_next_command_as_it_is() {
    let stand = Stand::pinata();
    let lost = Fault::CutConnection(Cut::AfterCommit);
    stand.emulator().faults().add(FaultRule::new(lost).method(Method::POST).path(KEYS));
    for name in
        ["::set-output name=a::b", "a ::b", "x##[error]y###[z", "it's", "$HOME", "a\\nb", "é"]
    {
        let run = run_with(&stand, "issue --unmanaged _ --preset reader --to file:key.json", name)
            .exits(3);
        let line = run.stderr.lines().find_map(|line| line.strip_prefix("  to settle it:   "));
        let command = line.and_then(|line| line.split("   finds").next()).expect("a command");
        let script = command.replace("pinning-keys revoke", "printf %s");
        let mut shell = std::process::Command::new("sh");
        assert_eq!(crate::support::run(shell.args(["-c", &script])).exits(0).stdout, name);
        assert!(!run.stderr.contains("##[") && !run.stderr.contains(" ::"), "{}", run.stderr);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_name_need_not_be_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let stand = Stand::pinata();
    let words = ["issue", "--unmanaged", "ci", "--preset", "reader", "--to"].map(OsStr::new);
    let words = words.into_iter().chain([OsStr::from_bytes(b"file:k\xff\x1by.json")]);
    let run = run(&mut stand.command(words)).exits(0);
    assert!(run.stdout.is_ascii() && !run.stdout.contains('\u{1b}'), "{}", run.stdout);
    assert!(stand.home().join(OsStr::from_bytes(b"k\xff\x1by.json")).exists());
}

#[test]
fn a_failure_before_the_create_or_at_it_issues_no_key() {
    let stand = Stand::pinata();
    let words = ["issue", "--unmanaged", "ci", "--preset", "reader", "--to", "file:key.json"];
    let run =
        run(stand.command(words).env("PINNING_KEYS_JWT", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln")).exits(4);
    assert!(run.stderr.contains("; no key was issued\n"), "{}", run.stderr);
    let limited = Fault::too_many_requests(RetryAfter::Seconds(7));
    stand.emulator().faults().add(FaultRule::new(limited).method(Method::POST).path(KEYS));
    let run = stand.run(&words.join(" ")).exits(75);
    assert!(run.stderr.contains("; no key was issued\n  try again in 7 s\n"), "{}", run.stderr);
    assert_eq!(keys(&stand), (0, 0));
}

/// A list that shows one key, with this scope.
fn list_of(key: &str, scopes: &serde_json::Value) -> FaultRule {
    let row = serde_json::json!({
        "id": "1", "name": "ci", "key": key, "secret": null, "max_uses": null, "uses": 0,
        "user_id": "u", "scopes": scopes, "revoked": false,
        "createdAt": "2025-01-01T00:00:00.000Z", "updatedAt": "2025-01-01T00:00:00.000Z",
    });
    let body = serde_json::json!({ "keys": [row], "count": 1 }).to_string();
    let fault = Fault::Body(BodyFault::Text(body));
    FaultRule::new(fault).method(Method::GET).path(KEYS)
}

/// The first key that an emulator makes, which is the same for all with the same seed.
fn first_key() -> String {
    let stand = Stand::pinata();
    stand.run("issue --unmanaged ci --preset reader --to file:key.json").exits(0);
    stand.emulator().pinata().keys()[0].key.clone()
}

#[test]
fn a_key_that_is_recorded_wider_is_revoked_at_once() {
    let key = first_key();
    for (scopes, shown) in [
        (serde_json::json!({ "admin": true }), "wider: an admin key"),
        (serde_json::json!({ "resources": ["org:files:write"] }), "wider: also "),
    ] {
        let stand = Stand::pinata();
        stand.emulator().faults().add(list_of(&key, &scopes).from_nth(2));
        let run = stand.run("issue --unmanaged ci --preset reader --to file:key.json").exits(1);
        let why = format!("error: the provider recorded more than was requested ({shown}");
        assert!(run.stderr.starts_with(&why), "{}", run.stderr);
        assert!(run.stderr.contains("; the new key is revoked\n"), "{}", run.stderr);
        assert_eq!((keys(&stand), stand.home().join("key.json").exists()), ((1, 0), false));
    }
}

#[test]
fn other_differences_and_a_check_that_fails_are_warned_about() {
    let key = first_key();
    let nothing = list_of(&key, &serde_json::json!({ "resources": [] }));
    let stale = FaultRule::new(Fault::List(ListFault::Stale)).method(Method::GET).path(KEYS);
    let broken = FaultRule::new(Fault::Body(BodyFault::Html)).method(Method::GET).path(KEYS);
    for (rule, state, shown) in [
        (nothing, "differs", "the key may differ from what was requested: narrower: not pins:list"),
        (stale, "not_shown", "could not confirm what the provider recorded: not shown"),
        (broken, "unknown", "could not confirm what the provider recorded: cannot list the keys"),
    ] {
        let stand = Stand::pinata();
        stand.emulator().faults().add(rule.from_nth(2));
        let run =
            stand.run("issue --unmanaged ci --preset reader --to file:key.json --json").exits(0);
        assert!(run.stderr.contains(shown), "{}", run.stderr);
        assert_eq!(run.objects()[0]["recorded"]["state"], state);
        assert_eq!(keys(&stand), (1, 1));
        assert!(stand.home().join("key.json").exists());
    }
}

#[test]
fn a_key_of_w3ipfs_is_a_pair_whose_parts_are_named() {
    let stand = Stand::w3ipfs();
    let run = stand.run("issue --unmanaged ci --preset uploader --to env:.env#SECRET").exits(64);
    assert!(run.stderr.contains("--field api-secret"), "{}", run.stderr);
    assert_eq!(stand.emulator().requests(), 0);
    let line = "issue --unmanaged ci --preset uploader --to env:.env#SECRET --field api-secret";
    let run = stand.run(line).exits(0);
    assert_eq!(run.stderr, "");
    assert!(stand.read(".env").starts_with("SECRET="));
    assert_eq!(keys(&stand), (1, 1));
    stand.run("issue --unmanaged other --preset uploader --to command:false --field json").exits(1);
    assert_eq!(keys(&stand), (2, 1));
}

#[test]
fn an_admin_key_is_issued_with_yes() {
    let stand = Stand::pinata();
    let run = stand.run("issue --unmanaged root --admin --yes --to file:key.json --json").exits(0);
    assert_eq!(run.objects()[0]["granted"], "admin");
    assert_eq!(keys(&stand), (1, 1));
}

#[cfg(unix)]
#[test]
fn a_closed_stdout_does_not_stop_the_work() {
    let stand = Stand::pinata();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let words = ["issue", "--unmanaged", "ci", "--preset", "reader", "--to", "file:key.json"];
    let status = stand.command(words).stdout(writer).status().expect("it runs");
    assert!(status.success());
    assert!(stand.home().join("key.json").exists());
    assert_eq!(keys(&stand), (1, 1));
}

#[cfg(unix)]
mod terminal {
    use super::*;
    use crate::support::terminal::on_terminal;

    #[test]
    fn the_secret_is_shown_on_a_terminal_if_asked_for() {
        let stand = Stand::pinata();
        let words = [
            "issue",
            "--unmanaged",
            "ci",
            "--preset",
            "reader",
            "--show-secret",
            "--field",
            "api-secret",
        ];
        let mut session = on_terminal(stand.command(words));
        let text = session.exp_eof().expect("it ends");
        let last = text.trim_end().lines().last().expect("a line");
        assert!(last.len() == 64 && last.chars().all(|c| c.is_ascii_hexdigit()), "{text}");
        assert_eq!(keys(&stand), (1, 1));
    }

    #[test]
    fn a_person_is_asked_before_an_admin_key_is_issued() {
        for (answer, live) in [("n", 0), ("y", 1)] {
            let stand = Stand::pinata();
            let words = ["issue", "--unmanaged", "root", "--admin", "--to", "file:key.json"];
            let mut session = on_terminal(stand.command(words));
            let question = "Issue \"root\", which may do everything, including issuing other keys?";
            session.exp_string(question).expect("a question");
            assert_eq!(stand.emulator().requests(), 0);
            session.send_line(answer).expect("it reads");
            session.exp_eof().expect("it ends");
            assert_eq!(keys(&stand), (live, live));
        }
    }
}

/// The command that would settle a lost create would revoke the other key.
#[test]
fn name_in_the_form_of_a_reference_is_refused() {
    let stand = Stand::pinata();
    let victim = stand.pinata_key("victim");
    let reference = format!("v1:pinata:{}", victim["pinata_api_key"].as_str().expect("a key"));
    for name in [reference.as_str(), "v1:", "v2:x"] {
        let run = run_with(&stand, "issue --unmanaged _ --preset reader --to file:key.json", name)
            .exits(64);
        assert!(run.stderr.contains("looks like a key reference"), "{}", run.stderr);
        let line = "exec _ --preset reader --env KEY=jwt -- true";
        run_with(&stand, line, name).exits(64);
    }
    assert_eq!(keys(&stand), (1, 1));
}

#[cfg(unix)]
#[test]
fn command_of_a_sink_sees_no_secret_that_a_profile_names() {
    let stand = Stand::without_account();
    let base_url = stand.emulator().pinata().base_url();
    let profiles = format!(
        "profile = \"ci\"\n[profiles.ci]\nprovider = \"pinata\"\nbase_url = \"{base_url}\"\n\
         jwt = {{ variable = \"OURS\" }}\n[profiles.other]\nprovider = \"w3ipfs\"\n\
         jwt = {{ variable = \"THEIRS\" }}\n"
    );
    stand.write_private("settings.toml", &profiles);
    let script = "command:sh -c 'env > seen; cat > /dev/null'";
    let line = "--config settings.toml issue ci --preset reader --to";
    let mut command = stand.command(line.split(' ').chain([script]));
    command.env("OURS", stand.emulator().pinata().jwt()).env("THEIRS", "eyJh.e30.x");
    crate::support::run(&mut command).exits(0);
    let seen = stand.read("seen");
    assert!(seen.contains("PATH=") && !seen.contains("OURS") && !seen.contains("THEIRS"), "{seen}");
}

/// The runner reads the mask lines on stderr.
#[cfg(unix)]
#[test]
fn github_needs_stderr_to_mask_the_secret() {
    for redirection in ["2>&-", "2> /dev/null"] {
        let stand = Stand::pinata();
        stand.write("out", "");
        let script = format!(
            "exec \"$PROGRAM\" issue ci --preset reader --to github:output#T {redirection}"
        );
        let mut command = std::process::Command::new("sh");
        let base = stand.command([""]);
        command.args(["-c", &script]).current_dir(stand.home()).env_clear();
        command.envs(base.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.env("PROGRAM", crate::support::PROGRAM);
        command.env("GITHUB_ACTIONS", "true").env("GITHUB_OUTPUT", stand.home().join("out"));
        crate::support::run(&mut command).exits(1);
        assert_eq!((stand.read("out").as_str(), keys(&stand)), ("", (0, 0)));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn result_that_cannot_be_written_names_the_live_key() {
    let stand = Stand::pinata();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("it is there");
    let mut command =
        stand.command("issue --unmanaged ci --preset reader --to file:key.json".split(' '));
    let output = command.stdout(full).output().expect("the program ends");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    let command = format!("to revoke it:  pinning-keys revoke {}\n", reference(&stand));
    assert!(stderr.contains(&command), "{stderr}");
}
