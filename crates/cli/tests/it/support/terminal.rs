//! A pseudo-terminal, for what only a person sees: questions, colour, progress and Ctrl-C.

use std::process::{Command, Stdio};

use rexpect::session::{PtySession, spawn_command};

/// How long to wait for the program to print something, in milliseconds.
const PATIENCE: u64 = 20_000;

/// Runs a command on a terminal of its own.
pub(crate) fn on_terminal(mut command: Command) -> PtySession {
    command.stdin(Stdio::inherit());
    spawn_command(command, Some(PATIENCE)).expect("a pseudo-terminal")
}
