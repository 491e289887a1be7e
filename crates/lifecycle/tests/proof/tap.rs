//! Numbers the calls of a node, and stops the node at one of them.

use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// Before or after a call has had its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edge {
    Before,
    After,
}

impl Edge {
    pub(crate) const BOTH: [Self; 2] = [Self::Before, Self::After];
}

/// Where a node stops: at the call of this number, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) call: usize,
    pub(crate) edge: Edge,
}

impl Point {
    /// Before each of this many calls, and after the last one. To others, the point after a call is
    /// the same as the one before the next call.
    pub(crate) fn before_each(calls: usize) -> impl Iterator<Item = Self> {
        let last = calls.checked_sub(1).map(|call| Self { call, edge: Edge::After });
        (0..calls).map(|call| Self { call, edge: Edge::Before }).chain(last)
    }

    /// Before and after each of this many calls.
    pub(crate) fn all(calls: usize) -> impl Iterator<Item = Self> {
        (0..calls).flat_map(|call| Edge::BOTH.map(|edge| Self { call, edge }))
    }
}

/// What happens at the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// This call and all later ones of the node, whatever task makes them, stay pending forever. An
    /// error would run error paths, which SIGKILL never does.
    Crash,
    /// The call is held until it is released; other calls of the node go on.
    Park,
}

/// One counter for all calls of a node: of its manager, its stores, its issuers and its sinks.
#[derive(Clone)]
pub(crate) struct Tap {
    state: Arc<Mutex<State>>,
    released: watch::Sender<bool>,
}

#[derive(Default)]
struct State {
    calls: Vec<&'static str>,
    stop: Option<(Point, Stop)>,
    is_dead: bool,
    is_parked: bool,
}

impl Tap {
    pub(crate) fn new() -> Self {
        Self { state: Arc::default(), released: watch::Sender::new(false) }
    }

    /// Counts from 0 again, stops nowhere, and lets a parked call go on.
    pub(crate) fn reset(&self) {
        *self.lock() = State::default();
        self.released.send_replace(true);
    }

    /// Counts from 0 again, and lets the node crash at this point.
    pub(crate) fn crash_at(&self, point: Point) {
        self.arm(point, Stop::Crash);
    }

    /// Counts from 0 again, and parks the node at this point.
    pub(crate) fn park_at(&self, point: Point) {
        self.arm(point, Stop::Park);
    }

    fn arm(&self, point: Point, stop: Stop) {
        self.reset();
        self.released.send_replace(false);
        self.lock().stop = Some((point, stop));
    }

    /// Crashes the node now.
    pub(crate) fn crash(&self) {
        self.lock().is_dead = true;
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.lock().is_dead
    }

    /// Whether the point was reached.
    pub(crate) fn is_parked(&self) -> bool {
        self.lock().is_parked
    }

    /// The calls so far.
    pub(crate) fn calls(&self) -> Vec<&'static str> {
        self.lock().calls.clone()
    }

    /// Makes a call of the node.
    pub(crate) async fn call<T>(&self, name: &'static str, call: impl Future<Output = T>) -> T {
        let number = {
            let mut state = self.lock();
            state.calls.push(name);
            state.calls.len() - 1
        };
        self.pass(Point { call: number, edge: Edge::Before }).await;
        let output = call.await;
        self.pass(Point { call: number, edge: Edge::After }).await;
        output
    }

    async fn pass(&self, point: Point) {
        let is_park = {
            let mut state = self.lock();
            let stop = state.stop.filter(|(at, _)| *at == point).map(|(_, stop)| stop);
            state.is_dead |= stop == Some(Stop::Crash);
            state.is_parked |= stop == Some(Stop::Park);
            stop == Some(Stop::Park)
        };
        if is_park {
            let _ = self.released.subscribe().wait_for(|released| *released).await;
        }
        if self.is_dead() {
            pending::<()>().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
