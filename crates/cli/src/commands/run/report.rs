//! What the worker prints about its passes.

use std::time::{Instant, SystemTime};

use pinning_keys_lifecycle::{Error, ErrorKind, Tick, Timestamp};
use serde::Serialize;

use crate::failure::Failure;
use crate::keys::view::moment;
use crate::managed::left::Left;
use crate::managed::passes::{Work, failure_of};
use crate::output::Output;
use crate::output::escape::escaped;

use super::repeated::{Repeated, cause};

/// A pass, or several, for programs.
#[derive(Serialize)]
pub(super) struct Pass<'a> {
    at: String,
    revoked: usize,
    settled: usize,
    seen: usize,
    put_off: usize,
    overdue: u64,
    failures: &'a [Failed],
    /// At the end, what is left.
    left: Option<&'a Left>,
}

/// A failure, and the name of its account; null for one of the store.
#[derive(Serialize)]
pub(super) struct Failed {
    account: Option<String>,
    #[serde(flatten)]
    failure: Failure,
}

impl<'a> Pass<'a> {
    pub(super) fn new(work: &Work, failures: &'a [Failed], left: Option<&'a Left>) -> Self {
        Self {
            at: Timestamp::from(SystemTime::now()).to_string(),
            revoked: work.revoked,
            settled: work.settled,
            seen: work.seen,
            put_off: work.put_off,
            overdue: work.overdue,
            failures,
            left,
        }
    }
}

impl Failed {
    pub(super) fn of_account(account: String, error: Error) -> Self {
        let failure = failure_of(error).in_context(&escaped(&account));
        Self { account: Some(account), failure }
    }

    pub(super) fn into_failure(self) -> Failure {
        self.failure
    }

    pub(super) fn failure(&self) -> &Failure {
        &self.failure
    }

    /// Prints it for people. For programs it is a part of the pass.
    pub(super) fn print(&self, output: &Output) {
        if !output.is_json() {
            output.warn(self.failure.message());
            for line in self.failure.next() {
                output.note(format_args!("  {line}"));
            }
        }
    }
}

/// Prints a line for each pass that did something.
pub(super) struct Reporter<'a> {
    output: &'a Output,
    repeated: Repeated,
    due_at: Option<SystemTime>,
}

impl<'a> Reporter<'a> {
    pub(super) fn new(output: &'a Output) -> Self {
        Self { output, repeated: Repeated::default(), due_at: None }
    }

    /// When the first key needs the worker again, as of the last pass.
    pub(super) fn due_at(&self) -> Option<SystemTime> {
        self.due_at
    }

    pub(super) fn report(&mut self, pass: Result<Tick, Error>) {
        match pass {
            Ok(tick) => self.tick(tick),
            Err(error) => {
                if self.repeated.is_new("", cause(&error), Instant::now()) {
                    let failed = [Failed { account: None, failure: error.into() }];
                    self.print(&Work::default(), &failed);
                }
            }
        }
    }

    /// Prints what is left when the worker ends.
    pub(super) fn end(&self, left: &Left) {
        if self.output.is_json() {
            self.output.object(&Pass::new(&Work::default(), &[], Some(left)));
        } else {
            self.output.note(format_args!("left to do: {}; next: {}", left.text(), left.next()));
        }
    }

    fn tick(&mut self, tick: Tick) {
        for account in tick.served() {
            if self.repeated.end(account) {
                self.output.note(format_args!("{}: working again", escaped(account)));
            }
        }
        self.repeated.end("");
        let mut work = Work::default();
        work.add(tick);
        self.due_at = work.due_at;
        let mut failures = Vec::new();
        for (account, error) in std::mem::take(&mut work.errors) {
            // The failure that closed the account is reported.
            let is_new = error.kind() != ErrorKind::AccountClosed
                && self.repeated.is_new(&account, cause(&error), Instant::now());
            if is_new {
                failures.push(Failed::of_account(account, error));
            }
        }
        self.print(&work, &failures);
    }

    fn print(&self, work: &Work, failures: &[Failed]) {
        let has_ended = work.revoked + work.settled > 0;
        if self.output.is_json() {
            if has_ended || !failures.is_empty() {
                self.output.object(&Pass::new(work, failures, None));
            }
            return;
        }
        let time = moment(SystemTime::now()).unwrap_or_default();
        if has_ended {
            self.output.line(format_args!("{time}   {}", work.text()));
        } else if work.seen + work.put_off > 0 {
            self.output.detail(format_args!("{time}   {}", work.text()));
        }
        for failed in failures {
            failed.print(self.output);
        }
    }
}
