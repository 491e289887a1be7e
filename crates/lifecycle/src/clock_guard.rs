//! Keeps leases from ending by a clock that may be wrong.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use crate::Timestamp;
use crate::store::{Store, StoreRow};

/// How far the store's time may be from the `Date` of a provider's answer, or ahead of its own clock.
pub(crate) const TOLERANCE: Duration = Duration::from_mins(5);

/// After this time without a tick, the clock must be confirmed again.
const LONGEST_GAP: Duration = Duration::from_hours(24);

/// How much the store's time may move against the node's monotonic clock, besides a tenth of the
/// time that has passed.
const DRIFT: Duration = Duration::from_mins(1);

/// How long a person's confirmation counts for processes that start after it.
const FRESH: Duration = Duration::from_mins(10);

/// How long a moment is used to compare the two clocks. It is then replaced, so that a tenth of the
/// time since then stays small.
const ANCHOR: Duration = Duration::from_mins(10);

/// Whether this process trusts the store's time.
///
/// It doubts the time
///
/// * at first,
/// * after more than a day without a tick of any node,
/// * when the time moved by more than 10 % + 1 min against the node's monotonic clock, in either
///   direction.
///
/// A doubt ends when the time agrees within 5 min with the `Date` of a provider's answer, or when a
/// person confirms the time.
pub(crate) struct ClockGuard {
    store: Arc<dyn Store>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// A moment on both clocks: the store's time, and the node's monotonic clock.
    anchor: Option<(Timestamp, Duration)>,
    /// When the store's time was last read: that time, and the node's monotonic clock.
    read: Option<(Timestamp, Duration)>,
    /// When the time was last confirmed, in the store's time. `None`: it is in doubt.
    confirmed_at: Option<Timestamp>,
    /// When the present doubt began, in the store's time.
    doubted_at: Option<Timestamp>,
    /// Whether this process has trusted the time before, or has noticed a jump.
    knows_better: bool,
}

impl ClockGuard {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, state: Mutex::default() }
    }

    /// Notes the time that a transaction has just read.
    pub(crate) fn read(&self, now: Timestamp) {
        let monotonic = self.store.clock().monotonic();
        self.lock().read = Some((now, monotonic));
    }

    /// The store's time: the last one that was read, and the time that has passed since then on the
    /// monotonic clock. The time of day at the node may be another one.
    pub(crate) fn now(&self) -> Timestamp {
        let clock = self.store.clock();
        let known = self.lock().now(clock.monotonic());
        known.unwrap_or_else(|| clock.now().into())
    }

    /// Whether the time of a transaction, which has read this row about the store, may end leases.
    pub(crate) fn check(&self, now: Timestamp, row: &StoreRow) -> bool {
        let monotonic = self.store.clock().monotonic();
        let mut state = self.lock();
        state.notice_jump(now, monotonic);
        let ticked_at = row.last_tick_at.max(state.confirmed_at);
        if ticked_at.is_some_and(|at| now.since(at) > LONGEST_GAP) {
            state.confirmed_at = None;
        }
        if state.confirmed_at.is_none() {
            let doubted_at = *state.doubted_at.get_or_insert(now);
            // A process that has just started has no reason to doubt what a person has just
            // confirmed: a jump since then would show as a longer time.
            let since = if state.knows_better { Duration::ZERO } else { FRESH };
            if row.clock_confirmed_at.is_some_and(|at| doubted_at.since(at) <= since) {
                state.confirm(now, monotonic);
            }
        }
        state.confirmed_at.is_some()
    }

    /// Compares the time with the `Date` of an answer that has just arrived.
    pub(crate) fn answered(&self, date: impl Into<Option<SystemTime>>) {
        let Some(date) = date.into().map(Timestamp::from) else { return };
        let monotonic = self.store.clock().monotonic();
        let mut state = self.lock();
        let Some(now) = state.now(monotonic) else { return };
        if now.since(date).max(date.since(now)) <= TOLERANCE {
            state.confirm(now, monotonic);
        }
    }

    /// Records that a person has just confirmed the time in this process.
    pub(crate) fn confirm(&self, now: Timestamp) {
        let monotonic = self.store.clock().monotonic();
        self.lock().confirm(now, monotonic);
    }

    /// Whether the time was confirmed, by a person or by the `Date` of an answer.
    pub(crate) fn is_confirmed(&self) -> bool {
        self.lock().confirmed_at.is_some()
    }

    /// Since when the time is in doubt, if it was when it was last checked.
    pub(crate) fn doubted_at(&self) -> Option<Timestamp> {
        self.lock().doubted_at
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The store's time, if it was ever read.
    fn now(&self, monotonic: Duration) -> Option<Timestamp> {
        let (now, at) = self.read?;
        Some(now.saturating_add(monotonic.saturating_sub(at)))
    }

    /// Doubts a time that has not moved as the node's monotonic clock has.
    fn notice_jump(&mut self, now: Timestamp, monotonic: Duration) {
        let (at, monotonic_at) = *self.anchor.get_or_insert((now, monotonic));
        let (moved, passed) = (now.since(at), monotonic.saturating_sub(monotonic_at));
        let has_jumped = moved.abs_diff(passed) > passed / 10 + DRIFT;
        if has_jumped {
            self.confirmed_at = None;
            self.doubted_at = None;
            self.knows_better = true;
        }
        if has_jumped || passed >= ANCHOR {
            self.anchor = Some((now, monotonic));
        }
    }

    fn confirm(&mut self, now: Timestamp, monotonic: Duration) {
        self.anchor = Some((now, monotonic));
        self.confirmed_at = Some(now);
        self.doubted_at = None;
        self.knows_better = true;
    }
}
