//! Ends keys: leases that are over, deliveries that were not confirmed, and what people revoke.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use pinning_keys_core::KeyQuery;
use tokio::sync::mpsc;

use crate::attempt::{Seen, attempt};
use crate::breaker::{self, Failure};
use crate::calls::account_of;
use crate::claim::{Claim, Wanted, claim, needs_look};
use crate::effort::Effort;
use crate::inner::{Account, Inner};
use crate::listing::read;
use crate::moment::Moment;
use crate::observe::observe;
use crate::outcome::{Became, Outcome};
use crate::progress::Progress;
use crate::slots::Class;
use crate::store::{KeyRow, Scope, Select, Tx};
use crate::{Error, ErrorKind, KeyId, Timestamp};

/// How many revocations of an account are in flight at once.
const CONCURRENCY: usize = 64;

/// The maximum number of results in one transaction.
const RESULTS: usize = 256;

/// How many failures are kept for the report.
const FAILURES: usize = 16;

/// The result of an attempt to revoke a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The key has ended.
    Revoked,
    /// The worker tries again.
    Later { why: String, retry_at: Timestamp },
}

/// Revokes the key of a row that this caller has claimed and taken a slot for.
pub(crate) async fn revoke_row(
    inner: &Inner,
    account: &Account,
    row: KeyRow,
) -> Result<Ended, Error> {
    let mut seen = Seen::default();
    let outcome = if needs_look(account, &row) {
        let rows = std::slice::from_ref(&row);
        match seen.look_for(inner, account, rows, Class::ByHand).await {
            Ok(()) => attempt(inner, account, &row, &seen).await,
            Err(error) if error.kind() == ErrorKind::Store => return Err(error),
            // The breaker records it, and the row is put back.
            Err(_) => Outcome::Unsent,
        }
    } else {
        attempt(inner, account, &row, &seen).await
    };
    let outcomes = Arc::new(vec![(row, outcome)]);
    let entered = enter(inner, account, Arc::clone(&outcomes)).await?;
    let Some(Became::Later { mut why, retry_at }) = entered.became.into_iter().next() else {
        return Ok(Ended::Revoked);
    };
    if let [(_, Outcome::Failed(error))] = &outcomes[..] {
        // A row does not record failures that concern the account.
        why = crate::text::scrubbed(&error.to_string());
    }
    let retry_at = retry_at.max(entered.opens_at.unwrap_or(retry_at));
    Ok(Ended::Later { why, retry_at })
}

/// The result of ending the due keys of an account.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    pub(crate) progress: Progress,
    /// Failures that concern one key, or the account; at most 16.
    pub(crate) failures: Vec<Error>,
}

/// Ends keys of an account that are due, as many as the effort allows: those by hand first.
///
/// A failure of the provider is part of the result.
///
/// # Errors
///
/// Those of the store. Claimed rows are claimed again when the claim has expired.
pub(crate) async fn end_due(
    inner: &Arc<Inner>,
    account: &Arc<Account>,
    effort: &Effort,
) -> Result<Ends, Error> {
    let batch = Arc::new(Batch {
        inner: Arc::clone(inner),
        account: Arc::clone(account),
        seen: Mutex::default(),
        is_halted: AtomicBool::new(false),
        ends: Mutex::default(),
    });
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let revoke = revoke_all(Arc::clone(&batch), effort.clone(), sender);
    let enter = async {
        let mut finished = Vec::new();
        // One commit is in flight; results that arrive in the meantime go into the next.
        while receiver.recv_many(&mut finished, RESULTS).await > 0 {
            if let Err(error) = batch.enter(std::mem::take(&mut finished)).await {
                // What cannot be recorded is not begun.
                batch.is_halted.store(true, Ordering::Relaxed);
                return Err(error);
            }
        }
        Ok(())
    };
    let (revoked, entered): (_, Result<(), Error>) = tokio::join!(revoke, enter);
    revoked.and(entered)?;
    Ok(std::mem::take(&mut *lock(&batch.ends)))
}

/// Claims rows, revokes their keys, and sends the result of each.
async fn revoke_all(
    batch: Arc<Batch>,
    effort: Effort,
    results: mpsc::UnboundedSender<(KeyRow, Outcome)>,
) -> Result<(), Error> {
    let claims = Claims::new(Arc::clone(&batch), effort);
    let claims = stream::try_unfold(claims, |mut claims| async move {
        Ok::<_, Error>(claims.next().await?.map(|rows| (stream::iter(rows).map(Ok), claims)))
    });
    let outcomes = claims.try_flatten().map_ok(|row| {
        let batch = Arc::clone(&batch);
        async move { Ok(batch.revoke(row).await) }
    });
    let mut outcomes = pin!(outcomes.try_buffer_unordered(CONCURRENCY));
    let mut failed = Ok(());
    while let Some(outcome) = outcomes.next().await {
        match outcome {
            // The receiver lives until the sender is gone.
            Ok(outcome) => drop(results.send(outcome)),
            // What is in flight is finished.
            Err(error) => failed = Err(error),
        }
    }
    failed
}

/// The revocations of one account that run together.
struct Batch {
    inner: Arc<Inner>,
    account: Arc<Account>,
    seen: Mutex<Arc<Seen>>,
    /// Whether the account was closed, or the store failed, so that nothing more is sent.
    is_halted: AtomicBool,
    ends: Mutex<Ends>,
}

impl Batch {
    /// Revokes the key of a claimed row, if there is time for it before the claim is over.
    async fn revoke(&self, row: Claimed) -> (KeyRow, Outcome) {
        let clock = self.inner.store.clock();
        let timing = &self.account.timing;
        let in_time = row.at.elapsed(clock).saturating_add(timing.call) <= timing.claim;
        if !in_time || self.is_halted.load(Ordering::Relaxed) {
            return (row.row, Outcome::Unsent);
        }
        let seen = Arc::clone(&lock(&self.seen));
        let outcome = attempt(&self.inner, &self.account, &row.row, &seen).await;
        if let Outcome::Failed(error) = &outcome
            && Failure::from(&**error).concerns_account()
        {
            self.is_halted.store(true, Ordering::Relaxed);
        }
        (row.row, outcome)
    }

    /// Enters results. Returns whether the account is open.
    async fn enter(&self, outcomes: Vec<(KeyRow, Outcome)>) -> Result<bool, Error> {
        let outcomes = Arc::new(outcomes);
        let entered = enter(&self.inner, &self.account, Arc::clone(&outcomes)).await?;
        self.is_halted.fetch_or(entered.opens_at.is_some(), Ordering::Relaxed);
        lock(&self.ends).progress.settled +=
            entered.became.iter().filter(|became| **became == Became::Ended).count();
        for (row, outcome) in outcomes.iter() {
            if lock(&self.ends).failures.len() == FAILURES {
                break;
            }
            let failure = self.failure(&row.id, outcome).await;
            lock(&self.ends).failures.extend(failure);
        }
        Ok(entered.opens_at.is_none())
    }

    async fn failure(&self, id: &KeyId, outcome: &Outcome) -> Option<Error> {
        let message = match outcome {
            Outcome::Failed(error) => {
                let kind = self.inner.kind_of(&self.account, error).await;
                let error = Arc::clone(error);
                let message = format!("cannot revoke the key {id}");
                return Some(Error::new(kind, message).with_key(id).with_source(error));
            }
            Outcome::Stuck(why) => format!("cannot revoke the key {id}: {why}"),
            _ => return None,
        };
        Some(Error::new(ErrorKind::Provider, message).with_key(id))
    }

    async fn look_for(&self, rows: &[KeyRow]) -> Result<(), Error> {
        let mut seen = Seen::clone(&lock(&self.seen));
        seen.look_for(&self.inner, &self.account, rows, Class::Ends).await?;
        *lock(&self.seen) = Arc::new(seen);
        Ok(())
    }

    /// Looks at one page of the listing. Returns the rows that need more.
    async fn glance_for(&self, rows: &[KeyRow]) -> Result<HashSet<KeyId>, Error> {
        let mut seen = Seen::clone(&lock(&self.seen));
        let unclear = seen.glance_for(&self.inner, &self.account, rows, Class::Ends).await?;
        *lock(&self.seen) = Arc::new(seen);
        Ok(unclear)
    }

    /// Asks for a page of the listing, since the answer's date may confirm the time, which is now
    /// `began` in the store.
    async fn ask_for_time(&self, began: Timestamp, waits: bool) -> Result<(), Error> {
        let (inner, account) = (&self.inner, &self.account);
        inner.slot(account, Class::Ends, 1, waits).await?;
        let page = read(inner, account, &KeyQuery::new()).await?;
        // A process that has just started may work on a restored backup. A key that was issued since
        // shows it, and then no lease ends that may have been renewed.
        observe(inner, account, page.records(), began).await.map(drop)
    }
}

fn unconfirmed(account: &str) -> Error {
    let message = format!(
        "leases of account {account:?} are over but do not end: the time of the store is in doubt"
    );
    Error::new(ErrorKind::ClockUnconfirmed, message)
        .with_next_step("check the machine's clock, then call confirm_clock()")
}

/// A claimed row, and a moment before it was claimed.
struct Claimed {
    row: KeyRow,
    at: Moment,
}

/// Claims rows, as long as there are any, within the rate limit.
struct Claims {
    batch: Arc<Batch>,
    effort: Effort,
    left: usize,
    asked_for_time: bool,
    /// Whether the one page that a brief effort may read was read.
    has_glanced: bool,
    left_out: Arc<HashSet<KeyId>>,
}

impl Claims {
    fn new(batch: Arc<Batch>, effort: Effort) -> Self {
        let left = effort.rows;
        let (asked_for_time, has_glanced, left_out) = (false, false, Arc::default());
        Self { batch, effort, left, asked_for_time, has_glanced, left_out }
    }

    /// The next rows; `None` if there are no more for now.
    async fn next(&mut self) -> Result<Option<Vec<Claimed>>, Error> {
        let batch = Arc::clone(&self.batch);
        let (inner, account) = (&batch.inner, &batch.account);
        while self.left > 0 && !self.is_over() {
            let at = Moment::now(inner.store.clock());
            let looked_for = Arc::new(lock(&self.batch.seen).ids());
            let (left_out, asked_for_time) = (Arc::clone(&self.left_out), self.asked_for_time);
            let wanted = Wanted { rows: self.left, looked_for, left_out, asked_for_time };
            match claim(inner, account, wanted).await? {
                Claim::Rows(rows) => {
                    self.take(rows.len());
                    return Ok(Some(rows.into_iter().map(|row| Claimed { row, at }).collect()));
                }
                Claim::Probe(row) => {
                    self.take(1);
                    let outcome = self.batch.revoke(Claimed { row: *row, at }).await;
                    if !self.batch.enter(vec![outcome]).await? {
                        break;
                    }
                }
                Claim::NeedsLook(_) if self.has_glanced => break,
                Claim::NeedsLook(rows) => {
                    let effort = self.effort.clone();
                    let looked = effort.unless_stopped(self.look_for(&rows)).await;
                    if !self.goes_on(looked)? {
                        break;
                    }
                }
                Claim::NeedsTime(now) => {
                    self.asked_for_time = true;
                    let asked = self.batch.ask_for_time(now, !self.effort.is_brief);
                    let asked = self.effort.unless_stopped(asked).await;
                    if !self.goes_on(asked)? {
                        break;
                    }
                    if !inner.clock_guard.is_confirmed() {
                        lock(&batch.ends).failures.push(unconfirmed(&account.name));
                    }
                }
                Claim::Again => {}
                Claim::Wait(time) => {
                    if !self.effort.wait(inner.store.clock(), time).await {
                        break;
                    }
                }
                Claim::Nothing => break,
            }
        }
        Ok(None)
    }

    /// Looks for the keys of these rows, as far as the effort allows.
    async fn look_for(&mut self, rows: &[KeyRow]) -> Result<(), Error> {
        if !self.effort.is_brief {
            return self.batch.look_for(rows).await;
        }
        self.has_glanced = true;
        self.left_out = Arc::new(self.batch.glance_for(rows).await?);
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.effort.is_stopped() || self.batch.is_halted.load(Ordering::Relaxed)
    }

    fn take(&mut self, rows: usize) {
        self.left = self.left.saturating_sub(rows);
        lock(&self.batch.ends).progress.taken += rows;
    }

    /// Notes the failure of a listing, which ends this batch, as does a listing that was given up.
    /// A failure of the store is passed on.
    fn goes_on(&self, listed: Option<Result<(), Error>>) -> Result<bool, Error> {
        match listed {
            None => Ok(false),
            Some(Ok(())) => Ok(true),
            Some(Err(error)) if error.kind() == ErrorKind::Store => Err(error),
            Some(Err(error)) => {
                lock(&self.batch.ends).failures.push(error);
                Ok(false)
            }
        }
    }
}

/// The result of entering outcomes.
struct EnteredAll {
    became: Vec<Became>,
    /// When the account may be tried again; `None` if it is open.
    opens_at: Option<Timestamp>,
}

/// Enters outcomes into the store, in one transaction.
async fn enter(
    inner: &Inner,
    account: &Account,
    outcomes: Arc<Vec<(KeyRow, Outcome)>>,
) -> Result<EnteredAll, Error> {
    let ids = outcomes.iter().map(|(row, _)| row.id.clone()).collect();
    let scope = Scope { keys: Select::Ids(ids), ..account.scope() };
    let (actor, timing) = (inner.actor.clone(), account.timing);
    let decide = move |tx: &mut Tx| {
        let outcomes = outcomes.iter();
        let became = outcomes.map(|(row, outcome)| outcome.enter(tx, row, &actor, &timing));
        let became = became.collect::<Result<_, _>>()?;
        Ok(EnteredAll { became, opens_at: breaker::opens_at(account_of(tx)?, Class::Ends) })
    };
    inner.transact(scope, decide).await
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
