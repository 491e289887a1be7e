//! The command while it runs.

use std::process::ExitStatus;

use tokio::process::{Child, Command};

use super::program::not_started;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::{Diverted, Signal};
use crate::output::Output;

/// Runs the command to its end. It stays in the process group of this program, so that a terminal
/// treats both as one.
pub(super) async fn run(
    mut command: Command,
    requests: &mut Diverted<'_>,
    output: &Output,
) -> Result<Exit, Failure> {
    let mut child = command.spawn().map_err(|error| not_started(&error))?;
    // Its copy of the secret is not needed any more.
    drop(command);
    let mut heeded = 0;
    loop {
        let signal = tokio::select! {
            biased;
            status = child.wait() => return end(status),
            signal = requests.next() => signal,
        };
        if is_from_terminal(signal) {
            // The command got it too, and decides what it means.
            continue;
        }
        heeded += 1;
        match heeded {
            1 => pass_on(&child, signal),
            2 => {
                output.warn("the command is killed; the key is revoked next");
                // It fails only if the command has just ended.
                let _ = child.start_kill();
            }
            _ => requests.end_at_once(),
        }
    }
}

fn end(status: std::io::Result<ExitStatus>) -> Result<Exit, Failure> {
    let status = status.map_err(|error| {
        Failure::new(Exit::Failed, format!("cannot wait for the command: {}", error.kind()))
    })?;
    // Windows has greater codes, which no shell there passes on either.
    let code = status.code().or_else(|| ended_by(status)).unwrap_or(1);
    Ok(Exit::Command(u8::try_from(code).unwrap_or(u8::MAX)))
}

/// What a shell exits with when a signal ended its command.
#[cfg(unix)]
fn ended_by(status: ExitStatus) -> Option<i32> {
    use std::os::unix::process::ExitStatusExt as _;
    status.signal().map(|signal| 128 + signal)
}

#[cfg(not(unix))]
fn ended_by(_: ExitStatus) -> Option<i32> {
    None
}

/// Whether a key on the terminal made the signal, which goes to all processes in the foreground.
#[cfg(unix)]
fn is_from_terminal(signal: Signal) -> bool {
    if !matches!(signal, Signal::Interrupt | Signal::Quit) {
        return false;
    }
    let Ok(terminal) = std::fs::File::open("/dev/tty") else { return false };
    rustix::termios::tcgetpgrp(terminal).is_ok_and(|front| front == rustix::process::getpgrp())
}

/// A console tells all of its processes.
#[cfg(not(unix))]
fn is_from_terminal(_: Signal) -> bool {
    true
}

#[cfg(unix)]
fn pass_on(child: &Child, signal: Signal) {
    use rustix::process::{Pid, kill_process};
    let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(pid) = pid {
        // It fails only if the command has just ended.
        let _ = kill_process(pid, signal.number());
    }
}

#[cfg(not(unix))]
fn pass_on(_: &Child, _: Signal) {}
