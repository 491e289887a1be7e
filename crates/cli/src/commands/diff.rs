//! `diff`: Compare the declared keys with the existing ones

use crate::declared::{Existing, FileArgs, Plan};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::session::Session;

/// Compare the declared keys with the existing ones
///
/// Each declared key is compared with the store and with the list of its account. A key can be
/// missing or gone, have other permissions or another lease than declared, or be due for rotation.
/// Nothing is changed, and no command from the file is run.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    file: FileArgs,
    /// Exit with 2 if anything is not as declared
    #[arg(long)]
    exit_code: bool,
    /// Count managed keys that are not declared as changes, as `apply --prune` does
    #[arg(long)]
    prune: bool,
}

pub(crate) async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let declared = args.file.read(session)?;
    let existing = Existing::open(&declared, session, false).await?;
    let interrupt = Interrupt::listen(&session.output);
    let plan = Plan::make(&declared, &existing, args.prune, session);
    let plan = interrupt.or_end(plan).await?;
    plan.print(&session.output);
    plan.end(args.exit_code)
}
