//! Issuing a key that a store knows, so that it is never lost.

use std::time::{Duration, SystemTime};

use pinning_keys_lifecycle::Lease;

use super::kept::Kept;
use super::order::Order;
use crate::ask;
use crate::command_line::{command, revoke_command};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::key_args::question;
use crate::managed::checked_delivery::CheckedDelivery;
use crate::managed::{Accounts, Managed};
use crate::output::Output;
use crate::output::escape::escaped;
use crate::scope_args::TargetArgs;

/// A worker that did not run for this long is not expected to end a lease.
const SILENCE: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) async fn run(
    order: Order<'_>,
    target: &TargetArgs,
    lease: Lease,
) -> Result<Exit, Failure> {
    let output = &order.session.output;
    let managed = Managed::open(order.session, Accounts::Selected(target)).await?;
    let account = managed.selected();
    let mut report = order.report(&account.account, false).await?;
    let interrupt = Interrupt::listen(output);
    let question = question(order.request.name(), report.granted().scope());
    if let Some(question) = &question {
        interrupt.while_asking(|| ask::consent(question, order.yes))?;
    }
    let keys = managed.manager().account(&account.name)?;
    let mut prepared = keys.prepare(&order.request, lease);
    if question.is_some() {
        prepared = prepared.allow_escalating();
    }
    let delivery = CheckedDelivery::new(&order.destination, &account.account, output);
    interrupt.check()?;
    let name = escaped(order.request.name().as_str());
    interrupt.would_leave([
        format!("key \"{name}\" may exist, and its secret may have been delivered"),
        format!("to settle it:  {}", command("run --once")),
    ]);
    let issuing = prepared.issue_to(&delivery);
    let key = interrupt.settle("the key is issued and delivered first", issuing).await?;
    let recorded = delivery.into_recorded();
    let key_ref = key.key_refs().into_iter().next();
    report.set_issued(key_ref, recorded.as_ref());
    report.set_managed(Kept::of(&key));
    report.print(output);
    if output.is_lost() {
        output.warn(format_args!(
            "the key was issued and delivered; to revoke it:  {}",
            revoke_command(key.id().as_str())
        ));
    }
    if key.lease().is_some() {
        warn_without_worker(&managed, output).await?;
    }
    Ok(Exit::Done)
}

/// A lease ends only if something ends it.
async fn warn_without_worker(managed: &Managed, output: &Output) -> Result<(), Failure> {
    let seen = managed.manager().status().await?.worker_seen_at().map(SystemTime::from);
    let is_recent = |at: SystemTime| at.elapsed().is_ok_and(|passed| passed <= SILENCE);
    if !seen.is_some_and(is_recent) {
        let run = command("run --once");
        output.warn(format_args!("the lease ends only if a worker runs; once a minute:  {run}"));
    }
    Ok(())
}
