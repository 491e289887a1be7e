//! Where the figures of a run are kept for the summary and the plot.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cli::Effort;

/// The folder that holds what this program makes, beside what Cargo makes for it.
pub(crate) fn folder() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let profile = program.parent().context("the program lies in no folder")?;
    let folder = profile.parent().unwrap_or(profile).join("bench-results");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Keeps the figures of a command; not those of a quick try, which measures nothing.
pub(crate) fn save<T: Serialize>(command: &str, effort: Effort, figures: &T) -> Result<()> {
    if effort.quick {
        return Ok(());
    }
    let path = folder()?.join(command).with_extension("json");
    fs::write(&path, serde_json::to_vec_pretty(figures)?)
        .with_context(|| format!("{} cannot be written", path.display()))
}

/// The figures of a command's last run; `None` where it has not been run.
pub(crate) fn load<T: DeserializeOwned>(command: &str) -> Result<Option<T>> {
    let path = folder()?.join(command).with_extension("json");
    match fs::read(&path) {
        Ok(bytes) => {
            let figures = serde_json::from_slice(&bytes);
            figures.map(Some).with_context(|| format!("run `bench {command}` again"))
        }
        Err(_) => Ok(None),
    }
}
