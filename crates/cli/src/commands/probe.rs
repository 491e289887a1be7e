//! `probe`: Find out what a credential can really do

use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

/// Find out what a credential can really do
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) async fn run(_args: &Args, _session: &Session) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Failed, "not built yet"))
}
