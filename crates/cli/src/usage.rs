//! Errors of the command line itself, worded without the value of any argument, which may be a
//! secret.

use clap::error::ErrorKind;

use crate::exit::Exit;
use crate::failure::Failure;

/// What clap could not parse, or the help or version that was asked for.
pub(crate) fn report(error: &clap::Error) -> Result<Exit, Failure> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // A closed stdout is no failure.
            let _ = error.print();
            Ok(Exit::Done)
        }
        _ => Err(Failure::usage(error.kind().to_string())),
    }
}
