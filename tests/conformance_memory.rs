//! Memory stays bounded against an endless body. Memory is measured, so this test has a process of
//! its own.

use std::fs;

use pinning_keys::transport::ReqwestTransport;
use pinning_keys_conformance::{Outcome, run_one};
use pinning_keys_testkit::stand::{Configuration, Stand, Wrong, built_in};

/// The memory that client and emulator may take during one call. The longest body that a client
/// reads has 8 MiB.
const MOST_KIB: u64 = 48 * 1024;

const CASES: [&str; 4] = [
    "all-02-issue-stops-reading-an-endless-answer",
    "all-02-list-stops-reading-an-endless-answer",
    "all-02-revoke-stops-reading-an-endless-answer",
    "all-02-verify-stops-reading-an-endless-answer",
];

/// The peak memory of this process, if the system reports it.
fn peak_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[tokio::test]
async fn endless_body_takes_bounded_memory() {
    let Some(before) = peak_kib() else {
        println!("skipped: the system does not report memory");
        return;
    };
    for (name, configuration) in Configuration::ALL {
        for case in CASES {
            let transport = built_in(ReqwestTransport::from_builder);
            let stand = Stand::over_tcp(configuration, transport).await;
            let report = run_one(&stand, case).await.unwrap();
            assert_eq!(*report.outcome(), Outcome::Passed, "{name}: {case}");
        }
    }
    let taken = peak_kib().unwrap() - before;
    println!("{taken} KiB were taken");
    assert!(taken < MOST_KIB, "{taken} KiB were taken");

    // The measurement works: a transport that reads to the end takes more.
    let stand = Stand::over_tcp(Configuration::ALL[0].1, Wrong::ReadsOn.make()).await;
    run_one(&stand, CASES[0]).await.unwrap();
    let taken = peak_kib().unwrap() - before;
    assert!(taken > MOST_KIB, "only {taken} KiB were taken");
}
