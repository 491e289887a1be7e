//! Listings of accounts whose keys change meanwhile, and of accounts with many keys: no key that is
//! there from the first request to the last is lost silently.

use std::collections::BTreeSet;
use std::num::{NonZeroU64, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use pinning_keys::bulk::{RateLimits, Throttled, issue_many, revoke_listed};
use pinning_keys::pinata::PinataConfig;
use pinning_keys::w3ipfs::W3ipfsConfig;
use pinning_keys::{
    Cursor, Discrepancies, Effect, Error, ErrorKind, IssuedKey, KeyIssuer, KeyIssuerExt as _,
    KeyName, KeyQuery, KeyRef, KeyRequest, Patient, Reconciliation, ScopeRequest,
};
use pinning_keys_emulator::{
    Emulator, ListCount, ListOrder, PinataAssumptions, RateLimit, W3ipfsAssumptions,
};
use proptest::prelude::*;

const MINUTE: Duration = Duration::from_secs(60);

fn pinata(emulator: &Emulator) -> Arc<dyn KeyIssuer> {
    let account = emulator.pinata();
    let config = PinataConfig::new().with_base_url(account.base_url()).with_jwt(account.jwt());
    Arc::new(config.with_transport(emulator.transport()).build().unwrap())
}

fn w3ipfs(emulator: &Emulator, page_size: usize) -> Arc<dyn KeyIssuer> {
    let account = emulator.w3ipfs();
    let config = W3ipfsConfig::new().with_base_url(account.base_url()).with_jwt(account.jwt());
    let config = config.with_page_size(NonZeroUsize::new(page_size).unwrap());
    Arc::new(config.with_transport(emulator.transport()).build().unwrap())
}

fn request(name: impl Into<String>) -> KeyRequest {
    KeyRequest::new(KeyName::new(name).unwrap(), ScopeRequest::reader()).unwrap()
}

async fn issue(issuer: &dyn KeyIssuer, name: impl Into<String>) -> IssuedKey {
    issuer.issue(&request(name)).await.unwrap()
}

/// What a program does between two pages.
#[derive(Clone, Copy, Debug)]
enum Change {
    Issue,
    /// The key at this place of those that are live, oldest first; places wrap around.
    Revoke(usize),
}

/// An account, and how its provider lists keys.
#[derive(Clone, Debug)]
struct Case {
    is_pinata: bool,
    order: ListOrder,
    /// Pinata's count can be that of the page; the total of W3IPFS is documented.
    shows_total: bool,
    page_size: usize,
    only_live: bool,
    keys: usize,
    /// The changes after each page.
    changes: Vec<Vec<Change>>,
}

fn cases() -> impl Strategy<Value = Case> {
    let change = prop_oneof![
        1 => Just(Change::Issue),
        2 => any::<usize>().prop_map(Change::Revoke),
    ];
    let changes = prop::collection::vec(prop::collection::vec(change, 0..9), 0..8);
    let order = prop::sample::select(&[ListOrder::NewestFirst, ListOrder::OldestFirst]);
    (any::<[bool; 3]>(), order, 2_usize..8, 0_usize..25, changes).prop_map(
        |([is_pinata, shows_total, only_live], order, page_size, keys, changes)| Case {
            is_pinata,
            order,
            shows_total,
            page_size,
            only_live: only_live && is_pinata,
            keys,
            changes,
        },
    )
}

impl Case {
    fn issuer(&self) -> Arc<dyn KeyIssuer> {
        let count = if self.shows_total { ListCount::Total } else { ListCount::Page };
        let pinata_lists = PinataAssumptions::default().page_size(self.page_size);
        let w3ipfs_lists = W3ipfsAssumptions::default().max_keys(1_000);
        let emulator = Emulator::builder()
            .pinata_assumptions(pinata_lists.list_count(count).list_order(self.order))
            .w3ipfs_assumptions(w3ipfs_lists.list_order(self.order))
            .in_memory();
        if self.is_pinata { pinata(&emulator) } else { w3ipfs(&emulator, self.page_size) }
    }

    async fn check(self) {
        let issuer = self.issuer();
        let mut live = Vec::new();
        for n in 0..self.keys {
            live.push(issue(&*issuer, format!("old {n}")).await.key_ref().clone());
        }
        let mut lasting: BTreeSet<KeyRef> = live.iter().cloned().collect();
        let (mut listed, mut found) = (BTreeSet::new(), Discrepancies::default());
        let filters = KeyQuery::new();
        let filters = if self.only_live { filters.with_revoked(false) } else { filters };
        let mut query = filters.clone();
        let mut changes = self.changes.into_iter();
        for pages in 0.. {
            assert!(pages < 300, "the listing does not end");
            let page = issuer.list(&query).await.unwrap();
            found.merge(page.discrepancies());
            listed
                .extend(page.records().iter().map(|record| record.key_ref().api_key().to_owned()));
            for change in changes.next().into_iter().flatten() {
                match change {
                    Change::Issue => {
                        let name = KeyName::unique("new").unwrap();
                        live.push(issue(&*issuer, name.as_str()).await.key_ref().clone());
                    }
                    Change::Revoke(at) if !live.is_empty() => {
                        let key = live.remove(at % live.len());
                        let _ = issuer.revoke(&key).await.unwrap();
                        lasting.remove(&key);
                    }
                    Change::Revoke(_) => {}
                }
            }
            let Some(next) = page.next() else { break };
            query = filters.clone().with_cursor(next.clone());
        }
        let lost: Vec<_> = lasting.iter().filter(|key| !listed.contains(key.api_key())).collect();
        assert!(lost.is_empty() || !found.is_empty(), "lost silently: {lost:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_key_is_lost_silently_whatever_changes_meanwhile(case in cases()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(case.check());
    }
}

/// Forty-five keys of one use each at Pinata, some of them used up, or at W3IPFS.
async fn forty_five(is_pinata: bool, exhausted: bool) -> (Emulator, Arc<dyn KeyIssuer>) {
    let emulator = Emulator::in_memory();
    let issuer = if is_pinata { pinata(&emulator) } else { w3ipfs(&emulator, 10) };
    for n in 0..45 {
        let request = request(format!("user {n}"));
        let request = if is_pinata { request.with_max_uses(NonZeroU64::MIN) } else { request };
        let key = issuer.issue(&request).await.unwrap();
        if exhausted {
            let _ = issuer.verify(key.credential()).await.unwrap(); // its one use
        }
    }
    (emulator, issuer)
}

#[tokio::test]
async fn loop_that_revokes_what_it_lists_revokes_all() {
    let live = KeyQuery::new().with_revoked(false);
    for (is_pinata, query) in [
        (true, live.clone()),
        (true, live.with_exhausted(true)),
        // All keys but the account's own, which cannot be revoked.
        (false, KeyQuery::new()),
    ] {
        let (emulator, issuer) = forty_five(is_pinata, query.exhausted().is_some()).await;
        let mut keys = issuer.keys(query.clone());
        while let Some(key) = keys.next().await {
            let key = key.unwrap();
            if key.name() != "Default" {
                let _ = issuer.revoke(key.key_ref()).await.unwrap();
            }
        }
        assert_eq!(emulator.keys_live(), 0, "{query:?}: {}", keys.discrepancies());
    }
}

#[tokio::test]
async fn keys_that_are_listed_and_then_revoked_are_all_gone() {
    for is_pinata in [true, false] {
        let (emulator, issuer) = forty_five(is_pinata, false).await;
        let others = issue(&*issuer, "other").await;
        let before = emulator.requests();
        let (mut batch, found) = revoke_listed(Arc::clone(&issuer), KeyQuery::new(), |key| {
            key.name().starts_with("user")
        })
        .await
        .unwrap();
        assert!(found.is_empty(), "{found}");
        while let Some((key, result)) = batch.next().await {
            assert!(result.is_ok() && key != *others.key_ref());
        }
        assert_eq!((batch.progress().succeeded(), emulator.keys_live()), (45, 1));
        let pages = 46_u64.div_ceil(9) + 1;
        assert!(emulator.requests() - before <= 45 + pages);
        // Those that are revoked are not revoked again.
        let (mut batch, _) =
            revoke_listed(issuer, KeyQuery::new(), |key| key.name().starts_with("user"))
                .await
                .unwrap();
        assert!(batch.next().await.is_none());
    }
}

#[tokio::test]
async fn finding_one_of_many_similar_names_takes_few_requests() {
    let emulator = Emulator::in_memory();
    let issuer = pinata(&emulator);
    let unique = KeyName::unique("production-uploads_7%").unwrap();
    for n in 1..=200 {
        issue(&*issuer, format!("upload_{n}")).await;
        issue(&*issuer, KeyName::unique(&format!("production-uploads_{n}%")).unwrap().as_str())
            .await;
    }
    issuer.issue(&request(unique.as_str())).await.unwrap();
    let before = emulator.requests();
    assert_eq!(issuer.find("upload_7").await.unwrap().records().len(), 1);
    assert!(emulator.requests() - before <= 3, "{}", emulator.requests() - before);

    let before = emulator.requests();
    let settled = issuer.reconcile(&unique).await.unwrap();
    assert!(matches!(settled, Reconciliation::Settled { .. }), "{settled:?}");
    assert!(emulator.requests() - before <= 3, "{}", emulator.requests() - before);
}

/// More keys than the provider lets through as pages in a minute.
async fn many_keys() -> (Emulator, Arc<dyn KeyIssuer>) {
    let limit = RateLimit::new(60, MINUTE).path("/v3/*");
    let emulator = Emulator::builder().rate_limit(limit).in_memory();
    let throttled = Throttled::new(pinata(&emulator), RateLimits::PINATA_FREE);
    let mut made = issue_many(throttled, (0..700).map(|n| request(format!("user {n}"))));
    while let Some((_, key)) = made.next().await {
        key.unwrap();
    }
    tokio::time::sleep(MINUTE * 2).await;
    let issuer = pinata(&emulator);
    (emulator, issuer)
}

fn refused_for_now(error: &Error) {
    assert_eq!((error.kind(), error.effect()), (ErrorKind::RateLimited, Effect::Rejected));
    assert!(error.retry_after().is_some());
    let advice = format!("{error:#}");
    for way_out in ["Patient", "bulk::Throttled", "deadline_seconds"] {
        assert!(advice.contains(way_out), "{advice}");
    }
}

#[tokio::test(start_paused = true)]
async fn listing_that_meets_the_rate_limit_continues() {
    let (emulator, issuer) = many_keys().await;
    let mut keys = issuer.keys(KeyQuery::new());
    let mut names = BTreeSet::new();
    let error = loop {
        match keys.next().await.unwrap() {
            Ok(record) => assert!(names.insert(record.name().to_owned())),
            Err(error) => break error,
        }
    };
    refused_for_now(&error);
    assert!(keys.next().await.is_none() && keys.next().await.is_none(), "an error ends it");
    let listed = names.len();

    // In the same program, and in another one that knows the text of the cursor.
    let stored = keys.rest().unwrap().cursor().unwrap().as_str().to_owned();
    tokio::time::sleep(error.retry_after().unwrap()).await;
    keys.resume();
    let mut resumed = BTreeSet::new();
    while let Some(record) = keys.next().await {
        resumed.insert(record.unwrap().name().to_owned());
    }
    assert_eq!((listed + resumed.len(), names.is_disjoint(&resumed)), (700, true));
    assert!(keys.discrepancies().is_empty() && keys.rest().is_none());

    let rest = KeyQuery::new().with_cursor(Cursor::new(stored));
    let rest = pinata(&emulator).keys(rest).into_listing().await.unwrap();
    assert_eq!(rest.records().len(), resumed.len());
    assert!(rest.discrepancies().is_empty(), "{}", rest.discrepancies());
}

#[tokio::test(start_paused = true)]
async fn patient_issuer_outlasts_the_rate_limit() {
    let (emulator, issuer) = many_keys().await;
    let sleep = tokio::time::sleep;
    let hasty = Patient::new(Arc::clone(&issuer), MINUTE / 2, sleep);
    refused_for_now(&hasty.keys(KeyQuery::new()).into_listing().await.unwrap_err());

    tokio::time::sleep(MINUTE).await;
    let patient = Patient::new(issuer, MINUTE * 2, sleep);
    let listing = patient.keys(KeyQuery::new()).into_listing().await.unwrap();
    assert_eq!(listing.records().len(), 700);
    // No name is the one that is looked for, and most contain it.
    assert!(patient.find("user").await.unwrap().records().is_empty());
    assert!(emulator.rate_limited() > 0);
}

#[tokio::test(start_paused = true)]
async fn lookup_in_a_long_list_that_fails_names_a_way_out() {
    let limit = RateLimit::new(60, MINUTE).path("/api/apiKeys/list");
    let lists = W3ipfsAssumptions::default().max_keys(1_000);
    let emulator = Emulator::builder()
        .w3ipfs_assumptions(lists)
        .rate_limit(limit.retry_after(true))
        .in_memory();
    let issuer = w3ipfs(&emulator, 10);
    let oldest = issue(&*issuer, "oldest").await;
    for n in 0..700 {
        issue(&*issuer, format!("user {n}")).await;
    }
    let error = issuer.revoke(oldest.key_ref()).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::RateLimited, Effect::Rejected));
    let advice = format!("{error:#}");
    for way_out in ["bulk::revoke_many", "deadline_seconds", "page_size"] {
        assert!(advice.contains(way_out), "{advice}");
    }
}
