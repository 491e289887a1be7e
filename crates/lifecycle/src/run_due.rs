//! One pass over all that is due.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::watch;
use tracing::{debug, warn};

use crate::breaker;
use crate::effort::Effort;
use crate::ends::{Ends, end_due};
use crate::inner::{Account, Inner};
use crate::pass::pass;
use crate::progress::Progress;
use crate::pruning::prune;
use crate::resumption::{conclude, look_back};
use crate::settle::settle;
use crate::slots::Class;
use crate::store::{Agenda, Agendas, Scope, StatusQuery, Tx};
use crate::timing::OVERDUE;
use crate::watch::watch as watch_ended;
use crate::{Error, ErrorKind, KeyManager, Tick, Timestamp};

/// How long a pass waits for room in the rate limit.
const PATIENCE: Duration = Duration::from_mins(1);

/// The longest time until the next pass: other processes may add work at any time.
pub(crate) const IDLE: Duration = Duration::from_secs(30);

/// The shortest time until the next pass after one that could do nothing.
const PAUSE: Duration = Duration::from_secs(1);

/// The shortest time between two recorded ticks.
const TICK: Duration = Duration::from_mins(1);

/// The maximum number of keys that a managing call ends before its own work.
const BOUNDED: usize = 8;

impl KeyManager {
    /// Does everything that is due, once. Call it from any scheduler, at least once a minute. In
    /// each account it
    ///
    /// 1. revokes what people have revoked, then what is due: leases that are over, and deliveries
    ///    that were not confirmed in time;
    /// 2. settles creates whose outcome is unknown;
    /// 3. looks again at keys that have ended;
    /// 4. reads some pages of the listing, to see whether keys were changed or revoked elsewhere.
    ///
    /// If no worker has run for more than two hours, the store may be a restored backup. Then no lease
    /// ends before every account was listed completely, or an hour has passed.
    ///
    /// It never needs a decision by a person. Each step handles at most `limit` keys of each
    /// account, and waits at most a minute for room in the rate limit. Any number of processes may
    /// call it at the same time; they do not repeat each other's work.
    ///
    /// An account that the provider has blocked, or that it fails to serve, is left alone for a
    /// while: as long as the provider says, or 10 s, doubling up to 5 min. If keys must end there
    /// and the provider has not said how long to wait, one of them is tried each minute, so that
    /// the first key ends within a minute after the provider is available again. A call that takes
    /// longer than a minute is given up, and closes the account in the same way.
    ///
    /// ```
    /// # use pinning_keys_emulator::Emulator;
    /// # use pinning_keys::IssuerConfig;
    /// use pinning_keys_lifecycle::{KeyManager, MemoryStore, SystemClock};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::in_memory();
    /// # let config = IssuerConfig::from_vars(emulator.pinata().vars())?;
    /// # let issuer = config.with_transport(emulator.transport()).build()?;
    /// let store = MemoryStore::new(SystemClock)?;
    /// let manager = KeyManager::builder(store).account("main", issuer).build().await?;
    /// let tick = manager.run_due(100).await?;
    /// println!("{} revoked, call again at {:?}", tick.revoked(), tick.next());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`] if the store fails. Failures of one account are part of the result.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the work that it has begun is resumed after 5 minutes, by any
    /// node.
    pub async fn run_due(&self, limit: usize) -> Result<Tick, Error> {
        run_pass(&self.inner, limit, None).await
    }
}

/// One pass, which begins nothing new once it is stopped.
pub(crate) async fn run_pass(
    inner: &Arc<Inner>,
    limit: usize,
    stopped: Option<watch::Receiver<bool>>,
) -> Result<Tick, Error> {
    let clock = inner.store.clock();
    let effort = Effort::within(clock, limit, PATIENCE, stopped);
    let before = agenda(inner).await?;
    // Before the gap since the last tick is forgotten.
    inner.clock_guard.check(before.now, &before.store);
    let is_noted = note_tick(inner, &before).await?;
    let mut tick = Tick::default();
    if let Some(looked) = look_back(inner, &before, &effort).await {
        conclude(inner, &agenda(inner).await?).await?;
        tick.seen = looked.seen;
        tick.errors = looked.errors;
    }
    let due = before.accounts.iter().filter(|it| is_due(it, before.now));
    let mut accounts = Vec::new();
    for account in due.filter_map(|it| inner.accounts.get(&it.account.name)) {
        accounts.push(run_account(Arc::clone(inner), Arc::clone(account), effort.clone()));
    }
    let is_idle = accounts.is_empty();
    for done in join_all(accounts).await {
        tick.add(done);
    }
    if !(is_idle && is_noted) {
        prune(inner, &before).await?;
    }
    let after = if is_idle { before } else { agenda(inner).await? };
    tick.overdue = after.accounts.iter().map(|it| it.overdue).sum();
    tick.due_at = known(inner, &after).filter_map(|it| Some(opened(it, it.due_at?))).min();
    let next = next_time(inner, &after);
    let is_stuck = tick.revoked + tick.settled + tick.seen == 0;
    let earliest = after.now.saturating_add(if is_stuck { PAUSE } else { Duration::ZERO });
    tick.wait = next.clamp(earliest, after.now.saturating_add(IDLE)).since(after.now);
    tick.next = Timestamp::from(clock.now()).saturating_add(tick.wait);
    debug!(%tick, "a pass of the worker");
    Ok(tick)
}

/// Ends a few keys that are due, without waiting: issuing, renewing, rotating and forgetting do
/// this first, so that keys end even if the worker does not run. It reads at most two pages of a
/// listing, one for the time and one for the keys. The rest, and a failure, is left to the worker.
pub(crate) async fn bounded(inner: &Arc<Inner>) {
    let agendas = match agenda(inner).await {
        Ok(agendas) => agendas,
        Err(error) => {
            debug!(%error, "cannot read what is due");
            return;
        }
    };
    let mut left = BOUNDED;
    for agenda in &agendas.accounts {
        if agenda.due_at.is_none_or(|at| at > agendas.now) {
            continue;
        }
        let Some(account) = inner.accounts.get(&agenda.account.name).filter(|_| left > 0) else {
            continue;
        };
        match end_due(inner, account, &Effort::brief(left)).await {
            Ok(ends) => left = left.saturating_sub(ends.progress.taken),
            Err(error) => warn!(account = account.name, %error, "cannot end what is due"),
        }
    }
}

async fn agenda(inner: &Inner) -> Result<Agendas, Error> {
    let query = StatusQuery { overdue_before: inner.now().saturating_sub(OVERDUE) };
    let agendas = inner.store.agenda(query).await?;
    inner.clock_guard.read(agendas.now);
    Ok(agendas)
}

/// Whether an account has something due, and may be called.
fn is_due(agenda: &Agenda, now: Timestamp) -> bool {
    let is_open = breaker::opens_at(&agenda.account, Class::Ends).is_none_or(|at| at <= now);
    is_open && (agenda.due_at.is_some_and(|at| at <= now) || agenda.account.pass_due_at <= now)
}

/// When the next work is due in the manager's accounts.
fn next_time(inner: &Inner, agendas: &Agendas) -> Timestamp {
    let due = |it: &Agenda| {
        let pass_due_at = it.account.pass_due_at;
        it.due_at.map_or(pass_due_at, |at| at.min(pass_due_at))
    };
    let times = known(inner, agendas).map(|it| opened(it, due(it)));
    times.min().unwrap_or_else(|| agendas.now.saturating_add(IDLE))
}

/// The agendas of the manager's accounts.
fn known<'a>(inner: &Inner, agendas: &'a Agendas) -> impl Iterator<Item = &'a Agenda> {
    agendas.accounts.iter().filter(|it| inner.accounts.contains_key(&it.account.name))
}

/// When work that is due at this time can be done: not before a closed account is tried again.
fn opened(agenda: &Agenda, at: Timestamp) -> Timestamp {
    breaker::opens_at(&agenda.account, Class::Ends).map_or(at, |opens_at| opens_at.max(at))
}

/// Records that a worker runs, at most once a minute. Returns whether it did.
async fn note_tick(inner: &Inner, agendas: &Agendas) -> Result<bool, Error> {
    if agendas.store.last_tick_at.is_some_and(|at| agendas.now.since(at) < TICK) {
        return Ok(false);
    }
    let decide = |tx: &mut Tx| {
        tx.store.last_tick_at = Some(tx.now);
        Ok(())
    };
    inner.transact(Scope::default(), decide).await?;
    Ok(true)
}

/// The result of the steps in one account.
#[derive(Default)]
struct Done {
    account: String,
    ends: Progress,
    settled: Progress,
    seen: usize,
    errors: Vec<Error>,
}

/// All steps in one account, in their order.
async fn run_account(inner: Arc<Inner>, account: Arc<Account>, effort: Effort) -> Done {
    let mut done = Done { account: account.name.clone(), ..Done::default() };
    match end_due(&inner, &account, &effort).await {
        Ok(Ends { progress, failures }) => {
            done.ends = progress;
            done.errors = failures;
        }
        Err(error) => done.errors.push(error),
    }
    for step in [Step::Settle, Step::Watch, Step::Pass] {
        let is_blocked =
            |error: &Error| matches!(error.kind(), ErrorKind::AccountClosed | ErrorKind::Store);
        if effort.is_stopped() || done.errors.last().is_some_and(is_blocked) {
            break;
        }
        let progress = match step {
            Step::Settle => settle(&inner, &account, &effort).await,
            Step::Watch => watch_ended(&inner, &account, &effort).await,
            Step::Pass => pass(&inner, &account, &effort).await,
        };
        match (step, progress) {
            (Step::Settle, Ok(progress)) => done.settled = progress,
            (Step::Watch | Step::Pass, Ok(progress)) => done.seen += progress.taken,
            (_, Err(error)) => done.errors.push(error),
        }
    }
    for error in &done.errors {
        warn!(account = account.name, %error, "a step of the worker failed");
    }
    done
}

#[derive(Clone, Copy)]
enum Step {
    Settle,
    Watch,
    Pass,
}

impl Tick {
    fn add(&mut self, done: Done) {
        self.revoked += done.ends.settled;
        self.put_off += done.ends.taken.saturating_sub(done.ends.settled);
        self.settled += done.settled.settled;
        self.seen += done.seen;
        let is_served = done.ends.settled + done.settled.settled + done.seen > 0;
        if is_served && done.errors.is_empty() {
            self.served.push(done.account.clone());
        }
        self.errors.extend(done.errors.into_iter().map(|error| (done.account.clone(), error)));
    }
}
