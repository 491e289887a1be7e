//! The outcome of an attempt to revoke a key, and what it changes in the rows.

use std::sync::Arc;
use std::time::Duration;

use pinning_keys_core::{Effect, Error as ProviderError};

use crate::back_off::LONGEST;
use crate::breaker::{self, Concern, Failure};
use crate::calls::account_of;
use crate::inner::audit;
use crate::store::{AuditRow, KeyRow, Tx};
use crate::timing::Timing;
use crate::{Error, KeyId, KeyState, Timestamp};

/// What an attempt to revoke the key of a row has come to.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The key has ended.
    Ended {
        /// The evidence.
        evidence: &'static str,
        /// Whether it was the right account.
        is_proven: bool,
    },
    /// The provider did not find the key, or a listing that began at this time does not show it.
    /// That does not mean that it is gone.
    NotFound(Option<Timestamp>),
    /// A listing that began at this time does not show the key that was not found before.
    Absent {
        /// When the look began.
        began: Timestamp,
        /// Whether it was the right account.
        is_proven: bool,
    },
    /// The provider or the network failed.
    Failed(Arc<ProviderError>),
    /// Nothing could be sent.
    Stuck(&'static str),
    /// Nothing was sent: the account is closed now, or the claim ends too soon.
    Unsent,
}

/// The result for the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Became {
    /// It has ended.
    Ended,
    /// It is tried again.
    Later { why: String, retry_at: Timestamp },
}

impl Outcome {
    /// Enters the outcome into the row, the account, and the audit trail.
    ///
    /// Facts are entered in any state of the row; the next attempt is scheduled only if the row has
    /// not changed since it was claimed.
    pub(crate) fn enter(
        &self,
        tx: &mut Tx,
        claimed: &KeyRow,
        actor: &str,
        timing: &Timing,
    ) -> Result<Became, Error> {
        let now = tx.now;
        let entered = match self {
            Self::Failed(error) => Entered::failure(tx, &claimed.id, &Failure::from(&**error))?,
            Self::Stuck(why) => Entered::attempt((*why).to_owned(), Effect::NotSent.to_string()),
            Self::Unsent => Entered::UNSENT,
            Self::Ended { .. } | Self::NotFound(_) => {
                let account = account_of(tx)?;
                account.changes += 1;
                breaker::succeeded(account);
                Entered::Fact
            }
            Self::Absent { .. } => Entered::Fact,
        };
        let Some(row) = tx.rows.iter_mut().find(|row| row.id == claimed.id) else {
            // It was pruned in the meantime.
            return Ok(Became::Ended);
        };
        let from = row.state;
        let is_ours = from == KeyState::Revoking && row.claimed_until == claimed.claimed_until;
        let line = match entered {
            Entered::Fact => self.enter_fact(row, now, timing, is_ours),
            Entered::Put(put) if is_ours => put.enter(row, now),
            Entered::Put(_) => None,
        };
        let became = Became::of(row);
        if let Some((effect, text)) = line {
            let row = row.clone();
            let line = audit(tx, actor, &row, "revoke", Some(from));
            tx.audit.push(AuditRow { effect: Some(effect), text: Some(text), ..line });
        }
        Ok(became)
    }

    /// Enters what the provider has said about the key. Returns the effect and the text for the
    /// audit trail.
    fn enter_fact(
        &self,
        row: &mut KeyRow,
        now: Timestamp,
        timing: &Timing,
        is_ours: bool,
    ) -> Option<(String, String)> {
        match *self {
            Self::Ended { evidence, is_proven } => {
                let before = row.state;
                row.ended(now, evidence, !is_proven);
                (row.state != before).then(|| ("done".to_owned(), evidence.to_owned()))
            }
            Self::NotFound(at) if is_ours => {
                // The answer has just arrived.
                let at = at.unwrap_or(now);
                row.claimed_until = None;
                row.watched = 0;
                row.first_look = Some(at);
                row.due_at = Some(at.saturating_add(timing.propagation).max(now));
                let text = "the provider does not find the key";
                row.failure = Some(text.to_owned());
                Some(("unknown".to_owned(), text.to_owned()))
            }
            Self::Absent { began, is_proven } if is_ours => {
                let since = row.first_look.unwrap_or(began);
                let next = since.saturating_add(timing.propagation);
                if began < next {
                    row.claimed_until = None;
                    row.due_at = Some(next);
                } else if row.watched == 0 {
                    row.claimed_until = None;
                    row.watched = 1;
                    row.first_look = Some(began);
                    row.due_at = Some(began.saturating_add(timing.propagation));
                } else {
                    let evidence = "two listings do not show the key";
                    row.ended(now, evidence, !is_proven);
                    return Some(("done".to_owned(), evidence.to_owned()));
                }
                None
            }
            _ => None,
        }
    }
}

impl Became {
    fn of(row: &KeyRow) -> Self {
        if row.state != KeyState::Revoking {
            return Self::Ended;
        }
        let why = row.failure.clone().unwrap_or_else(|| "it waits for its turn".to_owned());
        Self::Later { why, retry_at: row.due_at.unwrap_or(row.changed_at) }
    }
}

/// What an outcome means for the row, once the account knows of it.
enum Entered {
    Fact,
    Put(Put),
}

/// How a row that was claimed is put back.
struct Put {
    /// Why, and the call's effect, if it counts as an attempt of the row.
    attempt: Option<(String, String)>,
    /// The earliest and the latest time until the next attempt.
    least: Duration,
    most: Duration,
}

impl Entered {
    /// It counts against the account, or nothing.
    const UNSENT: Self =
        Self::Put(Put { attempt: None, least: Duration::ZERO, most: Duration::ZERO });

    fn attempt(why: String, effect: String) -> Self {
        Self::Put(Put { attempt: Some((why, effect)), least: Duration::ZERO, most: LONGEST })
    }

    fn failure(tx: &mut Tx, id: &KeyId, failure: &Failure) -> Result<Self, Error> {
        let now = tx.now;
        let account = account_of(tx)?;
        // As long as nothing has succeeded since the row's last failure, it may be the provider's
        // fault, and the row is tried often enough to notice that the provider is back.
        let most = if breaker::has_struck(account, id) { breaker::PROBE } else { LONGEST };
        if failure.effect() == Effect::Unknown {
            account.changes += 1;
        }
        if breaker::failed(account, now, Some(id), failure.clone()) == Concern::Account {
            return Ok(Self::UNSENT);
        }
        let (text, effect) = (failure.text().to_owned(), failure.effect().to_string());
        let least = failure.retry_after().unwrap_or_default();
        Ok(Self::Put(Put { attempt: Some((text, effect)), least, most: most.max(least) }))
    }
}

impl Put {
    fn enter(self, row: &mut KeyRow, now: Timestamp) -> Option<(String, String)> {
        row.claimed_until = None;
        let Some((why, effect)) = self.attempt else {
            // Behind the other due rows, so that it is not always the same row that is tried first.
            row.due_at = Some(now);
            return None;
        };
        let time = row.failed_again().min(self.most).max(self.least);
        row.due_at = Some(now.saturating_add(time));
        row.failure = Some(why.clone());
        Some((effect, why))
    }
}
