//! `exec`: Run a command with a key that is revoked when the command ends

mod child;
mod preparation;
mod program;
mod temporary_key;
mod variables;

use std::ffi::OsString;

use crate::ask;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flag_values::help_with_fields;
use crate::interrupt::{Interrupt, interrupted};
use crate::issuing::Issuing;
use crate::key_args::{KeyArgs, question};
use crate::session::Session;

use preparation::Preparation;
use temporary_key::TemporaryKey;

/// Run a command with a key that is revoked when the command ends
///
/// Everything is checked first: the scope, the variables, and that COMMAND can be run. Then the key
/// is issued, and COMMAND runs, without a shell, with its secret in the environment. Variables of the
/// account are removed first (PINNING_KEYS_*, PINATA_*, AIOZ_PIN_*, PINNING_*, and those that the
/// configuration names), unless --env sets them. The key is revoked when COMMAND ends, whatever ends
/// it. What COMMAND leaves running in the background then has a key that no longer works.
///
/// A new key may take some seconds to work, so COMMAND starts when the provider accepts it. With
/// --max-uses it starts at once: the question would be a use.
///
/// Ctrl-C at a terminal is for COMMAND, as in a shell. A signal to this program alone is passed on
/// to COMMAND; a second one kills COMMAND, and the key is still revoked; a third one ends this
/// program at once. Only then, and if this program is killed (SIGKILL) or the machine stops, the
/// key lives on: `pinning-keys revoke NAME` revokes it.
///
/// Exits as COMMAND does, with 128 plus the number of the signal that ended it, with 127 if COMMAND
/// is not found, and with 126 if it cannot be run. If the key could not be issued or revoked, the
/// exit code says why, and not how COMMAND ended; stderr then ends with a line that begins with
/// `error:`, and what to do about it.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The command, and its arguments
    #[arg(index = 2, last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
    #[arg(
        long = "env",
        value_name = "VAR=FIELD",
        required = true,
        help = help_with_fields("Set a variable of COMMAND to a part of the secret"),
    )]
    variables: Vec<OsString>,
    /// Show what would be done, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Issue an admin key, or one that can issue keys, without asking
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    key: KeyArgs,
}

pub(crate) async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let output = &session.output;
    let request = args.key.request()?;
    let account = session.account(&args.key.target)?;
    let issuer = account.issuer();
    let prepared = Preparation::new(&request, &args.variables, &args.command, issuer)?;
    if args.dry_run {
        prepared.show(output);
        return Ok(Exit::Done);
    }
    let interrupt = Interrupt::listen_for_child(output);
    if let Some(question) = question(request.name(), prepared.granted()) {
        interrupt.while_asking(|| ask::consent(&question, args.yes))?;
    }
    let issuing = Issuing::new(&account, &interrupt, output);
    issuing.check_name(&request).await?;
    let key = TemporaryKey::new(issuing.issue(&request).await?, issuer, output, &interrupt);
    let end = run_with(&key, &prepared, session, &interrupt).await;
    match (end, key.revoke().await) {
        (end, Ok(())) => end,
        (Ok(exit), Err(failure)) => {
            output.warn(format_args!("the command ended with exit code {}", exit.code()));
            Err(failure)
        }
        (Err(first), Err(failure)) => {
            output.failure(&first);
            Err(failure)
        }
    }
}

/// Runs the command while the key is live.
async fn run_with(
    key: &TemporaryKey<'_>,
    prepared: &Preparation<'_>,
    session: &Session,
    interrupt: &Interrupt,
) -> Result<Exit, Failure> {
    key.wait_until_live().await?;
    let command = prepared.command(key.issued(), &session.settings.secret_variables())?;
    let mut requests = interrupt.divert();
    // From here on, a request to end is for the command.
    if interrupt.is_requested() {
        return Err(interrupted());
    }
    child::run(command, &mut requests, &session.output).await
}
