//! `list`: List the keys of the account

mod args;
#[cfg(feature = "store")]
mod joined;
mod notes;

use std::ops::ControlFlow;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::keys::listing::{doubtful, read};
use crate::keys::state::State;
use crate::keys::view::{KeyObject, table};
#[cfg(feature = "store")]
use crate::managed::{Accounts, Managed};
use crate::scope_args::TargetArgs;
use crate::session::Session;

pub(crate) use args::Args;
use notes::{incomplete, note_none, note_revoked};

pub(crate) async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let filter = args.filter()?;
    #[cfg(feature = "store")]
    {
        let target = TargetArgs::default();
        if let Some(managed) = Managed::open_existing(session, Accounts::Selected(&target)).await? {
            return joined::run(args, &filter, session, &managed).await;
        }
    }
    let account = session.account(&TargetArgs::default())?;
    if args.owners.managed || args.owners.strays {
        session.output.note("no keys; there is no store, so all keys are foreign");
        return Ok(Exit::Done);
    }
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
        note_revoked(args, revoked, records.len(), output);
    }
    let doubts = end.map_err(incomplete)?;
    if !doubts.is_empty() {
        return Err(doubtful(doubts));
    }
    if records.is_empty() {
        note_none(&filter, &account, output);
    }
    Ok(Exit::Done)
}
