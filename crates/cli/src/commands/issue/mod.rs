//! `issue`: Issue a key and deliver its secret

#[cfg(feature = "store")]
mod keeping;
#[cfg(feature = "store")]
mod kept;
#[cfg(feature = "store")]
mod managed;
mod order;
mod report;
mod unmanaged;

use crate::destination::{DeliveryArgs, Destination};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::key_args::KeyArgs;
#[cfg(feature = "store")]
use crate::lease_args::LeaseArgs;
use crate::session::Session;

use order::Order;
use report::Report;

/// Issue a key and deliver its secret
///
/// Everything, including the destination, is checked before anything is sent. Once the key is
/// issued, what the provider recorded is compared with what was requested. A key that is recorded
/// with more, or whose secret cannot be delivered, is revoked.
///
/// Each step is recorded in the store before it is taken, so no key is lost if the program or the
/// machine stops: `pinning-keys run` revokes keys that were not delivered and keys whose lease is
/// over. The name at the provider is the name of the key followed by an id. With --unmanaged, and in
/// CI unless a store is named, no store is used: the key can be found only by its name, and works
/// until somebody revokes it.
///
/// If it is not known whether the key was issued, the exit code is 3, and the command that finds
/// out is printed.
///
/// On Ctrl-C, nothing is issued, or the key that is being issued is revoked. A delivery in progress
/// is completed first.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    key: KeyArgs,
    #[cfg(feature = "store")]
    #[command(flatten)]
    lease: LeaseArgs,
    #[command(flatten)]
    delivery: DeliveryArgs,
    /// Issue the key without a store
    #[arg(long)]
    unmanaged: bool,
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
    let destination =
        Destination::parse(&args.delivery, args.dry_run, output.is_json(), &hidden, &[])?;
    let order = Order { request, destination, session, yes: args.yes };
    #[cfg(feature = "store")]
    if keeping::is_managed(args.unmanaged, &args.lease, session)? {
        let (target, lease) = (&args.key.target, args.lease.lease()?);
        if !args.dry_run {
            return Box::pin(managed::run(order, target, lease)).await;
        }
        let mut report = order.report(&session.account(target)?, true).await?;
        report.set_managed(kept::Kept::planned(&lease));
        return Ok(shown(&report, session));
    }
    let account = session.account(&args.key.target)?;
    if args.dry_run {
        return Ok(shown(&order.report(&account, true).await?, session));
    }
    unmanaged::run(order, account).await
}

/// Prints what would be issued.
fn shown(report: &Report, session: &Session) -> Exit {
    report.print(&session.output);
    session.output.note("nothing was sent");
    Exit::Done
}
