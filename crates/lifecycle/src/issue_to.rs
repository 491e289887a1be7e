//! Issuing a key and delivering it to a sink, as one step.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use pinning_keys_core::{KeyName, Uses, Verification};
use pinning_keys_sinks::{Delivery as Handover, DeliveryEffect, Incoming, Sink, SinkError};

use crate::create::create;
use crate::inner::{Account, Inner, audited};
use crate::intent::Order;
use crate::slots::Class;
use crate::store::{Scope, Select, Tx};
use crate::text::scrubbed;
use crate::{Delivery, Error, ErrorKind, KeyId, KeyState, ManagedKey, family, revoke};

/// The first wait for a key to be recognized. Each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// Checks the sink, issues the key, verifies it, delivers it, and confirms it.
pub(crate) async fn issue_to(
    inner: &Arc<Inner>,
    order: Order,
    name: &KeyName,
    sink: &dyn Sink,
) -> Result<ManagedKey, Error> {
    let account = Arc::clone(&order.account);
    check(inner, &account, name, sink).await?;
    let created = create(inner, order).await?;
    let delivery = Delivery::new(Arc::clone(inner), created);
    let id = delivery.id();
    // A check would use up a use of a key with limited uses.
    let verified = delivery.key().use_limit() == Uses::Unlimited;
    if verified && let Err(error) = verify(inner, &account, &delivery).await {
        let why = "the provider does not recognize the new key";
        let given_up = revoke::give_up(inner, id, why).await;
        return Err(error.with_key(id).with_next_step(format!("try again: {given_up}")));
    }
    begin(inner, id, verified).await?;
    if let Err(error) = hand_over(inner, &delivery, sink).await {
        return Err(failed(inner, &delivery, error).await);
    }
    delivery.confirm().await.map_err(|error| {
        if error.kind() == ErrorKind::WrongState {
            // It has ended in the meantime, so it cannot be confirmed later either.
            return error.with_key(id).with_next_step("try again: the delivered key does not work");
        }
        error.with_key(id).with_next_step(format!(
            "the secret was delivered: confirm {id} before {}",
            delivery.row().deliver_by
        ))
    })
}

/// Finds out whether the sink can take the secret, before anything is written.
async fn check(
    inner: &Inner,
    account: &Account,
    name: &KeyName,
    sink: &dyn Sink,
) -> Result<(), Error> {
    let incoming = Incoming::new(name, account.issuer.profile());
    let bound = inner.store.clock().sleep(account.timing.delivery);
    let checked = match select(sink.check(&incoming), bound).await {
        Either::Left((checked, _)) => checked,
        Either::Right(_) => Err(SinkError::new("the sink did not answer in time")),
    };
    checked.map_err(|error| sink_error("the sink cannot take the secret", None, error))
}

/// Checks that the provider recognizes the key. A new key may need some time for that.
async fn verify(inner: &Inner, account: &Account, delivery: &Delivery) -> Result<(), Error> {
    let clock = inner.store.clock();
    let (began, mut wait) = (clock.monotonic(), FIRST_WAIT);
    loop {
        let bound = clock.sleep(account.timing.call);
        let call = account.issuer.verify(delivery.credential());
        let answer = match select(call, bound).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => Ok(Verification::Unrecognized),
        };
        let passed = clock.monotonic().saturating_sub(began);
        let left = account.timing.propagation.saturating_sub(passed);
        if answer.is_err() {
            inner.report(account, Some(delivery.id()), &answer).await?;
        }
        match answer {
            Ok(Verification::Live) => return Ok(()),
            Ok(Verification::Unrecognized) if !left.is_zero() => {
                clock.sleep(wait.min(left)).await;
                wait *= 2;
                inner.slot(account, Class::Issue, 1, true).await?;
            }
            Ok(other) => {
                let message =
                    format!("the new key does not work: the provider reports it as {other}");
                return Err(Error::new(ErrorKind::Provider, message));
            }
            Err(error) => {
                return Err(Error::new(
                    ErrorKind::Provider,
                    format!("cannot verify the new key: {error}"),
                )
                .with_source(error));
            }
        }
    }
}

/// Records that the secret may be in the sink from now on.
async fn begin(inner: &Inner, id: &KeyId, verified: bool) -> Result<(), Error> {
    changed(inner, id, move |tx, id| {
        let now = tx.now;
        let row = tx.row_mut(id).ok_or_else(|| family::unknown(id))?;
        if row.state != KeyState::Undelivered || row.deliver_by <= now {
            let message = "cannot deliver: the key was given up in the meantime";
            return Err(Error::new(ErrorKind::WrongState, message).with_key(id));
        }
        row.deliver_began = Some(now);
        if verified {
            row.seen(now, "verify");
        }
        Ok(())
    })
    .await
}

async fn changed(
    inner: &Inner,
    id: &KeyId,
    change: impl Fn(&mut Tx, &KeyId) -> Result<(), Error> + Send + Sync + 'static,
) -> Result<(), Error> {
    let (actor, id) = (inner.actor.clone(), id.clone());
    let scope = Scope { keys: Select::Ids(vec![id.clone()]), ..Scope::default() };
    inner.transact(scope, move |tx| audited(tx, &actor, "deliver", |tx| change(tx, &id))).await
}

/// Hands the secret to the sink, at most until the delivery's deadline.
async fn hand_over(inner: &Inner, delivery: &Delivery, sink: &dyn Sink) -> Result<(), SinkError> {
    let clock = inner.store.clock();
    let left = delivery.row().deliver_by.since(inner.now());
    let handover = match delivery.expires_at() {
        Some(end) => Handover::new(delivery.key()).with_expiry(end),
        None => Handover::new(delivery.key()),
    };
    match select(sink.deliver(&handover), clock.sleep(left)).await {
        Either::Left((delivered, _)) => delivered,
        Either::Right(_) => Err(SinkError::new("the sink did not answer before the deadline")
            .with_effect(DeliveryEffect::Unknown)),
    }
}

/// Records that the sink failed, and ends the key if its secret was certainly not delivered.
async fn failed(inner: &Arc<Inner>, delivery: &Delivery, error: SinkError) -> Error {
    let (id, why) = (delivery.id(), scrubbed(&error.to_string()));
    let step = match error.effect() {
        DeliveryEffect::NotDelivered => {
            revoke::give_up(inner, id, "the sink did not take its secret").await.to_string()
        }
        DeliveryEffect::Unknown => {
            let noted = changed(inner, id, move |tx, id| {
                if let Some(row) = tx.row_mut(id) {
                    row.failure = Some(why.clone());
                    // Another rotation may begin at once.
                    row.open_successor = None;
                }
                Ok(())
            });
            if let Err(error) = noted.await {
                tracing::warn!(key = %id, %error, "cannot record the failure of a sink");
            }
            kept_until(delivery)
        }
    };
    sink_error("the delivery failed", Some(step), error).with_key(id)
}

/// What happens to a key whose secret may have been delivered.
fn kept_until(delivery: &Delivery) -> String {
    let id = delivery.id();
    if delivery.row().replaces.is_some() {
        format!("if the secret has arrived, confirm {id}; if not, rotate again")
    } else {
        let deadline = delivery.row().deliver_by;
        format!("if the secret has arrived, confirm {id}; if not, it is revoked at {deadline}")
    }
}

fn sink_error(what: &str, step: Option<String>, error: SinkError) -> Error {
    let message = scrubbed(&format!("{what}: {error}"));
    let step = step.or_else(|| error.advice().map(str::to_owned));
    let made = Error::new(ErrorKind::Sink, message).with_source(error);
    match step {
        Some(step) => made.with_next_step(step),
        None => made,
    }
}
