//! Counts instructions with `valgrind --tool=callgrind`. The counts do not depend on what else the
//! machine does.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The output of `valgrind --version`, or `None` if valgrind is not installed.
#[must_use]
pub fn version() -> Option<String> {
    let output = Command::new("valgrind").arg("--version").output().ok()?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(version)
}

/// A program with these arguments, to be run under valgrind.
pub fn command<S: AsRef<OsStr>>(program: &Path, arguments: &[S]) -> Command {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(program).args(arguments);
    valgrind
}

/// The number of instructions that a [`command`] executes, including its start and end, but not
/// those in the kernel.
///
/// # Errors
///
/// If the program or valgrind fails; the error has their output.
pub fn instructions(command: &mut Command) -> Result<u64> {
    let output = command.output().context("valgrind cannot be run")?;
    let log = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the program failed under valgrind:\n{log}");
    // ==4711== Collected : 123456
    let count = log.lines().find_map(|line| line.split_once("Collected : "));
    let (_, count) = count.with_context(|| format!("valgrind printed no count:\n{log}"))?;
    Ok(count.trim().parse()?)
}

/// The instructions of one run of some work, from the difference between running it `few` and
/// `many` times, so that the program's start and end cancel out.
///
/// # Errors
///
/// As [`instructions`].
pub fn per_run<S: AsRef<OsStr>>(
    program: &Path,
    arguments: impl Fn(u64) -> Vec<S>,
    (few, many): (u64, u64),
) -> Result<u64> {
    let less = instructions(&mut command(program, &arguments(few)))?;
    let more = instructions(&mut command(program, &arguments(many)))?;
    Ok(more.saturating_sub(less) / (many - few))
}
