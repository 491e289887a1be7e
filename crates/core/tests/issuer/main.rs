//! Issuers behind pointers, streams over their keys, and the conveniences built on them.

use std::sync::Arc;

use futures_core::Stream;
use pinning_keys_core::{
    Credential, Cursor, Discrepancies, Effect, Error, ErrorKind, Filters, KeyIssuer, KeyIssuerExt,
    KeyName, KeyQuery, KeyRequest, KeyStream, Operation, ProbeConsent, Reconciliation, Revocation,
    ScopeRequest, Verification,
};
use static_assertions::{assert_impl_all, assert_obj_safe};

mod fake;
mod patient;
mod recorded;
mod tracing;
mod waiting;

use fake::{Fake, Page, key};

assert_obj_safe!(KeyIssuer);
assert_impl_all!(Arc<dyn KeyIssuer>: KeyIssuer, Send, Sync, Clone);
assert_impl_all!(Box<dyn KeyIssuer>: KeyIssuer, Send, Sync);
assert_impl_all!(KeyStream<'static, dyn KeyIssuer>: Stream, Send, Unpin);

/// The names of a stream's keys, and the error that ended it, if any.
async fn read<I: KeyIssuer + ?Sized>(keys: &mut KeyStream<'_, I>) -> (Vec<String>, Option<Error>) {
    let mut names = Vec::new();
    while let Some(record) = keys.next().await {
        match record {
            Ok(record) => names.push(record.name().to_owned()),
            Err(error) => return (names, Some(error)),
        }
    }
    (names, None)
}

/// Pages whose keys have these names.
fn pages<const N: usize>(pages: [&[&str]; N]) -> Fake {
    let page =
        |names: &[&str]| Page::of(&names.iter().map(|name| key(name, name)).collect::<Vec<_>>());
    Fake::new(pages.map(page).into())
}

fn counted(repeated: u64, changed: Option<(u64, u64)>, wrong: Option<(u64, u64)>) -> Discrepancies {
    Discrepancies::default()
        .with_repeated_rows(repeated)
        .with_changed_total(changed)
        .with_wrong_total(wrong)
}

#[tokio::test]
async fn pointers_to_issuers_are_issuers() {
    let fake = || pages([&["user"]]);
    let request = KeyRequest::new("user", ScopeRequest::reader()).unwrap();
    let shared: Arc<dyn KeyIssuer> = Arc::new(fake());
    let boxed: Box<dyn KeyIssuer> = Box::new(fake());
    let borrowed: &dyn KeyIssuer = &fake();
    let nested: Arc<dyn KeyIssuer> = Arc::new(Box::new(fake()) as Box<dyn KeyIssuer>);
    let issuers: [&dyn KeyIssuer; 4] = [&shared, &boxed, &borrowed, &nested];
    for issuer in issuers {
        assert_eq!(issuer.profile().provider(), "example");
        assert_eq!(issuer.plan(&request).unwrap().path(), "/keys");
        let key = issuer.issue(&request).await.unwrap();
        assert_eq!(key.name(), request.name());
        assert_eq!(issuer.list(&KeyQuery::new()).await.unwrap().records().len(), 1);
        assert_eq!(issuer.revoke(key.key_ref()).await.unwrap(), Revocation::Revoked);
        let credential = Credential::bearer("pinata", "token").unwrap();
        assert_eq!(issuer.verify(&credential).await.unwrap(), Verification::Live);
        let report = issuer.probe(&credential, ProbeConsent::to_spend_uses()).await.unwrap();
        assert_eq!(report.verification(), Verification::Revoked);
        let settled = issuer.reconcile(key.name()).await.unwrap();
        assert!(matches!(settled, Reconciliation::Settled { .. }));
    }
}

#[tokio::test]
async fn stream_requests_each_page_when_it_is_reached() {
    let issuer = pages([&["a", "b"], &[], &["c"]]);
    let mut keys = issuer.keys(KeyQuery::new());
    assert!(format!("{keys:?}").starts_with("KeyStream {"), "{keys:?}");
    assert!(issuer.queries().is_empty());
    assert_eq!(keys.next().await.unwrap().unwrap().name(), "a");
    assert_eq!(keys.next().await.unwrap().unwrap().name(), "b");
    assert_eq!(issuer.queries().len(), 1);
    assert_eq!(read(&mut keys).await.0, ["c"]);
    assert_eq!(issuer.queries().len(), 3);
    assert!(keys.discrepancies().is_empty());
    assert!(keys.next().await.is_none(), "an ended stream stays ended");
    assert_eq!(issuer.queries().len(), 3);

    for issuer in [pages([]), pages([&[]])] {
        assert!(issuer.keys(KeyQuery::new()).next().await.is_none());
    }
}

#[tokio::test]
async fn listing_has_all_keys_in_order_or_is_an_error() {
    let noticed = counted(2, None, None);
    let issuer =
        Fake::new(vec![Page::of(&[key("1", "a")]), Page::Rows(vec![key("2", "b")], noticed)]);
    let listing = issuer.keys(KeyQuery::new()).into_listing().await.unwrap();
    assert_eq!(listing.discrepancies(), noticed);
    assert_eq!(listing.records(), [key("1", "a"), key("2", "b")]);
    assert_eq!(listing.clone().into_records(), listing.records());
    let names: Vec<_> = listing.into_iter().map(|record| record.name().to_owned()).collect();
    assert_eq!(names, ["a", "b"]);

    let failing = Fake::new(vec![Page::of(&[key("1", "a")]), Page::Fails]);
    assert!(failing.keys(KeyQuery::new()).into_listing().await.is_err());
}

#[tokio::test]
async fn every_page_is_requested_with_the_filters() {
    let issuer = pages([&["a"], &["b"], &["c"]]).with_filters(Filters::ALL);
    let query = KeyQuery::new().with_name_containing("x").with_exhausted(true);
    read(&mut issuer.keys(query.clone())).await;
    let queries = issuer.queries();
    let cursors = queries.iter().map(|query| query.cursor().map(Cursor::as_str));
    assert_eq!(cursors.collect::<Vec<_>>(), [None, Some("1"), Some("2")]);
    for asked in &*queries {
        assert_eq!(asked.name_containing(), query.name_containing());
        assert_eq!(asked.exhausted(), query.exhausted());
    }
}

#[tokio::test]
async fn error_ends_the_stream_after_the_keys_before_it() {
    let issuer =
        Fake::new(vec![Page::of(&[key("1", "a")]), Page::Fails, Page::of(&[key("2", "b")])]);
    let mut keys = issuer.keys(KeyQuery::new());
    let (names, error) = read(&mut keys).await;
    assert_eq!((names, error.unwrap().kind()), (vec!["a".to_owned()], ErrorKind::Unavailable));
    assert!(keys.next().await.is_none() && keys.next().await.is_none());
    assert_eq!(issuer.queries().len(), 2);
}

#[tokio::test]
async fn stream_resumes_with_the_page_that_failed() {
    let noticed = counted(1, None, None);
    let rest = vec![key("2", "b"), key("3", "c")];
    let issuer = Fake::new(vec![Page::Rows(vec![key("1", "a")], noticed), Page::FailsOnce(rest)]);
    let mut keys = issuer.keys(KeyQuery::new());
    keys.resume();
    assert!(issuer.queries().is_empty(), "nothing has failed yet");
    assert!(read(&mut keys).await.1.is_some());
    keys.resume();
    assert_eq!(read(&mut keys).await.0, ["b", "c"]);
    assert_eq!((keys.discrepancies(), issuer.queries().len()), (noticed, 3));
    keys.resume();
    assert!(keys.next().await.is_none() && issuer.queries().len() == 3, "it has ended");
}

#[tokio::test]
async fn rest_of_a_stream_has_every_key_that_was_not_read() {
    let issuer = pages([&["a", "b"], &["c", "d"]]).with_filters(Filters::ALL);
    let query = KeyQuery::new().with_revoked(false);
    let mut keys = issuer.keys(query.clone());
    let at = |cursor: &str| Some(query.clone().with_cursor(Cursor::new(cursor)));
    assert_eq!(keys.rest(), Some(query.clone()));
    // In the middle of a page, its keys come again.
    for (name, rest) in [("a", Some(query.clone())), ("b", at("1")), ("c", at("1")), ("d", None)] {
        assert_eq!(keys.next().await.unwrap().unwrap().name(), name);
        assert_eq!(keys.rest(), rest, "after {name}");
    }
    assert!(keys.next().await.is_none() && keys.rest().is_none());
    assert_eq!(read(&mut issuer.keys(at("1").unwrap())).await.0, ["c", "d"]);
}

#[tokio::test]
async fn listing_that_does_not_advance_is_an_error() {
    let issuer = Fake::new(vec![Page::of(&[key("1", "a")]), Page::Stuck(vec![key("2", "b")])]);
    let mut keys = issuer.keys(KeyQuery::new());
    let (names, error) = read(&mut keys).await;
    assert_eq!(names, ["a", "b"]);
    let error = error.unwrap();
    assert_eq!(
        (error.kind(), error.operation()),
        (ErrorKind::UnreadableAnswer, Some(Operation::List))
    );
    assert_eq!(error.effect(), Effect::Rejected, "a listing changes nothing");
    keys.resume();
    assert!(keys.rest().is_none(), "it would not advance again");
    assert!(keys.next().await.is_none());
    assert_eq!(issuer.queries().len(), 2);
    // Otherwise a key that was not listed would seem absent.
    assert!(issuer.reconcile(&KeyName::new("c").unwrap()).await.is_err());
}

#[tokio::test]
async fn discrepancies_of_all_pages_are_merged() {
    let issuer = Fake::new(vec![
        Page::Rows(vec![key("1", "a")], counted(0, None, None)),
        Page::Rows(vec![key("2", "b")], counted(2, Some((20, 21)), None)),
        Page::Rows(vec![key("3", "c")], counted(1, Some((21, 19)), Some((19, 3)))),
    ]);
    let mut keys = issuer.keys(KeyQuery::new());
    read(&mut keys).await;
    assert_eq!(keys.discrepancies(), counted(3, Some((20, 19)), Some((19, 3))));
    assert_eq!(issuer.find("b").await.unwrap().discrepancies(), keys.discrepancies());
}

#[tokio::test]
async fn find_matches_the_whole_name() {
    let names = ["user", "user-1", "User", "auser", "user ", "user"];
    let issuer = pages([&names[..3], &names[3..]]);
    let found = issuer.find("user").await.unwrap();
    assert_eq!(found.records().len(), 2);
    assert!(found.records().iter().all(|record| record.name() == "user"));
    assert_eq!(issuer.find("use").await.unwrap().records(), []);
}

#[tokio::test]
async fn find_filters_by_name_if_the_provider_can() {
    let with = pages([&["user"]]).with_filters(Filters::ALL);
    with.find("user").await.unwrap();
    assert_eq!(with.queries()[0].name_containing(), Some("user"));
    assert_eq!(with.queries()[0].revoked(), None, "find includes revoked keys");

    let without = pages([&["user"]]);
    assert_eq!(without.find("user").await.unwrap().records().len(), 1);
    assert_eq!(without.queries()[0], KeyQuery::new());
}

#[tokio::test]
async fn find_and_reconcile_fail_if_a_page_fails() {
    let issuer = Fake::new(vec![Page::of(&[key("1", "user")]), Page::Fails]);
    assert_eq!(issuer.find("user").await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert!(issuer.reconcile(&KeyName::new("user").unwrap()).await.is_err());
    assert!(issuer.revoked().is_empty());
}

#[tokio::test]
async fn reconcile_revokes_the_only_live_key() {
    let lost = key("2", "user");
    for lost in [lost.clone(), lost.with_revoked(None)] {
        let issuer = Fake::new(vec![
            Page::of(&[key("1", "user-2"), key("3", "user").with_revoked(Some(true))]),
            Page::of(std::slice::from_ref(&lost)),
        ]);
        let Reconciliation::Settled { key_ref, revocation, discrepancies, .. } =
            issuer.reconcile(&KeyName::new("user").unwrap()).await.unwrap()
        else {
            panic!("one key of this name is live");
        };
        assert!(discrepancies.is_empty());
        assert_eq!((&key_ref, revocation), (lost.key_ref(), Revocation::Revoked));
        assert_eq!(*issuer.revoked(), [key_ref]);
    }
}

#[tokio::test]
async fn names_that_no_key_is_given_here_are_found_and_reconciled() {
    for name in ["", " user ", "two\nlines", "a\u{202e}b", "a\u{200b}b", &"long".repeat(100)] {
        assert!(KeyName::new(name).is_err());
        let issuer = Fake::new(vec![Page::of(&[key("1", "user"), key("2", name)])]);
        assert_eq!(issuer.find(name).await.unwrap().records(), [key("2", name)]);
        let settled = issuer.reconcile(name).await.unwrap();
        assert!(matches!(settled, Reconciliation::Settled { .. }), "{settled:?}");
        let settled = issuer.reconcile(&name.to_owned()).await.unwrap();
        assert_eq!(format!("{settled:?}").lines().count(), 1);
        assert_eq!(
            *issuer.revoked(),
            [key("2", name), key("2", name)].map(|key| key.key_ref().clone())
        );
    }
}

#[tokio::test]
async fn reconcile_without_a_live_key_reports_discrepancies() {
    let revoked = key("1", "user").with_revoked(Some(true));
    let noticed = counted(1, None, None);
    let issuer = Fake::new(vec![Page::Rows(vec![revoked, key("2", "other")], noticed)]);
    let Reconciliation::NothingFound { discrepancies, .. } =
        issuer.reconcile(&KeyName::new("user").unwrap()).await.unwrap()
    else {
        panic!("no key of this name is live");
    };
    assert_eq!(discrepancies, noticed);
    assert!(issuer.revoked().is_empty());
}

#[tokio::test]
async fn reconcile_with_several_live_keys_revokes_none() {
    let rows = [
        key("1", "user"),
        key("2", "user").with_revoked(Some(true)),
        key("3", "user"),
        key("4", "user"),
    ];
    let noticed = counted(2, None, None);
    let issuer = Fake::new(vec![Page::Rows(rows.to_vec(), noticed)]);
    let Reconciliation::Ambiguous { records, discrepancies, .. } =
        issuer.reconcile(&KeyName::new("user").unwrap()).await.unwrap()
    else {
        panic!("three keys of this name are live");
    };
    assert_eq!(discrepancies, noticed);
    let keys = records.iter().map(|record| record.key_ref().api_key());
    assert_eq!(keys.collect::<Vec<_>>(), ["1", "3", "4"], "in the provider's order");
    assert!(issuer.revoked().is_empty());
}
