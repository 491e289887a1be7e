//! Stores the figures of a run for the summary and the plot.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    pub rounds: u32,
    pub quick: bool,
}

/// The folder for the files of this program, inside Cargo's target folder.
///
/// # Errors
///
/// If it cannot be created.
pub fn folder() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let profile = program.parent().context("the program is in no folder")?;
    let folder = profile.parent().unwrap_or(profile).join("bench-results");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Stores the figures of a command, unless it was a quick run, whose figures mean nothing.
///
/// # Errors
///
/// If they cannot be written.
pub fn save<T: Serialize>(command: &str, effort: Effort, figures: &T) -> Result<()> {
    if effort.quick {
        return Ok(());
    }
    let path = folder()?.join(command).with_extension("json");
    fs::write(&path, serde_json::to_vec_pretty(figures)?)
        .with_context(|| format!("{} cannot be written", path.display()))
}

/// The figures of a command's last run, or `None` if it has never run.
///
/// # Errors
///
/// If another version of the program has stored them.
pub fn load<T: DeserializeOwned>(command: &str) -> Result<Option<T>> {
    let path = folder()?.join(command).with_extension("json");
    match fs::read(&path) {
        Ok(bytes) => {
            let figures = serde_json::from_slice(&bytes);
            figures.map(Some).with_context(|| format!("run `bench {command}` again"))
        }
        Err(_) => Ok(None),
    }
}

/// The figures of a command's last run as text, or `None` if it has never run.
///
/// # Errors
///
/// Those of [`load`].
pub fn report<T: DeserializeOwned, D: ToString>(
    command: &str,
    show: impl FnOnce(&T) -> D,
) -> Result<Option<String>> {
    Ok(load::<T>(command)?.map(|figures| show(&figures).to_string()))
}
