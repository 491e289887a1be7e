//! The program runs.

use std::process::Command;

#[test]
fn quick_run_measures_everything() {
    let output = Command::new(env!("CARGO_BIN_EXE_pinning-keys-lifecycle-bench"))
        .arg("--quick")
        .output()
        .unwrap();
    let (text, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}{errors}");
    assert!(text.contains("SQLite"), "{text}");
}
