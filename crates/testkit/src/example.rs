//! The examples, run as programs.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::SystemTime;

use crate::repository;

/// A command that runs an example in the root of the repository, without an account.
///
/// Cargo builds the examples of a package along with its tests.
pub fn command(example: &str, arguments: &[&str]) -> Command {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.extend(["examples", example]);
    path.set_extension(std::env::consts::EXE_EXTENSION);
    // `cargo test --test NAME` builds no example, so that the program may be missing or old.
    let is_built = changed(&path).is_some_and(|built| built >= newest_source(example));
    assert!(is_built, "{example} is not built: run all tests of the package");
    let mut command = Command::new(path);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name == "PINATA_JWT" || name.starts_with("PINNING_KEYS_") {
            command.env_remove(&*name);
        }
    }
    command.args(arguments).current_dir(repository("")).stdin(Stdio::null());
    command
}

/// The output of a command as text, both streams.
pub fn texts(output: Output) -> (String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr))
}

/// What an example without arguments prints.
pub fn output(example: &str) -> String {
    let output = command(example, &[]).output().expect("the example runs");
    let status = output.status;
    let (text, errors) = texts(output);
    assert!(status.success(), "{errors}");
    text
}

/// What an example that succeeds prints, which contains no secret.
pub fn printed(example: &str, arguments: &[&str]) -> String {
    let output = command(example, arguments).output().unwrap();
    let status = output.status;
    let (text, errors) = texts(output);
    assert_eq!((status.code(), &*errors), (Some(0), ""), "{example}");
    assert_eq!(secret_in(&text), None, "in:\n{text}");
    text
}

/// The error text of an example that fails, without a panic or a secret.
pub fn failed(example: &str, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let output = command(example, arguments).envs(variables.iter().copied()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{example}");
    let (text, errors) = texts(output);
    assert!(!errors.contains("panicked"), "{errors}");
    assert_eq!(secret_in(&format!("{text}{errors}")), None, "in:\n{text}\n{errors}");
    errors
}

/// The kind of secret in a text, if there is one. The emulator that made it is in another
/// process, so secrets are recognized by their shape.
pub fn secret_in(text: &str) -> Option<&'static str> {
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '+' && c != '/');
    let base_16 = |word: &str| word.len() == 64 && word.chars().all(|c| c.is_ascii_hexdigit());
    let base_64 = |word: &str| word.len() == 43 && text.contains(&format!("{word}="));
    if text.contains("eyJ") {
        Some("a JWT")
    } else if text.contains("K001sample") || text.contains("_sampleSession") {
        Some("a secret of B2")
    } else if text.contains("sample-token-") {
        Some("a token of the custom adapter")
    } else if words.clone().any(base_16) {
        Some("a secret of Pinata")
    } else if words.any(base_64) {
        Some("a secret of W3IPFS")
    } else {
        None
    }
}

/// The folders of examples: of the facade, and of the lifecycle.
const FOLDERS: [&str; 2] = ["examples", "crates/lifecycle/examples"];

/// When the newest source file of an example changed.
fn newest_source(example: &str) -> SystemTime {
    let mut files = Vec::new();
    for examples in FOLDERS.map(repository) {
        let folder = std::fs::read_dir(examples.join(example)).into_iter().flatten();
        files.extend(folder.map(|entry| entry.unwrap().path()));
        files.push(examples.join(format!("{example}.rs")));
    }
    // Its tests are a separate program.
    files.retain(|file| !file.ends_with("tests.rs") && !file.ends_with("README.md"));
    files.iter().filter_map(|file| changed(file)).max().expect("the example has sources")
}

fn changed(file: &Path) -> Option<SystemTime> {
    file.metadata().and_then(|metadata| metadata.modified()).ok()
}
