//! `list`: List the keys of the account

use std::ops::ControlFlow;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::keys::filter::Filter;
use crate::keys::listing::{doubtful, read};
use crate::keys::state::State;
use crate::keys::view::{KeyObject, table};
use crate::scope_args::TargetArgs;
use crate::session::Session;

/// List the keys of the account
///
/// If the list breaks off or a key may be missing, what was read is printed, and the exit code is
/// not 0.
///
/// With --json, each key is a line, which appears as soon as it is read. It has key_ref, name,
/// state (live, used_up, revoked or unknown), scope, uses, max_uses, created_at, expires_at, table,
/// native_grants, unknown_grants, partial_grants, restrictions and revoked.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only keys that work
    #[arg(long, group = "state")]
    live: bool,
    /// Only revoked keys, if the provider lists them
    #[arg(long, group = "state")]
    revoked: bool,
    /// Only keys with no uses left
    #[arg(long, group = "state")]
    used_up: bool,
    /// Only keys whose name begins with this
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,
}

impl Args {
    fn state(&self) -> Option<State> {
        let wanted = |flag: bool, state| flag.then_some(state);
        wanted(self.live, State::Live)
            .or(wanted(self.revoked, State::Revoked))
            .or(wanted(self.used_up, State::UsedUp))
    }
}

pub(crate) async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let filter = Filter::new(args.prefix.as_deref(), args.state())?;
    let account = session.account(&TargetArgs::default())?;
    let (output, mut records) = (&session.output, Vec::new());
    let query = filter.query(account.issuer().profile());
    let interrupt = Interrupt::listen(output);
    let reading = read(&account, output, query, |record| {
        if filter.admits(&record) {
            if output.is_json() {
                output.object(&KeyObject::of(&record));
            } else {
                records.push(record);
            }
        }
        // The rest of the list takes requests, and nobody reads it.
        if output.is_closed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let end = interrupt.or_end(reading).await;
    if !records.is_empty() {
        output.table(&table(records.iter()));
        let revoked = records.iter().filter(|it| State::of(it) == State::Revoked).count();
        if args.state().is_none() && revoked > 0 {
            let all = records.len();
            output.note(format_args!("{revoked} of {all} are revoked; --live leaves them out"));
        }
    }
    let doubts = end.map_err(|failure| match failure.exit() {
        Exit::Interrupted => failure.with_outcome("the list is incomplete"),
        _ => failure,
    })?;
    if !doubts.is_empty() {
        return Err(doubtful(doubts));
    }
    if records.is_empty() {
        let caveat = filter.caveat(account.issuer().profile());
        output.note(format_args!(
            "no keys{}",
            caveat.map_or_else(String::new, |it| format!("; {it}"))
        ));
    }
    Ok(Exit::Done)
}
