//! The examples, run as programs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// An example, which cargo builds with the tests of its package, as it is run in the repository's
/// folder, without an account.
pub(crate) fn command(example: &str, arguments: &[&str]) -> Command {
    let mut path: PathBuf = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.extend(["examples", example]);
    path.set_extension(std::env::consts::EXE_EXTENSION);
    // A single test target is built without the examples, whose programs then are missing or old.
    let is_built = changed(&path).is_some_and(|built| built >= newest_source(example));
    assert!(is_built, "run all tests of the package, so that its examples are built");
    let mut command = Command::new(path);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name == "PINATA_JWT" || name.starts_with("PINNING_KEYS_") {
            command.env_remove(&*name);
        }
    }
    command.args(arguments).current_dir(ROOT).stdin(Stdio::null());
    command
}

/// When the newest file changed of which an example is made.
fn newest_source(example: &str) -> SystemTime {
    let examples = Path::new(ROOT).join("examples");
    let folder = std::fs::read_dir(examples.join(example)).into_iter().flatten();
    let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    // Its tests are another program, and its README is none.
    files.retain(|file| !file.ends_with("tests.rs") && !file.ends_with("README.md"));
    files.push(examples.join(format!("{example}.rs")));
    files.iter().filter_map(|file| changed(file)).max().expect("the example has sources")
}

/// When a file changed, if it is there.
fn changed(file: &Path) -> Option<SystemTime> {
    file.metadata().and_then(|metadata| metadata.modified()).ok()
}

/// What an example without arguments prints.
#[allow(dead_code, reason = "each test file uses a part")]
pub(crate) fn output(example: &str) -> String {
    let output = command(example, &[]).output().expect("the example runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
