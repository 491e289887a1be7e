//! Settles creates whose outcome is unknown.

use std::sync::Arc;
use std::time::Duration;

use crate::batch::{BATCH, affordable, claim_time, is_about_account, release};
use crate::breaker;
use crate::effort::Effort;
use crate::gap::is_unchecked;
use crate::inner::{Account, Inner, audit};
use crate::look::{Look, look};
use crate::observe::observe_found;
use crate::progress::Progress;
use crate::recognition::is_alive;
use crate::slots::Class;
use crate::store::{AuditRow, KeyRow, Scope, Select, Tx, Work};
use crate::timing::{Timing, UNPROVEN_AFTER};
use crate::{Error, KeyId, KeyState, Timestamp};

/// Why a create whose process died is in doubt.
const UNRECORDED: &str = "the outcome of its create was not recorded";

/// How long to put off rows while the store may have forgotten something.
const PUT_OFF: Duration = Duration::from_mins(1);

/// Looks for what creates of unknown outcome have made.
///
/// * A create whose outcome was not recorded in time is in doubt from then on.
/// * Each listed key with exactly its name is recorded and must end, because nobody has its secret.
/// * After two looks, a propagation time apart, that show no such key, there is none.
/// * A key that may be the same one under another name keeps the row open.
/// * After a day without two complete looks, the row closes as unproven.
///
/// One reading of the whole listing serves any number of rows, so up to 1,000 are taken whatever the
/// limit.
pub(crate) async fn settle(
    inner: &Arc<Inner>,
    account: &Arc<Account>,
    effort: &Effort,
) -> Result<Progress, Error> {
    let rows = claim(inner, account, effort.rows.max(BATCH)).await?;
    if rows.is_empty() {
        return Ok(Progress::default());
    }
    let ids: Vec<KeyId> = rows.iter().map(|row| row.id.clone()).collect();
    let look = look(inner, account, &rows, Class::Settle);
    let Some(looked) = effort.unless_stopped(look).await else {
        release(inner, ids).await?;
        return Ok(Progress::default());
    };
    match looked {
        Ok(look) => {
            observe_found(inner, account, &rows, &look.records, look.began).await?;
            let settled = conclude(inner, account, ids, Some(look)).await?;
            Ok(Progress { taken: rows.len(), settled })
        }
        Err(error) => {
            if is_about_account(&error) {
                release(inner, ids).await?;
            } else {
                conclude(inner, account, ids, None).await?;
            }
            Err(error)
        }
    }
}

/// Claims rows that are due. Rows that nobody settled in time are in doubt from now on, even if the
/// account is closed, so that they do not block their holders.
async fn claim(
    inner: &Arc<Inner>,
    account: &Arc<Account>,
    limit: usize,
) -> Result<Vec<KeyRow>, Error> {
    let scope = Scope { keys: Select::Due { work: Work::Settle, limit }, ..account.scope() };
    let (actor, account) = (inner.actor.clone(), Arc::clone(account));
    let claimed = inner.transact(scope, move |tx| {
        let now = tx.now;
        if is_unchecked(&tx.store, now) {
            // A delivery may have been confirmed that the store has forgotten.
            for row in &mut tx.rows {
                row.due_at = Some(now.saturating_add(PUT_OFF));
            }
            return Ok(Ok(Vec::new()));
        }
        let mut doubted = Vec::new();
        for row in tx.rows.iter_mut().filter(|row| row.state == KeyState::Intended) {
            row.doubted(now, Some(UNRECORDED.to_owned()));
            doubted.push(row.clone());
        }
        for row in &doubted {
            let line = audit(tx, &actor, row, "settle", Some(KeyState::Intended));
            tx.audit.push(AuditRow { text: row.failure.clone(), ..line });
        }
        if let Some(Err(closed)) =
            tx.account.as_ref().map(|row| breaker::check(row, now, Class::Settle))
        {
            return Ok(Err(closed));
        }
        let most = affordable(&account, &tx.rows);
        let due = tx.rows.iter_mut().filter(|row| row.state == KeyState::InDoubt).take(most);
        let until = now.saturating_add(claim_time(&account, most));
        let claimed = due.map(|row| {
            row.claimed_until = Some(until);
            row.clone()
        });
        Ok(Ok(claimed.collect()))
    });
    claimed.await?
}

/// Concludes what a look means for rows that are still in doubt. `None`: it failed.
async fn conclude(
    inner: &Arc<Inner>,
    account: &Arc<Account>,
    ids: Vec<KeyId>,
    look: Option<Look>,
) -> Result<usize, Error> {
    let scope = Scope { keys: Select::Ids(ids), ..Scope::default() };
    let (actor, timing) = (inner.actor.clone(), account.timing);
    let decide = move |tx: &mut Tx| {
        let now = tx.now;
        let (mut settled, mut closed) = (0, Vec::new());
        for row in &mut tx.rows {
            if row.state == KeyState::InDoubt {
                row.claimed_until = None;
                match &look {
                    Some(look) => judge(row, look, now, &timing),
                    None => postpone(row, now),
                }
                if row.state == KeyState::InDoubt {
                    continue;
                }
                closed.push(row.clone());
            }
            settled += 1;
        }
        for row in &closed {
            let line = audit(tx, &actor, row, "settle", Some(KeyState::InDoubt));
            tx.audit.push(AuditRow { text: row.evidence.clone(), ..line });
        }
        Ok(settled)
    };
    inner.transact(scope, decide).await
}

/// What a look means for a row in doubt.
fn judge(row: &mut KeyRow, look: &Look, now: Timestamp, timing: &Timing) {
    let id = row.id.clone();
    if look.records_of(&id).any(|record| is_alive(record, now)) {
        // It may be the key. Only a person can decide to revoke it or to forget the row.
        row.first_look = None;
        row.look_later(now);
        return;
    }
    if !look.complete || look.began < row.settle_after {
        postpone(row, now);
        return;
    }
    row.attempts = 0;
    row.difference = None;
    let first = *row.first_look.get_or_insert(look.began);
    let second = first.saturating_add(timing.propagation);
    if first < look.began && second <= look.began {
        row.settled_as_nothing(now, false);
    } else {
        row.due_at = Some(second.max(now));
    }
}

/// Lets a row wait for a better look, or closes it after a day.
fn postpone(row: &mut KeyRow, now: Timestamp) {
    if row.settle_after.saturating_add(UNPROVEN_AFTER) <= now {
        row.settled_as_nothing(now, true);
    } else {
        row.look_later(now);
    }
}
