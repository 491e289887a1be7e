//! `plan`: Show what a request becomes at every provider, without sending anything

use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

/// Show what a request becomes at every provider, without sending anything
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    scope: crate::scope_args::ScopeArgs,
    #[command(flatten)]
    target: crate::scope_args::TargetArgs,
}

pub(crate) fn run(_args: &Args, _session: &Session) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Failed, "not built yet"))
}
