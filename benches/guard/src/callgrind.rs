//! Instructions, counted by `valgrind --tool=callgrind`: they repeat, whatever else the machine
//! is doing.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The first line of what `valgrind --version` says; `None` where there is no valgrind.
#[must_use]
pub fn version() -> Option<String> {
    let output = Command::new("valgrind").arg("--version").output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(said)
}

/// How many instructions a program takes with these arguments, start and end included. What the
/// kernel does for it does not count.
///
/// # Errors
///
/// Where the program or valgrind fails, with what they said.
pub fn instructions<S: AsRef<OsStr>>(program: &Path, arguments: &[S]) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(arguments)
        .output()
        .context("valgrind cannot be run")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the program failed under valgrind:\n{said}");
    // ==4711== Collected : 123456
    let count = said.lines().find_map(|line| line.split_once("Collected : "));
    let (_, count) = count.with_context(|| format!("valgrind told no count:\n{said}"))?;
    Ok(count.trim().parse()?)
}

/// The instructions of one run of some work: the difference between a program that does it
/// `few` times and one that does it `many` times, so that starting and ending cancel out.
///
/// # Errors
///
/// As [`instructions`].
pub fn per_run<S: AsRef<OsStr>>(
    program: &Path,
    arguments: impl Fn(u64) -> Vec<S>,
    (few, many): (u64, u64),
) -> Result<u64> {
    let less = instructions(program, &arguments(few))?;
    let more = instructions(program, &arguments(many))?;
    Ok(more.saturating_sub(less) / (many - few))
}
