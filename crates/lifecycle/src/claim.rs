//! Claims rows that must end, and takes their slots, in one transaction.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use crate::breaker;
use crate::calls::account_of;
use crate::gap::is_unchecked;
use crate::inner::{Account, Inner, audit};
use crate::slots::{self, Class};
use crate::store::{AuditRow, KeyRow, Scope, Select, Tx, Work};
use crate::{Error, KeyId, KeyState, Timestamp};

/// How long to put off rows that may not end yet, so that they do not fill the limit.
const PUT_OFF: Duration = Duration::from_mins(1);

/// The result of an attempt to claim rows.
#[derive(Debug)]
pub(crate) enum Claim {
    /// These rows are being revoked, and claimed, and their slots are taken.
    Rows(Vec<KeyRow>),
    /// The account was closed, and this row probes whether it is served again.
    Probe(Box<KeyRow>),
    /// These rows cannot be revoked before a look at the listing; nothing is claimed.
    NeedsLook(Vec<KeyRow>),
    /// Leases are over by this time, which is in doubt; nothing is claimed.
    NeedsTime(Timestamp),
    /// Nothing was claimed, but rows were moved out of the way.
    Again,
    /// The rate limit leaves no room for so long. The node's own clock may differ from the store's.
    Wait(Duration),
    /// No row is due, or the account is closed.
    Nothing,
}

/// What to claim.
#[derive(Clone)]
pub(crate) struct Wanted {
    /// The maximum number of rows.
    pub(crate) rows: usize,
    /// The rows that were looked for already.
    pub(crate) looked_for: Arc<HashSet<KeyId>>,
    /// The rows that are left to somebody who has more time.
    pub(crate) left_out: Arc<HashSet<KeyId>>,
    /// Whether the provider was asked for the time already.
    pub(crate) asked_for_time: bool,
}

/// Claims rows of an account.
pub(crate) async fn claim(
    inner: &Arc<Inner>,
    account: &Arc<Account>,
    wanted: Wanted,
) -> Result<Claim, Error> {
    let keys = Select::Due { work: Work::Ends, limit: wanted.selected(account) };
    let scope = Scope { keys, ..account.scope() };
    let (inner_, account) = (Arc::clone(inner), Arc::clone(account));
    let decide = move |tx: &mut Tx| {
        let mut rows = std::mem::take(&mut tx.rows);
        let claim = wanted.decide(&inner_, &account, tx, &mut rows);
        tx.rows = rows;
        claim
    };
    inner.transact(scope, decide).await
}

/// Whether a row cannot be revoked before a look at the listing: to learn the id that the call
/// needs, to see whether it is the right account, or because the provider did not find the key.
pub(crate) fn needs_look(account: &Account, row: &KeyRow) -> bool {
    let lacks_id = || {
        account.issuer.profile().revokes_by_id()
            && row.key_refs().iter().any(|key| key.id().is_none())
    };
    account.identity.is_none() || row.first_look.is_some() || lacks_id()
}

impl Wanted {
    /// How many rows to read. A rate limit lets few of them go at once, and what is claimed must
    /// be done in half the time of a claim.
    fn selected(&self, account: &Account) -> usize {
        // One look finds what all rows need.
        let looks = account.identity.is_none() || account.issuer.profile().revokes_by_id();
        match account.limit {
            Some(limit) if !looks => {
                let interval = limit.interval().max(Duration::from_micros(1));
                let half = account.timing.claim.as_micros() / 2 / interval.as_micros();
                let most = half.min(u128::from(limit.burst()) + 8).max(1);
                self.rows.min(usize::try_from(most).unwrap_or(usize::MAX))
            }
            _ => self.rows,
        }
    }

    fn decide(
        &self,
        inner: &Inner,
        account: &Account,
        tx: &mut Tx,
        rows: &mut [KeyRow],
    ) -> Result<Claim, Error> {
        if rows.is_empty() {
            return Ok(Claim::Nothing);
        }
        let now = tx.now;
        let closed = account_of(tx)?;
        let is_probe = closed.closed_until.is_some();
        if breaker::opens_at(closed, Class::Ends).is_some_and(|at| at > now) {
            return Ok(Claim::Nothing);
        }
        let is_time_right = inner.clock_guard.check(now, &tx.store);
        let is_confirmed = is_time_right && !is_unchecked(&tx.store, now);
        let may_end = |row: &KeyRow| is_confirmed || row.state == KeyState::Revoking;
        if !is_time_right && !self.asked_for_time && !rows.iter().all(may_end) {
            return Ok(Claim::NeedsTime(now));
        }
        let is_unseen = |row: &&KeyRow| {
            may_end(row) && needs_look(account, row) && !self.looked_for.contains(&row.id)
        };
        let unseen: Vec<_> = rows.iter().filter(is_unseen).cloned().collect();
        if !unseen.is_empty() {
            return Ok(Claim::NeedsLook(unseen));
        }
        let mut has_moved = false;
        for row in rows.iter_mut().filter(|row| !may_end(row)) {
            // The time since which it is overdue is kept.
            row.end_due = row.end_due.or(row.due_at);
            row.due_at = Some(now.saturating_add(PUT_OFF));
            has_moved = true;
        }
        let is_ready = |row: &&mut KeyRow| {
            row.due_at.is_some_and(|at| at <= now) && !self.left_out.contains(&row.id)
        };
        let ready = rows.iter_mut().filter(is_ready);
        let taken = if is_probe {
            // The row that has waited longest, so that one bad row does not keep the account
            // closed.
            take(inner, account, tx, ready.min_by_key(|row| row.due_at).into_iter())?
        } else {
            take(inner, account, tx, ready)?
        };
        Ok(match taken {
            Taken { mut claimed, .. } if is_probe && claimed.len() == 1 => {
                breaker::probe(account_of(tx)?, now);
                Claim::Probe(Box::new(claimed.remove(0)))
            }
            Taken { claimed, .. } if !claimed.is_empty() => Claim::Rows(claimed),
            Taken { wait: Some(at), .. } => Claim::Wait(at.since(now)),
            Taken { moved, .. } if moved || has_moved => Claim::Again,
            Taken { .. } => Claim::Nothing,
        })
    }
}

#[derive(Default)]
struct Taken {
    claimed: Vec<KeyRow>,
    /// Whether rows were found not to end now.
    moved: bool,
    /// When there is room for the next row.
    wait: Option<Timestamp>,
}

/// Claims these rows, as many as there are slots for.
fn take<'a>(
    inner: &Inner,
    account: &Account,
    tx: &mut Tx,
    rows: impl Iterator<Item = &'a mut KeyRow>,
) -> Result<Taken, Error> {
    let (now, mut taken) = (tx.now, Taken::default());
    for row in rows {
        let (mut next, before) = (row.clone(), row.state);
        if !next.end_if_due(now, &tx.store) {
            next.end_due = None;
            let why = if next.expires_at == row.expires_at {
                next.failure.clone().filter(|_| next.failure != row.failure).map(|it| ("keep", it))
            } else {
                let text = "the store has forgotten something, so the lease ends at its maximum";
                Some(("extend", text.to_owned()))
            };
            if let Some((action, text)) = why {
                let line = audit(tx, &inner.actor, &next, action, Some(before));
                tx.audit.push(AuditRow { text: Some(text), ..line });
            }
            taken.moved = true;
            *row = next;
            continue;
        }
        let requests = u32::try_from(next.key_refs().len()).unwrap_or(u32::MAX).max(1);
        let limit = account.limit.as_ref();
        let slots = slots::take(account_of(tx)?, now, limit, Class::Ends, false, requests);
        if let Err(at) = slots {
            taken.wait = Some(at);
            break;
        }
        next.claimed_until = Some(now.saturating_add(account.timing.claim));
        if before != KeyState::Revoking {
            let line = audit(tx, &inner.actor, &next, "end", Some(before));
            tx.audit.push(AuditRow { text: next.evidence.clone(), ..line });
        }
        *row = next.clone();
        // As the store has it after the commit.
        next.version += 1;
        taken.claimed.push(next);
    }
    Ok(taken)
}
