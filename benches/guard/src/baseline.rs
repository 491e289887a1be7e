//! The recorded instruction counts, and how new counts compare with them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// The tolerated increase over the baseline, in per cent. Moving code around causes smaller ones.
const TOLERANCE: u64 = 5;
/// The tolerated increase of small parts, in instructions.
const SLACK: u64 = 40;

/// Counts, and the tools that they were counted with.
#[derive(Default)]
pub(crate) struct Baseline {
    /// The compiler, valgrind and the C library, on whose versions the counts depend.
    tools: String,
    counts: Vec<(String, u64)>,
}

impl Baseline {
    pub(crate) fn new(tools: String, counts: Vec<(String, u64)>) -> Self {
        Self { tools, counts }
    }

    pub(crate) fn read() -> Result<Self> {
        let path = path();
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        Self::parse(&text).context("the baseline is damaged; rewrite it with --update")
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let tools = lines.next()?.strip_prefix("# ")?.to_owned();
        let counts = lines.filter(|line| !line.is_empty()).map(|line| {
            let (name, count) = line.rsplit_once(' ')?;
            Some((name.trim_end().to_owned(), count.parse().ok()?))
        });
        Some(Self { tools, counts: counts.collect::<Option<_>>()? })
    }

    pub(crate) fn write(&self) -> Result<()> {
        std::fs::write(path(), self.to_string()).context("the baseline cannot be written")
    }

    /// Compares new counts with these.
    pub(crate) fn judge<'a>(&'a self, now: &'a Self) -> Verdict<'a> {
        let before: BTreeMap<_, _> =
            self.counts.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        let other_tools = (self.tools != now.tools).then_some(&self.tools);
        let is_worse = |(name, count): &(String, u64)| {
            before.get(name.as_str()).is_none_or(|before| is_too_many(*count, *before))
        };
        let worse = other_tools.is_none() && now.counts.iter().any(is_worse);
        Verdict { before, now, worse, other_tools }
    }
}

/// The form of the file: the tools, then one case on each line.
impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# {}", self.tools)?;
        self.counts.iter().try_for_each(|(name, count)| writeln!(f, "{name:<32} {count:>7}"))
    }
}

/// How new counts compare with a baseline.
pub(crate) struct Verdict<'a> {
    before: BTreeMap<&'a str, u64>,
    now: &'a Baseline,
    /// Whether there are more instructions than tolerated. Never true if the tools differ.
    pub(crate) worse: bool,
    /// The tools of the baseline, if they differ.
    other_tools: Option<&'a String>,
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
        if let Some(before) = self.other_tools {
            writeln!(f, "\ncounted with  {}\nbaseline with {before}", self.now.tools)?;
            writeln!(f, "The tools differ, so the counts are information only.")?;
        }
        if self.worse {
            writeln!(
                f,
                "\nFAILED: more than {TOLERANCE} % over the baseline. If that is intended, give the \
                 reason in the commit and rewrite the baseline with --update."
            )?;
        }
        Ok(())
    }
}

fn is_too_many(count: u64, before: u64) -> bool {
    let more = count.saturating_sub(before);
    more > SLACK && more * 100 > before * TOLERANCE
}

/// The change in per cent.
fn change(count: u64, before: u64) -> f64 {
    (count as f64 / before as f64 - 1.0) * 100.0
}

/// What the counts depend on besides the code, on one line.
pub(crate) fn tools(valgrind: &str) -> Result<String> {
    let rustc = first_line(Command::new("rustc").arg("--version"))?;
    let libc = first_line(Command::new("getconf").arg("GNU_LIBC_VERSION"))
        .unwrap_or_else(|_| "another C library".to_owned());
    Ok(format!("{rustc}, {valgrind}, {libc}, {}", std::env::consts::ARCH))
}

fn first_line(command: &mut Command) -> Result<String> {
    let output = command.output()?;
    let lines = String::from_utf8_lossy(&output.stdout);
    Ok(lines.lines().next().context("it printed nothing")?.to_owned())
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("baseline.txt")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn baseline(tools: &str, count: u64) -> Baseline {
        Baseline::new(tools.to_owned(), vec![("table/part".to_owned(), count)])
    }

    #[test]
    fn count_above_both_tolerances_is_a_failure() {
        for (before, now, worse) in [
            (10_000, 10_500, false),
            (10_000, 10_501, true),
            (10_000, 1, false),
            (100, 140, false),
            (100, 141, true),
        ] {
            let (before, now) = (baseline("here", before), baseline("here", now));
            let verdict = before.judge(&now);
            assert_eq!(verdict.worse, worse);
            assert_eq!(verdict.to_string().contains("MORE THAN TOLERATED"), worse);
        }
        assert!(Baseline::new("here".to_owned(), vec![]).judge(&baseline("here", 1)).worse, "new");
    }

    #[test]
    fn counts_of_other_tools_are_information_only() {
        let (before, now) = (baseline("here", 100), baseline("there", 10_000));
        let verdict = before.judge(&now);
        assert!(!verdict.worse);
        assert!(verdict.to_string().contains("baseline with here"));
    }

    #[test]
    fn baseline_file_reads_back() {
        let written = baseline("here", 123).to_string();
        assert_eq!(Baseline::parse(&written).unwrap().to_string(), written);
    }
}
