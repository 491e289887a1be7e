//! The program of the command line, as a release build.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// A plan for all tables, which needs no account.
pub const PLAN: [&str; 3] = ["plan", "--preset", "reader"];

/// Builds the program without symbols, in this target folder.
///
/// # Errors
///
/// If the build fails.
pub fn build(target: &Path) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml");
    let status = Command::new(cargo)
        .args(["build", "--quiet", "--locked", "--release", "--package", "pinning-keys-cli"])
        .args([Path::new("--manifest-path"), &manifest, Path::new("--target-dir"), target])
        .env("CARGO_PROFILE_RELEASE_STRIP", "true")
        .status()
        .context("cargo cannot be run")?;
    ensure!(status.success(), "the command line does not build");
    Ok(target.join("release/pinning-keys"))
}

/// The size of a program in bytes.
///
/// # Errors
///
/// If there is no such program.
pub fn size(program: &Path) -> Result<u64> {
    let file = program.metadata().with_context(|| format!("{} is not there", program.display()))?;
    Ok(file.len())
}

/// Gives a command an environment and a folder that hold no configuration.
pub fn isolate<'a>(command: &'a mut Command, folder: &Path) -> &'a mut Command {
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", path).env("HOME", folder).current_dir(folder)
}
