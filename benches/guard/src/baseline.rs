//! What the work took when somebody last looked, and how now compares with it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// How many instructions more than in the baseline are too many, in per cent. Less than this
/// comes of moving code around.
const TOLERANCE: u64 = 5;
/// The same for the small parts, in instructions.
const SLACK: u64 = 40;

/// Counts, and what they were counted with.
#[derive(Default)]
pub(crate) struct Baseline {
    /// The compiler, valgrind and the C library: with others, the counts are others too.
    surroundings: String,
    counts: Vec<(String, u64)>,
}

impl Baseline {
    pub(crate) fn new(surroundings: String, counts: Vec<(String, u64)>) -> Self {
        Self { surroundings, counts }
    }

    pub(crate) fn read() -> Result<Self> {
        let path = path();
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        Self::parse(&text).context("the baseline is damaged; write it anew with --update")
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let surroundings = lines.next()?.strip_prefix("# ")?.to_owned();
        let counts = lines.filter(|line| !line.is_empty()).map(|line| {
            let (name, count) = line.rsplit_once(' ')?;
            Some((name.trim_end().to_owned(), count.parse().ok()?))
        });
        Some(Self { surroundings, counts: counts.collect::<Option<_>>()? })
    }

    pub(crate) fn write(&self) -> Result<()> {
        std::fs::write(path(), self.to_string()).context("the baseline cannot be written")
    }

    /// Holds the counts of now against these.
    pub(crate) fn judge<'a>(&'a self, now: &'a Self) -> Verdict<'a> {
        let before: BTreeMap<_, _> =
            self.counts.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        let changed_surroundings = self.surroundings != now.surroundings;
        let is_worse = |(name, count): &(String, u64)| {
            before.get(name.as_str()).is_none_or(|before| is_too_many(*count, *before))
        };
        let worse = !changed_surroundings && now.counts.iter().any(is_worse);
        Verdict {
            before,
            now,
            worse,
            surroundings: changed_surroundings.then_some(&self.surroundings),
        }
    }
}

/// The form of the file: what it was counted with, then a case a line.
impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# {}", self.surroundings)?;
        self.counts.iter().try_for_each(|(name, count)| writeln!(f, "{name:<32} {count:>7}"))
    }
}

/// How the counts of now compare with a baseline.
pub(crate) struct Verdict<'a> {
    before: BTreeMap<&'a str, u64>,
    now: &'a Baseline,
    /// Whether there are more instructions than tolerated. Never so where the surroundings are
    /// others than the baseline's.
    pub(crate) worse: bool,
    /// What the baseline was counted with, where that was something else.
    surroundings: Option<&'a String>,
}

impl fmt::Display for Verdict<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, count) in &self.now.counts {
            let Some(before) = self.before.get(name.as_str()) else {
                writeln!(f, "{name:<32} {count:>7}  not in the baseline")?;
                continue;
            };
            let mark = if is_too_many(*count, *before) { "  MORE THAN TOLERATED" } else { "" };
            writeln!(f, "{name:<32} {count:>7}  {:>+6.1} %{mark}", change(*count, *before))?;
        }
        if let Some(before) = self.surroundings {
            writeln!(f, "\ncounted with  {}\nbaseline with {before}", self.now.surroundings)?;
            writeln!(f, "so that this is for your information, and no failure")?;
        }
        if self.worse {
            writeln!(
                f,
                "\nFAILED: more instructions than {TOLERANCE} % over the baseline. Where that is \
                 meant, say why in the commit, and write the baseline anew with --update."
            )?;
        }
        Ok(())
    }
}

fn is_too_many(count: u64, before: u64) -> bool {
    let more = count.saturating_sub(before);
    more > SLACK && more * 100 > before * TOLERANCE
}

/// In per cent.
fn change(count: u64, before: u64) -> f64 {
    (count as f64 / before as f64 - 1.0) * 100.0
}

/// What the counts depend on beside the code, in one line.
pub(crate) fn surroundings(valgrind: &str) -> Result<String> {
    let rustc = first_line(Command::new("rustc").arg("--version"))?;
    let libc = first_line(Command::new("getconf").arg("GNU_LIBC_VERSION"))
        .unwrap_or_else(|_| "another C library".to_owned());
    Ok(format!("{rustc}, {valgrind}, {libc}, {}", std::env::consts::ARCH))
}

fn first_line(command: &mut Command) -> Result<String> {
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    Ok(said.lines().next().context("it said nothing")?.to_owned())
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("baseline.txt")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn baseline(surroundings: &str, count: u64) -> Baseline {
        Baseline::new(surroundings.to_owned(), vec![("table/part".to_owned(), count)])
    }

    #[test]
    fn more_than_tolerated_is_a_failure() {
        assert!(!baseline("here", 10_000).judge(&baseline("here", 10_500)).worse);
        let slower = baseline("here", 10_501);
        let before = baseline("here", 10_000);
        let verdict = before.judge(&slower);
        assert!(verdict.worse);
        assert!(verdict.to_string().contains("MORE THAN TOLERATED"));
    }

    #[test]
    fn fewer_and_a_few_more_are_none() {
        assert!(!baseline("here", 10_000).judge(&baseline("here", 1)).worse);
        assert!(!baseline("here", 100).judge(&baseline("here", 140)).worse);
        assert!(baseline("here", 100).judge(&baseline("here", 141)).worse);
    }

    #[test]
    fn other_surroundings_are_told_and_no_failure() {
        let (before, now) = (baseline("here", 100), baseline("there", 10_000));
        let verdict = before.judge(&now);
        assert!(!verdict.worse);
        assert!(verdict.to_string().contains("baseline with here"));
    }

    #[test]
    fn the_file_reads_back() {
        let written = baseline("here", 123).to_string();
        assert_eq!(Baseline::parse(&written).unwrap().to_string(), written);
    }

    #[test]
    fn a_case_that_nobody_counted_before_is_a_failure() {
        assert!(Baseline::new("here".to_owned(), vec![]).judge(&baseline("here", 1)).worse);
    }
}
