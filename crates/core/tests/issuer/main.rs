//! Issuers behind pointers, streams over their keys, and what is built on them.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;

use futures_core::Stream;
use pinning_keys_core::{
    Credential, Cursor, Discrepancies, Error, ErrorKind, Filters, KeyIssuer, KeyIssuerExt, KeyName,
    KeyQuery, KeyRecord, KeyRequest, KeyStream, Operation, Reconciliation, Revocation,
    ScopeRequest, Verification,
};
use static_assertions::{assert_impl_all, assert_obj_safe};

mod fake;

use fake::{Fake, Page, key};

assert_obj_safe!(KeyIssuer);
assert_impl_all!(Arc<dyn KeyIssuer>: KeyIssuer, Send, Sync, Clone);
assert_impl_all!(Box<dyn KeyIssuer>: KeyIssuer, Send, Sync);
assert_impl_all!(KeyStream<'static, dyn KeyIssuer>: Stream, Send, Unpin);

async fn next<I: KeyIssuer + ?Sized>(
    keys: &mut KeyStream<'_, I>,
) -> Option<Result<KeyRecord, Error>> {
    poll_fn(|cx| Pin::new(&mut *keys).poll_next(cx)).await
}

/// The names of all keys of a stream, and the error it ended with, if it did.
async fn read<I: KeyIssuer + ?Sized>(keys: &mut KeyStream<'_, I>) -> (Vec<String>, Option<Error>) {
    let mut names = Vec::new();
    while let Some(record) = next(keys).await {
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
async fn an_issuer_works_behind_every_pointer() {
    let request = KeyRequest::new("user", ScopeRequest::reader()).unwrap();
    let shared: Arc<dyn KeyIssuer> = Arc::new(pages([&["user"]]));
    let boxed: Box<dyn KeyIssuer> = Box::new(pages([&["user"]]));
    let nested: Arc<dyn KeyIssuer> = Arc::new(Box::new(pages([&["user"]])) as Box<dyn KeyIssuer>);
    let issuers: [&dyn KeyIssuer; 3] = [&shared, &boxed, &nested];
    for issuer in issuers {
        assert_eq!(issuer.profile().provider(), "example");
        assert_eq!(issuer.plan(&request).unwrap().path(), "/keys");
        let key = issuer.issue(&request).await.unwrap();
        assert_eq!(key.name(), request.name());
        assert_eq!(issuer.list(&KeyQuery::new()).await.unwrap().records().len(), 1);
        assert_eq!(issuer.revoke(key.key_ref()).await.unwrap(), Revocation::Revoked);
        let credential = Credential::bearer("pinata", "token").unwrap();
        assert_eq!(issuer.verify(&credential).await.unwrap(), Verification::Live);
        assert_eq!(issuer.find("user").await.unwrap().records().len(), 1);
    }
}

#[tokio::test]
async fn a_stream_reads_all_pages_one_at_a_time() {
    let issuer = pages([&["a", "b"], &[], &["c"]]);
    let mut keys = issuer.keys(KeyQuery::new());
    assert!(issuer.queries().is_empty(), "nothing is asked before it is read");
    assert_eq!(next(&mut keys).await.unwrap().unwrap().name(), "a");
    assert_eq!(next(&mut keys).await.unwrap().unwrap().name(), "b");
    assert_eq!(issuer.queries().len(), 1, "the next page is asked when it is needed");
    assert_eq!(read(&mut keys).await.0, ["c"]);
    assert_eq!(issuer.queries().len(), 3);
    assert!(keys.discrepancies().is_empty());
    assert!(next(&mut keys).await.is_none(), "an ended stream stays ended");
    assert_eq!(issuer.queries().len(), 3);
}

#[tokio::test]
async fn a_stream_of_no_keys_ends() {
    for issuer in [pages([]), pages([&[]])] {
        assert!(next(&mut issuer.keys(KeyQuery::new())).await.is_none());
    }
}

#[tokio::test]
async fn every_page_is_asked_with_the_filters() {
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
async fn an_error_ends_the_stream_behind_what_came_before() {
    let issuer =
        Fake::new(vec![Page::of(&[key("1", "a")]), Page::Fails, Page::of(&[key("2", "b")])]);
    let mut keys = issuer.keys(KeyQuery::new());
    let (names, error) = read(&mut keys).await;
    assert_eq!((names, error.unwrap().kind()), (vec!["a".to_owned()], ErrorKind::Unavailable));
    assert!(next(&mut keys).await.is_none());
    assert_eq!(issuer.queries().len(), 2);
}

#[tokio::test]
async fn a_listing_that_does_not_advance_is_an_error() {
    let issuer = Fake::new(vec![Page::of(&[key("1", "a")]), Page::Stuck(vec![key("2", "b")])]);
    let mut keys = issuer.keys(KeyQuery::new());
    let (names, error) = read(&mut keys).await;
    assert_eq!(names, ["a", "b"]);
    let error = error.unwrap();
    assert_eq!(
        (error.kind(), error.operation()),
        (ErrorKind::UnreadableAnswer, Some(Operation::List))
    );
    assert!(next(&mut keys).await.is_none());
    assert_eq!(issuer.queries().len(), 2);
    // Whoever looks for a key must not believe that it is not there.
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

#[test]
fn discrepancies_say_what_was_noticed() {
    assert_eq!(Discrepancies::default().to_string(), "none noticed");
    assert!(Discrepancies::default().is_empty());
    let all = counted(3, Some((20, 19)), Some((19, 17)));
    assert!(!all.is_empty());
    assert_eq!(
        all.to_string(),
        "3 rows appeared twice; the total changed from 20 to 19; the provider reports 19 keys and \
         sent 17"
    );
}

#[tokio::test]
async fn finding_takes_exactly_the_name() {
    let names = ["user", "user-1", "User", "auser", "user ", "user"];
    let issuer = pages([&names[..3], &names[3..]]);
    let found = issuer.find("user").await.unwrap();
    assert_eq!(found.records().len(), 2);
    assert!(found.records().iter().all(|record| record.name() == "user"));
    assert_eq!(issuer.find("use").await.unwrap().records(), []);
}

#[tokio::test]
async fn finding_filters_by_name_where_the_provider_can() {
    let with = pages([&["user"]]).with_filters(Filters::ALL);
    with.find("user").await.unwrap();
    assert_eq!(with.queries()[0].name_containing(), Some("user"));
    assert_eq!(with.queries()[0].revoked(), None, "revoked keys are found too");

    let without = pages([&["user"]]);
    assert_eq!(without.find("user").await.unwrap().records().len(), 1);
    assert_eq!(without.queries()[0], KeyQuery::new());
}

#[tokio::test]
async fn finding_fails_where_a_page_does() {
    let issuer = Fake::new(vec![Page::of(&[key("1", "user")]), Page::Fails]);
    assert_eq!(issuer.find("user").await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert!(issuer.reconcile(&KeyName::new("user").unwrap()).await.is_err());
    assert!(issuer.revoked().is_empty());
}

#[tokio::test]
async fn reconciling_one_live_key_revokes_it() {
    let lost = key("2", "user");
    for lost in [lost.clone(), lost.with_revoked(None)] {
        let issuer = Fake::new(vec![
            Page::of(&[key("1", "user-2"), key("3", "user").with_revoked(Some(true))]),
            Page::of(std::slice::from_ref(&lost)),
        ]);
        let Reconciliation::Settled { key_ref, revocation, discrepancies, .. } =
            issuer.reconcile(&KeyName::new("user").unwrap()).await.unwrap()
        else {
            panic!("one key of the name is live");
        };
        assert!(discrepancies.is_empty());
        assert_eq!((&key_ref, revocation), (lost.key_ref(), Revocation::Revoked));
        assert_eq!(*issuer.revoked(), [key_ref]);
    }
}

#[tokio::test]
async fn reconciling_what_is_not_there_reports_what_was_noticed() {
    let revoked = key("1", "user").with_revoked(Some(true));
    let noticed = counted(1, None, None);
    let issuer = Fake::new(vec![Page::Rows(vec![revoked, key("2", "other")], noticed)]);
    let Reconciliation::NothingFound { discrepancies, .. } =
        issuer.reconcile(&KeyName::new("user").unwrap()).await.unwrap()
    else {
        panic!("no key of the name is live");
    };
    assert_eq!(discrepancies, noticed);
    assert!(issuer.revoked().is_empty());
}

#[tokio::test]
async fn reconciling_several_live_keys_touches_none() {
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
        panic!("three keys of the name are live");
    };
    assert_eq!(discrepancies, noticed);
    let keys = records.iter().map(|record| record.key_ref().api_key());
    assert_eq!(keys.collect::<Vec<_>>(), ["1", "3", "4"], "in the provider's order");
    assert!(issuer.revoked().is_empty());
}

#[tokio::test]
async fn conveniences_work_on_a_trait_object() {
    let issuer: Box<dyn KeyIssuer> = Box::new(pages([&["a"], &["b"]]));
    let issuer: &dyn KeyIssuer = &*issuer;
    assert_eq!(read(&mut issuer.keys(KeyQuery::new())).await.0, ["a", "b"]);
    assert!(matches!(
        issuer.reconcile(&KeyName::new("b").unwrap()).await,
        Ok(Reconciliation::Settled { revocation: Revocation::Revoked, .. })
    ));
}

#[test]
fn the_debug_form_of_a_stream_does_not_ask_for_a_page() {
    let issuer = pages([&["a"]]);
    let shown = format!("{:?}", issuer.keys(KeyQuery::new()));
    assert!(shown.starts_with("KeyStream {"), "{shown}");
    assert!(issuer.queries().is_empty());
}
