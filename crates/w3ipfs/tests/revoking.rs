//! What becomes of a key that is to be revoked: by its id, and by the list that tells the id.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::Method;
use pinning_keys_core::{
    Effect, ErrorKind, KeyIssuer, KeyIssuerExt, KeyRef, Operation, Reconciliation, Revocation,
};
use pinning_keys_http::{Reach, TransportError, TransportErrorKind};
use serde_json::{Value, json};
use support::{
    Account, HOLDER_PAIR, HTML, LOOK_AT_THE_URL, NO_RECORD, STATUSES, Script, Step, answer, body,
    fail, failed, fresh, keys, listed, request, server, slice,
};

use ErrorKind::{NotFound, PermissionDenied, Refused, Unavailable, UnreadableAnswer};

const UNDELETABLE: &str = "Cannot delete the default API key";

#[tokio::test]
async fn a_revocation_is_believed_only_in_the_providers_words() {
    for said in [
        body("documents/deleted.json"),
        body("documents/deleted_as_data.json"),
        r#"{"status":"success"}"#.into(),
        r#"{"status":"success","data":null}"#.into(),
        r#"{"message":"API key has been deleted"}"#.into(),
    ] {
        for status in [200, 202] {
            let script = Script::answer(status, said.clone());
            let revocation = script.issuer().revoke(&listed()).await.unwrap();
            assert_eq!(revocation, Revocation::Revoked, "{said:?}");
            assert_eq!(script.requests(), 1, "the id is in the reference");
        }
    }
    for unsaid in [
        "",
        "{}",
        "null",
        "[]",
        "\"success\"",
        HTML,
        r#"{"data":{}}"#,
        r#"{"message":"canary"}"#,
        r#"{"message":null,"status":null}"#,
        r#"["success","API key has been deleted",{}]"#,
        r#"{"status":"success","mess"#,
    ] {
        for status in [200, 204] {
            let (error, _) = failed(Operation::Revoke, Account::Jwt, answer(status, unsaid)).await;
            assert_eq!(error.effect(), Effect::Unknown, "{unsaid}");
            assert!(error.to_string().contains("the key may still work"), "{error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_is_gone_on_the_providers_word_alone() {
    let gone = Script::answer(404, fail(NO_RECORD));
    assert_eq!(gone.issuer().revoke(&listed()).await.unwrap(), Revocation::AlreadyGone);

    // The framework's own answer is about the route, and an HTML page a proxy's.
    let others = [
        fail("of other words"),
        fail("other record not found"),
        fail("record not found in this project"),
    ];
    let nobodys = ["", "404 page not found", HTML, "{}"].map(str::to_owned);
    for words in nobodys.into_iter().chain(others) {
        let step = answer(404, words.clone());
        let (error, requests) = failed(Operation::Revoke, Account::Jwt, step).await;
        assert_eq!((error.kind(), error.effect()), (NotFound, Effect::Rejected), "{words}");
        assert!(error.to_string().contains("the key was not revoked"), "{error}");
        assert_eq!(error.to_string().contains(LOOK_AT_THE_URL), !words.contains("fail"));
        assert_eq!(requests, 1);
    }
    for status in [200, 400, 401, 403, 409, 410, 500] {
        let step = answer(status, fail(NO_RECORD));
        let (error, _) = failed(Operation::Revoke, Account::Jwt, step).await;
        assert!(error.to_string().contains(NO_RECORD), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_accounts_own_key_is_not_deleted_whatever_the_status_of_that() {
    for status in STATUSES.into_iter().chain([200]) {
        let step = answer(status, fail(UNDELETABLE));
        let (error, _) = failed(Operation::Revoke, Account::Jwt, step).await;
        // After a 5xx the deletion is repeated, and of the answers before only the status counts.
        let effect = if status < 500 { Effect::Rejected } else { Effect::Unknown };
        assert_eq!((error.kind(), error.effect()), (Refused, effect), "{status}");
        assert!(error.to_string().contains(UNDELETABLE), "{error}");
    }
}

#[tokio::test]
async fn a_fresh_key_is_revoked_by_the_id_that_the_list_tells() {
    let other = json!({ "api_key": "holders+key/=", "id": "another-id" });
    let found = json!({ "api_key": HOLDER_PAIR.0, "id": "the-id", "secret_key": "canary" });
    let script = Script::new(vec![
        answer(200, keys(&json!([other]))),
        answer(200, keys(&json!([null, found]))),
        answer(200, body("documents/deleted.json")),
    ]);
    assert_eq!(script.issuer().revoke(&fresh()).await.unwrap(), Revocation::Revoked);
    let api = "https://w3ipfs.test/api/apiKeys";
    assert_eq!(
        script.targets(),
        [
            format!("GET {api}/list?offset=0&limit=100"),
            format!("GET {api}/list?offset=1&limit=100"),
            format!("DELETE {api}/the-id"),
        ]
    );
}

#[tokio::test]
async fn a_key_that_is_in_no_list_is_not_called_gone() {
    let script = server(25, 10);
    assert_eq!(script.issuer().revoke(&fresh()).await.unwrap(), Revocation::NotFound);
    assert_eq!(script.requests(), 4, "a list without contradictions is read once");
    let deletes = script.targets().iter().filter(|target| target.starts_with("DELETE")).count();
    assert_eq!(deletes, 0);
}

#[tokio::test]
async fn a_key_on_a_later_page_is_found_and_what_lies_behind_is_not_read() {
    let script = Script::with(|request| match *request.method() {
        Method::GET => answer(200, slice(request, 25, 10, 25)),
        _ => answer(200, body("documents/deleted.json")),
    });
    let key = KeyRef::new("w3ipfs", "key-13").unwrap();
    assert_eq!(script.issuer().revoke(&key).await.unwrap(), Revocation::Revoked);
    assert_eq!(script.requests(), 3);
    assert!(script.targets()[2].ends_with("DELETE https://w3ipfs.test/api/apiKeys/id-13"));
}

/// Keys are base 64, where case tells one from another.
#[tokio::test]
async fn a_key_that_differs_by_case_alone_is_left_alone() {
    let rows = json!([
        { "api_key": HOLDER_PAIR.0.to_uppercase(), "id": "upper" },
        { "api_key": HOLDER_PAIR.0, "id": "the-id" },
    ]);
    let script =
        Script::new(vec![answer(200, keys(&rows)), answer(200, body("documents/deleted.json"))]);
    assert_eq!(script.issuer().revoke(&fresh()).await.unwrap(), Revocation::Revoked);
    assert!(script.targets()[1].ends_with("/the-id"), "{:?}", script.targets());
}

fn page(rows: &Value, total: usize) -> Step {
    answer(200, json!({ "data": { "total": total, "api_keys": rows } }).to_string())
}

fn row(key: &str) -> Value {
    json!({ "api_key": key, "id": format!("id-{key}") })
}

/// While the second page is asked for, a key of the first is deleted, and the one that is looked
/// for moves to the first.
#[tokio::test]
async fn a_key_that_slipped_to_a_page_read_before_is_found_on_the_second_reading() {
    let script = Script::new(vec![
        page(&json!([row("a"), row("b")]), 4),
        page(&json!([row("d")]), 3),
        page(&json!([]), 3),
        page(&json!([row("b"), row(HOLDER_PAIR.0)]), 3),
        answer(200, body("documents/deleted.json")),
    ]);
    assert_eq!(script.issuer().revoke(&fresh()).await.unwrap(), Revocation::Revoked);
    assert_eq!(script.requests(), 5);
    assert!(script.targets()[4].starts_with("DELETE"), "{:?}", script.targets());
}

/// The last page is without fault, and the total is what came.
#[tokio::test]
async fn a_doubt_of_any_page_makes_the_list_be_read_again() {
    for second in [json!([row("b"), row("c")]), json!([null])] {
        let script = Script::new(vec![
            page(&json!([row("a"), row("b")]), 3),
            page(&second, 3),
            page(&json!([]), 3),
            page(&json!([row("a"), row(HOLDER_PAIR.0)]), 3),
            answer(200, body("documents/deleted.json")),
        ]);
        assert_eq!(script.issuer().revoke(&fresh()).await.unwrap(), Revocation::Revoked);
        assert_eq!(script.requests(), 5);
    }
}

#[tokio::test]
async fn a_list_that_never_adds_up_is_read_twice_and_no_more() {
    let script = Script::with(|request| answer(200, slice(request, 5, 10, 6)));
    assert_eq!(script.issuer().revoke(&fresh()).await.unwrap(), Revocation::NotFound);
    assert_eq!(script.requests(), 4);
}

/// The row may be the key's.
#[tokio::test]
async fn a_key_is_not_called_absent_where_a_row_cannot_be_read() {
    let script = Script::with(|request| {
        let is_first = request.uri().query().unwrap().starts_with("offset=0&");
        page(&if is_first { json!([null, row("a"), { "id": "no key" }]) } else { Value::Null }, 3)
    });
    assert_revokes_nothing(&script, UnreadableAnswer, Effect::Rejected).await;
    assert_eq!(script.requests(), 4);
    let error = script.issuer().revoke(&fresh()).await.unwrap_err();
    let told = "the list does not add up: 2 rows could not be read";
    assert!(error.to_string().contains(told), "{error}");

    // Read at the second go, all rows are other keys'.
    let script = Script::new(vec![
        page(&json!([null]), 1),
        page(&json!([]), 1),
        page(&json!([row("a")]), 1),
        page(&json!([]), 1),
    ]);
    assert_eq!(script.issuer().revoke(&fresh()).await.unwrap(), Revocation::NotFound);
    assert_eq!(script.requests(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_list_without_end_is_read_until_the_deadline() {
    let pages = AtomicUsize::new(0);
    let script = Script::slow(Duration::from_millis(300), move |_| {
        let page = pages.fetch_add(1, Ordering::Relaxed);
        assert!(page < 1_000, "the deadline ends it long before");
        let rows: Vec<_> =
            (0..100).map(|i| json!({ "api_key": format!("{page}-{i}"), "id": "1" })).collect();
        answer(200, keys(&rows.into()))
    });
    let began = tokio::time::Instant::now();
    let error = script.issuer().revoke(&fresh()).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Timeout, Some(Operation::Revoke)));
    assert_ne!(error.effect(), Effect::Unknown, "no deletion was sent");
    let took = began.elapsed();
    assert!(took >= Duration::from_secs(30) && took < Duration::from_secs(31), "{took:?}");
    assert!(script.targets().iter().all(|target| target.starts_with("GET")));
}

#[tokio::test(start_paused = true)]
async fn the_list_and_the_deletion_share_the_deadline() {
    let script = Script::slow(Duration::from_secs(14), |request| match *request.method() {
        Method::GET => answer(200, keys(&json!([{ "api_key": HOLDER_PAIR.0, "id": "the-id" }]))),
        _ => Err(TransportError::new(TransportErrorKind::Closed, Reach::MaybeSent)),
    });
    let began = tokio::time::Instant::now();
    let error = script.issuer().revoke(&fresh()).await.unwrap_err();
    assert_eq!((error.effect(), error.operation()), (Effect::Unknown, Some(Operation::Revoke)));
    assert!(began.elapsed() <= Duration::from_millis(30_010), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_fails_while_a_key_is_looked_for_has_revoked_nothing() {
    let no_id = keys(&json!([{ "api_key": HOLDER_PAIR.0, "secret_key": "canary" }]));
    for (status, words, kind) in [
        (500, fail("no"), Unavailable),
        (403, fail("no"), PermissionDenied),
        (200, HTML.to_owned(), UnreadableAnswer),
        (200, no_id, UnreadableAnswer),
    ] {
        let script = Script::with(move |_| answer(status, words.clone()));
        assert_revokes_nothing(&script, kind, Effect::Rejected).await;
    }
    for (failure, reach, effect) in [
        (TransportErrorKind::Closed, Reach::MaybeSent, Effect::Rejected),
        (TransportErrorKind::Connect, Reach::NotSent, Effect::NotSent),
    ] {
        let script = Script::with(move |_| Err(TransportError::new(failure, reach)));
        assert_revokes_nothing(&script, ErrorKind::Connection, effect).await;
    }
}

async fn assert_revokes_nothing(script: &Script, kind: ErrorKind, effect: Effect) {
    let error = script.issuer().revoke(&fresh()).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (kind, effect), "{error}");
    assert!(error.to_string().starts_with("cannot revoke the key at w3ipfs: "), "{error}");
    assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    assert!(script.targets().iter().all(|target| target.starts_with("GET")));
}

#[tokio::test(start_paused = true)]
async fn a_revocation_is_repeated_after_a_fault_and_believes_what_comes_then() {
    let gone = || answer(404, fail(NO_RECORD));
    let script = Script::new(vec![answer(502, HTML), gone()]);
    assert_eq!(script.issuer().revoke(&listed()).await.unwrap(), Revocation::AlreadyGone);
    assert_eq!(script.requests(), 2);
}

#[tokio::test]
async fn a_create_whose_answer_got_lost_is_settled_by_its_name() {
    let script = Script::with(|request| match *request.method() {
        Method::POST => Err(TransportError::new(TransportErrorKind::Closed, Reach::MaybeSent)),
        Method::GET if request.uri().query().unwrap().starts_with("offset=0&") => {
            answer(200, keys(&json!([{ "api_key": "k", "id": "the-id", "name": "user-42" }])))
        }
        Method::GET => answer(200, keys(&Value::Null)),
        _ => answer(200, body("documents/deleted.json")),
    });
    let issuer = script.issuer();
    let error = issuer.issue(&request()).await.unwrap_err();
    assert_eq!(error.effect(), Effect::Unknown);
    let settled = issuer.reconcile(error.key_name().unwrap()).await.unwrap();
    let Reconciliation::Settled { revocation: Revocation::Revoked, .. } = settled else {
        panic!("{settled:?}")
    };
    assert_eq!(script.requests(), 4);
}
