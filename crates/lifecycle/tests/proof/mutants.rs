//! The list of mutants, `tests/mutants.toml`: each breaks a rule, and a test must notice.
//! `.ci/mutants.py` runs them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use pinning_keys_testkit::{golden, page, repository};
use serde::Deserialize;

const README: &str = "crates/lifecycle/README.md";

#[derive(Deserialize)]
struct List {
    mutant: Vec<Mutant>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mutant {
    /// The rule, such as `R7`.
    rule: String,
    /// What is broken.
    breaks: String,
    /// The file that is changed.
    file: String,
    old: String,
    new: String,
    /// A test: its crate, `/`, its target, `::`, and its path there.
    test: String,
}

fn list() -> Vec<Mutant> {
    let text = page::read("crates/lifecycle/tests/mutants.toml");
    toml::from_str::<List>(&text).expect("the list of mutants is valid").mutant
}

#[test]
fn every_rule_has_a_mutant() {
    let rules: BTreeSet<String> = list().into_iter().map(|mutant| mutant.rule).collect();
    let all: BTreeSet<String> = (1..=20).map(|number| format!("R{number}")).collect();
    assert_eq!(rules, all);
}

#[test]
fn every_mutant_changes_one_place_and_names_a_test() {
    for Mutant { rule, breaks, file, old, new, test } in list() {
        let text = page::read(&file);
        let places = text.matches(&old).count();
        assert_eq!(places, 1, "{rule}, {breaks}: {old:?} occurs {places} times in {file}");
        assert_ne!(old, new, "{rule}, {breaks}");
        let (place, path) = test.split_once("::").expect("a target and a test");
        let (krate, target) = place.split_once('/').expect("a crate and a target");
        let name = path.rsplit("::").next().expect("a name");
        let folder = if target == "lib" { "src".to_owned() } else { format!("tests/{target}") };
        let is_there =
            sources(&format!("crates/{krate}/{folder}")).contains(&format!("fn {name}("));
        assert!(is_there, "{rule}, {breaks}: there is no test {test}");
    }
}

#[test]
fn readme_lists_the_mutants() {
    let mut table = "| rule | what is broken | the test that fails |\n|---|---|---|\n".to_owned();
    for Mutant { rule, breaks, test, .. } in list() {
        // Writing to a string does not fail.
        writeln!(table, "| {rule} | {breaks} | `{test}` |").unwrap();
    }
    let written = page::with_named_part(&page::read(README), "mutants", &table);
    golden::assert_golden(README, &written, "The list of mutants has changed.");
}

/// The text of all files of a folder, or of the one file of this name.
fn sources(folder: &str) -> String {
    let path = repository(folder);
    let file = path.with_extension("rs");
    if file.is_file() {
        return fs::read_to_string(file).unwrap();
    }
    let entries = fs::read_dir(&path).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let texts = entries.map(|entry| {
        let entry = entry.unwrap();
        let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            sources(&name)
        } else {
            fs::read_to_string(entry.path()).unwrap_or_default()
        }
    });
    texts.collect()
}
