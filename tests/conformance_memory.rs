//! Memory stays bounded against a body without end: measured, so that this is a test of its own,
//! with nothing else in its process.

#[path = "support/conformance/mod.rs"]
mod support;

use std::fs;

use pinning_keys_conformance::{Outcome, run_one};
use support::broken::Wrong;
use support::configuration::Configuration;
use support::stand::Stand;

/// What client and emulator may take together while one call reads what has no end. The longest
/// answer that is read is one of 8 MiB.
const MOST_KIB: u64 = 48 * 1024;

const CASES: [&str; 4] = [
    "all-02-issue-stops-reading-an-endless-answer",
    "all-02-list-stops-reading-an-endless-answer",
    "all-02-revoke-stops-reading-an-endless-answer",
    "all-02-verify-stops-reading-an-endless-answer",
];

/// The most memory that this process ever had; nothing where the system does not tell.
fn peak_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[tokio::test]
async fn an_endless_body_takes_bounded_memory() {
    let Some(before) = peak_kib() else {
        println!("skipped: the system does not tell how much memory was taken");
        return;
    };
    for (name, configuration) in Configuration::ALL {
        for case in CASES {
            let stand = Stand::over_tcp(configuration, 1).await;
            let report = run_one(&stand, case).await.unwrap();
            assert_eq!(*report.outcome(), Outcome::Passed, "{name}: {case}");
        }
    }
    let taken = peak_kib().unwrap() - before;
    println!("{taken} KiB were taken");
    assert!(taken < MOST_KIB, "{taken} KiB were taken");

    // The measure is one: who reads on, takes more.
    let stand = Stand::over_tcp_by(Configuration::ALL[0].1, 1, Wrong::ReadsOn.make()).await;
    run_one(&stand, CASES[0]).await.unwrap();
    let taken = peak_kib().unwrap() - before;
    assert!(taken > MOST_KIB, "only {taken} KiB were taken");
}
