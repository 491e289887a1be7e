//! `show`: Show one key of the account

use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

/// Show one key of the account
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) async fn run(_args: &Args, _session: &Session) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Failed, "not built yet"))
}
