//! A page with `console` blocks: the commands that a reader types, and what they print.

use pinning_keys_testkit::golden::assert_golden;
use pinning_keys_testkit::page;

use crate::shell::Shell;

/// Runs the commands of a page in order and compares the page with what they print. `steady`
/// replaces what differs from run to run.
pub(crate) fn check(path: &str, shell: &Shell, steady: impl Fn(&str) -> String) {
    let text = page::read(path);
    let parts = parts(&text);
    let commands: Vec<String> = parts.iter().filter_map(Part::command).collect();
    assert!(!commands.is_empty(), "{path} has no commands");
    let printed = shell.run(&commands).into_iter().map(|output| steady(&output));
    let recorded = with_output(&parts, printed);
    assert!(!recorded.contains("eyJ"), "{path} shows a token:\n{recorded}");
    assert_golden(path, &recorded, "The program prints something else than the page shows.");
}

/// A part of a page. What commands printed when it was recorded is left out.
enum Part<'a> {
    Line(&'a str),
    /// A command, with its continuation lines.
    Typed(Vec<&'a str>),
}

impl Part<'_> {
    fn command(&self) -> Option<String> {
        let Self::Typed(lines) = self else { return None };
        Some(lines.iter().map(|line| &line["$ ".len()..]).collect::<Vec<_>>().join("\n"))
    }
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let (mut parts, mut is_console, mut is_output) = (Vec::new(), false, false);
    for line in text.lines() {
        let is_fence = line.starts_with("```");
        if is_fence || !is_console {
            parts.push(Part::Line(line));
            is_console = if is_fence { line == "```console" } else { is_console };
            is_output = false;
            continue;
        }
        match parts.last_mut() {
            _ if line.starts_with("$ ") => {
                parts.push(Part::Typed(vec![line]));
                is_output = false;
            }
            Some(Part::Typed(lines)) if line.starts_with("> ") && !is_output => lines.push(line),
            _ => is_output = true,
        }
    }
    parts
}

/// The page with what its commands printed below each of them.
fn with_output(parts: &[Part<'_>], mut printed: impl Iterator<Item = String>) -> String {
    let mut page = String::new();
    for part in parts {
        let lines = match part {
            Part::Line(line) => std::slice::from_ref(line),
            Part::Typed(lines) => lines,
        };
        page.extend(lines.iter().flat_map(|line| [line, "\n"]));
        if let Part::Typed(_) = part {
            page.push_str(&printed.next().unwrap_or_default());
        }
    }
    page
}
