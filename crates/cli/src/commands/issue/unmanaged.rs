//! Issuing a key that no store knows.

use pinning_keys_sinks::Delivery;

use super::order::Order;
use crate::account::Account;
use crate::ask;
use crate::command_line::revoke_command;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::issuing::Issuing;
use crate::key_args::question;

pub(super) async fn run(order: Order<'_>, account: Account) -> Result<Exit, Failure> {
    let mut report = order.report(&account, false).await?;
    let Order { request, destination, session, yes } = order;
    let output = &session.output;
    let interrupt = Interrupt::listen(output);
    if let Some(question) = question(request.name(), report.granted().scope()) {
        interrupt.while_asking(|| ask::consent(&question, yes))?;
    }
    let issuing = Issuing::new(&account, &interrupt, output);
    issuing.check_name(&request).await?;
    let new = issuing.issue(&request).await?;
    let delivery = Delivery::new(&new.key);
    issuing.begin_delivery(&new);
    let delivering = destination.deliver(&delivery);
    if let Err(error) = interrupt.settle("the delivery ends first", delivering).await {
        return Err(issuing.abandon(&new.key_ref, error.into()).await);
    }
    report.set_issued(Some(new.key_ref.clone()), new.recorded.as_ref());
    report.print(output);
    if output.is_lost() {
        output.warn(format_args!(
            "the key was issued and delivered; to revoke it:  {}",
            revoke_command(&new.key_ref.to_string())
        ));
    }
    if let Err(error) = destination.show(&delivery) {
        return Err(issuing.abandon(&new.key_ref, error.into()).await);
    }
    issuing.finish();
    Ok(Exit::Done)
}
