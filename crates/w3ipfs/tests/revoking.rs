//! How a key is revoked: by its id, and by the list that contains the id.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::Method;
use pinning_keys_core::{Effect, Error, ErrorKind, KeyIssuer, KeyRef, Operation, Revocation};
use pinning_keys_http::{Reach, TransportErrorKind};
use serde_json::{Value, json};
use support::{
    Account, Answers, HOLDER_PAIR, HTML, NO_RECORD, NOT_W3IPFS, STATUSES, Script, Step, advice,
    answer, body, fail, failed, fresh, keys, listed, slice,
};

use ErrorKind::{NotFound, PermissionDenied, Refused, Unavailable, UnreadableAnswer};

async fn failed_revoke(status: u16, words: &str) -> Error {
    failed(Operation::Revoke, Account::Jwt, answer(status, words.to_owned())).await
}

#[tokio::test]
async fn revocation_needs_the_word_of_the_provider() {
    for said in [
        body("documents/deleted.json"),
        body("documents/deleted_as_data.json"),
        r#"{"status":"success"}"#.into(),
        r#"{"status":"success","data":null}"#.into(),
        r#"{"message":"API key has been deleted"}"#.into(),
    ] {
        for status in [200, 202] {
            // One answer is enough, because the reference contains the id.
            let script = Script::answer(status, said.clone());
            let revocation = script.issuer().revoke(&listed()).await.unwrap();
            assert_eq!(revocation, Revocation::Revoked, "{said:?}");
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
            assert_eq!(failed_revoke(status, unsaid).await.effect(), Effect::Unknown, "{unsaid}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn key_is_gone_only_if_the_provider_says_so() {
    // After an error of the server, too.
    let gone = Script::new([answer(502, HTML), answer(404, fail(NO_RECORD))]);
    assert_eq!(gone.issuer().revoke(&listed()).await.unwrap(), Revocation::AlreadyGone);

    // The framework's own answer is about the route, and an HTML page is a proxy's.
    for (words, is_foreign) in [
        ("", true),
        ("404 page not found", true),
        (HTML, true),
        ("{}", true),
        (r#"{"message":"no Route matched"}"#, true),
        (&fail("of other words"), false),
        (&fail("other record not found"), false),
        (&fail("record not found in this project"), false),
    ] {
        let error = failed_revoke(404, words).await;
        let kind = if is_foreign { Refused } else { NotFound };
        assert_eq!((error.kind(), error.effect()), (kind, Effect::Rejected), "{words}");
        assert_eq!(advice(&error).contains(NOT_W3IPFS), is_foreign, "{error:#}");
    }
    for status in [200, 400, 401, 403, 409, 410, 500] {
        let error = failed_revoke(status, &fail(NO_RECORD)).await;
        assert!(error.to_string().contains(NO_RECORD), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn default_key_is_not_deleted_whatever_the_status() {
    let undeletable = "Cannot delete the default API key";
    for status in STATUSES.into_iter().chain([200]) {
        let error = failed_revoke(status, &fail(undeletable)).await;
        // After a 5xx the deletion is repeated, and only the status of earlier answers counts.
        let effect = if status < 500 { Effect::Rejected } else { Effect::Unknown };
        assert_eq!((error.kind(), error.effect()), (Refused, effect), "{status}");
        assert!(error.to_string().contains(undeletable), "{error}");
    }
}

#[tokio::test]
async fn fresh_key_is_revoked_by_the_id_in_the_list() {
    // Keys are base 64, so case distinguishes them.
    let upper = json!({ "api_key": HOLDER_PAIR.0.to_uppercase(), "id": "upper" });
    let shorter = json!({ "api_key": "holders+key/=", "id": "shorter" });
    let found = json!({ "api_key": HOLDER_PAIR.0, "id": "the-id", "secret_key": "canary" });
    let script = Script::new([
        answer(200, keys(&json!([upper, shorter]))),
        answer(200, keys(&json!([shorter, null, found]))),
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
async fn key_that_is_not_listed_is_not_found() {
    // A consistent list is read once, an inconsistent one twice.
    for (claims, requests) in [(25, 4), (26, 8)] {
        let script = Script::with(move |request| answer(200, slice(request, 25, 10, claims)));
        assert_eq!(script.issuer().revoke(&fresh()).await.unwrap(), Revocation::NotFound);
        assert_eq!(script.count(), requests);
        assert!(script.targets().iter().all(|target| target.starts_with("GET")));
    }
}

/// People lose it when they copy a key.
#[tokio::test]
async fn reference_without_its_base64_padding_is_reported_as_such() {
    let whole = json!([{ "api_key": "a2V5a2V5a2V5a2V5a2V5aw==", "id": "1" }]);
    for (reference, is_reported) in [
        ("a2V5a2V5a2V5a2V5a2V5aw", true),
        ("a2V5a2V5a2V5a2V5a2V5aw=", true),
        ("a2V5a2V5a2V5a2V5a2V5", false),
    ] {
        let rows = keys(&whole);
        let script = Script::with(move |_| answer(200, rows.clone()));
        let revoked = script.issuer().revoke(&KeyRef::new("w3ipfs", reference).unwrap()).await;
        if is_reported {
            let error = revoked.unwrap_err();
            let expected = (ErrorKind::InvalidInput, Effect::Rejected);
            assert_eq!((error.kind(), error.effect()), expected, "{error}");
            assert!(error.to_string().contains("lacks the \"=\""), "{error}");
        } else {
            assert_eq!(revoked.unwrap(), Revocation::NotFound);
        }
        assert!(script.targets().iter().all(|target| target.starts_with("GET")));
    }
}

/// A server that ignores the offset has sent all its rows if it has sent the total that it claims.
#[tokio::test]
async fn list_that_ignores_the_offset_is_read_twice_at_most() {
    for (claims, requests) in [(12, 2), (13, 8)] {
        let rows: Vec<_> = (0..12).map(|n| row(&format!("key-{n}"))).collect();
        let script = Script::with(move |_| page(&json!(rows), claims));
        assert_eq!(script.issuer().revoke(&fresh()).await.unwrap(), Revocation::NotFound);
        assert_eq!(script.count(), requests);
    }
}

fn page(rows: &Value, total: usize) -> Step {
    answer(200, json!({ "data": { "total": total, "api_keys": rows } }).to_string())
}

fn row(key: &str) -> Value {
    json!({ "api_key": key, "id": format!("id-{key}") })
}

#[tokio::test]
async fn inconsistent_list_is_read_again() {
    let first = || page(&json!([row("a"), row("b")]), 3);
    let found = || page(&json!([row("b"), row(HOLDER_PAIR.0)]), 3);
    for pages in [
        // The second page repeats a row, or contains an unreadable one; the last is faultless.
        [first(), page(&json!([row("a"), row("b"), row("c")]), 3), page(&json!([row("c")]), 3)],
        [first(), page(&json!([row("b"), null]), 3), page(&json!([null]), 3)],
    ] {
        let deleted = answer(200, body("documents/deleted.json"));
        let script = Script::new(pages.into_iter().chain([found(), deleted]));
        assert_eq!(script.issuer().revoke(&fresh()).await.unwrap(), Revocation::Revoked);
        assert_eq!(script.count(), 5);
        assert!(script.targets()[4].starts_with("DELETE"), "{:?}", script.targets());
    }
}

/// Between the pages "a" is deleted, and the wanted key moves to the first page.
#[tokio::test]
async fn key_that_moves_to_an_earlier_page_is_found_there() {
    let script = Script::new([
        page(&json!([row("a"), row("b")]), 4),
        page(&json!([row("d")]), 3),
        page(&json!([row("b"), row(HOLDER_PAIR.0)]), 3),
        answer(200, body("documents/deleted.json")),
    ]);
    assert_eq!(script.issuer().revoke(&fresh()).await.unwrap(), Revocation::Revoked);
    assert!(script.targets()[2].contains("offset=0&"), "{:?}", script.targets());
}

/// An unreadable row may be the wanted key.
#[tokio::test]
async fn unreadable_row_leaves_open_whether_the_key_exists() {
    let script = Script::with(|request| {
        let is_first = request.uri().query().unwrap().starts_with("offset=0&");
        let last = json!({ "id": "no key" });
        page(&if is_first { json!([null, row("a"), last]) } else { json!([last]) }, 3)
    });
    let error = assert_revokes_nothing(&script, UnreadableAnswer, Effect::Rejected).await;
    assert!(error.to_string().contains("the key list is inconsistent: 2 rows"), "{error}");
    assert!(advice(&error).contains("may be the key"), "{error:#}");
    assert_eq!(script.count(), 4);

    // On the second reading all rows are readable, and they are other keys.
    let empty = || page(&json!([]), 1);
    let (unreadable, other) = (page(&json!([null]), 1), page(&json!([row("a")]), 1));
    let script = Script::new([unreadable, empty(), other, empty()]);
    assert_eq!(script.issuer().revoke(&fresh()).await.unwrap(), Revocation::NotFound);
}

#[tokio::test(start_paused = true)]
async fn endless_list_is_read_until_the_deadline() {
    let pages = AtomicUsize::new(0);
    let script = Script::slow(Duration::from_millis(310), move |_| {
        let page = pages.fetch_add(1, Ordering::Relaxed);
        assert!(page < 1_000, "the deadline ends it long before");
        let rows: Vec<_> =
            (0..100).map(|i| json!({ "api_key": format!("{page}-{i}"), "id": "1" })).collect();
        answer(200, keys(&rows.into()))
    });
    let began = tokio::time::Instant::now();
    assert_revokes_nothing(&script, ErrorKind::Timeout, Effect::Rejected).await;
    let took = began.elapsed();
    assert!(took >= Duration::from_secs(30) && took < Duration::from_secs(31), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn list_and_deletion_share_the_deadline() {
    let script = Script::slow(Duration::from_secs(14), |request| match *request.method() {
        Method::GET => answer(200, keys(&json!([row(HOLDER_PAIR.0)]))),
        _ => Step::Fail(TransportErrorKind::Closed, Reach::MaybeSent),
    });
    let began = tokio::time::Instant::now();
    let error = script.issuer().revoke(&fresh()).await.unwrap_err();
    assert_eq!((error.effect(), error.operation()), (Effect::Unknown, Some(Operation::Revoke)));
    assert!(began.elapsed() <= Duration::from_millis(30_010), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn failure_to_find_the_key_revokes_nothing() {
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
        let script = Script::with(move |_| Step::Fail(failure, reach));
        assert_revokes_nothing(&script, ErrorKind::Connection, effect).await;
    }
}

async fn assert_revokes_nothing(script: &Script, kind: ErrorKind, effect: Effect) -> Error {
    let error = script.issuer().revoke(&fresh()).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (kind, effect), "{error}");
    assert_eq!((error.operation(), error.provider()), (Some(Operation::Revoke), Some("w3ipfs")));
    assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    assert!(script.targets().iter().all(|target| target.starts_with("GET")));
    error
}
