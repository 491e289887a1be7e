//! `exec`: Run a command with a key that is revoked when the command ends

use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

/// Run a command with a key that is revoked when the command ends
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The name of the key
    name: std::ffi::OsString,
    #[command(flatten)]
    scope: crate::scope_args::ScopeArgs,
    #[command(flatten)]
    target: crate::scope_args::TargetArgs,
}

pub(crate) async fn run(_args: &Args, _session: &Session) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Failed, "not built yet"))
}
