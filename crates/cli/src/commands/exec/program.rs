//! The program that a command runs, found before a key is issued.

use std::env;
use std::ffi::OsStr;
use std::path::PathBuf;

use pinning_keys_sinks::{ProgramFault, find_program};

use crate::exit::Exit;
use crate::failure::Failure;

/// What `env` and `nohup` exit with, too.
const NOT_FOUND: Exit = Exit::Command(127);
const NOT_RUN: Exit = Exit::Command(126);

/// Finds the program that the first word of a command names. The word is not repeated: it may be a
/// secret by mistake.
pub(super) fn find(word: &OsStr) -> Result<PathBuf, Failure> {
    let search = env::var_os("PATH").unwrap_or_default();
    find_program(word, search).map_err(|fault| match fault {
        ProgramFault::Missing => Failure::new(NOT_FOUND, "the command does not exist"),
        ProgramFault::NotExecutable(_) => Failure::new(NOT_RUN, "the command is not executable")
            .with_next("allow it with chmod +x"),
        _ => Failure::new(NOT_FOUND, "the command is not in PATH"),
    })
}

/// The failure of a program that was found and does not start.
pub(super) fn not_started(error: &std::io::Error) -> Failure {
    let exit = if error.kind() == std::io::ErrorKind::NotFound { NOT_FOUND } else { NOT_RUN };
    Failure::new(exit, format!("the command cannot be run: {}", error.kind()))
}
