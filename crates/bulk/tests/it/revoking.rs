//! Many keys revoked, and what it costs to find out by which id.

use std::time::Duration;

use http::{Method, StatusCode};
use pinning_keys_bulk::{issue_many, revoke_many};
use pinning_keys_core::{
    KeyIssuer as _, KeyQuery, KeyRecord, KeyRef, KeyRequest, Revocation, ScopeRequest,
};
use pinning_keys_emulator::{Fault, FaultRule, ListFault, RetryAfter, Stage};
use tokio::time::Instant;

use crate::desk::{Desk, Step, seconds};
use crate::stand::{PROVIDERS, Provider, Stand};

/// Makes so many keys, and gives what an app stores of them.
async fn stored(stand: &Stand, count: usize) -> Vec<KeyRef> {
    let requests =
        (0..count).map(|n| KeyRequest::new(format!("user {n}"), ScopeRequest::reader()).unwrap());
    let mut keys = issue_many(stand.issuer.clone(), requests);
    let mut refs = Vec::new();
    while let Some((_, key)) = keys.next().await {
        refs.push(key.unwrap().key_ref().clone());
    }
    refs
}

/// Revokes keys; the references in the order of their results, and these.
async fn revoke(stand: &Stand, keys: Vec<KeyRef>) -> Vec<(KeyRef, Revocation)> {
    let mut batch = revoke_many(stand.issuer.clone(), keys);
    let mut results = Vec::new();
    while let Some((key, result)) = batch.next().await {
        results.push((key, result.unwrap()));
    }
    assert!(!batch.is_stopped());
    results
}

fn count(results: &[(KeyRef, Revocation)], wanted: Revocation) -> usize {
    results.iter().filter(|(_, revocation)| *revocation == wanted).count()
}

#[tokio::test(start_paused = true)]
async fn a_thousand_keys_cost_one_listing_at_most() {
    for provider in PROVIDERS {
        let stand = Stand::new(provider);
        let keys = stored(&stand, 1_000).await;
        assert!(keys.iter().all(|key| key.id().is_none()));
        let results = revoke(&stand, keys.clone()).await;
        assert_eq!((results.len(), count(&results, Revocation::Revoked)), (1_000, 1_000));
        assert_eq!((stand.emulator.keys_live(), stand.revokes()), (0, 1_000));
        // Ten pages, and the account's own key at their end; the results have what was given.
        let pages = if provider == Provider::W3ipfs { 10 } else { 0 };
        assert_eq!(stand.lists(), pages);
        assert!(results.iter().all(|(key, _)| keys.contains(key)));
    }
}

#[tokio::test(start_paused = true)]
async fn the_list_is_read_no_further_than_needed() {
    let stand = Stand::new(Provider::W3ipfs);
    let keys = stored(&stand, 1_000).await;
    // The newest are listed first.
    let results = revoke(&stand, keys[950..].to_vec()).await;
    assert_eq!((count(&results, Revocation::Revoked), stand.lists()), (50, 1));
}

#[tokio::test(start_paused = true)]
async fn references_with_an_id_need_no_list() {
    let stand = Stand::new(Provider::W3ipfs);
    stored(&stand, 5).await;
    let page = stand.issuer.list(&KeyQuery::new()).await.unwrap();
    let own = stand.emulator.w3ipfs().api_key();
    let refs = page.records().iter().map(KeyRecord::key_ref);
    let complete = refs.filter(|key| key.api_key() != own).cloned().collect();
    let before = stand.lists();
    let results = revoke(&stand, complete).await;
    assert_eq!((count(&results, Revocation::Revoked), stand.lists()), (5, before));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_the_list_does_not_have_is_not_found() {
    let stand = Stand::new(Provider::W3ipfs);
    let keys = stored(&stand, 150).await;
    revoke(&stand, keys[..100].to_vec()).await;
    let (lists, revokes) = (stand.lists(), stand.revokes());
    let results = revoke(&stand, keys).await;
    assert_eq!(count(&results, Revocation::NotFound), 100);
    assert_eq!(count(&results, Revocation::Revoked), 50);
    // One page has all that there is, and an empty one shows it.
    assert_eq!((stand.lists() - lists, stand.revokes() - revokes), (2, 50));
}

#[tokio::test(start_paused = true)]
async fn where_the_list_does_not_add_up_a_missing_key_is_left_to_the_issuer() {
    let stand = Stand::new(Provider::W3ipfs);
    let keys = stored(&stand, 20).await;
    let list = FaultRule::new(Fault::List(ListFault::MissingRow)).path("/api/apiKeys/list");
    stand.emulator.faults().add(list.first(1));
    let results = revoke(&stand, keys).await;
    assert_eq!(count(&results, Revocation::Revoked), 20);
    // Three pages for all, and another for the key that was left out.
    assert_eq!((stand.emulator.keys_live(), stand.lists()), (0, 4));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_refused_for_now_is_read_on_from_there() {
    let stand = Stand::new(Provider::W3ipfs);
    let keys = stored(&stand, 250).await;
    let limit = Fault::too_many_requests(RetryAfter::Seconds(300));
    stand.emulator.faults().add(FaultRule::new(limit).path("/api/apiKeys/list").nth(2));
    let beginning = Instant::now();
    let results = revoke(&stand, keys).await;
    assert_eq!(count(&results, Revocation::Revoked), 250);
    assert_eq!((stand.lists(), beginning.elapsed().as_secs() / 100), (4, 3));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_fails_for_good_is_left_to_the_issuer() {
    let stand = Stand::new(Provider::W3ipfs);
    let keys = stored(&stand, 3).await;
    let broken = Fault::status(StatusCode::FORBIDDEN, Stage::BeforeCommit);
    stand.emulator.faults().add(FaultRule::new(broken).method(Method::GET).first(1));
    let results = revoke(&stand, keys).await;
    assert_eq!(count(&results, Revocation::Revoked), 3);
}

#[tokio::test(start_paused = true)]
async fn another_providers_key_is_refused_and_the_others_are_revoked() {
    let stand = Stand::new(Provider::W3ipfs);
    let mut keys = stored(&stand, 3).await;
    keys.push(KeyRef::new("pinata", keys[0].api_key()).unwrap());
    keys.push(KeyRef::new("pinata", "in no list").unwrap());
    let mut batch = revoke_many(stand.issuer.clone(), keys);
    while let Some((key, result)) = batch.next().await {
        assert_eq!(result.is_ok(), key.provider() == "w3ipfs");
    }
    assert_eq!((batch.progress().succeeded(), batch.progress().failed()), (3, 2));
    assert_eq!((stand.emulator.keys_live(), stand.lists()), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_revocation_that_fails_in_passing_is_made_again() {
    let key = |name| KeyRef::new("desk", name).unwrap();
    let desk = Desk::new(Duration::from_millis(100))
        .script("lost", [Step::Lost; 3])
        .script("too many", [Step::TooMany(Some(seconds(30))); 3])
        .script("refused", [Step::Refused])
        .script("in vain", [Step::Lost; 4]);
    let names = ["lost", "too many", "refused", "in vain"];
    let mut batch = revoke_many(desk.clone(), names.map(key));
    let mut failed = Vec::new();
    while let Some((key, result)) = batch.next().await {
        if result.is_err() {
            failed.push(key.api_key().to_owned());
        }
    }
    failed.sort();
    assert_eq!(failed, ["in vain", "refused"]);
    let calls = |name| desk.calls().iter().filter(|called| *called == name).count();
    assert_eq!(names.map(calls), [4, 4, 1, 4]);
}

#[tokio::test(start_paused = true)]
async fn keys_that_are_left_can_be_handed_to_another_batch() {
    let stand = Stand::new(Provider::W3ipfs);
    let keys = stored(&stand, 40).await;
    let mut batch = revoke_many(stand.issuer.clone(), keys).with_concurrency(4);
    for _ in 0..10 {
        let (_, result) = batch.next().await.unwrap();
        assert_eq!(result.unwrap(), Revocation::Revoked);
    }
    let rest = batch.into_rest();
    assert!(!rest.in_doubt.is_empty());
    let left = rest.in_doubt.into_iter().chain(rest.unstarted).collect();
    let results = revoke(&stand, left).await;
    assert_eq!(results.len(), 30);
    assert_eq!(stand.emulator.keys_live(), 0);
}
