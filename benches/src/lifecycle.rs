//! Runs the program that measures the life of a key. It needs a newer Rust than this program.

use anyhow::{Result, ensure};

use crate::process::cargo;
use crate::results::Effort;

pub(crate) fn run(effort: Effort) -> Result<()> {
    let mut command = cargo();
    command.args(["run", "--release", "--package", "pinning-keys-lifecycle-bench", "--"]);
    command.args(["--rounds", &effort.rounds.to_string()]);
    if effort.quick {
        command.arg("--quick");
    }
    let status = command.current_dir(env!("CARGO_MANIFEST_DIR")).status()?;
    ensure!(status.success(), "{command:?} failed");
    Ok(())
}
