//! The `use` lines that a recipe needs, out of those of the file that tests it.

use std::fmt::Write as _;

/// Calls to methods of `KeyIssuerExt`, which do not name the trait.
const EXTENSION: [&str; 5] = [".keys(", ".find(", ".check(", ".reconcile(", ".trace("];

/// The block that the page shows: these functions of a source, below the imports that they need.
pub(crate) fn block(source: &str, functions: &[&str]) -> String {
    let shown: Vec<_> =
        functions.iter().map(|name| pinning_keys_testkit::page::function(source, name)).collect();
    let code = shown.join("\n");
    format!("```rust,ignore\n{}\n{code}```\n", imports(source, &code))
}

fn imports(source: &str, code: &str) -> String {
    let source = source.replace("\r\n", "\n");
    let mut lines = String::new();
    for import in source.split("\nuse ").skip(1) {
        let (import, _) = import.split_once(';').expect("an import ends");
        let (path, names) = import.rsplit_once("::").expect("an import has a path");
        if path == "crate" {
            continue; // only the tests need it
        }
        let names = names.trim_matches(['{', '}']).split(',').map(str::trim);
        let names: Vec<_> = names.filter(|name| !name.is_empty() && needs(code, name)).collect();
        if !path.starts_with("std::") && lines.starts_with("use std::") && !lines.contains("\n\n") {
            lines.push('\n');
        }
        match names[..] {
            [] => {}
            [name] => writeln!(lines, "use {path}::{name};").unwrap(),
            _ => lines.push_str(&list(path, &names)),
        }
    }
    lines
}

fn needs(code: &str, name: &str) -> bool {
    if name == "KeyIssuerExt" {
        return EXTENSION.iter().any(|call| code.contains(call));
    }
    let mut lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.any(|line| {
        let mut words = line.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        words.any(|word| word == name)
    })
}

/// An import of several names, in the form that rustfmt gives it.
fn list(path: &str, names: &[&str]) -> String {
    let line = format!("use {path}::{{{}}};\n", names.join(", "));
    if line.len() <= 100 {
        return line;
    }
    let mut lines = vec![String::from("   ")];
    for name in names {
        if lines.last().is_some_and(|line| line.len() + name.len() + 2 > 100) {
            lines.push(String::from("   "));
        }
        write!(lines.last_mut().expect("a line"), " {name},").unwrap();
    }
    format!("use {path}::{{\n{}\n}};\n", lines.join("\n"))
}
