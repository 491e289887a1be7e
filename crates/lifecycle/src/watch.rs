//! Looks again at rows that have ended.

use std::sync::Arc;

use crate::batch::{BATCH, affordable, claim_time, is_about_account, release};
use crate::breaker;
use crate::effort::Effort;
use crate::inner::{Account, Inner};
use crate::look::look;
use crate::observe::observe_found;
use crate::progress::Progress;
use crate::slots::Class;
use crate::store::{KeyRow, Scope, Select, Tx, Work};
use crate::timing::WATCH;
use crate::{Error, KeyId, Timestamp};

/// How many pages are read even for a single row.
const SMALL: usize = 5;

/// How many looks may be incomplete before one counts anyway, since passes look again.
const TRIES: i64 = 3;

/// Looks again at closed and revoked rows, 10 minutes, 1 hour, 1 day and 7 days after they ended.
/// A key that is listed although it has ended must end.
///
/// If the provider cannot search and too few rows are due for reading the whole listing, the next
/// pass replaces the look.
pub(crate) async fn watch(
    inner: &Arc<Inner>,
    account: &Arc<Account>,
    effort: &Effort,
) -> Result<Progress, Error> {
    let (rows, watched) = claim(inner, account, effort.rows.max(BATCH)).await?;
    if rows.is_empty() {
        return Ok(Progress { taken: watched, settled: watched });
    }
    let ids: Vec<KeyId> = rows.iter().map(|row| row.id.clone()).collect();
    let look = look(inner, account, &rows, Class::Settle);
    let Some(looked) = effort.unless_stopped(look).await else {
        release(inner, ids).await?;
        return Ok(Progress { taken: watched, settled: watched });
    };
    match looked {
        Ok(look) => {
            observe_found(inner, account, &rows, &look.records, look.began).await?;
            let settled = conclude(inner, ids, look.complete.then_some(look.began)).await?;
            Ok(Progress { taken: watched + rows.len(), settled: watched + settled })
        }
        Err(error) => {
            if is_about_account(&error) {
                release(inner, ids).await?;
            } else {
                conclude(inner, ids, None).await?;
            }
            Err(error)
        }
    }
}

/// Claims due rows that no pass has looked at. Returns how many a pass has looked at.
async fn claim(
    inner: &Arc<Inner>,
    account: &Arc<Account>,
    limit: usize,
) -> Result<(Vec<KeyRow>, usize), Error> {
    let scope = Scope { keys: Select::Due { work: Work::Watch, limit }, ..account.scope() };
    let account = Arc::clone(account);
    let claimed = inner.transact(scope, move |tx| {
        let now = tx.now;
        let pass = tx.account.as_ref().and_then(|row| row.full_pass_began);
        let mut due = Vec::new();
        let selected = tx.rows.len();
        for row in &mut tx.rows {
            if let Some(began) = pass {
                looked(row, began, now);
            }
            if row.due_at.is_some_and(|at| at <= now) {
                due.push(row);
            }
        }
        let watched = selected - due.len();
        if let Some(Err(closed)) =
            tx.account.as_ref().map(|row| breaker::check(row, now, Class::Settle))
        {
            return Ok(Err(closed));
        }
        if !is_worthwhile(&account, due.len()) {
            for row in due {
                row.due_at = Some(now.saturating_add(WATCH[0]));
            }
            return Ok(Ok((Vec::new(), watched)));
        }
        let rows: Vec<KeyRow> = due.iter().map(|row| (**row).clone()).collect();
        let most = affordable(&account, &rows);
        let until = now.saturating_add(claim_time(&account, most));
        for row in due.into_iter().take(most) {
            row.claimed_until = Some(until);
        }
        Ok(Ok((rows.into_iter().take(most).collect(), watched)))
    });
    claimed.await?
}

/// Whether this many rows are worth a separate look.
fn is_worthwhile(account: &Account, rows: usize) -> bool {
    let pages = account.pages.get().unwrap_or(1);
    account.issuer.profile().filters().name() || pages <= rows.max(SMALL)
}

/// Records a look that began at this time, if one was due.
fn looked(row: &mut KeyRow, began: Timestamp, now: Timestamp) {
    let step = |row: &KeyRow| usize::try_from(row.watched).ok().and_then(|step| WATCH.get(step));
    while step(row).is_some_and(|after| row.changed_at.saturating_add(*after) <= began) {
        row.watched_again(now);
        row.attempts = 0;
    }
    if step(row).is_none() {
        row.due_at = None;
    }
}

/// Concludes a look at rows that are still ended, which began at this time. `None` if it may have
/// missed some.
async fn conclude(
    inner: &Arc<Inner>,
    ids: Vec<KeyId>,
    began: Option<Timestamp>,
) -> Result<usize, Error> {
    let scope = Scope { keys: Select::Ids(ids), ..Scope::default() };
    let decide = move |tx: &mut Tx| {
        let now = tx.now;
        let mut settled = 0;
        for row in &mut tx.rows {
            if row.state.is_tombstone() {
                row.claimed_until = None;
                let is_last = row.attempts.saturating_add(1) >= TRIES;
                let Some(began) = began.or(is_last.then_some(now)) else {
                    row.look_later(now);
                    continue;
                };
                looked(row, began, now);
            }
            settled += 1;
        }
        Ok(settled)
    };
    inner.transact(scope, decide).await
}
