//! How lists of keys are read: of every age, of every shape, and over pages that do not add up.

mod support;

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use pinning_keys_core::{
    Effect, Error, ErrorKind, KeyIssuer, KeyIssuerExt, KeyPage, KeyQuery, KeyRecord, Operation,
    ScopeRequest,
};
use pinning_keys_w3ipfs::SCOPES;
use serde_json::{Value, json};
use support::{Account, HTML, Script, answer, body, failed, keys, server, slice};

use ErrorKind::UnreadableAnswer;

async fn list(words: impl Into<Bytes>) -> Result<KeyPage, Error> {
    Script::answer(200, words).issuer().list(&KeyQuery::new()).await
}

#[tokio::test]
async fn listed_keys_of_every_age_are_read() {
    let page = list(body("documents/listed.json")).await.unwrap();
    let [own, tokens, dashboard, later] = page.records() else { panic!("four keys are listed") };

    assert_eq!(own.name(), "Default");
    assert!(own.scope().is_admin());
    assert_eq!(own.native_grants(), ["admin"]);
    assert_eq!(
        own.created_at(),
        Some(SystemTime::UNIX_EPOCH + Duration::from_micros(1_672_571_471_111_111))
    );
    assert_eq!(own.is_revoked(), Some(false));
    assert_eq!(own.table(), Some(&SCOPES));
    assert_eq!(
        own.key_ref().to_string(),
        "v1:w3ipfs:k7Yc0m4mQm2t0l4c2FtcGw==:e0f3f1d2-0d6b-4b5e-9d46-0a5a3a8a5f01"
    );

    assert_eq!(tokens.scope().to_string(), "pins:list pins:add-file pins:add-cid nfts:add");
    assert_eq!(
        tokens.native_grants(),
        [
            "data.pin_list",
            "pin_nft.pin_nft_to_ipfs",
            "pinning.pin_by_hash",
            "pinning.pin_file_to_ipfs"
        ]
    );
    assert!(!tokens.reading().is_lower_bound());

    assert_eq!(dashboard.scope().to_string(), "pins:list pins:remove");
    assert!(!dashboard.reading().is_lower_bound());
    assert_eq!(dashboard.created_at(), None);

    assert_eq!(later.scope().to_string(), "pins:list");
    assert_eq!(later.reading().unknown(), ["data.pin_beam", "telepathy.read"]);
    assert!(later.reading().is_lower_bound());

    let stored: Vec<_> = page.records().iter().map(KeyRecord::key_ref).collect();
    let shown = format!("{page:?} {page:#?} {}", serde_json::to_string(&stored).unwrap());
    assert!(!shown.contains("canary"), "a listed secret is not kept: {shown}");
}

#[tokio::test]
async fn scopes_that_nobody_documented_are_lower_bounds_and_never_fatal() {
    for (scopes, scope, is_lower_bound) in [
        ("{}", "nothing", false),
        ("null", "nothing", true),
        ("[]", "nothing", true),
        ("7", "nothing", true),
        ("\"admin\"", "nothing", true),
        (r#"{"admin":false}"#, "nothing", false),
        (r#"{"admin":null}"#, "nothing", false),
        (r#"{"admin":"yes"}"#, "nothing", true),
        (r#"{"admin":1}"#, "nothing", true),
        (r#"{"admin":{"keys":true}}"#, "nothing", true),
        (r#"{"admin":true}"#, "admin", false),
        (r#"{"admin":true,"data":{"pin_list":true}}"#, "admin", false),
        (r#"{"admin":true,"data":{"pin_list":false},"pinning":null}"#, "admin", false),
        (r#"{"data":null,"pinning":{"unpin":null}}"#, "nothing", false),
        (r#"{"data":{"pin_list":true,"pin_beam":true}}"#, "pins:list", true),
        (r#"{"data":{"pin_list":true},"vectors":{"read":true}}"#, "pins:list", true),
        (r#"{"vectors":{"read":false},"data":{"pin_list":true}}"#, "pins:list", false),
        (r#"{"data":true}"#, "nothing", true),
        (r#"{"data":{"pin_list":"true"}}"#, "pins:list", false),
    ] {
        let row = format!(r#"[{{"api_key":"k","id":"1","scopes":{scopes}}}]"#);
        let words = format!(r#"{{"data":{{"total":1,"api_keys":{row}}},"status":"success"}}"#);
        let page = list(words).await.unwrap();
        let [record] = page.records() else { panic!("one key is listed") };
        assert_eq!(record.scope().to_string(), scope, "{scopes}");
        assert_eq!(record.reading().is_lower_bound(), is_lower_bound, "{scopes}");
    }
}

#[tokio::test]
async fn an_admin_key_keeps_its_flags_among_the_native_names() {
    for scopes in [
        json!({ "admin": true, "data": { "pin_list": true }, "pinning": { "unpin": true } }),
        json!({ "pinning": { "unpin": true }, "data": { "pin_list": true }, "admin": true }),
    ] {
        let rows = json!([{ "api_key": "k", "id": "1", "scopes": scopes }]);
        let page = list(keys(&rows)).await.unwrap();
        let [record] = page.records() else { panic!("one key is listed") };
        assert_eq!(record.native_grants(), ["admin", "data.pin_list", "pinning.unpin"]);
        assert!(record.scope().is_admin());
    }
}

#[tokio::test]
async fn rows_that_cannot_be_read_hide_no_other() {
    let rows = json!([
        { "api_key": "a", "id": 7, "created_at": 7, "name": 7, "secret_key": {} },
        null,
        { "api_key": "" },
        { "api_key": null, "id": "1" },
        { "id": "no key" },
        { "api_key": 9 },
        "row",
        7,
        { "api_key": "b", "id": null, "name": null, "scopes": null, "created_at": null },
    ]);
    let page = list(keys(&rows)).await.unwrap();
    let [a, b] = page.records() else { panic!("two rows can be read: {page:?}") };
    assert_eq!((a.name(), a.key_ref().id(), a.created_at()), ("", None, None));
    assert_eq!((b.key_ref().api_key(), b.key_ref().id()), ("b", None));
    assert!(b.reading().is_lower_bound());
    assert_eq!(page.discrepancies().unreadable_rows(), 7);
}

#[tokio::test]
async fn a_list_without_keys_is_empty_and_one_of_another_shape_is_an_error() {
    for empty in [
        r#"{"data":{"total":0,"api_keys":null},"status":"success"}"#,
        r#"{"data":{"total":0,"api_keys":[]},"status":"success"}"#,
        r#"{"data":{"total":null,"api_keys":[]}}"#,
        r#"{"data":{"total":"0","api_keys":null},"status":null}"#,
    ] {
        let page = list(empty).await.unwrap();
        assert!(page.records().is_empty() && page.next().is_none(), "{empty}");
        assert!(page.discrepancies().is_empty(), "{empty}");
    }
    for other in [
        "",
        "{}",
        "[]",
        "null",
        "\"canary\"",
        r#"{"data":null,"status":"success"}"#,
        r#"{"data":{},"status":"success"}"#,
        r#"{"data":{"total":3},"status":"success"}"#,
        r#"{"data":{"api_keys":{}},"status":"success"}"#,
        r#"{"data":{"api_keys":"canary"},"status":"success"}"#,
        r#"{"data":[],"status":"success"}"#,
        r#"{"api_keys":[]}"#,
        r#"{"data":{"api_keys":[{"api_key":"canary"#,
        HTML,
    ] {
        let (error, _) = failed(Operation::List, Account::Jwt, answer(200, other)).await;
        assert_eq!((error.kind(), error.effect()), (UnreadableAnswer, Effect::Rejected), "{other}");
    }
}

#[tokio::test]
async fn every_key_is_listed_where_the_server_clamps_the_limit() {
    for (total, page_size) in
        [(0, 10), (10, 10), (25, 10), (25, 7), (25, 1), (250, 100), (250, 999)]
    {
        let script = server(total, page_size);
        let found = script.issuer().find("n").await.unwrap();
        assert_eq!(found.records().len(), total);
        assert!(found.discrepancies().is_empty(), "{}", found.discrepancies());
        assert_eq!(script.requests(), total.div_ceil(page_size.min(100)) + 1);
    }
}

#[tokio::test]
async fn a_server_that_knows_no_offset_ends_the_listing_with_a_report() {
    let page = r#"{"data":{"total":2,"api_keys":[{"api_key":"a"},{"api_key":"b"}]}}"#;
    let script = Script::with(move |_| answer(200, page));
    let found = script.issuer().find("").await.unwrap();
    assert_eq!(found.records().len(), 2);
    assert!(found.discrepancies().repeated_rows() > 0);
    assert!(script.requests() < 10);
}

#[tokio::test]
async fn rows_that_come_twice_are_dropped_and_reported() {
    let row = |key: &str| json!({ "api_key": key, "id": key, "name": "n" });
    let page = |rows: Value, total: u64| {
        answer(200, json!({ "data": { "total": total, "api_keys": rows } }).to_string())
    };
    // A key was made between the first page and the second.
    let script = Script::new(vec![
        page(json!([row("a"), row("b")]), 3),
        page(json!([row("b"), row("c")]), 4),
        page(json!([]), 4),
    ]);
    let found = script.issuer().find("n").await.unwrap();
    let keys: Vec<_> = found.records().iter().map(|key| key.key_ref().api_key()).collect();
    assert_eq!(keys, ["a", "b", "c"]);
    assert_eq!(found.discrepancies().repeated_rows(), 1);
    assert_eq!(found.discrepancies().changed_total(), Some((3, 4)));
    assert_eq!(found.discrepancies().wrong_total(), Some((4, 3)));
}

#[tokio::test]
async fn a_total_that_is_not_what_came_is_reported() {
    for (claims, reported) in
        [(26, Some((26, 25))), (24, Some((24, 25))), (10, Some((10, 25))), (25, None)]
    {
        let script = Script::with(move |request| answer(200, slice(request, 25, 10, claims)));
        let found = script.issuer().find("n").await.unwrap();
        assert_eq!(found.records().len(), 25);
        assert_eq!(found.discrepancies().wrong_total(), reported);
    }
}

#[tokio::test]
async fn unreadable_rows_of_many_pages_end_no_listing() {
    let page = |last: &str| answer(200, format!(r#"{{"data":{{"api_keys":[null,null,{last}]}}}}"#));
    let script = Script::new(vec![
        page("null"),
        page("null"),
        page("null"),
        page("null"),
        page(r#"{"api_key":"last"}"#),
        answer(200, r#"{"data":{"api_keys":null}}"#),
    ]);
    let found = script.issuer().find("").await.unwrap();
    assert_eq!(found.records().len(), 1);
    assert_eq!(found.discrepancies().unreadable_rows(), 14);
}

#[tokio::test]
async fn a_long_page_is_read_whole() {
    let name = "n".repeat(4_000);
    let rows: Vec<_> =
        (0..1_000).map(|i| json!({ "api_key": i.to_string(), "name": name })).collect();
    let page = list(keys(&rows.into())).await.unwrap();
    assert_eq!(page.records().len(), 1_000);
}

#[test]
fn the_scope_of_a_reading_can_be_asked_for_again() {
    let scope = SCOPES.read(["data.pin_list", "pinning.unpin"]).scope();
    let request = ScopeRequest::exactly(scope).unwrap();
    assert_eq!(SCOPES.translate(&request).unwrap().granted(), scope);
}
