//! Accounts: who they are, and how much room they have.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::StatusCode;
use pinning_keys::credentials::{AccountCredential, Ask, from_fn};
use pinning_keys::pinata::{PinataConfig, Route};
use pinning_keys_bulk::RateLimit;
use pinning_keys_core::{Effect, Error};
use pinning_keys_emulator::{Emulator, Fault, FaultRule, Stage};
use pinning_keys_lifecycle::store::{AccountRow, StatusQuery, Store as _};
use pinning_keys_lifecycle::{
    AccountOptions, ErrorKind, KeyManager, KeyState, Lease, MemoryStore, RevokeOutcome, Tick,
    Timestamp,
};

use crate::world::{Counting, DAY, HOUR, MINUTE, World, request};

fn another_account() -> Emulator {
    Emulator::builder().seed(2).in_memory()
}

#[tokio::test]
async fn one_account_has_one_name() {
    let world = World::new();
    let two = KeyManager::builder(world.store.clone())
        .account("main", world.pinata())
        .account("other", world.pinata());
    let error = two.build().await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(error.to_string(), "the names \"main\" and \"other\" refer to the same account");

    world.manager().await;
    let renamed = KeyManager::builder(world.store.clone()).account("other", world.pinata());
    assert_eq!(renamed.build().await.err().unwrap().kind(), ErrorKind::InvalidInput);
    // The attempt has left nothing behind.
    world.manager().await;
}

#[tokio::test]
async fn an_account_that_another_process_enters_at_the_same_time_is_refused() {
    let world = World::new();
    world.manager().await;
    let query = StatusQuery { overdue_before: Timestamp::default() };
    let (entered, _) = world.store.status(query).await.unwrap().accounts.remove(0);
    let store = Counting::new(MemoryStore::new(world.clock.clone()).unwrap());
    store.enter_first(AccountRow { name: "other".to_owned(), ..entered });
    let error = KeyManager::builder(store).account("main", world.pinata()).build().await;
    let error = error.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(error.to_string(), "the names \"other\" and \"main\" refer to the same account");
}

#[tokio::test]
async fn a_name_always_refers_to_the_same_account() {
    let world = World::new();
    let first = KeyManager::builder(world.store.clone()).account("main", world.pinata());
    first.build().await.unwrap();
    let other = World { emulator: another_account(), ..World::new() };
    let exchanged = KeyManager::builder(world.store.clone()).account("main", other.pinata());
    let error = exchanged.build().await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::WrongAccount);
    assert_eq!(error.to_string(), "the credential of \"main\" belongs to another account");
    let moved = KeyManager::builder(world.store.clone()).account("main", world.w3ipfs());
    let error = moved.build().await.err().unwrap();
    assert_eq!(error.to_string(), "account \"main\" is an account of pinata in the store");
}

/// The kind of what failed first. It closes the account.
fn first_failure(tick: &Tick) -> Option<ErrorKind> {
    tick.errors().first().map(|(_, error)| error.kind())
}

#[tokio::test]
async fn credential_source_that_fails_is_not_another_account() {
    let world = World::new();
    let bearer = AccountCredential::bearer(world.emulator.pinata().jwt().to_owned()).unwrap();
    let is_sealed = Arc::new(AtomicBool::new(false));
    let sealed = Arc::clone(&is_sealed);
    let source = from_fn(move |_: Ask| {
        let kind = pinning_keys_core::ErrorKind::CredentialUnavailable;
        let sealed = sealed.load(Ordering::Relaxed);
        let given = if sealed { Err(Error::new(kind, "sealed")) } else { Ok(bearer.clone()) };
        async move { given }
    });
    let config = PinataConfig::new().with_base_url(world.emulator.pinata().base_url());
    let config = config.with_transport(world.emulator.transport());
    let issuer = config.with_credentials(Arc::new(source)).build().unwrap();
    let manager =
        KeyManager::builder(world.store.clone()).account("main", issuer).build().await.unwrap();
    is_sealed.store(true, Ordering::Relaxed);
    let keys = manager.account("main").unwrap();
    let error = keys.issue(&request("other"), Lease::of(DAY)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Provider);
    world.advance(MINUTE);
    assert_eq!(first_failure(&manager.run_due(10).await.unwrap()), Some(ErrorKind::Provider));
}

#[tokio::test]
async fn nothing_is_sent_with_the_credential_of_another_account() {
    let (world, other) = (World::new(), another_account());
    let bearer = |jwt: &str| AccountCredential::bearer(jwt.to_owned()).unwrap();
    let current = Arc::new(Mutex::new(bearer(world.emulator.pinata().jwt())));
    let given = Arc::clone(&current);
    let source = from_fn(move |_: Ask| {
        let given = given.lock().unwrap().clone();
        async move { Ok(given) }
    });
    let config = PinataConfig::new().with_base_url(world.emulator.pinata().base_url());
    let config = config.with_route(Route::Legacy).with_transport(world.emulator.transport());
    let issuer = config.with_credentials(Arc::new(source)).build().unwrap();
    let manager =
        KeyManager::builder(world.store.clone()).account("main", issuer).build().await.unwrap();
    let keys = manager.account("main").unwrap();
    let delivery = keys.issue(&request("dashboard"), Lease::of(DAY)).await.unwrap();
    let sent = world.emulator.requests();

    *current.lock().unwrap() = bearer(other.pinata().jwt());
    let error = keys.issue(&request("other"), Lease::of(DAY)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongAccount);
    assert_eq!(error.provider_error().unwrap().effect(), Effect::NotSent);
    assert_eq!(world.row(error.key().unwrap()).await.state, KeyState::Closed);
    world.advance(MINUTE);
    // The worker reads the listing.
    assert_eq!(first_failure(&manager.run_due(10).await.unwrap()), Some(ErrorKind::WrongAccount));
    let outcome = manager.revoke(delivery.id()).await.unwrap();
    assert!(matches!(outcome, RevokeOutcome::Scheduled { .. }), "{outcome}");
    assert_eq!(world.row(delivery.id()).await.state, KeyState::Revoking);
    world.advance(10 * MINUTE);
    assert_eq!(first_failure(&manager.run_due(10).await.unwrap()), Some(ErrorKind::WrongAccount));
    assert_eq!(world.emulator.requests(), sent);

    *current.lock().unwrap() = bearer(world.emulator.pinata().jwt());
    world.advance(HOUR);
    manager.run_due(10).await.unwrap();
    assert_eq!(world.row(delivery.id()).await.state, KeyState::Revoked);
}

#[tokio::test]
async fn a_quota_counts_open_keys() {
    let world = World::new();
    let manager = world.manager_with(AccountOptions::new().quota(2)).await;
    let keys = manager.account("main").unwrap();
    let one = keys.issue(&request("one"), Lease::of(DAY)).await.unwrap();
    keys.issue(&request("two"), Lease::of(DAY)).await.unwrap().confirm().await.unwrap();
    let error = keys.issue(&request("three"), Lease::of(DAY)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::QuotaReached);
    assert_eq!(error.to_string(), "account \"main\" has 2 open keys, and its quota is 2");
    assert_eq!(manager.revoke(one.id()).await.unwrap(), RevokeOutcome::Revoked);
    let _three = keys.issue(&request("three"), Lease::of(DAY)).await.unwrap();
}

fn one_a_minute() -> RateLimit {
    RateLimit::per_minute(NonZeroU32::MIN)
}

#[tokio::test]
async fn a_call_waits_as_long_as_its_patience() {
    let world = World::new();
    let options = AccountOptions::new().rate_limit(one_a_minute());
    let manager = world.manager_with(options.clone()).await;
    let keys = manager.account("main").unwrap();
    let _one = keys.issue(&request("one"), Lease::of(DAY)).await.unwrap();
    let error = keys.issue(&request("two"), Lease::of(DAY)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(error.retry_at(), Some(crate::world::noon() + MINUTE));
    assert_eq!(world.rows().await.len(), 1, "nothing is written");

    let patient = world.manager_with(options.patience(2 * MINUTE)).await;
    let keys = patient.account("main").unwrap();
    let request = request("two");
    let time = async {
        while world.clock.next_wake().is_none() {
            tokio::task::yield_now().await;
        }
        world.advance(MINUTE);
    };
    let (issued, ()) = tokio::join!(keys.issue(&request, Lease::of(DAY)), time);
    issued.unwrap().confirm().await.unwrap();
}

#[tokio::test]
async fn an_unauthenticated_account_is_closed_for_a_while() {
    let world = World::new();
    let keys = world.manager().await.account("main").unwrap();
    let fault = Fault::status(StatusCode::UNAUTHORIZED, Stage::BeforeCommit);
    world.emulator.faults().add(FaultRule::new(fault).first(1));
    let error = keys.issue(&request("dashboard"), Lease::of(DAY)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Provider);
    assert!(error.retry_at().is_some());
    assert_eq!(world.row(error.key().unwrap()).await.state, KeyState::Closed);
    let sent = world.emulator.requests();
    let error = keys.issue(&request("dashboard"), Lease::of(DAY)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AccountClosed);
    assert_eq!(world.emulator.requests(), sent);
    world.advance(Duration::from_secs(11));
    let _delivery = keys.issue(&request("dashboard"), Lease::of(DAY)).await.unwrap();
}

#[tokio::test]
async fn a_key_that_cannot_be_revoked_now_is_scheduled() {
    let world = World::new();
    let manager = world.manager().await;
    let keys = manager.account("main").unwrap();
    let key = keys.issue(&request("dashboard"), Lease::of(DAY)).await.unwrap().confirm().await;
    let id = key.unwrap().id().clone();
    let fault = Fault::status(StatusCode::SERVICE_UNAVAILABLE, Stage::BeforeCommit);
    world.emulator.faults().add(FaultRule::new(fault));
    let outcome = manager.revoke(&id).await.unwrap();
    assert!(matches!(outcome, RevokeOutcome::Scheduled { retry_at: Some(_), .. }), "{outcome}");
    world.emulator.faults().clear();
    // A person wants it now, so earlier failures do not delay it.
    assert_eq!(manager.revoke(&id).await.unwrap(), RevokeOutcome::Revoked);

    // A manager without the account leaves it to one that has it.
    let id = keys.issue(&request("dashboard"), Lease::of(DAY)).await.unwrap().id().clone();
    let other = KeyManager::builder(world.store.clone()).build().await.unwrap();
    assert!(matches!(other.revoke(&id).await.unwrap(), RevokeOutcome::Scheduled { .. }));
    manager.run_due(10).await.unwrap();
    assert_eq!(world.row(&id).await.state, KeyState::Revoked);
}
