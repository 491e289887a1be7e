use std::fmt;
use std::time::Duration;

use pinning_keys_core::{IssuerProfile, Operation};
use serde_json::{Value, json};

use crate::case::Case;
use crate::harness::Harness;
use crate::text::plural;

/// The result of a run. It contains no secret.
///
/// `Display` is a table for people; [`to_json`](Self::to_json) is the same for programs, and
/// [`to_markdown`](Self::to_markdown) for web pages.
///
/// ```
/// use pinning_keys_conformance::{Outcome, Report};
///
/// fn show(report: &Report) {
///     println!("{}", report.summary());
///     for case in report.cases() {
///         if let Outcome::Failed(why) = case.outcome() {
///             println!("{} breaks {}: {why}", case.case().id(), case.case().clause());
///         }
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Report {
    table: String,
    label: String,
    seed: u64,
    minimum: usize,
    /// Whether the provider can revoke, so that no key need be left.
    revokes: bool,
    pub(crate) cases: Vec<CaseReport>,
}

/// The result of one case.
#[derive(Clone, Debug)]
pub struct CaseReport {
    pub(crate) case: &'static Case,
    pub(crate) outcome: Outcome,
    pub(crate) took: Duration,
    pub(crate) left: Vec<String>,
}

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The clause is kept.
    Passed,
    /// The clause is broken, for this reason.
    Failed(String),
    /// The case did not run, for this reason.
    Skipped(String),
}

impl Outcome {
    fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed(_) => "failed",
            Self::Skipped(_) => "skipped",
        }
    }

    fn why(&self) -> &str {
        match self {
            Self::Passed => "",
            Self::Failed(why) | Self::Skipped(why) => why,
        }
    }
}

impl CaseReport {
    /// The case.
    pub fn case(&self) -> &'static Case {
        self.case
    }

    /// How the case ended.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// How long the case took, including what it waited for.
    pub fn took(&self) -> Duration {
        self.took
    }

    /// The names of keys that the case may have left: they are still live, or revoking them failed.
    pub fn left(&self) -> &[String] {
        &self.left
    }

    /// Outcome, id and reasons in columns. A failure must stand out among a hundred rows.
    fn row(&self, width: usize) -> String {
        let word = match self.outcome {
            Outcome::Failed(_) => "FAILED",
            _ => self.outcome.word(),
        };
        let row = format!("{word:<8} {:<width$}  ", self.case.id());
        let left = self.left.iter().map(|name| format!("may be left behind: {name}"));
        let reasons: Vec<_> = self.outcome.why().lines().map(str::to_owned).chain(left).collect();
        let indent = format!("\n{:1$}", "", row.len());
        format!("{row}{}", reasons.join(&indent)).trim_end().to_owned()
    }
}

impl Report {
    pub(crate) fn new(harness: &dyn Harness, profile: &IssuerProfile) -> Self {
        Self {
            table: profile.table().to_string(),
            label: harness.label().to_owned(),
            seed: harness.seed(),
            minimum: harness.minimum(),
            revokes: !harness.lacks(Operation::Revoke),
            cases: Vec::new(),
        }
    }

    /// All cases, grouped by the methods of the trait.
    pub fn cases(&self) -> &[CaseReport] {
        &self.cases
    }

    /// The names of all keys that may be left: they are not proved dead.
    pub fn left(&self) -> impl Iterator<Item = &str> {
        self.cases.iter().flat_map(|case| &case.left).map(String::as_str)
    }

    /// The number of cases that passed or failed.
    pub fn executed(&self) -> usize {
        self.passed() + self.failed()
    }

    /// The number of cases that found their clause kept.
    pub fn passed(&self) -> usize {
        self.count("passed")
    }

    /// The number of cases that found their clause broken.
    pub fn failed(&self) -> usize {
        self.count("failed")
    }

    /// The number of cases that did not run.
    pub fn skipped(&self) -> usize {
        self.count("skipped")
    }

    fn count(&self, word: &str) -> usize {
        self.cases.iter().filter(|case| case.outcome.word() == word).count()
    }

    /// Returns whether the run passed:
    ///
    /// * no case failed,
    /// * at least as many cases were executed as the harness demands, and at least one,
    /// * no key may be left, unless the provider cannot revoke keys.
    pub fn is_ok(&self) -> bool {
        let is_clean = !self.revokes || self.left().next().is_none();
        is_clean && self.failed() == 0 && self.executed() >= self.minimum.max(1)
    }

    /// Returns the report as JSON: the counts, and an object for each case.
    #[must_use]
    pub fn to_json(&self) -> String {
        let cases: Vec<Value> = self
            .cases
            .iter()
            .map(|case| {
                json!({
                    "id": case.case.id(),
                    "clause": case.case.clause(),
                    "outcome": case.outcome.word(),
                    "why": case.outcome.why(),
                    "millis": u64::try_from(case.took.as_millis()).unwrap_or(u64::MAX),
                    "left": case.left,
                })
            })
            .collect();
        json!({
            "table": self.table,
            "label": self.label,
            "seed": self.seed,
            "minimum": self.minimum,
            "ok": self.is_ok(),
            "executed": self.executed(),
            "passed": self.passed(),
            "failed": self.failed(),
            "skipped": self.skipped(),
            "left": self.left().collect::<Vec<_>>(),
            "cases": cases,
        })
        .to_string()
    }

    /// Returns the report as a Markdown table with a heading.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let rows = self.cases.iter().map(|case| {
            let why = case.outcome.why().replace('|', "\\|").replace('\n', "<br>");
            format!("| `{}` | {} | {why} |\n", case.case.id(), case.outcome.word())
        });
        let left: Vec<_> = self.left().collect();
        let left = if left.is_empty() {
            String::new()
        } else {
            format!("\nKeys that may be left behind: `{}`\n", left.join("`, `"))
        };
        format!(
            "## {}\n\n{}\n\nSeed {}.\n\n| case | outcome | why |\n|---|---|---|\n{}{left}",
            self.table,
            self.summary(),
            self.seed,
            rows.collect::<String>()
        )
    }

    /// Returns whether the run [passed](Self::is_ok), and the counts, in one line.
    #[must_use]
    pub fn summary(&self) -> String {
        let left = match self.left().count() {
            0 => String::new(),
            left => format!("; {} may be left behind", plural(left as u64, "key")),
        };
        format!(
            "{}: {} executed ({} passed, {} failed), {} skipped; at least {} required{left}",
            if self.is_ok() { "ok" } else { "not ok" },
            plural(self.executed() as u64, "case"),
            self.passed(),
            self.failed(),
            self.skipped(),
            self.minimum
        )
    }
}

/// A row for each case, with a blank line between the methods of the trait.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}, label {:?}, seed {}", self.table, self.label, self.seed)?;
        let width = self.cases.iter().map(|case| case.case.id().len()).max().unwrap_or(0);
        let mut last_method = "";
        for case in &self.cases {
            let method = case.case.clause().split('-').next().unwrap_or_default();
            if method != last_method {
                writeln!(f)?;
            }
            last_method = method;
            writeln!(f, "{}", case.row(width))?;
        }
        write!(f, "\n{}", self.summary())
    }
}
