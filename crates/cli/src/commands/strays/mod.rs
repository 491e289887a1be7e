//! `strays`: Show keys that the store lost, and keep or revoke them

mod choice;
mod fate;
mod view;

use std::collections::HashMap;
use std::ffi::OsString;

use pinning_keys_lifecycle::{ManagedKey, StrayPlan};

use crate::ask;
use crate::command_line::command;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::{Interrupt, interrupted};
use crate::managed::passes::{failure_of, run_due};
use crate::managed::{Accounts, Managed};
use crate::session::Session;

use fate::{Decision, Outcome};

/// Show keys that the store lost, and keep or revoke them
///
/// A stray has the store's label in its name at the provider, but the store did not know it, because
/// a backup was restored or a file was copied. The worker adopts it. Somebody may be using it, so it
/// is not revoked before the date in its name unless you pass --revoke.
///
/// --adopt keeps strays: from then on, they are like any other managed key and end with their lease.
/// --revoke revokes them now, together with everything else that is due. If the provider cannot
/// revoke one now, the worker tries again, and the exit code is 75. Without either flag, the strays
/// are shown.
///
/// With --json, each stray is a line with the members of a managed key, and result: null, planned
/// (with --dry-run), kept, revoked, scheduled (a worker tries again) or failed (with error).
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only these strays, by name, id or reference (default: all)
    #[arg(value_name = "REF|NAME")]
    keys: Vec<OsString>,
    #[command(flatten)]
    decision: Decisions,
    /// Show what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Skip the confirmation of --revoke
    #[arg(long)]
    yes: bool,
}

#[derive(clap::Args)]
struct Decisions {
    /// Keep them
    #[arg(long, conflicts_with = "revoke")]
    adopt: bool,
    /// Revoke them
    #[arg(long)]
    revoke: bool,
}

impl Decisions {
    fn made(&self) -> Option<Decision> {
        match (self.adopt, self.revoke) {
            (true, _) => Some(Decision::Keep),
            (_, true) => Some(Decision::Revoke),
            _ => None,
        }
    }
}

pub(crate) async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let output = &session.output;
    let decision = args.decision.made();
    let revokes = decision == Some(Decision::Revoke) && !args.dry_run;
    if revokes {
        ask::check(args.yes)?;
    }
    let accounts = if revokes { Accounts::All } else { Accounts::None };
    let Some(managed) = Managed::open_existing(session, accounts).await? else {
        output.note(format_args!("no store yet; {} creates it", command("issue")));
        return Ok(Exit::Done);
    };
    let plan = managed.manager().strays().await?;
    let chosen = choice::choose(plan.keys(), &args.keys)?;
    if chosen.is_empty() {
        output.note("no strays");
        return Ok(Exit::Done);
    }
    let Some(decision) = decision.filter(|_| !args.dry_run) else {
        view::print(&chosen, decision, output);
        return Ok(Exit::Done);
    };
    let interrupt = Interrupt::listen(output);
    if decision == Decision::Revoke {
        let question = view::question(&chosen, args.yes, output);
        interrupt.while_asking(|| ask::consent(&question, args.yes))?;
    }
    interrupt.check()?;
    let outcomes = decide(plan, decision, chosen, &managed, &interrupt, session).await?;
    fate::print(&outcomes, output);
    match fate::failure(&outcomes) {
        _ if interrupt.is_requested() => Err(interrupted()),
        Some(failure) => Err(failure),
        None => Ok(Exit::Done),
    }
}

/// Carries out the decision, and prints what became of each key.
async fn decide(
    plan: StrayPlan,
    decision: Decision,
    chosen: Vec<ManagedKey>,
    managed: &Managed,
    interrupt: &Interrupt,
    session: &Session,
) -> Result<Vec<Outcome>, Failure> {
    let plan = chosen.iter().fold(plan, |plan, key| match decision {
        Decision::Keep => plan.keep(key.id()),
        Decision::Revoke => plan.revoke(key.id()),
    });
    let done = interrupt.settle("the decisions are recorded first", plan.run()).await;
    let outcome = |done| Outcome::new(done, decision, &chosen);
    let mut outcomes: Vec<Outcome> = done.into_iter().filter_map(outcome).collect();
    if decision == Decision::Revoke {
        let work = run_due(managed, interrupt, &session.output).await?;
        let mut failures = HashMap::new();
        for (account, error) in work.errors {
            failures.entry(account).or_insert_with(|| failure_of(error));
        }
        let ids: Vec<_> = outcomes.iter().map(|outcome| outcome.id().clone()).collect();
        for key in managed.manager().find(&ids).await? {
            if let Some(outcome) = outcomes.iter_mut().find(|it| it.id() == key.id()) {
                outcome.update(key, &failures);
            }
        }
    }
    Ok(outcomes)
}
