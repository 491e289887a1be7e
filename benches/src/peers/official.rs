//! npm's `pinata`, on Node.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::account;
use crate::process::Core;
use crate::results;

const PACKAGE: &str = "pinata@2.5.6";

/// Installs the package where it is not yet. Fails where there is no Node, or no network.
pub(crate) fn install() -> Result<()> {
    let folder = folder()?;
    if folder.join("node_modules/pinata/package.json").exists() {
        return Ok(());
    }
    std::fs::create_dir_all(&folder)?;
    let output = Command::new("npm")
        .args(["install", "--no-audit", "--no-fund", "--prefix"])
        .arg(&folder)
        .arg(PACKAGE)
        .output()
        .context("there is no npm")?;
    ensure!(output.status.success(), "npm could not install {PACKAGE}");
    Ok(())
}

/// Runs the peer, bound to the client's core.
pub(super) fn command() -> Result<Command> {
    let mut command = Command::new("taskset");
    command
        .args(["--cpu-list", &Core::Client.number()?.to_string(), "node"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/pinata.mjs"))
        .env("PINATA_FOLDER", folder()?)
        .env("PINATA_SAMPLE_JWT", account::jwt());
    Ok(command)
}

fn folder() -> Result<PathBuf> {
    Ok(results::folder()?.join("npm"))
}
