//! The official client, npm's `pinata`, on Node.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::account;
use crate::process::{Core, pin_to};
use crate::results;

const PACKAGE: &str = "pinata@2.5.6";

/// Installs the package unless it is installed. Fails without Node or a network.
pub(crate) fn install() -> Result<()> {
    let node = Command::new("node").arg("--version").output();
    node.context("Node is not installed")?;
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
        .context("npm is not installed")?;
    ensure!(output.status.success(), "npm could not install {PACKAGE}");
    Ok(())
}

/// Becomes Node, bound to the client's core, and does the job.
pub(crate) fn become_node(job: &str) -> Result<()> {
    pin_to(Core::Client)?;
    let error = Command::new("node")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/pinata.mjs"))
        .arg(job)
        .env("PINATA_FOLDER", folder()?)
        .env("PINATA_SAMPLE_JWT", account::jwt())
        .exec();
    Err(error).context("Node cannot be run")
}

fn folder() -> Result<PathBuf> {
    Ok(results::folder()?.join("npm"))
}
