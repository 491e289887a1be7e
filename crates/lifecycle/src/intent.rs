//! The intent to create a key, which is committed before the create is sent.

use std::sync::Arc;
use std::time::Duration;

use pinning_keys_core::{KeyName, KeyRequest};

use crate::calls::take_slots;
use crate::first_row;
use crate::inner::{Account, Inner, audited};
use crate::lease::Ends;
use crate::managed_name::Suffix;
use crate::moment::Moment;
use crate::request_form::RequestForm;
use crate::slots::Class;
use crate::store::{Scope, Select, Tx};
use crate::{Error, ErrorKind, KeyId, Label, Timestamp, Warning};

/// Without a worker for this long, nothing ends leases.
const DAY: Duration = Duration::from_hours(24);

/// What to create, decided from rows that were read under lock.
pub(crate) struct Terms {
    /// With the name that the caller gave.
    pub(crate) request: KeyRequest,
    pub(crate) holder: String,
    pub(crate) lease: Option<Duration>,
    pub(crate) ends: Option<Ends>,
    /// The absolute maximum that the key passes on to its successors.
    pub(crate) max_until: Option<Timestamp>,
    /// The key to replace, and the overlap.
    pub(crate) replaces: Option<(KeyId, Duration)>,
    /// Whether an admin or escalating scope may have a lease.
    pub(crate) escalating: bool,
}

/// Decides on what to create, given the rows that were read.
pub(crate) type Decide = dyn Fn(&Tx) -> Result<Terms, Error> + Send + Sync;

/// A key to create.
#[derive(Clone)]
pub(crate) struct Order {
    pub(crate) account: Arc<Account>,
    /// The rows that the terms depend on.
    pub(crate) keys: Select,
    /// How many requests will be sent.
    pub(crate) requests: u32,
    pub(crate) terms: Arc<Decide>,
}

/// A committed intent.
#[derive(Clone)]
pub(crate) struct Intent {
    pub(crate) id: KeyId,
    /// With the name that is sent.
    pub(crate) request: KeyRequest,
    /// A moment before the store's time in the row was read.
    pub(crate) began: Moment,
    pub(crate) warnings: Vec<Warning>,
}

/// Commits the intent, with room in the rate limit.
pub(crate) async fn intend(inner: &Inner, order: Order) -> Result<Intent, Error> {
    let began = Moment::now(inner.store.clock());
    // Counting takes time, and only a quota needs it.
    let open = order.account.quota.is_some();
    let scope = Scope { keys: order.keys.clone(), open, ..order.account.slot_scope() };
    let actor = inner.actor.clone();
    let decide = move |tx: &mut Tx| {
        let terms = (order.terms)(tx)?;
        let id = KeyId::random()?;
        let action = if terms.replaces.is_some() { "rotate" } else { "issue" };
        audited(tx, &actor, action, |tx| write(tx, &order, &id, terms, began))
    };
    inner.transact(scope, decide).await
}

fn write(
    tx: &mut Tx,
    order: &Order,
    id: &KeyId,
    terms: Terms,
    began: Moment,
) -> Result<Intent, Error> {
    let account = &*order.account;
    let request = terms.checked_request(account, &tx.store.label, id)?;
    take_room(tx, account, order.requests)?;
    let row = first_row::Intent {
        id: id.clone(),
        account: account.name.clone(),
        holder: terms.holder,
        name: request.name().to_string(),
        request: RequestForm::new(&request, terms.max_until).to_text()?,
        lease: terms.lease,
        ends: terms.ends,
        replaces: terms.replaces,
    }
    .into_row(tx.now, &account.timing);
    let warnings = Vec::from_iter(row.expires_at.and_then(|_| no_worker(tx)));
    tx.rows.push(row);
    Ok(Intent { id: id.clone(), request, began, warnings })
}

impl Terms {
    /// The request with the name that is sent, which the provider can express.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if it cannot.
    pub(crate) fn checked_request(
        &self,
        account: &Account,
        label: &Label,
        id: &KeyId,
    ) -> Result<KeyRequest, Error> {
        let suffix = Suffix::new(label, id, self.ends.map(|ends| ends.max_until));
        let max_chars = account.issuer.profile().max_name_chars();
        let name = suffix.append_to(self.request.name(), max_chars)?;
        let request = renamed(&self.request, name)?;
        let checked = check_plan(account, &request, self.ends.is_some() && !self.escalating);
        match checked {
            Err(error) if self.replaces.is_some() && error.provider_error().is_some() => Err(error
                .with_next_step(
                    "name what the new key may lack (.without(…)) or may do in addition \
                     (.tolerates(…))",
                )),
            checked => checked.map(|()| request),
        }
    }
}

/// The same request under another name.
fn renamed(request: &KeyRequest, name: KeyName) -> Result<KeyRequest, Error> {
    let mut renamed = KeyRequest::new(name, request.scope().clone()).map_err(refused)?;
    if let Some(uses) = request.max_uses() {
        renamed = renamed.with_max_uses(uses);
    }
    if let Some(expiry) = request.expiry() {
        renamed = renamed.with_expiry(expiry);
    }
    Ok(renamed)
}

/// Checks that the provider can express the request, before anything is written.
fn check_plan(account: &Account, request: &KeyRequest, is_bounded: bool) -> Result<(), Error> {
    let plan = account.issuer.plan(request).map_err(refused)?;
    let escalates = request.scope().is_admin()
        || plan.translation().grants().any(pinning_keys_core::Grant::is_escalating);
    if is_bounded && escalates {
        let message = "a lease does not end the keys that the holder of an admin or escalating \
                       key makes";
        return Err(Error::new(ErrorKind::InvalidInput, message)
            .with_next_step("to issue it anyway, call allow_escalating()"));
    }
    Ok(())
}

/// An error of a request that was not sent.
fn refused(error: pinning_keys_core::Error) -> Error {
    let next_step = error.next_step().map(|step| step.to_string());
    let refused = Error::new(ErrorKind::InvalidInput, error.to_string());
    match next_step {
        Some(step) => refused.with_next_step(step).with_source(error),
        None => refused.with_source(error),
    }
}

/// Takes room in the account: it must be open, with room in its quota and its rate limit.
fn take_room(tx: &mut Tx, account: &Account, requests: u32) -> Result<(), Error> {
    let open = tx.counts.open;
    if let Some(quota) = account.quota.filter(|quota| open >= *quota) {
        let name = &account.name;
        let message = format!("account {name:?} has {open} open keys, and its quota is {quota}");
        return Err(Error::new(ErrorKind::QuotaReached, message)
            .with_next_step("revoke a key that is not needed, or raise the quota"));
    }
    take_slots(tx, account.limit.as_ref(), Class::Issue, requests)
}

/// Warns if no worker has run for a day.
fn no_worker(tx: &Tx) -> Option<Warning> {
    let last = tx.store.last_tick_at;
    let is_idle = last.is_none_or(|last| tx.now.since(last) > DAY);
    is_idle.then(|| Warning::NoWorker { last_run: last.map(Into::into) })
}
