//! Issuing a key that a store knows, so that it is never lost.

use pinning_keys_lifecycle::{Error, Lease, RevokeOutcome};
use pinning_keys_sinks::DeliveryEffect;

use super::kept::Kept;
use super::order::Order;
use crate::ask;
use crate::command_line::revoke_command;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::key_args::question;
use crate::managed::checked_delivery::CheckedDelivery;
use crate::managed::{Accounts, Managed};
use crate::output::escape::escaped;
use crate::scope_args::TargetArgs;

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
        format!("to revoke it:  {}", revoke_command(order.request.name().as_str())),
    ]);
    let issuing = prepared.issue_to(&delivery);
    let issued = interrupt.settle("the key is issued and delivered first", issuing).await;
    let key = match issued {
        Ok(key) => key,
        Err(error) => return Err(given_up(error, &managed, &interrupt).await),
    };
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
        managed.warn_without_worker(output).await?;
    }
    Ok(Exit::Done)
}

/// The failure to issue a key. One whose secret may have arrived is revoked, because its holder
/// cannot know that it works.
async fn given_up(error: Error, managed: &Managed, interrupt: &Interrupt) -> Failure {
    let may_have_arrived =
        error.sink_error().is_some_and(|error| error.effect() == DeliveryEffect::Unknown);
    let Some(id) = error.key().filter(|_| may_have_arrived).cloned() else { return error.into() };
    let failure = Failure::from(error).with_exit(Exit::Failed).with_only_next([]);
    let revoking = managed.manager().revoke(&id);
    let unclear = match interrupt.settle("the new key is revoked first", revoking).await {
        Ok(RevokeOutcome::Revoked) => return failure.with_outcome("the new key is revoked"),
        Ok(outcome) => outcome.to_string(),
        Err(error) => Failure::from(error).message().to_owned(),
    };
    failure
        .with_exit(Exit::Unknown)
        .with_outcome(&format!("the new key may still work ({})", escaped(&unclear)))
        .with_next(format!("to revoke it:  {}", revoke_command(id.as_str())))
}
