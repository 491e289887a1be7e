//! `apply`: Issue, rotate and revoke keys to match the declared ones

mod fate;
mod outcome;
mod work;

use crate::ask;
use crate::declared::{Existing, FileArgs, Plan};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::output::escape::escaped;
use crate::session::Session;

/// Issue, rotate and revoke keys to match the declared ones
///
/// The changes are those that `diff` shows. Before it asks, the program shows them again, with each
/// command that gets a secret. No provider can edit the scope of a key, so a changed scope is a
/// rotation: a new key is issued and delivered, and then the old one is revoked.
///
/// A second run changes nothing. To continue after an interruption, run the command again. A key
/// that another run may still deliver is left alone, and the exit code is 75.
///
/// A foreign key is never touched, even if it has a declared name.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    file: FileArgs,
    /// Exit with 2 if anything was changed
    #[arg(long)]
    exit_code: bool,
    /// Also revoke managed keys of these accounts that the file does not declare
    #[arg(long)]
    prune: bool,
    #[command(flatten)]
    consent: Consent,
}

#[derive(clap::Args)]
struct Consent {
    /// Show what would be changed, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Make the changes without asking
    #[arg(long)]
    yes: bool,
}

impl Consent {
    /// Whether anything can be changed: somebody has agreed, or can be asked.
    fn is_possible(&self) -> bool {
        !self.dry_run && ask::check(self.yes).is_ok()
    }
}

pub(crate) async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let declared = args.file.read(session)?;
    let output = &session.output;
    if !args.consent.dry_run {
        check_store(session)?;
    }
    // What is only shown creates no store.
    let existing = Existing::open(&declared, session, args.consent.is_possible()).await?;
    let interrupt = Interrupt::listen(output);
    let planning = Plan::make(&declared, &existing, args.prune, session);
    let plan = interrupt.or_end(planning).await.map_err(|failure| match failure.exit() {
        Exit::Interrupted => failure.with_outcome("nothing was changed"),
        _ => failure,
    })?;
    if args.consent.dry_run {
        plan.print(output);
        output.note("nothing was changed");
        return plan.end(args.exit_code);
    }
    if let Some(changes) = plan.possible() {
        output.question_table(&plan.table_of_changes());
        warn_of_power(&plan, output);
        let question = format!("Make {changes}?");
        interrupt.while_asking(|| ask::consent(&question, args.consent.yes))?;
    }
    let done = work::run(&plan, &existing.managed, &interrupt, output).await;
    if done.has_timed() {
        existing.managed.warn_without_worker(output).await?;
    }
    done.end(args.exit_code, interrupt.is_requested(), output)
}

/// Refuses to issue keys whose store would be lost with the CI job.
fn check_store(session: &Session) -> Result<(), Failure> {
    if !session.settings.store()?.is_lost_with_job() {
        return Ok(());
    }
    let why = "CI is set, and declared keys need a store that outlives the job";
    Err(Failure::usage(why).with_next("name a store:  --store postgres://USER@HOST/DATABASE"))
}

fn warn_of_power(plan: &Plan<'_>, output: &Output) {
    for step in &plan.steps {
        if let Some(power) = &step.power {
            output.warn(format_args!("{} {power}", escaped(step.declared.name.as_str())));
        }
    }
}
