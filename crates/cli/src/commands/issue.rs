//! `issue`: Issue a key and deliver its secret

use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

/// Issue a key and deliver its secret
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
