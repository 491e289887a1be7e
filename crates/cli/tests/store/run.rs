//! The worker, once and as a loop.

use http::{Method, StatusCode};
use pinning_keys_emulator::{Cut, Fault, FaultRule, Stage};
use pinning_keys_lifecycle::{ErrorKind, Lease};
use serde_json::json;

use crate::accounts::both;
use crate::past::{DAY, HOUR, request};
use crate::support::Stand;

const KEYS: &str = "/v3/api_keys";

/// Lets each revocation fail with this status.
fn refuse(stand: &Stand, status: StatusCode) {
    let fault = Fault::status(status, Stage::BeforeCommit);
    stand.emulator().faults().add(FaultRule::new(fault).method(Method::DELETE));
}

#[test]
fn leases_that_are_over_end_and_others_do_not() {
    let stand = Stand::pinata();
    stand.issued("old", 3 * HOUR, Lease::of(HOUR));
    stand.issued("new", 2 * HOUR, Lease::of(DAY));
    let run = stand.run("run --once").exits(0);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(lines[0].starts_with("done   1 revoked"), "{lines:?}");
    assert_eq!(lines[1], "left   nothing");
    assert!(lines[2].starts_with("next   20") && lines[2].contains(", in "), "{lines:?}");
    assert_eq!(stand.emulator().keys_live(), 1);
    let again = stand.run("run --once --json").exits(0).objects().remove(0);
    assert_eq!((&again["revoked"], &again["failures"]), (&json!(0), &json!([])));
    assert_eq!((&again["left"]["revoking"], &again["left"]["overdue"]), (&json!(0), &json!(0)));
    assert!(again["left"]["next_due_at"].is_string(), "{again}");
}

#[test]
fn more_keys_than_a_pass_takes_end_in_one_call() {
    let stand = Stand::pinata();
    let manager = stand.manager(3 * HOUR);
    for number in 0..20 {
        stand.confirmed(&manager, &format!("key-{number}"), Lease::of(HOUR));
    }
    let run = stand.run("run --once").exits(0);
    assert!(run.stdout.starts_with("done   20 revoked"), "{}", run.stdout);
    assert_eq!(stand.emulator().keys_live(), 0);
}

#[test]
fn create_whose_answer_was_lost_is_settled() {
    let stand = Stand::pinata();
    let cut = Fault::CutConnection(Cut::AfterCommit);
    stand.emulator().faults().add(FaultRule::new(cut).method(Method::POST).path(KEYS).first(1));
    let manager = stand.manager(HOUR);
    let keys = manager.account("pinata").expect("the account");
    let lost = stand.block_on(async { keys.issue(&request("ci"), Lease::none()).await });
    assert_eq!(lost.expect_err("no answer").kind(), ErrorKind::InDoubt);
    assert_eq!(stand.emulator().keys_live(), 1);
    let run = stand.run("run --once").exits(0);
    assert!(run.stdout.contains("1 settled"), "{}", run.stdout);
    assert!(run.stdout.contains("left   nothing"), "{}", run.stdout);
    assert_eq!(stand.emulator().keys_live(), 0);
}

#[test]
fn failure_decides_the_exit_code_and_is_reported_once() {
    // What concerns the account is one failure, and what concerns each key is two.
    for (status, code, failures) in [
        (StatusCode::UNAUTHORIZED, 4, 1),
        (StatusCode::TOO_MANY_REQUESTS, 75, 1),
        (StatusCode::SERVICE_UNAVAILABLE, 75, 2),
        (StatusCode::BAD_REQUEST, 1, 2),
    ] {
        let stand = Stand::pinata();
        let manager = stand.manager(3 * HOUR);
        for name in ["one", "two"] {
            stand.confirmed(&manager, name, Lease::of(HOUR));
        }
        refuse(&stand, status);
        let run = stand.run("run --once").exits(code);
        let left = run.stdout.lines().nth(1);
        assert!(left.is_some_and(|left| left.starts_with("left   2 to revoke")), "{}", run.stdout);
        let reports = run.stderr.matches(status.as_str()).count();
        assert_eq!(reports, failures, "{status}: {}", run.stderr);
        assert_eq!(run.stderr.matches("cannot revoke").count(), failures, "{}", run.stderr);
        assert_eq!(stand.emulator().keys_live(), 2);
    }
}

#[test]
fn gravest_failure_decides_the_exit_code() {
    let statuses = [StatusCode::BAD_REQUEST, StatusCode::SERVICE_UNAVAILABLE];
    for turn in 0..2 {
        let stand = Stand::pinata();
        let manager = stand.manager(3 * HOUR);
        for (at, name) in ["one", "two"].into_iter().enumerate() {
            let key = stand.confirmed(&manager, name, Lease::of(HOUR));
            let path = format!("{KEYS}/{}", key.key_refs()[0].api_key());
            let fault = Fault::status(statuses[(at + turn) % 2], Stage::BeforeCommit);
            let rule = FaultRule::new(fault).method(Method::DELETE).path(path);
            stand.emulator().faults().add(rule);
        }
        let run = stand.run("run --once").exits(75);
        assert!(run.stderr.contains("\nerror: pinata: cannot revoke"), "{}", run.stderr);
        assert!(run.stderr.starts_with("warning: pinata: cannot revoke"), "{}", run.stderr);
    }
}

#[test]
fn program_reads_the_failures_of_a_pass() {
    let stand = Stand::pinata();
    stand.issued("old", 3 * HOUR, Lease::of(HOUR));
    refuse(&stand, StatusCode::UNAUTHORIZED);
    let run = stand.run("run --once --json").exits(4);
    let pass = run.objects().remove(0);
    let failure = &pass["failures"][0];
    assert_eq!((&failure["account"], &failure["exit_code"]), (&json!("pinata"), &json!(4)));
    assert_eq!((&pass["put_off"], &pass["left"]["revoking"]), (&json!(1), &json!(1)));
}

#[test]
fn time_in_doubt_is_reported_with_the_command_that_confirms_it() {
    let stand = Stand::pinata();
    stand.issued("old", 3 * HOUR, Lease::of(HOUR));
    stand.emulator().set_date_header(|| None);
    let run = stand.run("run --once").exits(1);
    assert!(run.stderr.contains("the time of the store is in doubt"), "{}", run.stderr);
    assert!(run.stderr.contains("pinning-keys status --confirm-clock"), "{}", run.stderr);
    assert_eq!(stand.emulator().keys_live(), 1);
}

#[test]
fn account_without_a_credential_is_named() {
    let stand = Stand::w3ipfs();
    stand.issued("ci", HOUR, Lease::of(DAY));
    let run = stand.run("run --once").exits(0);
    let expected = "no lease ends in the account pinata, which has 1 key: no profile";
    assert!(run.stderr.contains(expected), "{}", run.stderr);
}

#[test]
fn all_accounts_of_the_configuration_are_served_and_each_once() {
    let stand = both();
    let file = ".config/pinning-keys/config.toml";
    let again = stand.read(file).replace("[profiles.production]", "[profiles.again]");
    let again = again.split_once("[profiles.w3]").expect("two profiles").0.to_owned();
    let again = again.split_once("\n\n").expect("a profile").1;
    stand.write_private(file, &format!("{}\n{again}table = \"endpoints\"\n", stand.read(file)));
    let run = stand.run("run --once").exits(0);
    assert_eq!(run.stderr, "");
    let status = stand.run("status --json").exits(0).objects().remove(0);
    assert_eq!(status["accounts"].as_array().map(Vec::len), Some(2), "{status}");
    std::fs::remove_file(stand.home().join(".config/pinning-keys/w3")).expect("it is there");
    let run = stand.run("run --once").exits(0);
    assert!(run.stderr.starts_with("warning: profile w3 is left out"), "{}", run.stderr);
}

#[test]
fn no_usable_account_is_an_error_of_the_configuration() {
    Stand::without_account().run("run --once").exits(78);
    let stand = both();
    for name in ["pinata", "w3"] {
        let file = stand.home().join(".config/pinning-keys").join(name);
        std::fs::remove_file(file).expect("it is there");
    }
    stand.run("run --once").exits(78);
}

#[cfg(unix)]
mod signals {
    use std::thread;
    use std::time::{Duration, Instant};

    use rustix::process::Signal;

    use super::*;
    use crate::support::running::Running;

    /// How long a revocation is held that the worker finishes.
    const HOLD: Duration = Duration::from_millis(500);

    /// Longer than anything should take here. A test that waits this long has failed.
    const PATIENCE: Duration = Duration::from_secs(20);

    /// Starts the worker, and waits until its first revocation has taken effect.
    fn start(stand: &Stand, line: &[&str], delay: Duration) -> Running {
        let fault = Fault::Latency { delay, stage: Stage::AfterCommit };
        let rule = FaultRule::new(fault).method(Method::DELETE);
        let (held, began) = (stand.emulator().faults().add(rule), Instant::now());
        let running = Running::start(&mut stand.command(line));
        while held.hits() == 0 {
            assert!(began.elapsed() < PATIENCE, "nothing is revoked");
            thread::yield_now();
        }
        running
    }

    #[test]
    fn loop_prints_what_it_does_and_ends_by_the_signal() {
        for (signal, code) in [(Signal::TERM, 0), (Signal::INT, 130)] {
            let stand = Stand::pinata();
            stand.issued("old", 3 * HOUR, Lease::of(HOUR));
            stand.issued("new", 2 * HOUR, Lease::of(DAY));
            let mut running = Running::start(&mut stand.command(["run"]));
            running.noted("working for pinata with the store sqlite:");
            let line = running.line();
            assert!(line.starts_with("20") && line.contains(" UTC   1 revoked"), "{line}");
            running.send(signal);
            let (_, stderr) = running.ends_with_output(code);
            assert!(stderr.contains("stopping: "), "{stderr}");
            assert!(stderr.contains("left to do: nothing; next: 20"), "{stderr}");
            assert_eq!(stderr.contains("error: interrupted"), code == 130, "{stderr}");
        }
    }

    #[test]
    fn what_is_in_flight_is_finished_first() {
        for (line, code) in [(&["run"][..], 0), (&["run", "--once"], 130)] {
            let stand = Stand::pinata();
            stand.issued("old", 3 * HOUR, Lease::of(HOUR));
            let mut running = start(&stand, line, HOLD);
            running.send(Signal::TERM);
            running.noted("stopping: what is in flight is finished first");
            running.ends(code);
            let run = stand.run("status --json").exits(0);
            let keys = &run.objects()[0]["accounts"][0]["keys"];
            assert_eq!((&keys["revoked"], &keys["revoking"]), (&json!(1), &json!(0)), "{line:?}");
        }
    }

    #[test]
    fn second_signal_ends_at_once_and_says_what_is_left() {
        let stand = Stand::pinata();
        stand.issued("old", 3 * HOUR, Lease::of(HOUR));
        let mut running = start(&stand, &["run"], PATIENCE);
        running.send(Signal::TERM);
        running.noted("stopping: ");
        running.send(Signal::TERM);
        let stderr = running.ends(130);
        assert!(stderr.contains("pinning-keys run --once"), "{stderr}");
    }

    #[test]
    fn refused_account_is_reported_once_by_the_loop() {
        let stand = Stand::pinata();
        let manager = stand.manager(3 * HOUR);
        for name in ["one", "two", "three"] {
            stand.confirmed(&manager, name, Lease::of(HOUR));
        }
        refuse(&stand, StatusCode::UNAUTHORIZED);
        let mut running = Running::start(&mut stand.command(["run"]));
        running.noted("warning: pinata: cannot revoke");
        running.send(Signal::TERM);
        let stderr = running.ends(0);
        assert!(!stderr.contains("warning"), "{stderr}");
        assert!(stderr.contains("left to do: 3 to revoke"), "{stderr}");
    }
}
