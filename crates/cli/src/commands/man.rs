//! `man`: Print a manual page

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Print a manual page
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args, _output: &Output) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Failed, "not built yet"))
}
