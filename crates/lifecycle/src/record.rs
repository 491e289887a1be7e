//! Records the outcome of a create.

use std::time::Duration;

use pinning_keys_core::{Effect, Error as ProviderError, ErrorKind as ProviderErrorKind};

use crate::breaker::{self, Failure};
use crate::calls::account_of;
use crate::inner::{Account, Inner, audited};
use crate::intent::Intent;
use crate::life::{Made, MadeFor};
use crate::store::{AuditRow, KeyRow, Scope, Select, Tx};
use crate::{Error, ErrorKind, KeyId, Timestamp};

/// How long to wait before recording an outcome again after the store failed.
const AGAIN: Duration = Duration::from_secs(1);

/// The outcome of a create.
#[derive(Clone)]
pub(crate) enum Outcome {
    Unsent(&'static str),
    Made(Made),
    Failed { failure: Failure, doubt: bool },
}

impl Outcome {
    /// The effect in the audit trail.
    fn effect(&self) -> String {
        match self {
            Self::Unsent(_) => Effect::NotSent.to_string(),
            Self::Made(_) => "done".to_owned(),
            Self::Failed { doubt: true, .. } => Effect::Unknown.to_string(),
            Self::Failed { failure, .. } => failure.effect().to_string(),
        }
    }
}

/// Whether the key may exist. No other key has the name, so if the name is refused, a proxy may
/// have repeated the request and the key may exist.
pub(crate) fn is_doubt(error: &ProviderError) -> bool {
    let is_name =
        matches!(error.kind(), ProviderErrorKind::NameTaken | ProviderErrorKind::Conflict);
    error.effect() == Effect::Unknown || is_name && error.effect() == Effect::Rejected
}

/// The state of the rows after an outcome was recorded.
pub(crate) struct Recorded {
    pub(crate) row: KeyRow,
    pub(crate) made_for: MadeFor,
    /// When the account is open again.
    pub(crate) closed_until: Option<Timestamp>,
}

/// Records an outcome. Tries again while the store fails, until others settle the row.
pub(crate) async fn record(
    inner: &Inner,
    account: &Account,
    intent: &Intent,
    outcome: Outcome,
) -> Result<Recorded, Error> {
    let clock = inner.store.clock();
    let timing = &account.timing;
    // From then on, others settle the row.
    let longest = timing.send + timing.call + timing.propagation;
    loop {
        let error = match record_once(inner, account, intent, outcome.clone()).await {
            Err(error) if error.kind() == ErrorKind::Store => error,
            recorded => return recorded,
        };
        let is_over = intent.began.elapsed(clock) > longest;
        tracing::warn!(key = %intent.id, %error, "the outcome of a create was not recorded");
        if is_over {
            return Err(error);
        }
        clock.sleep(AGAIN).await;
    }
}

async fn record_once(
    inner: &Inner,
    account: &Account,
    intent: &Intent,
    outcome: Outcome,
) -> Result<Recorded, Error> {
    let keys = Select::Ids(vec![intent.id.clone()]);
    let scope = Scope { keys, ..account.scope() };
    let (actor, id) = (inner.actor.clone(), intent.id.clone());
    let decide = move |tx: &mut Tx| {
        let recorded = audited(tx, &actor, "create", |tx| apply(tx, &id, &outcome))?;
        let effect = |line: AuditRow| AuditRow { effect: Some(outcome.effect()), ..line };
        tx.audit = std::mem::take(&mut tx.audit).into_iter().map(effect).collect();
        Ok(recorded)
    };
    inner.transact(scope, decide).await
}

fn apply(tx: &mut Tx, id: &KeyId, outcome: &Outcome) -> Result<Recorded, Error> {
    let now = tx.now;
    let row = tx.row_mut(id).ok_or_else(|| crate::family::unknown(id))?;
    let mut made_for = MadeFor::Nobody;
    match outcome {
        Outcome::Unsent(why) => row.not_made(now, (*why).to_owned()),
        Outcome::Made(made) => made_for = row.issued(now, made),
        Outcome::Failed { failure, doubt: true } => {
            row.doubted(now, Some(failure.text().to_owned()));
        }
        Outcome::Failed { failure, doubt: false } => row.not_made(now, failure.text().to_owned()),
    }
    let row = row.clone();
    let account = account_of(tx)?;
    match outcome {
        Outcome::Unsent(_) => {}
        Outcome::Made(_) => {
            account.changes += 1;
            breaker::succeeded(account);
        }
        Outcome::Failed { failure, doubt } => {
            account.changes += i64::from(*doubt);
            breaker::failed(account, now, Some(id), failure.clone());
        }
    }
    Ok(Recorded { row, made_for, closed_until: account.closed_until.filter(|until| *until > now) })
}
