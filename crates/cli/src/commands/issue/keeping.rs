//! Whether the key is written to a store.

use std::env;

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
    let is_set = |value: &std::ffi::OsStr| !value.is_empty() && value != "false" && value != "0";
    let in_ci = env::var_os("CI").is_some_and(|value| is_set(&value));
    let is_lost = in_ci && !session.settings.store()?.is_named();
    match (unmanaged, is_lost) {
        (false, false) => return Ok(true),
        (true, _) if lease.is_given() => {
            return Err(Failure::usage("--lease needs a store, which --unmanaged does without")
                .with_next("leave out one of them"));
        }
        (false, true) if lease.is_given() => {
            let why = "--lease needs a store that outlives this job, and CI is set";
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
