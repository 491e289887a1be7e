//! No secret, of the account or of a key, is anywhere but in the sink that it was delivered to.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use http::StatusCode;
use pinning_keys::{Credential, KeyIssuer};
use pinning_keys_emulator::{BodyFault, Fault, FaultRule, Stage};
use pinning_keys_testkit::secrets::Secrets;

use crate::support::every_command::{Ended, SINKS};
use crate::support::{Stand, run};

/// An account, the library that works with it, and a part of the secret that its keys have.
type Case = (Stand, fn(&Stand) -> Arc<dyn KeyIssuer>, &'static str);

/// The secrets of the accounts.
fn secrets_of_accounts(stand: &Stand) -> Secrets {
    let (pinata, w3ipfs) = (stand.emulator().pinata(), stand.emulator().w3ipfs());
    let mut secrets = Secrets::of([pinata.jwt(), pinata.api_secret(), w3ipfs.api_secret()]);
    secrets.add(&w3ipfs.jwt());
    secrets.add(&w3ipfs.refresh_token());
    secrets
}

/// The secrets of the accounts, and those of every key that was delivered.
fn secrets_of(stand: &Stand) -> Secrets {
    let mut secrets = secrets_of_accounts(stand);
    let mut texts = vec![stand.read("given.json")];
    for entry in fs::read_dir(stand.home().join(SINKS)).expect("the folder of the sinks") {
        texts.push(fs::read_to_string(entry.expect("a file").path()).expect("a text"));
    }
    for line in texts.iter().flat_map(|text| text.lines()) {
        if let Ok(credential) = serde_json::from_str::<Credential>(line) {
            secrets.add_credential(&credential);
        } else {
            // A line of an environment file.
            let (_, value) = line.split_once('=').expect("NAME=value");
            secrets.add(value.trim_matches(['"', '\'']));
        }
    }
    secrets
}

/// Fails if a file below a folder shows a secret, except those to which secrets were delivered.
fn check_files(folder: &Path, secrets: &Secrets) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.ends_with(SINKS) || path.ends_with("given.json") {
            continue;
        }
        if path.is_dir() {
            check_files(&path, secrets);
        } else {
            let bytes = fs::read(&path).expect("a file");
            secrets.assert_not_in(&path.display().to_string(), &String::from_utf8_lossy(&bytes));
        }
    }
}

fn check(stand: &Stand, all: &[Ended]) {
    let secrets = secrets_of(stand);
    for Ended { line, run, .. } in all {
        secrets.assert_not_in(line, &format!("{}\n{}", run.stdout, run.stderr));
    }
    check_files(stand.home(), &secrets);
}

fn cases() -> [Case; 2] {
    [
        (Stand::pinata(), Stand::pinata_issuer, "jwt"),
        (Stand::w3ipfs(), Stand::w3ipfs_issuer, "api-secret"),
    ]
}

#[test]
fn no_command_shows_a_secret() {
    let all_flags = [["-v", "--color=always"], ["-v", "--json"]];
    each_at_once(all_flags, |flags, (stand, issuer, field)| {
        let all = stand.run_every_command(&flags, &*issuer(&stand), field);
        for Ended { line, expected, run } in &all {
            let shown = format!("{line}\n{}{}", run.stdout, run.stderr);
            assert_eq!(run.code, *expected, "{shown}");
        }
        // The sink that failed and the commands of exec were given secrets, too.
        assert!(stand.read("sinks/leaky").len() > 20);
        assert_eq!(stand.read("sinks/exec").lines().count(), 2);
        check(&stand, &all);
    });
}

#[test]
fn no_command_shows_a_secret_if_the_provider_fails() {
    let faults = [
        Fault::status(StatusCode::UNAUTHORIZED, Stage::BeforeCommit),
        Fault::status(StatusCode::BAD_REQUEST, Stage::AfterCommit),
        Fault::Body(BodyFault::Truncated),
    ];
    each_at_once(faults, |fault, (stand, issuer, field)| {
        let issuer = issuer(&stand);
        // The given key is issued before anything fails.
        stand.emulator().faults().add(FaultRule::new(fault).from_nth(2));
        check(&stand, &stand.run_every_command(&["-v"], &*issuer, field));
    });
}

/// Tests each variant with each case, all at once: most of the time, they wait.
fn each_at_once<T: Clone + Send>(
    variants: impl IntoIterator<Item = T>,
    test: impl Fn(T, Case) + Sync,
) {
    thread::scope(|scope| {
        for variant in variants {
            for case in cases() {
                let (variant, test) = (variant.clone(), &test);
                scope.spawn(move || test(variant, case));
            }
        }
    });
}

#[test]
fn only_the_lines_that_mask_a_secret_on_github_show_it() {
    let stand = Stand::pinata();
    let file = stand.home().join("github");
    stand.write("github", "");
    for (name, flag) in [("first", "-v"), ("second", "--json")] {
        let words =
            ["issue", "--unmanaged", name, "--preset", "reader", "--to", "github:env#KEY", flag];
        let mut command = stand.command(words);
        let run = run(command.env("GITHUB_ACTIONS", "true").env("GITHUB_ENV", &file)).exits(0);
        let mut secrets = secrets_of_accounts(&stand);
        let written = stand.read("github");
        let secret = written.lines().find(|line| line.starts_with("eyJ")).expect("a JWT");
        secrets.add(secret);
        let (masks, rest): (Vec<_>, Vec<_>) =
            run.stderr.lines().partition(|line| line.starts_with("::add-mask::"));
        assert!(masks.contains(&format!("::add-mask::{secret}").as_str()), "{}", run.stderr);
        secrets.assert_not_in("stderr", &rest.join("\n"));
        // Where it goes, the runner does not look.
        secrets.assert_not_in("stdout", &run.stdout);
        stand.write("github", "");
    }
}
