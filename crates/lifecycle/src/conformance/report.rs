use std::fmt;

use super::case::Case;

/// How many cases a harness may leave out: those of its two optional methods.
const OPTIONAL: usize = 2;

/// The result of a run.
///
/// `Display` shows it as a table, with a summary in the last line.
///
/// ```
/// use pinning_keys_lifecycle::conformance::{Outcome, Report};
///
/// fn failed(report: &Report) -> Vec<&'static str> {
///     let cases = report.cases().iter();
///     let failed = cases.filter(|(_, outcome)| matches!(outcome, Outcome::Failed(_)));
///     failed.map(|(case, _)| case.name()).collect()
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Report {
    pub(super) cases: Vec<(&'static Case, Outcome)>,
}

/// How a case ended.
///
/// ```
/// use pinning_keys_lifecycle::conformance::Outcome;
///
/// assert_ne!(Outcome::Passed, Outcome::Skipped("the harness has no secret"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The law is kept.
    Passed,
    /// The law is broken, for this reason.
    Failed(String),
    /// The harness has left out what the case needs.
    Skipped(&'static str),
}

impl Report {
    /// Each case and how it ended, in the order of the laws.
    pub fn cases(&self) -> &[(&'static Case, Outcome)] {
        &self.cases
    }

    /// Whether the store keeps the laws: no case failed, and at most the optional cases were left
    /// out.
    pub fn is_ok(&self) -> bool {
        self.failed() == 0 && self.passed() + OPTIONAL >= self.cases.len()
    }

    fn passed(&self) -> usize {
        self.cases.iter().filter(|(_, outcome)| *outcome == Outcome::Passed).count()
    }

    fn failed(&self) -> usize {
        let failed = |outcome: &Outcome| matches!(outcome, Outcome::Failed(_));
        self.cases.iter().filter(|(_, outcome)| failed(outcome)).count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (case, outcome) in &self.cases {
            let (word, why) = match outcome {
                Outcome::Passed => ("passed", ""),
                Outcome::Failed(why) => ("FAILED", why.as_str()),
                Outcome::Skipped(why) => ("skipped", *why),
            };
            writeln!(f, "{}", format!("{word:<8}{} {} {why}", case.law(), case.name()).trim_end())?;
        }
        let (passed, failed) = (self.passed(), self.failed());
        let skipped = self.cases.len() - passed - failed;
        let word = if self.is_ok() { "ok" } else { "not ok" };
        write!(
            f,
            "{word}: {passed} passed, {failed} failed, {skipped} skipped of {}",
            self.cases.len()
        )
    }
}
