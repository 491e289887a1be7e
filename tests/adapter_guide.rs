//! The guide for authors of adapters, followed from an empty folder: its code is written into the
//! files that it names, and `cargo test` runs in the resulting crate.
//!
//! The first run takes about fifteen seconds on two cores, since the crate builds its dependencies;
//! later ones take a second or two.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const GUIDE: &str = include_str!("../crates/conformance/README.md");

/// The guide's tests list more cases than these, run or skipped.
const MOST_OF_THE_CASES: usize = 100;

/// The files of the guide, by their paths.
fn files() -> Vec<(&'static str, String)> {
    let section = between(GUIDE, "\n## From an empty folder to a passing run\n", "\n**5. ");
    let code = between(section, "```rust\n", "\n```\n");
    let adapter = between(code, "\nmod adapter {\n", "\n}\n");
    let harness = between(code, "\n// **3. ", "\n// **4. ");
    let tests = between(code, "\n// **4. ", "\n// Or all at once");
    let (_, report) = code.split_once("\n// Or all at once").expect("the report");
    let account = "mod account;\nuse account::Account;\n";
    vec![
        ("Cargo.toml", manifest(between(section, "```toml\n", "\n```\n"))),
        ("src/lib.rs", adapter.lines().map(|line| unindented(line) + "\n").collect()),
        ("tests/account/mod.rs", uncommented(harness).to_owned()),
        ("tests/conformance.rs", format!("{account}{}", uncommented(tests))),
        (
            "examples/report.rs",
            format!("#[path = \"../tests/account/mod.rs\"]\n{account}{}", uncommented(report)),
        ),
    ]
}

fn between(text: &'static str, begin: &str, end: &str) -> &'static str {
    let (_, rest) = text.split_once(begin).unwrap_or_else(|| panic!("the guide has no {begin:?}"));
    let (part, _) = rest.split_once(end).unwrap_or_else(|| panic!("{begin:?} has no {end:?}"));
    part
}

fn unindented(line: &str) -> String {
    line.strip_prefix("    ").unwrap_or(line).to_owned()
}

/// The code below the comment that names the file.
fn uncommented(text: &'static str) -> &'static str {
    let mut lines = text.split_inclusive('\n').skip(1);
    let code = lines.find(|line| !line.starts_with("//")).expect("code behind the comment");
    &text[text.len() - code.len() - lines.map(str::len).sum::<usize>()..]
}

/// The manifest of `cargo new` with the guide's dependencies, ours from this repository.
fn manifest(dependencies: &str) -> String {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the folder of the crates");
    let ours = dependencies.lines().map(|line| match line.split_once(" = \"") {
        Some((name, _)) if name.starts_with("pinning-keys-") => {
            let folder = crates.join(name.trim_start_matches("pinning-keys-"));
            format!("{name} = {{ path = '{}' }}\n", folder.display())
        }
        _ => format!("{line}\n"),
    });
    let ours: String = ours.collect();
    // It is in the folder of a workspace that it does not belong to.
    format!("[package]\nname = \"adapter\"\nedition = \"2024\"\n\n{ours}\n[workspace]\n")
}

/// Writes the crate of the guide into a folder that holds nothing else.
fn write_crate() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("adapter_guide");
    for part in ["src", "tests", "examples"] {
        let _ = fs::remove_dir_all(folder.join(part));
    }
    for (path, content) in files() {
        let file = folder.join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder can be created");
        fs::write(&file, content).expect("a file can be written");
    }
    // The same versions, so that no registry is needed.
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock");
    fs::copy(lock, folder.join("Cargo.lock")).expect("the workspace is locked");
    folder
}

/// The output of a cargo command that succeeds without a warning.
fn cargo(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--offline")
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        // Nobody debugs this crate.
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .output()
        .expect("cargo runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    let is_well = output.status.success() && !errors.contains("warning");
    assert!(is_well, "{arguments:?}\n{text}\n{errors}");
    text
}

#[test]
fn guide_leads_to_a_passing_run() {
    let folder = write_crate();
    let tested = cargo(&folder, &["test"]);
    let cases = tested.lines().filter(|line| line.starts_with("test example_pins::")).count();
    assert!(cases > MOST_OF_THE_CASES, "{tested}");
    let report = cargo(&folder, &["run", "--example", "report"]);
    let summary = report.lines().last().unwrap_or_default();
    assert!(summary.contains(" executed (") && summary.contains(" 0 failed)"), "{report}");
}
