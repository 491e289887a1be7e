//! A command with a key of its own.
#![cfg(unix)]

use std::fs;

use http::{Method, StatusCode};
use pinning_keys::ScopeRequest;
use pinning_keys_emulator::{BodyFault, Cut, Fault, FaultRule, Stage};
use serde_json::json;

use crate::support::{PROGRAM, Stand, run};

/// A script that verifies the secret in `KEY`, in its JSON form.
const VERIFY: &str = r#"
    printenv KEY | PINNING_KEYS_PROVIDER=pinata PINNING_KEYS_BASE_URL="$BASE" "$PROGRAM" verify -
"#;

/// What `exec` prints of a script, with a reader's key in `KEY`.
fn exec(stand: &Stand, flags: &[&str], script: &str) -> std::process::Command {
    let start = ["exec", "ci", "--preset", "reader"].iter().chain(flags);
    let mut command = stand.command(start.chain(&["--", "sh", "-c", script]));
    command.env("BASE", stand.emulator().pinata().base_url()).env("PROGRAM", PROGRAM);
    command
}

/// Checks that as many keys were made, and that none is live.
#[track_caller]
fn made_and_revoked(stand: &Stand, keys: usize) {
    assert_eq!((stand.emulator().keys_made(), stand.emulator().keys_live()), (keys, 0));
}

#[test]
fn command_runs_with_a_live_key_that_is_revoked_afterwards() {
    let stand = Stand::pinata();
    let run = run(&mut exec(&stand, &["--env", "KEY=json"], VERIFY)).exits(0);
    assert!(run.stdout.starts_with("state      live\n"), "{}", run.stdout);
    let notes: Vec<_> = run.stderr.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(notes, ["issued", "granted", "revoked"]);
    made_and_revoked(&stand, 1);
}

#[test]
fn command_sees_its_variables_and_none_of_the_account() {
    let stand = Stand::pinata();
    let mut command = exec(&stand, &["--env", "PINATA_JWT=jwt", "--env", "ID=api-key"], "env");
    for name in ["PINATA_API_KEY", "PINATA_JWT", "AIOZ_PIN_KEY", "PINNING_SECRET", "pinata_x"] {
        command.env(name, "canary");
    }
    let run = run(command.env("OTHER", "stays")).exits(0);
    let key = &stand.emulator().pinata().keys()[0].key;
    assert!(run.stdout.contains(&format!("\nID={key}\n")), "{}", run.stdout);
    assert!(run.stdout.contains("\nOTHER=stays\n"), "{}", run.stdout);
    assert!(run.stdout.contains("PINATA_JWT=eyJ"), "{}", run.stdout);
    assert!(
        !run.stdout.contains("canary") && !run.stdout.contains("PINNING_KEYS_"),
        "{}",
        run.stdout
    );
}

#[test]
fn command_does_not_see_a_secret_that_the_configuration_names() {
    let stand = Stand::without_account();
    let base_url = stand.emulator().pinata().base_url();
    let profile = format!(
        "[profiles.ci]\nprovider = \"pinata\"\nbase_url = \"{base_url}\"\n\
         jwt = {{ variable = \"OURS\" }}\n"
    );
    stand.write_private("settings.toml", &profile);
    let mut command = exec(&stand, &["--config", "settings.toml", "--env", "KEY=jwt"], "env");
    let run = run(command.env("OURS", stand.emulator().pinata().jwt())).exits(0);
    assert!(run.stdout.contains("\nKEY=eyJ") && !run.stdout.contains("OURS"), "{}", run.stdout);
}

#[cfg(target_os = "linux")]
#[test]
fn secret_is_only_in_the_environment_of_the_command() {
    let stand = Stand::pinata();
    let script = r"
        for process in $PPID $$; do tr '\0' '\n' < /proc/$process/cmdline; done
        tr '\0' '\n' < /proc/$PPID/environ
        printenv KEY > key
    ";
    let run = run(&mut exec(&stand, &["--env", "KEY=jwt", "-v"], script)).exits(0);
    let secret = stand.read("key");
    assert!(secret.starts_with("eyJ"));
    for output in [&run.stdout, &run.stderr] {
        assert!(!output.contains(secret.trim()), "{output}");
    }
}

#[test]
fn exit_code_is_that_of_the_command() {
    let stand = Stand::pinata();
    for (script, code) in [("exit 7", 7), ("kill -TERM $$", 143), ("kill -KILL $$", 137)] {
        run(&mut exec(&stand, &["--env", "KEY=jwt"], script)).exits(code);
    }
    made_and_revoked(&stand, 3);
}

#[test]
fn stdin_and_stdout_are_those_of_the_command() {
    let stand = Stand::pinata();
    let line = "exec ci --preset reader --env KEY=jwt --json -- cat";
    let run = stand.run_with_stdin(line, "text\n").exits(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("text\n", ""));
}

#[test]
fn nothing_is_issued_for_a_command_that_cannot_run() {
    let stand = Stand::pinata();
    stand.write("plain", "no program");
    fs::create_dir(stand.home().join("folder")).expect("a folder");
    for (word, code) in
        [("no-such-program", 127), ("./missing", 127), ("./folder", 127), ("./plain", 126)]
    {
        let words = ["exec", "ci", "--preset", "reader", "--env", "KEY=jwt", "--", word];
        let run = run(&mut stand.command(words)).exits(code);
        assert!(run.stderr.starts_with("error: the command "), "{}", run.stderr);
    }
    assert_eq!(stand.emulator().requests(), 0);
}

#[test]
fn command_that_does_not_start_leaves_no_key() {
    use std::os::unix::fs::PermissionsExt as _;
    let stand = Stand::pinata();
    stand.write("broken", "#!/no/such/interpreter\n");
    let path = stand.home().join("broken");
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).expect("its owner is us");
    let run = stand.run("exec ci --preset reader --env KEY=jwt -- ./broken").exits(127);
    assert!(run.stderr.contains("the command cannot be run"), "{}", run.stderr);
    made_and_revoked(&stand, 1);
}

#[test]
fn variables_that_cannot_be_set_are_refused_and_not_repeated() {
    let stand = Stand::pinata();
    for (variable, expected) in [
        ("canary", "--env takes a variable and a field"),
        ("canary-name=jwt", "invalid variable name"),
        ("1canary=jwt", "invalid variable name"),
        ("=jwt", "invalid variable name"),
        ("KEY=canary", "unknown field"),
        ("KEY=", "unknown field"),
        ("KEY=jwt,json", "unknown field"),
    ] {
        let run = run(&mut exec(&stand, &["--env", variable], "true")).exits(64);
        assert!(run.stderr.contains(expected), "{variable}: {}", run.stderr);
        assert!(!run.stderr.contains("canary"), "{variable}: {}", run.stderr);
    }
    let twice = ["--env", "KEY=jwt", "--env", "KEY=json"];
    assert!(run(&mut exec(&stand, &twice, "true")).exits(64).stderr.contains("twice"));
    run(&mut exec(&stand, &[], "true")).exits(64);
    run(&mut stand.command(["exec", "ci", "--preset", "reader", "--env", "KEY=jwt"])).exits(64);
    assert_eq!(stand.emulator().requests(), 0);
}

#[test]
fn field_that_keys_of_the_provider_lack_is_refused_first() {
    let stand = Stand::w3ipfs();
    let run = stand.run("exec ci --preset reader --env KEY=jwt -- true").exits(64);
    assert_eq!(
        run.stderr,
        "error: --env: keys of w3ipfs have no JWT\n  \
         such keys have  VAR=api-key, VAR=api-secret, VAR=json\n"
    );
    assert_eq!(stand.emulator().requests(), 0);
    let pair =
        "exec ci --preset reader --env KEY=api-key --env SECRET=api-secret -- printenv SECRET";
    assert!(!stand.run(pair).exits(0).stdout.trim().is_empty());
    made_and_revoked(&stand, 1);
}

#[test]
fn dry_run_shows_the_plan_and_sends_nothing() {
    let stand = Stand::pinata();
    let flags = ["--env", "KEY=jwt", "--max-uses", "3", "--dry-run"];
    let shown = run(&mut exec(&stand, &flags, "echo ran")).exits(0);
    assert_eq!(
        shown.stdout,
        "issue     ci   at pinata (resources)\n\
         granted   pins:list pins:list-jobs\n\
         uses      at most 3\n\
         env       KEY=jwt\n\
         run       sh -c 'echo ran'\n"
    );
    let shown = run(&mut exec(&stand, &[&flags[..], &["--json"]].concat(), "echo ran")).exits(0);
    assert_eq!(
        shown.objects(),
        [json!({
            "format": 1, "dry_run": true, "name": "ci", "provider": "pinata", "table": "resources",
            "granted": ["pins:list", "pins:list-jobs"], "missing": [], "extra": [], "max_uses": 3,
            "env": { "KEY": "jwt" }, "command": ["sh", "-c", "echo ran"],
        })]
    );
    assert_eq!(stand.emulator().requests(), 0);
}

#[test]
fn name_of_a_live_key_is_refused() {
    let stand = Stand::pinata();
    stand.issue(&*stand.pinata_issuer(), ScopeRequest::reader());
    let line = "exec given --preset reader --env KEY=jwt -- true";
    let run = stand.run(line).exits(1);
    assert!(run.stderr.contains("a key named \"given\" exists"), "{}", run.stderr);
    assert_eq!(stand.emulator().keys_made(), 1);
}

#[test]
fn admin_key_needs_consent() {
    let stand = Stand::pinata();
    let line = "exec ci --admin --env KEY=jwt -- true";
    stand.run(line).exits(1);
    assert_eq!(stand.emulator().requests(), 0);
    stand.run("exec ci --admin --yes --env KEY=jwt -- true").exits(0);
    made_and_revoked(&stand, 1);
}

#[test]
fn command_starts_when_the_provider_accepts_the_key() {
    let stand = Stand::pinata();
    stand.emulator().faults().add(FaultRule::new(Fault::LateKey { requests: 1 }));
    let run = run(&mut exec(&stand, &["--env", "KEY=json"], VERIFY)).exits(0);
    assert!(run.stdout.starts_with("state      live\n"), "{}", run.stdout);
    made_and_revoked(&stand, 1);
}

#[test]
fn key_with_limited_uses_is_not_tried_out() {
    let stand = Stand::pinata();
    run(&mut exec(&stand, &["--env", "KEY=jwt", "--max-uses", "2"], "true")).exits(0);
    let key = &stand.emulator().pinata().keys()[0];
    assert_eq!((key.uses, key.max_uses, key.revoked), (0, Some(2), true));
}

#[test]
fn command_is_not_run_if_the_key_cannot_be_verified() {
    let stand = Stand::pinata();
    let odd = FaultRule::new(Fault::Body(BodyFault::Html)).path("/data/testAuthentication");
    stand.emulator().faults().add(odd);
    let run = run(&mut exec(&stand, &["--env", "KEY=jwt"], "echo ran")).exits(1);
    assert_eq!(run.stdout, "");
    made_and_revoked(&stand, 1);
}

#[test]
fn unknown_outcome_of_issuing_exits_with_3_and_runs_nothing() {
    let stand = Stand::pinata();
    let lost = FaultRule::new(Fault::CutConnection(Cut::AfterCommit)).method(Method::POST);
    stand.emulator().faults().add(lost);
    let run = run(&mut exec(&stand, &["--env", "KEY=jwt"], "echo ran")).exits(3);
    assert_eq!((run.stdout.as_str(), stand.emulator().keys_live()), ("", 1));
}

#[test]
fn key_that_cannot_be_revoked_is_named_with_the_command_to_type() {
    let stand = Stand::pinata();
    let refused = Fault::status(StatusCode::FORBIDDEN, Stage::BeforeCommit);
    stand.emulator().faults().add(FaultRule::new(refused).method(Method::DELETE));
    let run = run(&mut exec(&stand, &["--env", "KEY=jwt"], "exit 7")).exits(1);
    let key = &stand.emulator().pinata().keys()[0].key;
    assert!(run.stderr.contains("error: cannot revoke the key at pinata: "), "{}", run.stderr);
    let command = format!("\n  pinning-keys revoke v1:pinata:{key}\n");
    assert!(run.stderr.contains(&command), "{}", run.stderr);
    assert!(run.stderr.contains("the command ended with exit code 7"), "{}", run.stderr);
}

#[test]
fn revocation_is_tried_again() {
    let stand = Stand::pinata();
    let broken = Fault::status(StatusCode::BAD_REQUEST, Stage::BeforeCommit);
    stand.emulator().faults().add(FaultRule::new(broken).method(Method::DELETE).first(1));
    run(&mut exec(&stand, &["--env", "KEY=jwt"], "true")).exits(0);
    made_and_revoked(&stand, 1);
}

#[test]
fn key_is_revoked_although_nobody_reads_the_output() {
    let stand = Stand::pinata();
    let mut command = exec(&stand, &["--env", "KEY=jwt"], "exit 5");
    let mut child = command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(child.wait().expect("it ends").code(), Some(5));
    made_and_revoked(&stand, 1);
}

/// A dynamic linker prints what it cannot load.
#[test]
fn variable_that_changes_how_programs_run_is_refused() {
    let stand = Stand::pinata();
    for name in ["LD_PRELOAD", "DYLD_INSERT_LIBRARIES", "PATH", "BASH_ENV"] {
        let run = run(&mut exec(&stand, &["--env", &format!("{name}=jwt")], "true")).exits(64);
        assert!(run.stderr.contains("changes how programs run"), "{}", run.stderr);
    }
    made_and_revoked(&stand, 0);
}
