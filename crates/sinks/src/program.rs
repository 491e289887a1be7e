//! The file of a program.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::text::{escaped_os, shown, typed};
use crate::{Environment, SinkError};

/// Finds the program that a word names, in the folders of `PATH` if the word is not a path.
pub(crate) fn find(word: &OsStr, environment: &Environment) -> Result<PathBuf, SinkError> {
    let path = Path::new(word);
    let name = escaped_os(word);
    if path.components().count() > 1 || path.is_absolute() {
        return match existing(path) {
            Some(file) if is_executable(&file) => Ok(file),
            Some(_) => Err(not_executable(path)),
            None => Err(SinkError::new(format!("the program {name} does not exist"))),
        };
    }
    let folders = environment.get("PATH").unwrap_or_default();
    // An empty entry would be the current folder, in which anything may be.
    let folders = std::env::split_paths(folders).filter(|folder| !folder.as_os_str().is_empty());
    let found: Vec<_> = folders.filter_map(|folder| existing(&folder.join(path))).collect();
    match (found.iter().find(|file| is_executable(file)), found.first()) {
        (Some(file), _) => Ok(file.clone()),
        (None, Some(file)) => Err(not_executable(file)),
        (None, None) => Err(SinkError::new(format!("the program {name} is not in PATH"))
            .with_advice("install it, or name it with its path")),
    }
}

fn not_executable(file: &Path) -> SinkError {
    SinkError::new(format!("{} is not executable", shown(file)))
        .with_advice(format!("allow it:  chmod +x {}", typed(file)))
}

#[cfg(unix)]
fn existing(path: &Path) -> Option<PathBuf> {
    path.is_file().then(|| path.to_owned())
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    rustix::fs::access(file, rustix::fs::Access::EXEC_OK).is_ok()
}

/// The file, or the one with the ending of a program.
#[cfg(not(unix))]
fn existing(path: &Path) -> Option<PathBuf> {
    let endings = [None, Some("exe"), Some("com"), Some("bat"), Some("cmd")];
    let mut files = endings.iter().map(|ending| match ending {
        Some(ending) => path.with_extension(ending),
        None => path.to_owned(),
    });
    files.find(|file| file.is_file())
}

/// Only the start shows it.
#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    true
}
