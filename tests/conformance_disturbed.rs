//! A run with a `DisturbedTransport` alone means what a run against a misbehaving server means: both
//! adapters pass the same cases, over TCP and in memory.

use pinning_keys::transport::ReqwestTransport;
use pinning_keys_conformance::{CaseReport, Outcome, Report, run};
use pinning_keys_testkit::stand::{Account, Configuration, Stand, built_in};

const W3IPFS: Configuration = Configuration::W3ipfs(Account::Jwt);

/// The cases that were executed, all of which passed.
fn passed(report: &Report) -> Vec<&'static str> {
    assert!(report.is_ok(), "{report}");
    let has_passed = |case: &&CaseReport| *case.outcome() == Outcome::Passed;
    report.cases().iter().filter(has_passed).map(|case| case.case().id()).collect()
}

async fn check_same_in_memory(configuration: Configuration) {
    let by_server = run(&Stand::in_memory(configuration)).await.unwrap();
    let alone = Stand::in_memory(configuration).sparing_the_emulator();
    assert_eq!(passed(&run(&alone).await.unwrap()), passed(&by_server));
}

#[tokio::test(start_paused = true)]
async fn pinata_passes_the_same_cases_with_the_transport_alone() {
    check_same_in_memory(Configuration::named("pinata, v3, resources, jwt")).await;
}

#[tokio::test(start_paused = true)]
async fn w3ipfs_passes_the_same_cases_with_the_transport_alone() {
    check_same_in_memory(W3IPFS).await;
}

/// Over TCP time is real, so that a whole run takes some seconds.
#[tokio::test]
async fn w3ipfs_passes_the_same_cases_over_tcp() {
    let in_memory = Stand::in_memory(W3IPFS).sparing_the_emulator();
    let transport = built_in(ReqwestTransport::from_builder);
    let over_tcp = Stand::over_tcp(W3IPFS, transport).await.sparing_the_emulator();
    let report = run(&over_tcp).await.unwrap();
    let mut over_tcp = passed(&report);
    // In memory there is no proxy.
    over_tcp.retain(|id| *id != "all-04-loopback-bypasses-the-proxy");
    tokio::time::pause();
    assert_eq!(over_tcp, passed(&run(&in_memory).await.unwrap()));
}
