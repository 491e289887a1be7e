//! The result of a run.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use pinning_keys_lifecycle::{Error, ErrorKind};

#[derive(Default)]
pub(crate) struct Summary {
    pub(crate) users: usize,
    /// How many of them had a key before.
    pub(crate) had: usize,
    pub(crate) made: usize,
    /// Keys of the last run: those whose secret was stored, and those whose secret was lost.
    pub(crate) confirmed: usize,
    pub(crate) revoked: usize,
    /// Creates of which it is not known whether they made a key.
    pub(crate) in_doubt: u64,
    pub(crate) took: Duration,
    /// Whether somebody pressed Ctrl-C.
    pub(crate) was_interrupted: bool,
    /// What to do about the failure that stopped the run, because all other users would meet it.
    pub(crate) stopped: Option<String>,
    /// The first of each kind, and how many there are.
    failures: BTreeMap<String, (String, usize)>,
}

impl Summary {
    pub(crate) fn of(users: usize) -> Self {
        Self { users, ..Self::default() }
    }

    /// Counts a failure, and returns whether all other users would meet it.
    pub(crate) fn failed(&mut self, error: &Error) -> bool {
        let kind = error.provider_error().map(pinning_keys::Error::kind);
        let what = format!("{:?} {kind:?}", error.kind());
        self.failures.entry(what).or_insert_with(|| (error.to_string(), 0)).1 += 1;
        let stops = error.kind() == ErrorKind::Store
            || kind.is_some_and(pinning_keys::ErrorKind::affects_all_keys);
        if stops && self.stopped.is_none() {
            self.stopped = Some(error.next_step().unwrap_or("see above").to_owned());
        }
        stops
    }

    pub(crate) fn failures(&self) -> usize {
        self.failures.values().map(|(_, count)| count).sum()
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
        let (confirmed, revoked) = (self.confirmed, self.revoked);
        if confirmed + revoked > 0 {
            let settled = confirmed + revoked;
            writeln!(f, "  settled   {settled:>5}   {confirmed} confirmed, {revoked} revoked")?;
        }
        let seconds = self.took.as_secs_f64();
        writeln!(f, "  created   {:>5}   in {seconds:.1} s", self.made)?;
        for (line, count) in self.failures.values() {
            writeln!(f, "  failed    {count:>5}   {line}")?;
        }
        if let Some(step) = &self.stopped {
            writeln!(f, "  stopped           every other user would fail in the same way")?;
            writeln!(f, "                    {step}")?;
        }
        if self.in_doubt > 0 {
            let text = "nobody has their secrets, and a worker settles them";
            writeln!(f, "  in doubt  {:>5}   {text}", self.in_doubt)?;
        }
        writeln!(f, "  left      {:>5}", self.left())
    }
}
