//! No secret, of the account or of a key, is anywhere but in the sink that it was delivered to.
#![cfg(unix)]

use std::sync::Arc;
use std::thread;

use http::StatusCode;
use pinning_keys::KeyIssuer;
use pinning_keys_emulator::{BodyFault, Fault, FaultRule, Stage};

use crate::support::canaries::{add_delivered, check_files, secrets_of_accounts};
use crate::support::every_command::Ended;
use crate::support::{Stand, run};

/// An account, the library that works with it, and a part of the secret that its keys have.
type Case = (Stand, fn(&Stand) -> Arc<dyn KeyIssuer>, &'static str);

fn check(stand: &Stand, all: &[Ended]) {
    let mut secrets = secrets_of_accounts(stand);
    add_delivered(stand, &mut secrets);
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
