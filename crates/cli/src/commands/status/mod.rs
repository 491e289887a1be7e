//! `status`: Show what the store holds and what needs attention

mod concern;
mod kind;
mod names;
mod view;

use crate::ask;
use crate::command_line::command;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::keys::view::moment;
use crate::managed::{Accounts, Elsewhere, Managed};
use crate::output::Output;
use crate::session::Session;

use concern::{Concern, concerns};
use view::{StatusObject, print};

/// Show what the store holds and what needs attention
///
/// Each concern is followed by the command that deals with it. The command needs no credential and
/// sends nothing.
///
/// With --exit-code, for monitoring, the exit code is 6 if keys are overdue, 2 if anything else needs
/// attention, and 0 otherwise.
///
/// Some events need a decision by a person:
///
/// After a restored backup, leases end at their maximum, because the store does not know which were
/// renewed. --acknowledge ends the reminder. A backup that was restored onto the same file is not
/// always noticed, so pass --restored before a worker runs.
///
/// After a jump of the clock, no lease ends until the provider's answers confirm the time. If they
/// show no time, check the clock and pass --confirm-clock.
///
/// A file that was moved or copied is not used until somebody says which it was. Pass --moved if the
/// store continues in this file, or --copied if the original is still in use. A copy becomes a
/// separate store and leaves all keys to the original.
///
/// With --json, one object has store, now, worker_seen_at, accounts and concerns. A concern has
/// concern, account, count, message and next.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Exit with 6 if keys are overdue, and with 2 if anything else needs attention
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    known: Known,
    #[command(flatten)]
    place: Place,
    /// Skip the confirmation of --confirm-clock
    #[arg(long, requires = "confirm_clock")]
    yes: bool,
}

/// What only a person can know.
#[derive(clap::Args)]
struct Known {
    /// End the reminder that the store was restored
    #[arg(long)]
    acknowledge: bool,
    /// Confirm that the store's time is right, so that leases end again
    #[arg(long)]
    confirm_clock: bool,
    /// Record that the store was restored from a backup
    #[arg(long, conflicts_with = "acknowledge")]
    restored: bool,
}

/// Why the file is not at the recorded path.
#[derive(clap::Args)]
#[group(multiple = false)]
struct Place {
    /// The file was moved; the store continues here
    #[arg(long)]
    moved: bool,
    /// The file was copied; the original manages its keys
    #[arg(long)]
    copied: bool,
}

impl Place {
    fn elsewhere(&self) -> Option<Elsewhere> {
        let moved = self.moved.then_some(Elsewhere::Moved);
        moved.or(self.copied.then_some(Elsewhere::Copied))
    }
}

pub(crate) async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let output = &session.output;
    let Known { acknowledge, confirm_clock, restored } = args.known;
    let elsewhere = args.place.elsewhere();
    let changes = acknowledge || confirm_clock || restored || elsewhere.is_some();
    let opened = match elsewhere {
        Some(elsewhere) => Managed::open_elsewhere(session, elsewhere).await?,
        None => Managed::open_existing(session, Accounts::None).await?,
    };
    let Some(managed) = opened else {
        if changes {
            return Err(Failure::new(Exit::Failed, "there is no store yet"));
        }
        if output.is_json() {
            output.object(&StatusObject::default());
        } else {
            output.note(format_args!("no store yet; {} creates it", command("issue")));
        }
        return Ok(Exit::Done);
    };
    if changes {
        record(&args.known, args.yes, &managed, output).await?;
    }
    let status = managed.manager().status().await?;
    let concerns = concerns(&status, &managed).await?;
    let exit = concerns.iter().map(Concern::exit).fold(Exit::Done, Exit::or_worse);
    if output.is_json() {
        output.object(&StatusObject::of(&status, &managed, &concerns));
    } else {
        print(&status, &managed, &concerns, output);
    }
    Ok(if args.exit_code { exit } else { Exit::Done })
}

/// Records what a person has decided.
async fn record(
    known: &Known,
    yes: bool,
    managed: &Managed,
    output: &Output,
) -> Result<(), Failure> {
    let store = managed.manager();
    if known.confirm_clock {
        let now = moment(store.status().await?.now().into()).unwrap_or_default();
        let question = format!("The time of the store is {now}. Is it right?");
        let interrupt = Interrupt::listen(output);
        interrupt.while_asking(|| ask::consent(&question, yes))?;
        store.confirm_clock().await?;
        output.note(format_args!("confirmed the time {now}"));
    }
    if known.restored {
        store.mark_restored().await?;
        output.note("recorded that the store was restored; earlier leases end at their maximum");
    }
    if known.acknowledge {
        if store.status().await?.rolled_back().is_some() {
            store.acknowledge().await?;
            output.note("acknowledged");
        } else {
            output.note("nothing to acknowledge");
        }
    }
    Ok(())
}
