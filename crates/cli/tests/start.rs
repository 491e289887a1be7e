//! The program answers at once if it has nothing to ask the provider.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Many times what a debug build takes, and less than anything that waits for something.
const MOST: Duration = Duration::from_millis(150);

/// The shortest time counts, because others use the machine too.
const STARTS: u32 = 9;

#[test]
fn plan_ends_soon_after_it_starts() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let start = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pinning-keys"));
        command.args(["plan", "--preset", "reader"]).stdout(Stdio::null());
        command.env_clear().env("HOME", home.path()).current_dir(home.path());
        let began = Instant::now();
        assert!(command.status().expect("the program starts").success());
        began.elapsed()
    };
    let shortest = (0..STARTS).map(|_| start()).min().expect("it was started");
    assert!(shortest <= MOST, "plan took {shortest:?}");
}
