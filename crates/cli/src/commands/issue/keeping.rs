//! Whether the key is written to a store.

use crate::command_line::command;
use crate::failure::Failure;
use crate::lease_args::LeaseArgs;
use crate::session::Session;

/// A key is managed unless the flag says otherwise, or the store would be lost with the runner of a
/// CI job.
pub(super) fn is_managed(
    unmanaged: bool,
    lease: &LeaseArgs,
    session: &Session,
) -> Result<bool, Failure> {
    let is_lost = session.settings.store()?.is_lost_with_job();
    match (unmanaged, is_lost) {
        (false, false) => return Ok(true),
        (true, _) if lease.is_given() => {
            return Err(Failure::usage("--lease needs a store, which --unmanaged does without")
                .with_next("leave out one of them"));
        }
        (false, true) if lease.is_given() => {
            let why = "CI is set, and --lease needs a store that outlives the job";
            return Err(Failure::usage(why)
                .with_next("name a store:  --store postgres://USER@HOST/DATABASE")
                .with_next(format!(
                    "or use a key for one command:  {}",
                    command("exec NAME … -- COMMAND")
                )));
        }
        (false, true) => session.output.note(
            "CI is set and no store is named, so the key is not managed: it works until it is \
             revoked",
        ),
        (true, _) => {}
    }
    Ok(false)
}
