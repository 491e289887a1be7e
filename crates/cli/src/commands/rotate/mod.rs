//! `rotate`: Replace a key with a new one

mod changes;
mod plan;
mod report;

use std::ffi::OsString;

use pinning_keys_sinks::Incoming;

use crate::ask;
use crate::destination::{DeliveryArgs, Destination};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::managed::keyed::{account_of, open_account_of, predecessors};
use crate::managed::replacing::{Replacement, explained};
use crate::scope_args::TargetArgs;
use crate::session::Session;

use changes::ChangeArgs;
use plan::Plan;

/// Replace a key with a new one
///
/// The new key gets what the store recorded for the old one: its scope, its table, its remaining uses,
/// and the length and the maximum of its lease. Flags that name a scope replace the recorded one, and
/// so do --table, --max-uses and --lease. A file or a variable that holds the old key is replaced.
///
/// The old key works until the new one is delivered and the overlap is over. Then it is revoked: by
/// this command if there is no overlap, and otherwise by `pinning-keys run`. If the delivery fails,
/// the old key keeps working. If the secret may have arrived nevertheless, the exit code is 3, and
/// both keys work until another rotation succeeds, which revokes such a new key at once.
///
/// The program asks only if the new key may do more than the old one, can issue keys, or is from
/// another table, so that other routes accept it.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The key, by its name, reference or id
    #[arg(value_name = "NAME")]
    key: OsString,
    #[command(flatten)]
    changes: ChangeArgs,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    delivery: DeliveryArgs,
    /// Show what would be issued, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Skip the confirmation
    #[arg(long)]
    yes: bool,
}

pub(crate) async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let output = &session.output;
    let changes = args.changes.read()?;
    let (managed, key) = open_account_of(session, &args.target, &args.key, "rotate").await?;
    let account = account_of(&managed, &key)?;
    let destination = Destination::parse(
        &args.delivery,
        args.dry_run,
        output.is_json(),
        &session.settings.secret_variables(),
        &predecessors(&managed, &key).await?,
    )?;
    let mut rotation = changes.apply(managed.manager().rotate(key.id()));
    let issuer = account.account.issuer();
    let request = match rotation.plan().await {
        Ok(request) => request,
        Err(error) => {
            return Err(explained(error, &managed, &key, changes.scope_from()).await);
        }
    };
    let plan = Plan::new(&key, &request, &changes, &**issuer)?;
    destination.check(&Incoming::new(plan.request.name(), issuer.profile())).await?;
    if args.dry_run {
        report::print_plan(&plan, &destination, output);
        output.note("nothing was sent");
        return Ok(Exit::Done);
    }
    let interrupt = Interrupt::listen(output);
    plan.show(args.yes, output);
    if let Some(question) = plan.question() {
        interrupt.while_asking(|| ask::consent(&question, args.yes))?;
    }
    let replacement = Replacement {
        managed: &managed,
        key: &key,
        account,
        destination: &destination,
        scope: changes.scope_from(),
        overlap: changes.overlap,
    };
    let replaced = replacement.run(rotation, &interrupt, output).await?;
    report::print(&plan, &destination, &replaced, output);
    if replaced.needs_worker() {
        managed.warn_without_worker(output).await?;
    }
    replaced.exit()
}
