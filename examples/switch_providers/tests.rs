//! A walk leaves no key behind, or names it.

#[allow(dead_code, reason = "the program uses the rest")]
mod data_api;
#[allow(dead_code, reason = "the program uses the rest")]
mod walk;

use std::error::Error;
use std::sync::Arc;

use http::Method;
use pinning_keys::ScopeRequest;
use pinning_keys::w3ipfs::W3ipfsConfig;
use pinning_keys_emulator::{Cut, Emulator, Fault, FaultRule, ListFault};

use data_api::DataApi;
use walk::{Outcome, Walk};

/// The result of a walk at W3IPFS whose first lists do not show the key, and the number of keys
/// left.
async fn walk(stale_lists: u64, loses_create: bool) -> (Result<Outcome, Box<dyn Error>>, usize) {
    let emulator = Emulator::in_memory();
    let stale = FaultRule::new(Fault::List(ListFault::Stale)).path("/api/apiKeys/list");
    emulator.faults().add(stale.first(stale_lists));
    if loses_create {
        let lost = FaultRule::new(Fault::CutConnection(Cut::AfterCommit));
        emulator.faults().add(lost.method(Method::POST));
    }
    let (transport, base_url) = (emulator.transport(), emulator.w3ipfs().base_url());
    let config = W3ipfsConfig::new().with_base_url(base_url).with_jwt(emulator.w3ipfs().jwt());
    let issuer = Arc::new(config.with_transport(transport.clone()).build().unwrap());
    let api = DataApi::of(issuer.clone());
    let outcome = Walk::new(&issuer, &transport, &api).run(&ScopeRequest::reader()).await;
    assert_eq!(emulator.keys_made(), 1);
    (outcome, emulator.keys_live())
}

#[tokio::test(start_paused = true)]
async fn lagging_list_leaves_no_key() {
    let (outcome, left) = walk(3, false).await;
    assert!(outcome.unwrap().is_over());
    assert_eq!(left, 0);
    for (stale_lists, loses_create, end) in [
        // Too long for the listing, but not for the revocation that follows.
        (30, false, " is not recorded as issued: not shown by the listing"),
        (3, true, "settled: the key was created and is revoked"),
    ] {
        let (outcome, left) = walk(stale_lists, loses_create).await;
        let error = outcome.err().unwrap().to_string();
        assert!(error.ends_with(end), "{error}");
        assert_eq!(left, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn key_that_stays_is_named_whatever_else_fails() {
    for (loses_create, named) in [
        (
            false,
            " is not recorded as issued: not shown by the listing\n  LEFT BEHIND: key \"switch-providers-",
        ),
        (true, "LEFT BEHIND, if it was created: key \"switch-providers-"),
    ] {
        let (outcome, left) = walk(1_000, loses_create).await;
        let error = outcome.err().unwrap().to_string();
        assert!(error.contains(named), "{error}");
        assert_eq!(left, 1);
    }
}
