//! `run`: Run the worker, which ends leases and settles keys in doubt

mod once;
mod repeated;
mod report;

use crate::command_line::command;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::{Interrupt, Signal, interrupted};
use crate::managed::left::{Left, not_ended};
use crate::managed::passes::stop_requested;
use crate::managed::{Accounts, Managed};
use crate::output::escape::escaped;
use crate::session::Session;

use report::Reporter;

/// Run the worker, which ends leases and settles keys in doubt
///
/// A lease ends only while a worker runs. The worker revokes keys whose lease is over or whose
/// secret was not delivered in time, finds out what became of creates whose outcome is unknown, and
/// reads the list of each account once an hour. It serves all accounts of the configuration, or only
/// that of --profile. Any number of workers may run at the same time; they share the work.
///
/// Without --once, it runs until Ctrl-C (exit code 130) or SIGTERM (exit code 0), and prints a line
/// for each pass that changed something. With -v, it also prints passes that only looked at keys. A
/// persistent failure is reported once an hour.
///
/// With --once, it makes passes until nothing is due, for at most 5 minutes, and prints what was done
/// and what is left. If something failed, the exit code is 1, 4 or 75, depending on the failure. Keys
/// that are due later do not count as failures.
///
/// With --json, each such pass is a line with at, revoked, settled, seen, put_off, overdue, failures
/// and left. At the end, left has revoking, in_doubt, undelivered, overdue and next_due_at.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Do what is due now, and exit
    #[arg(long)]
    once: bool,
}

pub(crate) async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let store = session.settings.store()?;
    let is_new = store.is_named() && store.place.is_absent();
    let managed = Managed::open(session, Accounts::All).await?;
    if is_new {
        // Its name may be mistyped, and nothing would end in the right one.
        let place = managed.place();
        session.output.warn(format_args!("{place}: the store did not exist, and was created"));
    }
    if managed.accounts().is_empty() {
        return Err(Failure::configuration("no account of the configuration can be used"));
    }
    let output = &session.output;
    let interrupt = Interrupt::listen(output);
    interrupt.would_leave([format!(
        "any worker finishes what was started, after 5 minutes:  {}",
        command("run --once")
    )]);
    note_others(&managed, session).await?;
    let failure = if args.once {
        once::run(&managed, &interrupt, output).await?
    } else {
        work(&managed, &interrupt, session).await?;
        None
    };
    match (interrupt.request(), failure) {
        (_, Some(failure)) => Err(failure),
        (None, None) => Ok(Exit::Done),
        // This is how a service manager stops a worker. The next one does what is left.
        (Some(Signal::Terminate), None) if !args.once => Ok(Exit::Done),
        (Some(_), None) => Err(interrupted()),
    }
}

/// Runs the worker as a loop.
async fn work(managed: &Managed, interrupt: &Interrupt, session: &Session) -> Result<(), Failure> {
    let output = &session.output;
    let names: Vec<&str> = managed.accounts().iter().map(|account| &account.name[..]).collect();
    output.note(format_args!(
        "working for {} with the store {}; press Ctrl-C to stop",
        names.join(", "),
        managed.place()
    ));
    let mut reporter = Reporter::new(output);
    let report = |pass| reporter.report(pass);
    managed.manager().run_with(stop_requested(interrupt, output), report).await?;
    let status = managed.manager().status().await?;
    reporter.end(&Left::of(&status, reporter.due_at()));
    Ok(())
}

/// Notes the accounts of the store that this worker does not serve, because it has no credential for
/// them.
async fn note_others(managed: &Managed, session: &Session) -> Result<(), Failure> {
    let status = managed.manager().status().await?;
    let is_ours = |name: &str| managed.accounts().iter().any(|account| account.name == name);
    for account in status.accounts().filter(|account| !is_ours(account.name())) {
        let open = not_ended(&account);
        if open > 0 {
            let keys = if open == 1 { "key" } else { "keys" };
            session.output.note(format_args!(
                "no lease ends in the account {}, which has {open} {keys}: no profile selects it",
                escaped(account.name())
            ));
        }
    }
    Ok(())
}
