//! One create: a separate task sends it at most once and records its outcome.
//!
//! Because of the task, a dropped caller does not turn a success into a doubt.

use std::sync::Arc;

use pinning_keys_core::{Error as ProviderError, IssuedKey};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::breaker::Failure;
use crate::inner::{Account, Inner, audited};
use crate::intent::{Intent, Order, intend};
use crate::life::{Made, MadeFor};
use crate::record::{Outcome, Recorded, is_doubt, record};
use crate::request_form::GrantedForm;
use crate::store::{KeyRow, Scope, Select, Tx};
use crate::{Error, ErrorKind, KeyId, KeyState};

/// A key that was created and recorded.
pub(crate) struct Created {
    pub(crate) intent: Intent,
    pub(crate) key: IssuedKey,
    pub(crate) row: KeyRow,
}

/// Creates a key. Waits for room in the rate limit as long as the account's patience allows.
pub(crate) async fn create(inner: &Arc<Inner>, order: Order) -> Result<Created, Error> {
    let clock = inner.store.clock();
    let give_up_at = clock.monotonic().saturating_add(order.account.timing.patience);
    loop {
        let error = match attempt(inner, order.clone()).await {
            Err(error) => error,
            created => return created,
        };
        let Some(wait) = error.wait() else { return Err(error) };
        if clock.monotonic().saturating_add(wait) > give_up_at {
            return Err(error);
        }
        clock.sleep(wait).await;
    }
}

async fn attempt(inner: &Arc<Inner>, order: Order) -> Result<Created, Error> {
    let runtime = Handle::try_current().map_err(|error| {
        Error::new(ErrorKind::Internal, "keys can be issued only in a Tokio runtime")
            .with_source(error)
    })?;
    let (caller, outcome) = oneshot::channel();
    let inner = Arc::clone(inner);
    runtime.spawn(async move {
        let account = Arc::clone(&order.account);
        let created = match intend(&inner, order).await {
            Ok(intent) => carry_out(&inner, &account, intent, &caller).await,
            Err(error) => Err(error),
        };
        if let Err(Ok(created)) = caller.send(created) {
            // Nobody has the secret, and nobody will get it.
            abandon(&inner, &created.intent.id).await;
        }
    });
    outcome.await.unwrap_or_else(|_| {
        Err(Error::new(ErrorKind::InDoubt, "the task that creates the key ended early")
            .with_next_step("the store settles the create, and revokes any key that it made"))
    })
}

async fn carry_out(
    inner: &Inner,
    account: &Account,
    intent: Intent,
    caller: &oneshot::Sender<Result<Created, Error>>,
) -> Result<Created, Error> {
    let clock = inner.store.clock();
    let is_late = intent.began.elapsed(clock) > account.timing.send;
    let unsent = match (is_late, caller.is_closed()) {
        (true, _) => Some("the create was not sent in time"),
        (_, true) => Some("the caller stopped waiting"),
        _ => None,
    };
    if let Some(why) = unsent {
        record(inner, account, &intent, Outcome::Unsent(why)).await?;
        return Err(Error::new(ErrorKind::NotSent, format!("cannot issue: {why}"))
            .with_next_step("try again: no key was created")
            .with_key(&intent.id));
    }
    match inner.answer(account, account.issuer.issue(&intent.request)).await {
        Ok(key) => made(inner, account, intent, key).await,
        Err(error) => Err(failed(inner, account, &intent, error).await),
    }
}

/// Records a created key, and returns it unless it was given up in the meantime.
async fn made(
    inner: &Inner,
    account: &Account,
    intent: Intent,
    key: IssuedKey,
) -> Result<Created, Error> {
    let facts = account.issuer.credential_facts(key.credential()).ok();
    let in_token = facts.and_then(|facts| facts.expiry());
    let token_expiry = in_token.into_iter().chain(key.expires_at()).min().map(Into::into);
    let table = account.issuer.profile().table();
    // Nothing may keep the key from being recorded.
    let granted = GrantedForm::of_issued(&key, table).to_text().unwrap_or_default();
    let made = Made { reference: key.key_ref().clone(), granted, token_expiry };
    match record(inner, account, &intent, Outcome::Made(made)).await {
        Ok(Recorded { row, made_for: MadeFor::Caller, .. }) => Ok(Created { intent, key, row }),
        Ok(_) => {
            Err(Error::new(ErrorKind::InDoubt, "the key was given up while it was being created")
                .with_next_step("nobody gets its secret, and the store revokes it")
                .with_key(&intent.id))
        }
        // Without its row, the key counts as in doubt and is revoked when it is found.
        Err(error) => Err(Error::new(
            ErrorKind::InDoubt,
            "the key was created, but the store failed to record it",
        )
        .with_next_step("nobody gets its secret; the store finds the key and revokes it")
        .with_key(&intent.id)
        .with_source(error)),
    }
}

/// Records a failed create.
async fn failed(inner: &Inner, account: &Account, intent: &Intent, error: ProviderError) -> Error {
    let doubt = is_doubt(&error);
    let outcome = Outcome::Failed { failure: Failure::from(&error), doubt };
    let recorded = record(inner, account, intent, outcome).await;
    let (kind, message, step) = if doubt {
        let step = Some("the store settles it; if a key was created, it is revoked".to_owned());
        (ErrorKind::InDoubt, format!("it is not known whether the key was created: {error}"), step)
    } else {
        let step = error.next_step().map(|step| step.to_string());
        (inner.kind_of(account, &error).await, error.to_string(), step)
    };
    let retry_at = recorded.ok().and_then(|recorded| recorded.closed_until);
    let mut failed = Error::new(kind, message).with_key(&intent.id).with_source(error);
    if let Some(step) = step {
        failed = failed.with_next_step(step);
    }
    match retry_at {
        Some(retry_at) => failed.with_retry_at(retry_at),
        None => failed,
    }
}

/// Ends a key whose caller was gone before it got the secret.
async fn abandon(inner: &Inner, id: &KeyId) {
    let scope = Scope { keys: Select::Ids(vec![id.clone()]), ..Scope::default() };
    let actor = inner.actor.clone();
    let decide = move |tx: &mut Tx| {
        audited(tx, &actor, "abandon", |tx| {
            let now = tx.now;
            for row in tx.rows.iter_mut().filter(|row| row.state == KeyState::Undelivered) {
                row.end(now, now, false, "nobody waited for its secret");
            }
            Ok(())
        })
    };
    if let Err(error) = inner.transact(scope, decide).await {
        // It is revoked at its delivery deadline anyway.
        tracing::warn!(key = %id, %error, "cannot give up a key whose caller is gone");
    }
}
