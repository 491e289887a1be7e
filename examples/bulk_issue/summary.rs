//! The result of a run.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use pinning_keys::{Error, ErrorKind};

#[derive(Default)]
pub(crate) struct Summary {
    users: usize,
    /// How many of them had a key before.
    had: usize,
    pub(crate) made: usize,
    /// The names that were in doubt: keys found and revoked, and names without a key.
    pub(crate) revoked: usize,
    pub(crate) never_made: usize,
    pub(crate) in_doubt: usize,
    pub(crate) took: Duration,
    /// Whether somebody pressed Ctrl-C.
    pub(crate) was_interrupted: bool,
    /// The kind of failure that stopped the run, because all other users would meet it.
    pub(crate) stopped_by: Option<ErrorKind>,
    /// By kind and effect.
    failures: BTreeMap<String, Failures>,
}

/// The failures of one kind and effect.
struct Failures {
    kind: ErrorKind,
    /// The first error, and what to do about it.
    line: String,
    next_step: Option<String>,
    count: usize,
}

impl Summary {
    pub(crate) fn of(users: usize, had: usize) -> Self {
        Self { users, had, ..Self::default() }
    }

    pub(crate) fn failed(&mut self, error: &Error) {
        let what = format!("{:?} {:?}", error.kind(), error.effect());
        let first = || Failures {
            kind: error.kind(),
            line: error.to_string(),
            next_step: error.next_step().map(|step| step.to_string()),
            count: 0,
        };
        self.failures.entry(what).or_insert_with(first).count += 1;
    }

    /// Whether every user has a key.
    pub(crate) fn is_complete(&self) -> bool {
        self.left() == 0
    }

    fn left(&self) -> usize {
        self.users - self.had - self.made
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settled = self.revoked + self.never_made;
        if settled > 0 {
            let (revoked, never) = (self.revoked, self.never_made);
            writeln!(
                f,
                "  settled   {settled:>5}   {revoked} found and revoked, {never} never created"
            )?;
        }
        let seconds = self.took.as_secs_f64();
        writeln!(f, "  created   {:>5}   in {seconds:.1} s", self.made)?;
        for Failures { line, count, .. } in self.failures.values() {
            writeln!(f, "  failed    {count:>5}   {line}")?;
        }
        if let Some(kind) = self.stopped_by {
            writeln!(f, "  stopped           every other user would fail in the same way")?;
            let mut failures = self.failures.values().filter(|failures| failures.kind == kind);
            if let Some(step) = failures.find_map(|failures| failures.next_step.as_ref()) {
                writeln!(f, "                    {step}")?;
            }
        }
        if self.in_doubt > 0 {
            writeln!(f, "  in doubt  {:>5}   the next run settles them by name", self.in_doubt)?;
        }
        writeln!(f, "  left      {:>5}", self.left())
    }
}
