//! `issue`: Issue a key and deliver its secret

mod destination;
mod report;

use pinning_keys_sinks::{Delivery, Incoming};

use crate::ask;
use crate::command_line::revoke_command;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::issuing::Issuing;
use crate::key_args::{KeyArgs, question};
use crate::session::Session;

use destination::{DeliveryArgs, Destination};
use report::Report;

/// Issue a key and deliver its secret
///
/// Everything, including the destination, is checked before anything is sent. Once the key is
/// issued, what the provider recorded is compared with what was requested. A key that is recorded
/// with more, or whose secret cannot be delivered, is revoked.
///
/// A name that another live key has is refused, because a key is found by its name if the answer
/// to the create is lost. If that happens, the exit code is 3, and the command that settles it is
/// printed.
///
/// On Ctrl-C, nothing is issued, or the key that is being issued is revoked. A delivery in progress
/// is completed first.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    delivery: DeliveryArgs,
    /// Show what would be issued, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Issue an admin key, or one that can issue keys, without asking
    #[arg(long)]
    yes: bool,
}

pub(crate) async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let output = &session.output;
    let request = args.key.request()?;
    let hidden = session.settings.secret_variables();
    let destination = Destination::parse(&args.delivery, args.dry_run, output.is_json(), &hidden)?;
    let account = session.account(&args.key.target)?;
    let issuer = account.issuer();
    let plan = issuer.plan(&request)?;
    let incoming = Incoming::new(request.name(), issuer.profile());
    destination.check(&incoming).await?;
    let mut report = Report::of_plan(&request, plan.translation(), &destination, args.dry_run);
    if args.dry_run {
        report.print(output);
        output.note("nothing was sent");
        return Ok(Exit::Done);
    }
    let interrupt = Interrupt::listen(output);
    if let Some(question) = question(request.name(), plan.translation().granted().scope()) {
        interrupt.while_asking(|| ask::consent(&question, args.yes))?;
    }
    let issuing = Issuing::new(&account, &interrupt, output);
    issuing.check_name(&request).await?;
    let new = issuing.issue(&request).await?;
    let delivery = Delivery::new(&new.key);
    issuing.begin_delivery(&new);
    let delivering = destination.deliver(&delivery);
    if let Err(failure) = interrupt.settle("the delivery ends first", delivering).await {
        return Err(issuing.abandon(&new.key_ref, failure).await);
    }
    report.set_issued(&new);
    report.print(output);
    if output.is_lost() {
        output.warn(format_args!(
            "the key was issued and delivered; to revoke it:  {}",
            revoke_command(&new.key_ref.to_string())
        ));
    }
    if let Err(failure) = destination.show(&delivery) {
        return Err(issuing.abandon(&new.key_ref, failure).await);
    }
    issuing.finish();
    Ok(Exit::Done)
}
