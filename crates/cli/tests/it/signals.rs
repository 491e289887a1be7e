//! Ctrl-C in every phase.
#![cfg(unix)]

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use http::Method;
use pinning_keys::ScopeRequest;
use pinning_keys_emulator::{Fault, FaultRule, FaultTally, Stage};
use rustix::process::Signal;

use crate::support::Stand;
use crate::support::keys::stored;
use crate::support::running::Running;
use crate::support::terminal::on_terminal;

/// Longer than anything should take here. A test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// The time for which a request is held that the program waits for.
const HOLD: Duration = Duration::from_millis(500);

/// A script that waits, but not for ever, until there is a file `stop`, and heeds signals.
const WAIT: &str = "n=0; until [ -e stop ] || [ $((n += 1)) -gt 500 ]; do sleep 0.02; done";

/// Holds the requests of this method and path, before or after they take effect.
fn hold(stand: &Stand, method: Method, path: &str, delay: Duration, stage: Stage) -> FaultTally {
    let rule = FaultRule::new(Fault::Latency { delay, stage }).method(method).path(path);
    stand.emulator().faults().add(rule)
}

fn wait_for(tally: &FaultTally) {
    wait_until(|| tally.hits() > 0);
}

fn wait_until(is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "the request never came");
        thread::yield_now();
    }
}

/// The program with a script that gets the secret of a reader's key.
fn exec(stand: &Stand, script: &str) -> Command {
    let words = ["exec", "ci", "--preset", "reader", "--env", "KEY=jwt", "--", "sh", "-c", script];
    stand.command(words)
}

/// The program as the arguments of a script, in the same environment.
fn in_shell(stand: &Stand, script: &str, program: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", script, "sh"]).arg(program.get_program()).args(program.get_args());
    shell.current_dir(stand.home()).env_clear();
    shell.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell
}

/// The number of keys that were made, and of those that are live.
fn keys(stand: &Stand) -> (usize, usize) {
    (stand.emulator().keys_made(), stand.emulator().keys_live())
}

const KEYS: &str = "/v3/api_keys";
const KEY: &str = "/v3/api_keys/{key}";
const TEST: &str = "/data/testAuthentication";

#[test]
fn verify_ends_at_once() {
    let stand = Stand::pinata();
    let key = stand.issue(&*stand.pinata_issuer(), ScopeRequest::reader());
    stand.write_private("key.json", &stored(&key));
    for command in ["verify", "probe"] {
        for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
            stand.emulator().faults().clear();
            let held = hold(&stand, Method::GET, TEST, PATIENCE, Stage::BeforeCommit);
            let mut program = stand.command([command, "--file", "key.json", "--yes"]);
            let running = Running::start(&mut program);
            wait_for(&held);
            running.send(signal);
            assert_eq!(running.ends(130), "error: interrupted\n");
        }
    }
}

#[test]
fn list_prints_what_it_has_read() {
    let stand = Stand::pinata();
    let issuer = stand.pinata_issuer();
    for _ in 0..11 {
        stand.issue(&*issuer, ScopeRequest::reader());
    }
    let fault = Fault::Latency { delay: PATIENCE, stage: Stage::BeforeCommit };
    let held = stand.emulator().faults().add(FaultRule::new(fault).path(KEYS).nth(2));
    let running = Running::start(&mut stand.command(["list"]));
    wait_for(&held);
    running.send(Signal::INT);
    let (stdout, stderr) = running.ends_with_output(130);
    assert_eq!(stdout.matches("given").count(), 10, "{stdout}");
    assert_eq!(stderr, "error: interrupted; the list is incomplete\n");
}

#[test]
fn show_ends_at_once() {
    let stand = Stand::pinata();
    let held = hold(&stand, Method::GET, KEYS, PATIENCE, Stage::BeforeCommit);
    let running = Running::start(&mut stand.command(["show", "given"]));
    wait_for(&held);
    running.send(Signal::INT);
    assert_eq!(running.ends(130), "error: interrupted\n");
}

#[test]
fn key_that_is_being_issued_is_waited_for_and_revoked() {
    let stand = Stand::pinata();
    let held = hold(&stand, Method::POST, KEYS, HOLD, Stage::AfterCommit);
    let mut running = Running::start(&mut exec(&stand, "echo ran"));
    wait_for(&held);
    running.send(Signal::INT);
    running.noted("interrupted: the key is issued and revoked first");
    running.said("");
    assert_eq!(running.ends(130), "error: interrupted; the new key is revoked\n");
    assert_eq!(keys(&stand), (1, 0));
}

#[test]
fn second_request_while_issuing_ends_at_once_and_says_what_is_left() {
    for (stage, left) in [(Stage::BeforeCommit, 0), (Stage::AfterCommit, 1)] {
        let stand = Stand::pinata();
        let held = hold(&stand, Method::POST, KEYS, PATIENCE, stage);
        let mut running = Running::start(&mut exec(&stand, "echo ran"));
        wait_for(&held);
        // The answer is held once the request has arrived, which is before the key is made.
        wait_until(|| stand.emulator().keys_made() == left);
        running.send(Signal::INT);
        running.noted("interrupted: ");
        running.send(Signal::INT);
        let rest = running.ends(130);
        assert!(rest.starts_with("error: interrupted twice; exited immediately\n"), "{rest}");
        assert!(rest.contains("pinning-keys revoke ci"), "{rest}");
        assert_eq!(keys(&stand), (left, left));
    }
}

#[test]
fn end_is_an_object_for_programs() {
    let stand = Stand::pinata();
    let held = hold(&stand, Method::POST, KEYS, PATIENCE, Stage::BeforeCommit);
    let words = ["exec", "ci", "--json", "--preset", "reader", "--env", "KEY=jwt", "--", "true"];
    let running = Running::start(&mut stand.command(words));
    wait_for(&held);
    // Two of a kind could arrive as one.
    running.send(Signal::INT);
    running.send(Signal::TERM);
    let rest = running.ends(130);
    let object: serde_json::Value = serde_json::from_str(&rest).expect("one object");
    assert_eq!(object["error"]["exit_code"], 130);
    assert!(object["error"]["next"].to_string().contains("pinning-keys revoke ci"), "{rest}");
}

#[test]
fn key_that_is_waited_for_is_revoked_at_once() {
    let stand = Stand::pinata();
    let held = hold(&stand, Method::GET, TEST, PATIENCE, Stage::BeforeCommit);
    let mut running = Running::start(&mut exec(&stand, "echo ran"));
    wait_for(&held);
    running.send(Signal::INT);
    running.said("");
    running.ends(130);
    assert_eq!(keys(&stand), (1, 0));
}

#[test]
fn signal_is_passed_on_to_the_command() {
    let stand = Stand::pinata();
    for (signal, name) in
        [(Signal::TERM, "TERM"), (Signal::HUP, "HUP"), (Signal::INT, "INT"), (Signal::QUIT, "QUIT")]
    {
        let script = format!("trap 'echo got; exit 3' {name}; echo ready; {WAIT}");
        let mut running = Running::start(&mut exec(&stand, &script));
        running.said("ready");
        running.send(signal);
        running.said("got");
        running.ends(3);
    }
    assert_eq!(keys(&stand), (4, 0));
}

#[test]
fn second_request_kills_a_command_that_ignores_the_first() {
    let stand = Stand::pinata();
    let script = "trap '' TERM HUP; echo ready; exec sleep 20";
    let mut running = Running::start(&mut exec(&stand, script));
    running.said("ready");
    // Two of a kind could arrive as one.
    running.send(Signal::TERM);
    running.send(Signal::HUP);
    let rest = running.ends(137);
    assert!(rest.contains("the command is killed; the key is revoked next"), "{rest}");
    assert_eq!(keys(&stand), (1, 0));
}

#[test]
fn first_request_while_revoking_waits_and_the_second_ends_at_once() {
    let stand = Stand::pinata();
    let held = hold(&stand, Method::DELETE, KEY, HOLD, Stage::BeforeCommit);
    let mut running = Running::start(&mut exec(&stand, "exit 6"));
    wait_for(&held);
    running.send(Signal::INT);
    running.noted("interrupted: the key is revoked first");
    running.ends(6);
    assert_eq!(keys(&stand), (1, 0));

    stand.emulator().faults().clear();
    let held = hold(&stand, Method::DELETE, KEY, PATIENCE, Stage::BeforeCommit);
    let mut running = Running::start(&mut exec(&stand, "exit 6"));
    wait_for(&held);
    running.send(Signal::INT);
    running.noted("interrupted: ");
    running.send(Signal::INT);
    let rest = running.ends(130);
    let key = &stand.emulator().pinata().keys()[1].key;
    assert!(rest.contains(&format!("pinning-keys revoke v1:pinata:{key}")), "{rest}");
    assert_eq!(keys(&stand), (2, 1));
}

#[test]
fn ctrl_c_at_a_terminal_is_for_the_command() {
    let stand = Stand::pinata();
    let script = format!("trap 'echo caught' INT; echo ready; {WAIT}");
    let mut terminal = on_terminal(exec(&stand, &script));
    terminal.exp_string("ready").expect("the command runs");
    for _ in 0..3 {
        terminal.send_control('c').expect("typing works");
        terminal.exp_string("caught").expect("the command heeds it");
    }
    assert_eq!(keys(&stand), (1, 1));
    stand.write("stop", "");
    terminal.exp_string("revoked").expect("the key is revoked");
    terminal.exp_eof().expect("the program ends");
    assert_eq!(keys(&stand), (1, 0));
}

#[test]
fn ctrl_c_and_ctrl_backslash_end_a_command_that_heeds_them() {
    let stand = Stand::pinata();
    for key in ['c', '\\'] {
        let mut terminal = on_terminal(exec(&stand, "echo ready; exec sleep 20"));
        terminal.exp_string("ready").expect("the command runs");
        terminal.send_control(key).expect("typing works");
        terminal.exp_string("revoked").expect("the key is revoked");
        terminal.exp_eof().expect("the program ends");
    }
    assert_eq!(keys(&stand), (2, 0));
}

#[test]
fn hang_up_that_nohup_ignores_stays_ignored() {
    let stand = Stand::pinata();
    let program = exec(&stand, "echo ready; read line; exit 8");
    let mut shell = in_shell(&stand, "trap '' HUP; exec \"$@\"", &program);
    shell.stdin(Stdio::piped());
    let mut running = Running::start(&mut shell);
    running.said("ready");
    running.send(Signal::HUP);
    running.send(Signal::HUP);
    running.close_stdin();
    running.ends(8);
    assert_eq!(keys(&stand), (1, 0));
}

#[test]
fn ctrl_c_at_a_question_ends_the_program() {
    let stand = Stand::pinata();
    let key = stand.issue_limited(&*stand.pinata_issuer(), 50);
    stand.write_private("key.json", &stored(&key));
    let mut terminal = on_terminal(stand.command(["probe", "--file", "key.json"]));
    terminal.exp_string("[y/N] ").expect("a question");
    terminal.send_control('c').expect("typing works");
    terminal.exp_string("error: interrupted").expect("it ends");
    terminal.exp_eof().expect("the program ends");
}

#[test]
fn ctrl_c_at_a_hidden_question_leaves_the_terminal_as_it_was() {
    let stand = Stand::pinata();
    let script = "trap : INT; \"$@\"; echo code $?; stty -a";
    let mut terminal = on_terminal(in_shell(&stand, script, &stand.command(["verify", "-"])));
    terminal.exp_string("Credential (not shown), then Enter: ").expect("a prompt");
    terminal.send_control('c').expect("typing works");
    terminal.exp_string("error: interrupted").expect("it ends");
    terminal.exp_string("code 130").expect("the exit code");
    let settings = terminal.exp_eof().expect("the shell ends");
    assert!(settings.contains(" icanon") && settings.contains("isig"), "{settings}");
}

/// The program that issues a reader's key to this sink.
fn issue(stand: &Stand, sink: &str) -> Command {
    stand.command(["issue", "--unmanaged", "ci", "--preset", "reader", "--to", sink])
}

#[test]
fn nothing_is_issued_after_a_request_to_end() {
    let stand = Stand::pinata();
    let held = hold(&stand, Method::GET, KEYS, PATIENCE, Stage::BeforeCommit);
    let running = Running::start(&mut issue(&stand, "file:key.json"));
    wait_for(&held);
    running.send(Signal::INT);
    assert_eq!(running.ends(130), "error: interrupted; no key was issued\n");
    assert_eq!(keys(&stand), (0, 0));
}

#[test]
fn issued_key_is_revoked_instead_of_delivered() {
    let stand = Stand::pinata();
    let held = hold(&stand, Method::POST, KEYS, HOLD, Stage::AfterCommit);
    let mut running = Running::start(&mut issue(&stand, "file:key.json"));
    wait_for(&held);
    running.send(Signal::INT);
    running.noted("interrupted: the key is issued and revoked first");
    assert_eq!(running.ends(130), "error: interrupted; the new key is revoked\n");
    assert_eq!((keys(&stand), stand.home().join("key.json").exists()), ((1, 0), false));
}

#[test]
fn key_that_is_being_checked_is_revoked() {
    let stand = Stand::pinata();
    let slow = Fault::Latency { delay: PATIENCE, stage: Stage::BeforeCommit };
    let rule = FaultRule::new(slow).method(Method::GET).path(KEYS).from_nth(2);
    let held = stand.emulator().faults().add(rule);
    let running = Running::start(&mut issue(&stand, "file:key.json"));
    wait_for(&held);
    running.send(Signal::INT);
    assert_eq!(running.ends(130), "error: interrupted; the new key is revoked\n");
    assert_eq!(keys(&stand), (1, 0));
}

#[test]
fn second_request_while_an_undelivered_key_is_revoked_names_it() {
    let stand = Stand::pinata();
    let held = hold(&stand, Method::DELETE, KEY, PATIENCE, Stage::BeforeCommit);
    let mut running = Running::start(&mut issue(&stand, "command:false"));
    wait_for(&held);
    running.send(Signal::INT);
    running.noted("interrupted: the new key is revoked first");
    running.send(Signal::INT);
    let rest = running.ends(130);
    let key = &stand.emulator().pinata().keys()[0].key;
    assert!(
        rest.contains(&format!("  to revoke it:  pinning-keys revoke v1:pinata:{key}\n")),
        "{rest}"
    );
    assert_eq!(keys(&stand), (1, 1));
}

#[test]
fn delivery_that_began_is_waited_for() {
    let stand = Stand::pinata();
    let made = Command::new("mkfifo").arg(stand.home().join("go")).status();
    assert!(made.expect("mkfifo").success());
    let sink = "command:sh -c 'echo > begun; read line < go; cat > secret'";
    let mut running = Running::start(&mut issue(&stand, sink));
    let start = Instant::now();
    while !stand.home().join("begun").exists() {
        assert!(start.elapsed() < PATIENCE, "the command never began");
        thread::yield_now();
    }
    running.send(Signal::INT);
    running.noted("interrupted: the delivery ends first");
    stand.write("go", "on\n");
    running.said("issued    ci   at pinata (resources)");
    running.ends(0);
    assert!(stand.read("secret").starts_with("eyJ"));
    assert_eq!(keys(&stand), (1, 1));
}

#[test]
fn second_request_during_a_delivery_does_not_call_the_secret_lost() {
    let stand = Stand::pinata();
    let fifo = stand.home().join("started");
    assert!(Command::new("mkfifo").arg(&fifo).status().expect("mkfifo runs").success());
    let sink = "command:sh -c 'cat > /dev/null; echo > started; exec sleep 5'";
    let mut running = Running::start(&mut issue(&stand, sink));
    std::fs::read(&fifo).expect("the command has started");
    running.send(Signal::INT);
    running.noted("interrupted: the delivery ends first");
    running.send(Signal::INT);
    let rest = running.ends(130);
    assert!(rest.contains("its secret may have been delivered"), "{rest}");
    let key = &stand.emulator().pinata().keys()[0].key;
    assert!(rest.contains(&format!("pinning-keys revoke v1:pinata:{key}\n")), "{rest}");
}
