//! Numbers the calls of a node, and kills or stops the node at one of them.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_process};
use tokio::sync::RwLock;

use crate::journal::Journal;

/// Longer than it takes until a signal has stopped all threads.
const A_MOMENT: Duration = Duration::from_millis(20);

/// Before or after a call has had its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edge {
    Before,
    After,
}

/// A step of a node: one side of the call of this number, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) call: usize,
    pub(crate) edge: Edge,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let edge = if self.edge == Edge::Before { "before" } else { "after" };
        write!(f, "{edge}-{}", self.call)
    }
}

impl FromStr for Point {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (edge, call) = text.split_once('-').ok_or("no point")?;
        let edge = if edge == "before" { Edge::Before } else { Edge::After };
        Ok(Self { call: call.parse().map_err(|_| "no number")?, edge })
    }
}

/// One counter for all calls of a node.
#[derive(Clone)]
pub(crate) struct Tap {
    state: Arc<Mutex<State>>,
    /// Held while the store is used. A node that is stopped in the middle of a transaction keeps the
    /// file of SQLite locked, and nobody else can work.
    in_store: Arc<RwLock<()>>,
    journal: Journal,
}

#[derive(Default)]
struct State {
    calls: usize,
    stop: Option<(Point, Signal)>,
}

impl Tap {
    pub(crate) fn new(journal: Journal) -> Self {
        Self { state: Arc::default(), in_store: Arc::default(), journal }
    }

    /// Counts from 0 again, and sends this process a signal at the point.
    pub(crate) fn stop_at(&self, point: Point, signal: Signal) {
        *self.lock() = State { calls: 0, stop: Some((point, signal)) };
    }

    /// Makes a call of the store.
    pub(crate) async fn call_store<T>(
        &self,
        name: &'static str,
        call: impl Future<Output = T>,
    ) -> T {
        self.call(name, async {
            let _in_store = self.in_store.read().await;
            call.await
        })
        .await
    }

    /// Makes a call of the node.
    pub(crate) async fn call<T>(&self, name: &'static str, call: impl Future<Output = T>) -> T {
        let number = {
            let mut state = self.lock();
            state.calls += 1;
            state.calls - 1
        };
        self.pass(name, Point { call: number, edge: Edge::Before }).await;
        let output = call.await;
        self.pass(name, Point { call: number, edge: Edge::After }).await;
        output
    }

    async fn pass(&self, name: &str, point: Point) {
        let signal = {
            let mut state = self.lock();
            let at = state.stop.take_if(|(at, _)| *at == point);
            at.map(|(_, signal)| signal)
        };
        if let Some(signal) = signal {
            let _between = self.in_store.write().await;
            self.journal.stopped(name, point);
            kill_process(getpid(), signal).unwrap();
            // The system may give the signal to another thread, and this one would go on.
            thread::sleep(A_MOMENT);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
