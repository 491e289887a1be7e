//! The file of a program.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Why a program cannot be run.
///
/// ```
/// use pinning_keys_sinks::{ProgramFault, find_program};
///
/// let fault = find_program("no-such-program", "/usr/bin:/bin").unwrap_err();
/// assert_eq!(fault, ProgramFault::NotInPath);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProgramFault {
    /// No file has the path that was named.
    Missing,
    /// No folder of `PATH` has a file of this name.
    NotInPath,
    /// This file is not executable.
    NotExecutable(PathBuf),
}

/// Finds the program that a word names: in the folders of `search`, which has the form of the
/// variable `PATH`, if the word is not a path.
///
/// An empty entry of `search` would be the current folder, in which anything may be, so it is left
/// out.
///
/// ```
/// use pinning_keys_sinks::find_program;
///
/// let search = std::env::var_os("PATH").unwrap_or_default();
/// assert!(find_program("cargo", search).is_ok());
/// ```
///
/// # Errors
///
/// The [`ProgramFault`] if there is no such program or it cannot be executed. On systems other than
/// Unix, only starting a program shows whether it is one.
pub fn find_program(
    word: impl AsRef<OsStr>,
    search: impl AsRef<OsStr>,
) -> Result<PathBuf, ProgramFault> {
    let path = Path::new(word.as_ref());
    if path.components().count() > 1 || path.is_absolute() {
        return match existing(path) {
            Some(file) if is_executable(&file) => Ok(file),
            Some(file) => Err(ProgramFault::NotExecutable(file)),
            None => Err(ProgramFault::Missing),
        };
    }
    let folders = std::env::split_paths(&search).filter(|folder| !folder.as_os_str().is_empty());
    let found: Vec<_> = folders.filter_map(|folder| existing(&folder.join(path))).collect();
    match found.iter().find(|file| is_executable(file)) {
        Some(file) => Ok(file.clone()),
        None => Err(match found.into_iter().next() {
            Some(file) => ProgramFault::NotExecutable(file),
            None => ProgramFault::NotInPath,
        }),
    }
}

/// The file, or on Windows the one with the ending of a program.
fn existing(path: &Path) -> Option<PathBuf> {
    let endings: &[&str] =
        if cfg!(windows) { &["", ".exe", ".com", ".bat", ".cmd"] } else { &[""] };
    let mut files = endings.iter().map(|ending| {
        let mut file = OsString::from(path);
        file.push(ending);
        PathBuf::from(file)
    });
    files.find(|file| file.is_file())
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    rustix::fs::access(file, rustix::fs::Access::EXEC_OK).is_ok()
}

/// Only the start shows it.
#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    true
}
