//! `audit`: Show who did what to the keys of the store, and when

mod line;
mod subject;

use std::ffi::OsString;
use std::time::SystemTime;

use pinning_keys_lifecycle::{AuditFilter, Timestamp};

use crate::command_line::command;
use crate::durations;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::lease_args::start_of;
use crate::managed::{Accounts, Managed};
use crate::session::Session;

use line::print;
use subject::Subject;

/// How many lines are read at a time. Each batch is printed as a table for people.
const PAGE: usize = 500;

/// Show who did what to the keys of the store, and when
///
/// Each line is a change of a key's state or an attempt at one, the oldest first. A line is written
/// in the same transaction as the change, and contains no secret. Lines about a key are kept for at
/// least 30 days after the key is gone. The command needs no credential and sends nothing.
///
/// With --json, each line has number, at, actor, account, id, name, key_ref, action, from, to,
/// effect and text.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Show only this key (id or reference), or all keys that have had this name
    #[arg(value_name = "REF|NAME")]
    key: Option<OsString>,
    /// Show only what happened since: 12h, 7d, 2026-12-31, 2026-12-31T18:00:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
}

pub(crate) async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let since = args.since.as_deref().map(since).transpose()?;
    let Some(managed) = Managed::open_existing(session, Accounts::None).await? else {
        session.output.note(format_args!("no store yet; {} creates it", command("issue")));
        return Ok(Exit::Done);
    };
    let interrupt = Interrupt::listen(&session.output);
    interrupt.or_end(show(args, since, &managed, session)).await
}

async fn show(
    args: &Args,
    since: Option<Timestamp>,
    managed: &Managed,
    session: &Session,
) -> Result<Exit, Failure> {
    let output = &session.output;
    let subject = Subject::find(args.key.as_deref(), managed).await?;
    let filter = AuditFilter { key: subject.only().cloned(), since, ..AuditFilter::default() };
    let (mut after, mut is_empty) = (0, true);
    // The rest is not read if nobody reads what is printed.
    while !output.is_closed() {
        let mut page = managed.manager().audit(&filter, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.number;
        page.retain(|line| subject.contains(&line.key));
        if !page.is_empty() {
            is_empty = false;
            print(&page, managed, output).await?;
        }
    }
    if is_empty {
        output.note("no entries");
    }
    Ok(Exit::Done)
}

/// The time that the flag names: a length of time ago, a day or a moment.
fn since(text: &str) -> Result<Timestamp, Failure> {
    let ago = |length| SystemTime::now().checked_sub(length).map(Timestamp::from);
    let moment = || start_of(text).map(|time| Timestamp::from_micros(time.as_microsecond()));
    durations::parse(text).and_then(ago).or_else(moment).ok_or_else(|| {
        Failure::usage("--since is not a length of time or a date")
            .with_next("for example:  12h, 7d, 2026-12-31, 2026-12-31T18:00:00Z")
    })
}
