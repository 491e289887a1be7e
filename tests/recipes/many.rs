//! The recipes of `docs/recipes.md` for many keys, at both providers.

use std::cell::RefCell;

use http::{Method, StatusCode};
use pinning_keys::bulk::{RateLimits, Throttled};
use pinning_keys::{IssuedKey, IssuerConfig};
use pinning_keys_emulator::{Emulator, Fault, FaultRule, Stage, W3ipfsAssumptions};

use crate::batches::{end_of_campaign, keys_for};

pub(crate) const RECIPES: [&str; 2] = ["keys_for", "end_of_campaign"];

#[tokio::test(start_paused = true)]
async fn thousand_keys_are_created_once_and_revoked() {
    for provider in IssuerConfig::PROVIDERS {
        let many = W3ipfsAssumptions::default().max_keys(10_000);
        let emulator = Emulator::builder().w3ipfs_assumptions(many).in_memory();
        let (vars, limits) = match *provider {
            "pinata" => (emulator.pinata().vars(), RateLimits::PINATA_FREE),
            _ => (emulator.w3ipfs().vars(), RateLimits::W3IPFS),
        };
        let config = IssuerConfig::from_vars(vars).unwrap();
        let issuer = config.with_transport(emulator.transport()).build().unwrap();
        let issuer = Throttled::new(issuer, limits);
        let lost = Fault::status(StatusCode::BAD_GATEWAY, Stage::AfterCommit);
        emulator.faults().add(FaultRule::new(lost).method(Method::POST).nth(500));

        let users: Vec<_> = (0..1_000).map(|n| format!("user-{n}")).collect();
        let stored = RefCell::new(Vec::new());
        let store = |key: IssuedKey| stored.borrow_mut().push(key.key_ref().clone());
        let (without_key, in_doubt) = keys_for(&users, issuer.clone(), store).await.unwrap();
        assert_eq!((without_key.len(), in_doubt.len()), (1, 0));
        // The lost key was found by its name and revoked.
        assert_eq!((emulator.keys_made(), emulator.keys_live()), (1_000, 999));

        let stored = stored.into_inner();
        assert_eq!(stored.len(), 999);
        assert_eq!(end_of_campaign(stored, issuer).await, []);
        assert_eq!(emulator.keys_live(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn users_beyond_a_full_account_are_returned() {
    let few = W3ipfsAssumptions::default().max_keys(100);
    let emulator = Emulator::builder().w3ipfs_assumptions(few).in_memory();
    let config = IssuerConfig::from_vars(emulator.w3ipfs().vars()).unwrap();
    let issuer = config.with_transport(emulator.transport()).build().unwrap();
    let issuer = Throttled::new(issuer, RateLimits::W3IPFS);
    let users: Vec<_> = (0..1_000).map(|n| format!("user-{n}")).collect();
    let (without_key, in_doubt) = keys_for(&users, issuer, drop).await.unwrap();
    assert_eq!((without_key.len(), in_doubt.len()), (1_000 - emulator.keys_made(), 0));
    // Those in flight when the first was refused were refused, too.
    assert!((100..=116).contains(&emulator.requests()), "{} requests", emulator.requests());
}

#[tokio::test(start_paused = true)]
async fn unsettled_request_is_returned() {
    let emulator = Emulator::in_memory();
    let config = IssuerConfig::from_vars(emulator.pinata().vars()).unwrap();
    let issuer = config.with_transport(emulator.transport()).build().unwrap();
    let issuer = Throttled::new(issuer, RateLimits::PINATA_FREE);
    let fault = |code, stage| FaultRule::new(Fault::status(code, stage));
    let lost = fault(StatusCode::BAD_GATEWAY, Stage::AfterCommit).method(Method::POST);
    emulator.faults().add(lost.nth(2));
    let refused = fault(StatusCode::BAD_REQUEST, Stage::BeforeCommit).method(Method::POST);
    emulator.faults().add(refused.nth(3));
    emulator.faults().add(fault(StatusCode::FORBIDDEN, Stage::BeforeCommit).method(Method::GET));

    let users = ["ann", "bob", "eve"].map(str::to_owned);
    let (without_key, in_doubt) = keys_for(&users, issuer, drop).await.unwrap();
    assert!(without_key[0].name().as_str().starts_with("eve"), "{without_key:?}");
    assert!(in_doubt[0].name().as_str().starts_with("bob"), "{in_doubt:?}");
    assert_eq!((without_key.len(), in_doubt.len()), (1, 1));
}
