use std::fmt;
use std::time::Duration;

use crate::clock_guard::TOLERANCE;
use crate::gap::is_unchecked;
use crate::store::{AccountCounts, AccountRow, Scope, Snapshot, StatusQuery, Tx};
use crate::timing::OVERDUE;
use crate::{Error, ErrorKind, KeyManager, KeyState, Label, Timestamp};

/// After this time without a tick, the worker counts as not running.
const SILENCE: Duration = Duration::from_hours(24);

/// By how much the time at which keys are counted may differ from the store's.
const LAG: Duration = Duration::from_mins(1);

impl KeyManager {
    /// Returns counts of the keys, and what needs attention. It sends nothing.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use pinning_keys_lifecycle::{KeyManager, MemoryStore, SystemClock};
    /// # let manager = KeyManager::builder(MemoryStore::new(SystemClock)?).build().await?;
    /// let status = manager.status().await?;
    /// if !status.is_healthy() {
    ///     eprintln!("{status}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) if the store fails.
    pub async fn status(&self) -> Result<Status, Error> {
        let mut now = self.inner.now();
        let snapshot = loop {
            let query = StatusQuery { overdue_before: now.saturating_sub(OVERDUE) };
            let snapshot = self.inner.store.status(query).await?;
            self.inner.clock_guard.read(snapshot.now);
            // The machine may have slept since this process last read the store's time.
            if snapshot.now.since(now).max(now.since(snapshot.now)) <= LAG {
                break snapshot;
            }
            now = snapshot.now;
        };
        Ok(Status { snapshot, clock_doubted_at: self.inner.clock_guard.doubted_at() })
    }

    /// Records that a person knows that the store had forgotten something; see
    /// [`Status::rolled_back`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) if the store fails.
    pub async fn acknowledge(&self) -> Result<(), Error> {
        let decide = |tx: &mut Tx| {
            tx.store.acknowledged = tx.store.rolled_back_at.is_some();
            Ok(())
        };
        self.inner.transact(Scope::default(), decide).await
    }

    /// Records that a person has just restored the store from a backup, so that leases which were
    /// granted before end at their maximum: the store does not know which were renewed since the
    /// backup.
    ///
    /// The store notices by itself if it was restored into another database, or if a listing shows a
    /// key that was issued since the backup; if the backup is older than two hours, the listings are
    /// read before any lease ends. Call this after a restore in place, before a worker runs: nothing
    /// else shows which leases were renewed if no key was issued.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use pinning_keys_lifecycle::{KeyManager, MemoryStore, SystemClock};
    /// # let manager = KeyManager::builder(MemoryStore::new(SystemClock)?).build().await?;
    /// manager.mark_restored().await?;
    /// assert!(manager.status().await?.rolled_back().is_some());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) if the store fails.
    pub async fn mark_restored(&self) -> Result<(), Error> {
        let decide = |tx: &mut Tx| {
            tx.store.rolled_back_at = Some(tx.now);
            tx.store.rolled_back_because = Some("a person restored it from a backup".to_owned());
            tx.store.acknowledged = false;
            Ok(())
        };
        self.inner.transact(Scope::default(), decide).await
    }

    /// Records that a person has checked the store's clock, so that leases may end; see
    /// [`Status::clock_doubted_at`]. It applies to every process whose doubt began earlier, and to
    /// those that start within 10 minutes after it.
    ///
    /// # Errors
    ///
    /// * [`ErrorKind::ClockUnconfirmed`] if the store has seen a time that is more than 5 minutes
    ///   later than what the clock shows. Its time goes on when the clock has caught up, and until
    ///   then, no lease ends.
    /// * [`ErrorKind::Store`] if the store fails.
    pub async fn confirm_clock(&self) -> Result<(), Error> {
        let decide = |tx: &mut Tx| {
            if tx.now.since(tx.clock) > TOLERANCE {
                return Err(ahead_of_clock(tx.now, tx.clock));
            }
            tx.store.clock_confirmed_at = Some(tx.now);
            Ok(tx.now)
        };
        let now = self.inner.transact(Scope::default(), decide).await?;
        self.inner.clock_guard.confirm(now);
        Ok(())
    }
}

/// The error of a time that a clock showed once, and that was wrong, or is wrong now.
fn ahead_of_clock(now: Timestamp, clock: Timestamp) -> Error {
    let (now, clock) = (now.to_the_second(), clock.to_the_second());
    let message =
        format!("cannot confirm the time: the store has seen {now}, and its clock shows {clock}");
    Error::new(ErrorKind::ClockUnconfirmed, message).with_next_step(
        "set the clock if it is wrong; if it is right, the store's time goes on when the clock has \
         caught up, and no lease ends until then",
    )
}

/// The content of a store, and what needs attention; from
/// [`KeyManager::status`](crate::KeyManager::status).
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
/// let status = manager.status().await?;
/// println!("{status}");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Status {
    snapshot: Snapshot,
    clock_doubted_at: Option<Timestamp>,
}

impl Status {
    /// The store's time.
    pub fn now(&self) -> Timestamp {
        self.snapshot.now
    }

    /// The store's label, which is part of the name of each of its keys.
    pub fn label(&self) -> &Label {
        &self.snapshot.store.label
    }

    /// The accounts, ordered by name.
    pub fn accounts(&self) -> impl Iterator<Item = AccountStatus<'_>> {
        self.snapshot.accounts.iter().map(|(account, counts)| AccountStatus {
            account,
            counts,
            now: self.snapshot.now,
        })
    }

    /// When and how the store noticed that it had forgotten something, for example after a restored
    /// backup, a copy or a failover. Leases that were granted before that end at their maximum. It
    /// is shown until somebody [acknowledges](crate::KeyManager::acknowledge) it.
    pub fn rolled_back(&self) -> Option<(Timestamp, &str)> {
        let store = &self.snapshot.store;
        let at = store.rolled_back_at.filter(|_| !store.acknowledged)?;
        Some((at, store.rolled_back_because.as_deref().unwrap_or_default()))
    }

    /// When a worker last ran, in any process.
    pub fn worker_seen_at(&self) -> Option<Timestamp> {
        self.snapshot.store.last_tick_at
    }

    /// Since when this process doubts the time, if it does. No lease ends until the time agrees
    /// with the date of a provider's answer, or a person
    /// [confirms](crate::KeyManager::confirm_clock) it.
    pub fn clock_doubted_at(&self) -> Option<Timestamp> {
        self.clock_doubted_at
    }

    /// Since when no lease ends because the store was not used for more than two hours, if so: it may
    /// be a restored backup. Leases end again once every account was listed completely, or after an
    /// hour.
    pub fn unchecked_since(&self) -> Option<Timestamp> {
        let (store, now) = (&self.snapshot.store, self.snapshot.now);
        store.resumed_at.filter(|_| is_unchecked(store, now))
    }

    /// How many rows and settings were written by a newer version of this library. This version
    /// leaves them alone.
    pub fn unknown(&self) -> u64 {
        self.snapshot.unknown
    }

    /// Whether nothing needs attention: a worker has run within a day, the clock is not in doubt,
    /// the store has not forgotten anything, and every account [is healthy](AccountStatus::is_healthy).
    pub fn is_healthy(&self) -> bool {
        let now = self.snapshot.now;
        self.worker_seen_at().is_some_and(|at| now.since(at) <= SILENCE)
            && self.clock_doubted_at.is_none()
            && self.rolled_back().is_none()
            && self.unknown() == 0
            && self.accounts().all(|account| account.is_healthy())
    }
}

/// The content of an account; from [`Status::accounts`].
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
/// for account in manager.status().await?.accounts() {
///     println!("{}: {} overdue", account.name(), account.overdue());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct AccountStatus<'a> {
    account: &'a AccountRow,
    counts: &'a AccountCounts,
    now: Timestamp,
}

impl<'a> AccountStatus<'a> {
    /// The account's name.
    pub fn name(&self) -> &'a str {
        &self.account.name
    }

    /// The provider's id.
    pub fn provider(&self) -> &'a str {
        &self.account.provider
    }

    /// The number of keys in this state.
    ///
    /// ```
    /// # use pinning_keys_emulator::Emulator;
    /// # use pinning_keys::IssuerConfig;
    /// use pinning_keys_lifecycle::{KeyManager, KeyState, MemoryStore, SystemClock};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::in_memory();
    /// # let config = IssuerConfig::from_vars(emulator.pinata().vars())?;
    /// # let issuer = config.with_transport(emulator.transport()).build()?;
    /// let store = MemoryStore::new(SystemClock)?;
    /// let manager = KeyManager::builder(store).account("main", issuer).build().await?;
    /// for account in manager.status().await?.accounts() {
    ///     assert_eq!(account.count(KeyState::Live), 0);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn count(&self, state: KeyState) -> u64 {
        let at = KeyState::ALL.iter().position(|it| *it == state);
        at.and_then(|at| self.counts.states.get(at)).copied().unwrap_or_default()
    }

    /// Keys that should have ended more than 15 minutes ago. They may still work.
    pub fn overdue(&self) -> u64 {
        self.counts.overdue
    }

    /// Live keys that the last complete pass over the listing did not show.
    pub fn missing(&self) -> u64 {
        self.counts.missing
    }

    /// Live keys that the store had lost and adopted from a listing: keep or revoke each of them.
    pub fn adopted(&self) -> u64 {
        self.counts.adopted
    }

    /// Ended keys whose end is not proven, so that they may still work.
    pub fn unproven(&self) -> u64 {
        self.counts.unproven
    }

    /// Keys that a listing shows differently from what is recorded, for example because their
    /// permissions were changed by hand.
    pub fn different(&self) -> u64 {
        self.counts.different
    }

    /// Keys that are due but locked by a transaction of another program.
    pub fn held(&self) -> u64 {
        self.counts.held
    }

    /// Until when nothing is sent, and why.
    pub fn closed(&self) -> Option<(Timestamp, &'a str)> {
        let until = self.account.closed_until.filter(|until| *until > self.now)?;
        Some((until, self.account.closed_because.as_deref().unwrap_or_default()))
    }

    /// Whether the account is open, and nothing is overdue, missing, adopted, unproven, different or
    /// held.
    pub fn is_healthy(&self) -> bool {
        self.closed().is_none() && self.concerns().iter().all(|(count, _)| *count == 0)
    }

    fn concerns(&self) -> [(u64, &'static str); 6] {
        [
            (self.overdue(), "overdue"),
            (self.missing(), "missing"),
            (self.adopted(), "adopted"),
            (self.unproven(), "unproven"),
            (self.different(), "different"),
            (self.held(), "held"),
        ]
    }
}

/// A short text for people, with a line or two about each account.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.accounts().map(|account| account.name().chars().count());
        let width = names.max().unwrap_or_default().max("worker".len());
        match self.worker_seen_at() {
            Some(at) => write!(f, "{:width$}  last ran at {at}", "worker")?,
            None => write!(f, "{:width$}  never ran", "worker")?,
        }
        if let Some(at) = self.clock_doubted_at {
            write!(f, "\n{:width$}  in doubt since {at}: no lease ends", "clock")?;
        }
        if let Some((at, why)) = self.rolled_back() {
            write!(f, "\n{:width$}  has forgotten something, noticed at {at}: {why}", "store")?;
        }
        if let Some(at) = self.unchecked_since() {
            let why = "no lease ends before the listings are read";
            write!(f, "\n{:width$}  in use again since {at}: {why}", "store")?;
        }
        if self.unknown() > 0 {
            write!(f, "\n{:width$}  {} rows of a newer version", "store", self.unknown())?;
        }
        for account in self.accounts() {
            let states = KeyState::ALL.iter().map(|state| (account.count(*state), state.as_str()));
            write!(f, "\n{:width$}  {}", account.name(), counted(states, "no keys"))?;
            if account.concerns().iter().any(|(count, _)| *count > 0) {
                write!(f, "\n{:width$}  {}", "", counted(account.concerns(), ""))?;
            }
            if let Some((until, why)) = account.closed() {
                write!(f, "\n{:width$}  closed until {}: {why}", "", until.to_the_second())?;
            }
        }
        Ok(())
    }
}

/// The counts that are not zero.
fn counted<'a>(counts: impl IntoIterator<Item = (u64, &'a str)>, none: &str) -> String {
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let texts: Vec<_> = counts.map(|(count, what)| format!("{count} {what}")).collect();
    if texts.is_empty() { none.to_owned() } else { texts.join(", ") }
}
