//! The program that a command runs, found before a key is issued.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::exit::Exit;
use crate::failure::Failure;

/// What `env` and `nohup` exit with, too.
const NOT_FOUND: Exit = Exit::Command(127);
const NOT_RUN: Exit = Exit::Command(126);

/// Finds the program that the first word of a command names. The word is not repeated: it may be a
/// secret by mistake.
pub(super) fn find(word: &OsStr) -> Result<PathBuf, Failure> {
    let path = Path::new(word);
    if path.components().count() > 1 || path.is_absolute() {
        return match existing(path) {
            Some(file) if is_executable(&file) => Ok(file),
            Some(_) => Err(not_executable()),
            None => Err(Failure::new(NOT_FOUND, "the command does not exist")),
        };
    }
    let folders = env::var_os("PATH").unwrap_or_default();
    let in_folder = |folder: PathBuf| {
        // An empty entry is the current folder.
        let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
        existing(&folder.join(path))
    };
    let files: Vec<_> = env::split_paths(&folders).filter_map(in_folder).collect();
    match files.iter().find(|file| is_executable(file)) {
        Some(file) => Ok(file.clone()),
        None if files.is_empty() => Err(Failure::new(NOT_FOUND, "the command is not in PATH")),
        None => Err(not_executable()),
    }
}

/// The failure of a program that was found and does not start.
pub(super) fn not_started(error: &std::io::Error) -> Failure {
    let exit = if error.kind() == std::io::ErrorKind::NotFound { NOT_FOUND } else { NOT_RUN };
    Failure::new(exit, format!("the command cannot be run: {}", error.kind()))
}

fn not_executable() -> Failure {
    Failure::new(NOT_RUN, "the command is not executable").with_next("allow it with chmod +x")
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
    let endings = ["", ".exe", ".com", ".bat", ".cmd"];
    let mut files = endings.iter().map(|ending| {
        let mut file = path.as_os_str().to_owned();
        file.push(ending);
        PathBuf::from(file)
    });
    files.find(|file| file.is_file())
}

/// Only the start shows it.
#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    true
}
