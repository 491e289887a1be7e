//! Writes the figures of the last runs to BENCHMARKS.md and draws its plot.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use pinning_keys_bench_kit::budget::Section;

use crate::{command_line, footprint, issue, many, plot, results, summary, translate};

/// The text between `<!-- NAME -->` and `<!-- /NAME -->` in the page, by name.
type Part = (&'static str, fn() -> Result<Option<String>>);

const PARTS: [Part; 9] = [
    ("machine", || machine().map(Some)),
    ("summary", summary::report),
    ("translate", || results::report("translate", |figures: &Vec<_>| translate::show(figures))),
    ("issue", || results::report("issue", issue::show)),
    ("bulk", || results::report("bulk", |figures: &Vec<_>| many::batches(figures))),
    ("list", || results::report("list", |figures: &Vec<_>| many::listings(figures))),
    ("footprint", || results::report("footprint", footprint::table)),
    ("lifecycle", || results::report("lifecycle", |section: &Section| section.text.clone())),
    ("start", || results::report("start", command_line::show)),
];

pub(crate) fn run() -> Result<()> {
    let page = repository().join("BENCHMARKS.md");
    let mut text = std::fs::read_to_string(&page).context("BENCHMARKS.md cannot be read")?;
    for (name, report) in PARTS {
        match report()? {
            Some(figures) => text = replaced(&text, name, &figures)?,
            None => println!("{name}: not measured, so left unchanged"),
        }
    }
    std::fs::write(&page, text)?;
    plot::draw_to(&repository().join("docs/issuing.svg"))
}

/// The page with this part replaced.
fn replaced(page: &str, name: &str, figures: &str) -> Result<String> {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) =
        page.split_once(&begin).with_context(|| format!("the page has no part {name}"))?;
    let (_, after) =
        rest.split_once(&end).with_context(|| format!("the part {name} has no end"))?;
    Ok(format!("{before}{begin}\n{}\n\n{end}{after}", figures.trim()))
}

/// The machine and the date of the measurement.
fn machine() -> Result<String> {
    let cpu = std::fs::read_to_string("/proc/cpuinfo")?;
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let cores = std::thread::available_parallelism()?;
    Ok(format!(
        "{}, {cores} cores, Linux {}, {}, {}.",
        model.map_or("an unnamed processor", |(_, model)| model.trim()),
        kernel.trim(),
        output(Command::new("rustc").arg("--version"))?,
        output(Command::new("date").args(["-u", "+%Y-%m-%d"]))?,
    ))
}

fn output(command: &mut Command) -> Result<String> {
    let output = command.output()?;
    ensure!(output.status.success(), "{command:?} failed");
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn repository() -> PathBuf {
    let benches = Path::new(env!("CARGO_MANIFEST_DIR"));
    benches.parent().unwrap_or(benches).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_part_is_replaced() {
        let page = "a\n<!-- list -->\nold\n<!-- /list -->\nb\n";
        let replaced = replaced(page, "list", "new\n").unwrap();
        assert_eq!(replaced, "a\n<!-- list -->\n\nnew\n\n<!-- /list -->\nb\n");
    }

    #[test]
    fn page_without_the_part_is_an_error() {
        assert!(replaced("a", "list", "new").is_err());
    }
}
