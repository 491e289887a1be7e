//! Revoking many keys, and what it costs to look up their ids.

use std::time::Duration;

use http::{Method, StatusCode};
use pinning_keys_bulk::{issue_many, revoke_listed, revoke_many};
use pinning_keys_core::{Effect, ErrorKind, KeyIssuer as _, KeyQuery, KeyRecord, KeyRef};
use pinning_keys_emulator::{Fault, FaultRule, ListFault, RetryAfter, Stage};
use tokio::time::Instant;

use crate::desk::{Desk, Step, seconds};
use crate::stand::{PROVIDERS, Provider, Stand, keys_of, revoke_all, users};

/// Issues keys and returns the references that an app would store.
async fn stored(stand: &Stand, count: usize) -> Vec<KeyRef> {
    keys_of(&mut issue_many(stand.issuer.clone(), users(count))).await
}

/// Revokes keys and returns the numbers of those revoked and not found.
async fn revoke(stand: &Stand, keys: &[KeyRef]) -> (usize, usize) {
    revoke_all(&mut revoke_many(stand.issuer.clone(), keys.to_vec())).await
}

#[tokio::test(start_paused = true)]
async fn thousand_keys_cost_one_listing_at_most() {
    for provider in PROVIDERS {
        let stand = Stand::new(provider);
        let keys = stored(&stand, 1_050).await;
        assert!(keys.iter().all(|key| key.id().is_none()));
        // The newest are listed first, so one page has them all.
        let by_id = u64::from(provider == Provider::W3ipfs);
        assert_eq!((revoke(&stand, &keys[1_000..]).await, stand.lists()), ((50, 0), by_id));
        assert_eq!(revoke(&stand, &keys[..1_000]).await, (1_000, 0));
        assert_eq!((stand.emulator.keys_live(), stand.revokes()), (0, 1_050));
        // Eleven pages more, because each begins with the last row of the page before.
        assert_eq!(stand.lists(), 12 * by_id);
    }
}

/// The list alone takes longer than a minute.
#[tokio::test(start_paused = true)]
async fn listing_of_keys_to_revoke_outlasts_the_rate_limit() {
    let stand = Stand::limited(Provider::Pinata, seconds(60));
    stored(&stand, 620).await;
    let query = KeyQuery::new().with_revoked(false);
    let (mut batch, found) =
        revoke_listed(stand.issuer.clone(), query.clone(), |_| true).await.unwrap();
    assert!(found.is_empty(), "{found}");
    assert_eq!(stand.emulator.keys_live(), 620, "nothing is revoked before all are listed");
    assert_eq!(revoke_all(&mut batch).await, (620, 0));

    // A list that cannot be read leaves everything as it is.
    let forbidden = Fault::status(StatusCode::FORBIDDEN, Stage::BeforeCommit);
    stand.emulator.faults().add(FaultRule::new(forbidden).method(Method::GET));
    assert!(revoke_listed(stand.issuer.clone(), query, |_| true).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn references_with_an_id_need_no_list() {
    let stand = Stand::new(Provider::W3ipfs);
    stored(&stand, 5).await;
    let page = stand.issuer.list(&KeyQuery::new()).await.unwrap();
    let own = stand.emulator.w3ipfs().api_key();
    let refs = page.records().iter().map(KeyRecord::key_ref);
    let complete: Vec<_> = refs.filter(|key| key.api_key() != own).cloned().collect();
    let before = stand.lists();
    assert_eq!((revoke(&stand, &complete).await, stand.lists()), ((5, 0), before));
}

#[tokio::test(start_paused = true)]
async fn key_missing_from_the_list_is_not_found() {
    let stand = Stand::new(Provider::W3ipfs);
    let keys = stored(&stand, 150).await;
    revoke(&stand, &keys[..100]).await;
    let (lists, revokes) = (stand.lists(), stand.revokes());
    assert_eq!(revoke(&stand, &keys).await, (50, 100));
    // One page has all keys, and an empty one shows that it does.
    assert_eq!((stand.lists() - lists, stand.revokes() - revokes), (2, 50));
}

#[tokio::test(start_paused = true)]
async fn unreliable_list_leaves_keys_to_the_issuer() {
    let refused = Fault::too_many_requests(RetryAfter::Seconds(300));
    let bad_request = Fault::status(StatusCode::BAD_REQUEST, Stage::BeforeCommit);
    let missing_row = Fault::List(ListFault::MissingRow);
    // The fault, the page it hits, the keys, and the lists and hundreds of seconds that follow.
    for (fault, page, count, lists, waited) in [
        // A page that is refused for now is read again.
        (refused, 2, 250, 4, 3),
        // Three pages for all keys, and one more for the key that was left out.
        (missing_row, 1, 20, 4, 0),
        // One refused page, and then a page for each key.
        (bad_request, 1, 3, 4, 0),
    ] {
        let stand = Stand::new(Provider::W3ipfs);
        let keys = stored(&stand, count).await;
        let rule = FaultRule::new(fault).method(Method::GET).path("/api/apiKeys/list");
        stand.emulator.faults().add(rule.nth(page));
        let beginning = Instant::now();
        assert_eq!(revoke(&stand, &keys).await, (count, 0));
        assert_eq!((stand.lists(), beginning.elapsed().as_secs() / 100), (lists, waited));
        assert_eq!(stand.emulator.keys_live(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn foreign_keys_are_refused_and_the_others_revoked() {
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
async fn secrets_are_refused_without_a_request() {
    for provider in PROVIDERS {
        let stand = Stand::new(provider);
        let key = stand.issuer.issue(&users(1).next().unwrap()).await.unwrap();
        let secret = key.credential().expose().api_secret().unwrap();
        let wrong = KeyRef::new(key.key_ref().provider(), secret).unwrap();
        let before = stand.emulator.requests();
        let mut batch = revoke_many(stand.issuer.clone(), [wrong]);
        let (_, result) = batch.next().await.unwrap();
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::NotSent));
        assert!(!format!("{error:#} {error:?}").contains(secret), "{error:#}");
        assert_eq!(stand.emulator.requests(), before);
    }
}

#[tokio::test(start_paused = true)]
async fn transient_failure_of_a_revocation_is_retried() {
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
        // A result has the reference that was given.
        failed.extend(result.is_err().then(|| key.api_key().to_owned()));
    }
    failed.sort();
    assert_eq!(failed, ["in vain", "refused"]);
    assert_eq!(names.map(|name| desk.calls_for(name)), [4, 4, 1, 4]);
}
