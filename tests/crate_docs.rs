//! The facade's documentation repeats the README, and the facade re-exports all of the crates
//! below it.

use std::collections::BTreeSet;

use pinning_keys_testkit::page;

/// The crate's documentation in the form of the README: without links, and with headings one
/// level deeper.
fn crate_docs() -> String {
    let source = page::read("crates/pinning-keys/src/lib.rs");
    let lines = source.lines().filter_map(|line| line.strip_prefix("//!"));
    comparable(lines.map(|line| line.strip_prefix(' ').unwrap_or(line)), "#")
}

/// Lines with their links replaced by the text that is shown, and this in front of headings.
fn comparable<'a>(lines: impl Iterator<Item = &'a str>, heading: &str) -> String {
    let mut is_code = false;
    let line = |line: &str| {
        is_code ^= line.starts_with("```");
        let prefix = if line.starts_with('#') && !is_code { heading } else { "" };
        let shown = if is_code { line.to_owned() } else { without_links(line) };
        format!("{prefix}{shown}\n")
    };
    lines.map(line).collect()
}

fn without_links(line: &str) -> String {
    let mut parts = line.split('[');
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (text, rest) = part.split_once(']').expect("a link ends");
        let target = rest.strip_prefix('(').and_then(|target| target.split_once(')'));
        shown += text;
        shown += target.map_or(rest, |(_, behind)| behind);
    }
    shown
}

/// Without line breaks, which differ.
fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

#[test]
fn crate_docs_begin_with_the_readme() {
    let docs = crate_docs();
    let readme = page::read("crates/pinning-keys/README.md");
    let (_, readme) = readme.split_once("\n\n").expect("a title");
    let how = page::section(&page::read("README.md"), "## How it works");
    let expected = format!("{readme}## How it works\n{how}");
    let (beginning, _) = docs.split_once("## Where to go").expect("sections that the README lacks");
    assert_eq!(words(beginning), words(&expected));
}

#[test]
fn crate_docs_have_the_features_of_the_page() {
    let features = page::read("docs/features.md");
    let rows = features.lines().filter(|line| line.starts_with('|'));
    let docs = page::section(&crate_docs(), "## Features");
    assert_eq!(words(&docs), words(&comparable(rows, "")));
}

/// The names that the `pub use` and `pub mod` lines of a source export, hidden ones left out.
fn exports(path: &str) -> BTreeSet<String> {
    let source = page::read(path);
    let mut names = BTreeSet::new();
    let lines: Vec<_> = source.lines().filter(|line| !line.trim_start().starts_with('/')).collect();
    for statement in lines.join(" ").split(';').filter(|part| !part.contains("#[doc(hidden)]")) {
        if let Some((_, path)) = statement.split_once("pub use ") {
            let (_, list) = path.rsplit_once("::").unwrap_or(("", path));
            let list = list.trim_matches(['{', '}', ' ']).split(',').map(str::trim);
            names.extend(list.filter(|name| !name.is_empty()).map(str::to_owned));
        } else if let Some((_, module)) = statement.split_once("pub mod ") {
            names.insert(module.trim().to_owned());
        }
    }
    names
}

#[test]
fn facade_exports_every_name_of_core_and_http() {
    let modules = ["lib", "adapter", "transport"];
    let of_module = |module| exports(&format!("crates/pinning-keys/src/{module}.rs"));
    let facade: BTreeSet<_> = modules.into_iter().flat_map(of_module).collect();
    let sources = ["crates/core/src/lib.rs", "crates/http/src/lib.rs"];
    for name in sources.into_iter().flat_map(exports) {
        assert!(facade.contains(&name), "{name} has no place in the facade");
    }
}
