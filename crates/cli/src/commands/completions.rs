//! `completions`: Print completions for a shell

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Print completions for a shell
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args, _output: &Output) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Failed, "not built yet"))
}
