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

/// When the newest source file of an example changed.
fn newest_source(example: &str) -> SystemTime {
    let examples = repository("examples");
    let folder = std::fs::read_dir(examples.join(example)).into_iter().flatten();
    let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    // Its tests are a separate program.
    files.retain(|file| !file.ends_with("tests.rs") && !file.ends_with("README.md"));
    files.push(examples.join(format!("{example}.rs")));
    files.iter().filter_map(|file| changed(file)).max().expect("the example has sources")
}

fn changed(file: &Path) -> Option<SystemTime> {
    file.metadata().and_then(|metadata| metadata.modified()).ok()
}
