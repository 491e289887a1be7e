//! `config`: Show the effective settings and where each came from

use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

/// Show the effective settings and where each came from
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args, _session: &Session) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Failed, "not built yet"))
}
