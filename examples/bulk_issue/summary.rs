//! The result of a run.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use pinning_keys::Error;

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
    /// The first error of each kind and effect, and their number.
    failures: BTreeMap<String, (String, usize)>,
}

impl Summary {
    pub(crate) fn of(users: usize, had: usize) -> Self {
        Self { users, had, ..Self::default() }
    }

    pub(crate) fn failed(&mut self, error: &Error) {
        let what = format!("{:?} {:?}", error.kind(), error.effect());
        let text = || error.to_string().lines().next().unwrap_or_default().to_owned();
        self.failures.entry(what).or_insert_with(|| (text(), 0)).1 += 1;
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
        for (first, count) in self.failures.values() {
            writeln!(f, "  failed    {count:>5}   {first}")?;
        }
        if self.in_doubt > 0 {
            writeln!(f, "  in doubt  {:>5}   the next run settles them by name", self.in_doubt)?;
        }
        writeln!(f, "  left      {:>5}", self.left())
    }
}
