//! Whether a credential works.

use pinning_keys::ScopeRequest;
use serde_json::{Value, json};

use crate::support::keys::{jwt, stored};
use crate::support::{Run, Stand, run};

/// What the program prints about a credential for programs.
fn verdict(run: &Run) -> Value {
    let objects = run.objects();
    assert_eq!(objects.len(), 1, "{objects:?}");
    objects[0].clone()
}

#[test]
fn live_key_of_a_file_exits_with_0() {
    let stand = Stand::pinata();
    let key = stand.issue(&*stand.pinata_issuer(), ScopeRequest::reader());
    stand.write_private("key.json", &stored(&key));
    let run = stand.run("verify --file key.json").exits(0);
    let key_ref = key.key_ref();
    let expected = format!(
        "state      live\nprovider   pinata\nname       given\nkey        {key_ref}\n\
         expires    2100-01-01T00:00:00Z\n"
    );
    assert_eq!((run.stdout, run.stderr), (expected, String::new()));
}

#[test]
fn json_is_one_object() {
    let stand = Stand::pinata();
    let key = stand.issue(&*stand.pinata_issuer(), ScopeRequest::reader());
    stand.write_private("key.json", &stored(&key));
    let run = stand.run("verify --file key.json --json").exits(0);
    let expected = json!({
        "format": 1, "state": "live", "provider": "pinata",
        "key_ref": key.key_ref(), "name": "given", "expires_at": "2100-01-01T00:00:00Z",
    });
    assert_eq!(verdict(&run), expected);
}

#[test]
fn token_alone_belongs_to_the_account_s_provider() {
    let stand = Stand::pinata();
    let key = stand.issue(&*stand.pinata_issuer(), ScopeRequest::reader());
    for end in ["", "\n", "\r\n"] {
        let stdin = format!("{}{end}", jwt(key.credential()));
        let run = stand.run_with_stdin("verify - --json", &stdin).exits(0);
        assert_eq!(verdict(&run)["key_ref"], json!(key.key_ref()), "{end:?}");
    }
}

#[test]
fn dead_credentials_exit_with_5_and_say_why() {
    let stand = Stand::pinata();
    let issuer = stand.pinata_issuer();
    let key = stand.issue(&*issuer, ScopeRequest::reader());
    let _ = stand.block_on(issuer.revoke(key.key_ref())).expect("it is revoked");
    let run = stand.run_with_stdin("verify -", &stored(&key)).exits(5);
    assert!(run.stdout.starts_with("state      revoked\n"), "{}", run.stdout);

    let run = stand.run_with_stdin("verify -", "eyJhbGciOiJIUzI1NiJ9.e30.forged").exits(5);
    assert!(run.stdout.contains("unrecognized") && run.stdout.contains("why"), "{}", run.stdout);
    let run = stand.run_with_stdin("verify - --json", "eyJhbGciOiJIUzI1NiJ9.e30.forged").exits(5);
    assert_eq!(verdict(&run)["state"], "unrecognized");
}

#[test]
fn key_pair_needs_no_account_if_the_file_names_the_provider() {
    let stand = Stand::w3ipfs();
    let key = stand.issue(&*stand.w3ipfs_issuer(), ScopeRequest::reader());
    stand.write_private("key.json", &stored(&key));
    let mut command = stand.command(["verify", "--file", "key.json", "--json"]);
    assert_eq!(verdict(&run(&mut command).exits(0))["state"], "live");
    command.env_remove("PINNING_KEYS_JWT");
    assert_eq!(verdict(&run(&mut command).exits(0))["state"], "live");
}

#[test]
fn credential_of_another_provider_is_not_sent() {
    let stand = Stand::w3ipfs();
    let key = stand.issue(&*stand.pinata_issuer(), ScopeRequest::reader());
    let before = stand.emulator().requests();
    let run = stand.run_with_stdin("verify -", &stored(&key)).exits(78);
    assert_eq!(
        run.stderr,
        "error: the credential belongs to pinata, and the configured account to w3ipfs\n  \
         select a profile of pinata: --profile NAME\n"
    );
    assert_eq!(stand.emulator().requests(), before);
}

#[test]
fn answer_about_something_else_is_an_error_and_no_verdict() {
    use pinning_keys_emulator::{BodyFault, Fault, FaultRule};
    let stand = Stand::pinata();
    let key = stand.issue(&*stand.pinata_issuer(), ScopeRequest::reader());
    stand.emulator().faults().add(FaultRule::new(Fault::Body(BodyFault::Html)));
    let run = stand.run_with_stdin("verify -", &stored(&key)).exits(1);
    assert_eq!(run.stdout, "");
}

#[test]
fn secret_as_an_argument_is_refused_and_not_repeated() {
    let stand = Stand::pinata();
    let secret = "eyJhbGciOiJIUzI1NiJ9.e30.canary";
    for args in [&["verify", secret][..], &["probe", secret], &["verify", "--", secret]] {
        let run = run(&mut stand.command(args)).exits(64);
        assert!(run.stderr.contains("not taken as an argument"), "{}", run.stderr);
        assert!(!run.stderr.contains("canary") && run.stdout.is_empty(), "{}", run.stderr);
    }
    assert_eq!(stand.emulator().requests(), 0);
}

#[test]
fn text_that_is_no_credential_is_explained_and_not_repeated() {
    let stand = Stand::pinata();
    let key = stand.issue(&*stand.pinata_issuer(), ScopeRequest::reader());
    let before = stand.emulator().requests();
    let token = jwt(key.credential());
    for (stdin, expected) in [
        (String::new(), "is empty"),
        (format!("A=1\nPINATA_JWT={token}"), "a blank"),
        (format!("{token} {token}"), "a blank"),
        (format!("{{\"bearer\":\"{token}\"}}"), "not a stored credential"),
        (format!("{{\"provider\":\"pinata\",\"api_key\":\"{token}\"}}"), "no api_secret"),
        (format!("{{\"provider\":\"pinata\",\"bearer\":\"{token}\""), "not JSON"),
        ("x".repeat(65 * 1024), "more than 65536 bytes"),
    ] {
        let run = stand.run_with_stdin("verify -", &stdin).exits(1);
        assert!(run.stderr.contains(expected), "{expected}: {}", run.stderr);
        assert!(!run.stderr.contains(token), "{}", run.stderr);
    }
    assert_eq!(stand.emulator().requests(), before);
}

#[test]
fn unusable_files_are_told_apart() {
    let stand = Stand::pinata();
    std::fs::create_dir(stand.home().join("folder")).expect("a folder");
    std::fs::write(stand.home().join("latin1"), b"ey\xe4").expect("a file");
    std::fs::write(stand.home().join("long"), "x".repeat(65 * 1024)).expect("a file");
    for (path, expected) in [
        ("missing", "cannot be read: entity not found"),
        ("folder", "is a folder"),
        ("latin1", "is not UTF-8"),
        ("long", "is longer than 65536 bytes"),
    ] {
        let run = stand.run(&format!("verify --file {path}")).exits(1);
        let line = format!("error: the file of --file {expected}\n");
        assert!(run.stderr.ends_with(&line), "{path}: {}", run.stderr);
    }
}

#[cfg(unix)]
#[test]
fn file_that_others_can_read_is_warned_about() {
    let stand = Stand::pinata();
    let key = stand.issue(&*stand.pinata_issuer(), ScopeRequest::reader());
    stand.write("key.json", &stored(&key));
    let run = stand.run("verify --file key.json").exits(0);
    assert!(run.stderr.starts_with("warning: "), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn terminal_is_asked_without_echo() {
    use crate::support::terminal::on_terminal;
    let stand = Stand::pinata();
    let key = stand.issue(&*stand.pinata_issuer(), ScopeRequest::reader());
    let mut terminal = on_terminal(stand.command(["verify", "-"]));
    terminal.exp_string("Credential (not shown), then Enter: ").expect("a prompt");
    terminal.send_line(jwt(key.credential())).expect("typing works");
    let rest = terminal.exp_eof().expect("the program ends");
    assert!(rest.contains("live") && !rest.contains("eyJ"), "{rest}");
}

#[test]
fn secret_in_the_place_of_the_path_is_refused_as_everywhere() {
    let stand = Stand::pinata();
    let jwt = stand.emulator().pinata().jwt();
    for command in ["verify", "probe"] {
        let run = run(&mut stand.command([command, "--file", jwt])).exits(64);
        assert!(run.stderr.contains("looks like a secret") && !run.stderr.contains(jwt), "{run:?}");
    }
}

/// Base 64 ends with equals signs, which are no assignment.
#[test]
fn token_with_padding_is_sent_whole() {
    for token in ["YWJjZGVmZ2g=", "YWJjZGVmZw=="] {
        let stand = Stand::pinata();
        let run = stand.run_with_stdin("verify -", &format!("{token}\n")).exits(5);
        assert!(run.stdout.contains("unrecognized"), "{run:?}");
        let run = stand.run_with_stdin("verify -", &format!("KEY={token}\n")).exits(5);
        assert!(run.stdout.contains("unrecognized"), "{run:?}");
    }
}
