//! Passes of the worker until nothing is due.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant, SystemTime};

use pinning_keys_lifecycle::{Error, ErrorKind, Tick};
use tokio::sync::Notify;

use super::Managed;
use crate::command_line::command;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::next_lines::steps_for;
use crate::output::Output;
use crate::output::escape::escaped;
use crate::rewording::reworded;

/// No new pass begins after this time, so that calls from a scheduler do not pile up.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// What passes of the worker have done.
#[derive(Default)]
pub(crate) struct Work {
    /// The numbers of keys that have ended, of creates that were settled, of keys that were looked
    /// at, and of keys that could not end yet.
    pub(crate) revoked: usize,
    pub(crate) settled: usize,
    pub(crate) seen: usize,
    pub(crate) put_off: usize,
    /// The number of keys that should have ended more than 15 minutes ago.
    pub(crate) overdue: u64,
    /// When the first key needs the worker again.
    pub(crate) due_at: Option<SystemTime>,
    /// The failures, with the names of their accounts.
    pub(crate) errors: Vec<(String, Error)>,
}

/// A failure of a pass, and what caused it.
pub(crate) fn failure_of(error: Error) -> Failure {
    let is_of_clock = error.kind() == ErrorKind::ClockUnconfirmed;
    let cause = error.provider_error().map(|cause| {
        let steps = steps_for(cause);
        let steps: Vec<String> = steps.iter().map(|step| escaped(&step.to_string())).collect();
        (escaped(&reworded(&cause.to_string())), steps)
    });
    let failure = Failure::from(error);
    match cause {
        _ if is_of_clock => failure.with_only_next([format!(
            "check this machine's clock, then:  {}",
            command("status --confirm-clock")
        )]),
        Some((cause, steps)) if !failure.message().contains(&cause) => {
            // Both say that a key cannot be revoked, and only the failure says which.
            let why = cause.strip_prefix("cannot ").and_then(|text| text.split_once(": "));
            let why = why.map_or(cause.as_str(), |(_, why)| why);
            let with_cause = Failure::new(failure.exit(), why).with_kind("provider");
            with_cause.in_context(failure.message()).with_only_next(steps)
        }
        _ => failure,
    }
}

impl Work {
    /// Adds what a pass has done.
    pub(crate) fn add(&mut self, tick: Tick) {
        self.revoked += tick.revoked();
        self.settled += tick.settled();
        self.seen += tick.seen();
        // They are tried again in the next pass, if it comes in time.
        self.put_off = tick.put_off();
        self.overdue = tick.overdue();
        self.due_at = tick.due_at();
        self.errors.extend(tick.into_errors());
    }

    /// Such as `2 revoked, 1 put off`.
    pub(crate) fn text(&self) -> String {
        let counts = [
            (self.revoked, "revoked"),
            (self.settled, "settled"),
            (self.seen, "seen"),
            (self.put_off, "put off"),
        ];
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        let texts: Vec<String> = counts.map(|(count, what)| format!("{count} {what}")).collect();
        if texts.is_empty() { "nothing".to_owned() } else { texts.join(", ") }
    }
}

/// Does what is due, pass after pass, until nothing more can be done now. If the program is asked
/// to stop, it finishes what is in flight.
pub(crate) async fn run_due(
    managed: &Managed,
    interrupt: &Interrupt,
    output: &Output,
) -> Result<Work, Failure> {
    let (begin, finished) = (Instant::now(), Notify::new());
    let (work, failed) = (RefCell::new(Work::default()), Cell::new(None));
    let report = |pass: Result<Tick, Error>| match pass {
        Ok(tick) => {
            // The next pass is due at once only if this one has done something and more is due.
            let goes_on = tick.next() <= SystemTime::now() && begin.elapsed() < LONGEST;
            work.borrow_mut().add(tick);
            if !goes_on {
                finished.notify_one();
            }
        }
        Err(error) => {
            failed.set(Some(error));
            finished.notify_one();
        }
    };
    let stop = async {
        tokio::select! {
            () = stop_requested(interrupt, output) => {}
            () = finished.notified() => {}
        }
    };
    managed.manager().run_with(stop, report).await?;
    match failed.into_inner() {
        Some(error) => Err(error.into()),
        None => Ok(work.into_inner()),
    }
}

/// Waits until the program is asked to stop, and prints what it does first.
pub(crate) async fn stop_requested(interrupt: &Interrupt, output: &Output) {
    interrupt.requested().await;
    output.note("stopping: what is in flight is finished first; interrupt again to end at once");
}
