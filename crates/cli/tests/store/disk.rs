//! A store on a disk that is full or read-only.
#![cfg(target_os = "linux")]

use std::process::Command;

use crate::support::{PROGRAM, Stand};

/// Runs the program on a small disk. What it prints, and how it ends, goes to files beside it.
const SCRIPT: &str = r#"
mount -t tmpfs -o size=700k none disk || exit 9
echo mounted
go() {
    step=$1
    shift
    "$PROGRAM" --store sqlite:disk/keys.db "$@" > "$step.out" 2> "$step.err"
    echo "$step $?"
}
issue() { go "$1" issue "$1" --preset reader --to "file:$1.json"; }
issue empty
cat /dev/zero > disk/ballast 2> /dev/null
issue full
go full-list list --managed
go full-revoke revoke empty --yes
rm disk/ballast
issue freed
mount -o remount,ro disk || exit 9
issue read-only
go read-only-list list --managed
go read-only-revoke revoke empty --yes
"#;

#[test]
fn full_or_read_only_disk_creates_no_key() {
    let stand = Stand::pinata();
    std::fs::create_dir(stand.home().join("disk")).expect("a folder");
    let mut program = stand.command([""; 0]);
    let mut child = Command::new("unshare");
    child.args(["--user", "--map-root-user", "--mount", "sh", "-c", SCRIPT]);
    child.current_dir(stand.home()).env_clear().env("PROGRAM", PROGRAM);
    child.envs(
        program
            .stdin(std::process::Stdio::null())
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let output = match child.output() {
        Ok(output) if output.stdout.starts_with(b"mounted") => output,
        _ => {
            eprintln!("left out, because this user cannot mount a disk: full and read-only disks");
            return;
        }
    };
    let steps = String::from_utf8(output.stdout).expect("text");
    let of = |step: &str| {
        let code = steps.lines().find_map(|line| line.strip_prefix(&format!("{step} ")));
        (code.unwrap_or("none").to_owned(), stand.read(&format!("{step}.err")))
    };
    let (no_room, free) =
        ("there is no room for the file of the store", "free some space on its disk");
    let (not_written, allow) = (
        "the file of the store cannot be written",
        "let this program write the file and its folder",
    );
    for (step, why, next) in [
        ("full", no_room, free),
        ("full-revoke", "1 of 1 keys were not revoked", free),
        ("read-only", not_written, allow),
        ("read-only-list", not_written, allow),
        ("read-only-revoke", not_written, allow),
    ] {
        let (code, errors) = of(step);
        assert_eq!(code, "1", "{step}: {errors}");
        let mut lines = errors.lines();
        assert!(lines.next().is_some_and(|line| line.contains(why)), "{step}: {errors}");
        assert_eq!(lines.next().map(str::trim), Some(next), "{step}: {errors}");
    }
    // The existing keys can be read, and there is room again.
    for step in ["empty", "full-list", "freed"] {
        assert_eq!(of(step).0, "0", "{}", of(step).1);
    }
    assert_eq!((stand.emulator().keys_made(), stand.emulator().keys_live()), (2, 2));
}
