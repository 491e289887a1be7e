//! Revoking a key by hand, or because its secret was certainly not delivered.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::calls::take_slots;
use crate::ends::{Ended, revoke_row};
use crate::inner::{Account, Inner, audited};
use crate::slots::Class;
use crate::store::{KeyRow, Scope, Select, Tx};
use crate::{Error, KeyId, KeyState, Timestamp, family};

/// The outcome of revoking a key.
///
/// ```
/// use pinning_keys_lifecycle::RevokeOutcome;
///
/// let outcome = RevokeOutcome::Revoked;
/// assert_eq!(outcome.to_string(), "revoked");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a key whose end is scheduled still works"]
#[non_exhaustive]
pub enum RevokeOutcome {
    /// The key has ended.
    Revoked,
    /// The key still works. It is being revoked, and the worker tries until it has ended.
    Scheduled {
        /// Why the key has not ended yet.
        why: String,
        /// When the next attempt is due, if known.
        retry_at: Option<SystemTime>,
    },
}

impl fmt::Display for RevokeOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Revoked => f.write_str("revoked"),
            Self::Scheduled { why, retry_at: None } => write!(f, "scheduled: {why}"),
            Self::Scheduled { why, retry_at: Some(at) } => {
                write!(f, "scheduled for {}: {why}", Timestamp::from(*at))
            }
        }
    }
}

/// What a transaction has decided.
enum Next {
    /// The key had already ended.
    Ended,
    /// The row is claimed by this call, and its slot is taken.
    Claimed(Box<KeyRow>),
    /// It must wait.
    Later { why: String, retry_at: Option<Timestamp>, wait: Option<Duration> },
}

/// Revokes a key by hand, and the open rotations that start from it.
pub(crate) async fn revoke(inner: &Inner, id: &KeyId) -> Result<RevokeOutcome, Error> {
    end(inner, id, "revoke", true, |tx, id| {
        let now = tx.now;
        family::revoke(&mut tx.rows, id, now).map(drop)
    })
    .await
}

/// Ends a key whose secret nobody has, and returns what became of it. If it could not be revoked, the
/// worker does it later.
pub(crate) async fn give_up(inner: &Inner, id: &KeyId, why: &'static str) -> GivenUp {
    let ended = end(inner, id, "give up", false, move |tx, id| {
        let now = tx.now;
        match tx.row_mut(id) {
            Some(row) if row.state == KeyState::Undelivered => row.end(now, now, false, why),
            _ => {}
        }
        Ok(())
    });
    match ended.await {
        Ok(outcome) => {
            tracing::info!(key = %id, %outcome, "gave up a key that was not delivered");
            if outcome == RevokeOutcome::Revoked { GivenUp::Revoked } else { GivenUp::Later }
        }
        // It is revoked at its delivery deadline anyway.
        Err(error) => {
            tracing::warn!(key = %id, %error, "cannot give up a key");
            GivenUp::Later
        }
    }
}

/// What became of a key whose secret nobody has.
#[derive(Clone, Copy)]
pub(crate) enum GivenUp {
    Revoked,
    Later,
}

impl fmt::Display for GivenUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Revoked => "nothing was delivered, and the key is revoked",
            Self::Later => "nothing was delivered, and a worker revokes the key",
        })
    }
}

/// Lets a key end, and revokes it if there is room now.
async fn end(
    inner: &Inner,
    id: &KeyId,
    action: &'static str,
    waits: bool,
    change: impl Fn(&mut Tx, &KeyId) -> Result<(), Error> + Send + Sync + Clone + 'static,
) -> Result<RevokeOutcome, Error> {
    let found = inner.store.find(std::slice::from_ref(id)).await?;
    let name = found.first().ok_or_else(|| family::unknown(id))?.account.clone();
    let account = inner.accounts.get(&name);
    let clock = inner.store.clock();
    let patience = account.filter(|_| waits).map_or(Duration::ZERO, |it| it.timing.patience);
    let give_up_at = clock.monotonic().saturating_add(patience);
    loop {
        let next = decide(inner, &name, account, id, action, change.clone()).await?;
        let (why, retry_at, wait) = match (next, account) {
            (Next::Ended, _) => return Ok(RevokeOutcome::Revoked),
            (Next::Claimed(row), Some(account)) => {
                return Ok(match revoke_row(inner, account, *row).await? {
                    Ended::Revoked => RevokeOutcome::Revoked,
                    Ended::Later { why, retry_at } => {
                        RevokeOutcome::Scheduled { why, retry_at: Some(retry_at.into()) }
                    }
                });
            }
            (Next::Later { why, retry_at, wait }, _) => (why, retry_at, wait),
            (Next::Claimed(_), None) => (no_account(&name), None, None),
        };
        match wait {
            Some(wait) if clock.monotonic().saturating_add(wait) <= give_up_at => {
                clock.sleep(wait).await;
            }
            _ => return Ok(RevokeOutcome::Scheduled { why, retry_at: retry_at.map(Into::into) }),
        }
    }
}

async fn decide(
    inner: &Inner,
    name: &str,
    account: Option<&Arc<Account>>,
    id: &KeyId,
    action: &'static str,
    change: impl Fn(&mut Tx, &KeyId) -> Result<(), Error> + Send + Sync + 'static,
) -> Result<Next, Error> {
    let keys = Select::Family(id.clone());
    let scope = Scope { account: Some(name.to_owned()), keys, ..Scope::default() };
    let (actor, id, name) = (inner.actor.clone(), id.clone(), name.to_owned());
    let account = account.cloned();
    let decide = move |tx: &mut Tx| {
        audited(tx, &actor, action, |tx| change(tx, &id))?;
        let row = tx.row(&id).ok_or_else(|| family::unknown(&id))?;
        match (row.state, &account) {
            (KeyState::Revoking, Some(account)) => claim(tx, account, &id),
            (KeyState::Revoking, None) => Ok(later(no_account(&name), None)),
            (KeyState::InDoubt, _) => {
                let why =
                    "it is not known whether the key was created; it is revoked if it is found";
                Ok(later(why.to_owned(), row.due_at))
            }
            _ => Ok(Next::Ended),
        }
    };
    inner.transact(scope, decide).await
}

/// Claims the row for this call, if nobody else revokes it and there is a slot.
fn claim(tx: &mut Tx, account: &Account, id: &KeyId) -> Result<Next, Error> {
    let now = tx.now;
    let row = tx.row(id).ok_or_else(|| family::unknown(id))?;
    if let Some(until) = row.claimed_until.filter(|until| *until > now) {
        return Ok(later("another call is revoking it".to_owned(), Some(until)));
    }
    let requests = u32::try_from(row.key_refs().len()).unwrap_or(u32::MAX).max(1);
    match take_slots(tx, account.limit.as_ref(), Class::ByHand, requests) {
        Ok(()) => {}
        Err(error) => {
            let retry_at = error.retry_at().map(Timestamp::from);
            return Ok(Next::Later { why: error.to_string(), retry_at, wait: error.wait() });
        }
    }
    let row = tx.row_mut(id).ok_or_else(|| family::unknown(id))?;
    row.claimed_until = Some(now.saturating_add(account.timing.claim));
    Ok(Next::Claimed(Box::new(row.clone())))
}

fn later(why: String, retry_at: Option<Timestamp>) -> Next {
    Next::Later { why, retry_at, wait: None }
}

fn no_account(name: &str) -> String {
    format!("this manager has no account {name:?}; a node that has it revokes the key")
}
