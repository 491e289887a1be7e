//! How lists of keys are read, whatever their age and shape.

mod support;

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use pinning_keys_core::{
    Effect, Error, ErrorKind, KeyIssuer, KeyPage, KeyQuery, KeyRecord, Operation,
};
use pinning_keys_w3ipfs::SCOPES;
use serde_json::{Value, json};
use support::{Account, Answers, EMPTY, HTML, Script, answer, answer_with, body, failed, keys};

async fn list(words: impl Into<Bytes>) -> Result<KeyPage, Error> {
    Script::answer(200, words).issuer().list(&KeyQuery::new()).await
}

/// The only record of a list with this row.
async fn record(row: &Value) -> KeyRecord {
    let mut records = list(keys(&json!([row]))).await.unwrap().into_records();
    assert_eq!(records.len(), 1, "{row}");
    records.remove(0)
}

#[tokio::test]
async fn keys_of_every_age_are_read_without_their_secrets() {
    let page = list(body("documents/listed.json")).await.unwrap();
    let [own, tokens, dashboard, later] = page.records() else { panic!("four keys are listed") };

    assert_eq!(own.name(), "Default");
    assert!(own.scope().is_admin());
    assert_eq!(own.native_grants(), ["admin"]);
    let created_at = SystemTime::UNIX_EPOCH + Duration::from_micros(1_672_571_471_111_111);
    assert_eq!(own.created_at(), Some(created_at));
    assert_eq!((own.is_revoked(), own.table()), (Some(false), Some(&SCOPES)));
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
async fn creation_time_is_read_in_any_offset_or_absent() {
    let since_1970 = |seconds| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
    for (created_at, expected) in [
        (json!("2024-06-12T15:34:50Z"), since_1970(1_718_206_490)),
        (json!("2024-06-12T22:34:50+07:00"), since_1970(1_718_206_490)),
        (json!("2024-06-12T10:34:50-05:00"), since_1970(1_718_206_490)),
        (json!("2024-06-12T10:34:50-5"), None),
        (json!("1970-01-01T00:00:00Z"), since_1970(0)),
        // Before 1970 there were no keys; a server in Go sends the first for an unknown time.
        (json!("0001-01-01T00:00:00Z"), None),
        (json!("1969-12-31T23:59:59Z"), None),
        (json!("yesterday"), None),
        (json!(1_718_206_490), None),
        (json!(null), None),
    ] {
        let row = json!({ "api_key": "k", "id": "1", "created_at": created_at });
        assert_eq!(record(&row).await.created_at(), expected, "{created_at}");
    }
}

#[tokio::test]
async fn page_has_the_date_of_its_answer() {
    let script = |headers: &[_]| Script::new([answer_with(200, headers, EMPTY)]);
    let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
    let page = script(&[date]).issuer().list(&KeyQuery::new()).await.unwrap();
    assert_eq!(page.date(), Some(SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777)));
    assert_eq!(script(&[]).issuer().list(&KeyQuery::new()).await.unwrap().date(), None);
}

#[tokio::test]
async fn unknown_scopes_are_lower_bounds_and_never_fatal() {
    for (scopes, scope, is_lower_bound) in [
        (json!({}), "nothing", false),
        (json!(null), "nothing", true),
        (json!([]), "nothing", true),
        (json!(7), "nothing", true),
        (json!("admin"), "nothing", true),
        (json!({ "admin": false }), "nothing", false),
        (json!({ "admin": null }), "nothing", false),
        (json!({ "admin": "yes" }), "nothing", true),
        (json!({ "admin": 1 }), "nothing", true),
        (json!({ "admin": { "keys": true } }), "nothing", true),
        (json!({ "admin": true }), "admin", false),
        (json!({ "admin": true, "data": { "pin_list": true } }), "admin", false),
        (json!({ "admin": true, "data": { "pin_list": false }, "pinning": null }), "admin", false),
        (json!({ "data": null, "pinning": { "unpin": null } }), "nothing", false),
        (json!({ "data": { "pin_list": true, "pin_beam": true } }), "pins:list", true),
        (json!({ "data": { "pin_list": true }, "vectors": { "read": true } }), "pins:list", true),
        (json!({ "vectors": { "read": false }, "data": { "pin_list": true } }), "pins:list", false),
        (json!({ "data": true }), "nothing", true),
        (json!({ "data": { "pin_list": "true" } }), "pins:list", false),
    ] {
        let record = record(&json!({ "api_key": "k", "id": "1", "scopes": scopes })).await;
        assert_eq!(record.scope().to_string(), scope, "{scopes}");
        assert_eq!(record.reading().is_lower_bound(), is_lower_bound, "{scopes}");
    }
    let admin =
        json!({ "pinning": { "unpin": true }, "data": { "pin_list": true }, "admin": true });
    let record = record(&json!({ "api_key": "k", "id": "1", "scopes": admin })).await;
    assert_eq!(record.native_grants(), ["admin", "data.pin_list", "pinning.unpin"]);
}

const JWT: &str = "eyJhbGciOiJub25lIn0.e30.";
const SECRET: &str = "c2FtcGxlLXNlY3JldC1zYW1wbGUtc2VjcmV0LXMxMjM=";

#[tokio::test]
async fn unreadable_rows_are_counted_and_hide_no_others() {
    let rows = json!([
        { "api_key": "a", "id": 7, "created_at": 7, "name": 7, "secret_key": {} },
        null,
        { "api_key": "" },
        { "api_key": null, "id": "1" },
        { "id": "no key" },
        { "api_key": 9 },
        "row",
        7,
        ["c"],
        ["c", "id-c", "name"],
        { "api_key": "b", "id": null, "name": null, "scopes": null, "created_at": null },
        { "api_key": JWT },
        { "api_key": SECRET },
        { "api_key": "c", "id": JWT },
        { "api_key": "d", "id": SECRET },
    ]);
    let page = list(keys(&rows)).await.unwrap();
    let [a, b, c, d] = page.records() else { panic!("four rows are readable: {page:?}") };
    assert_eq!((c.key_ref().id(), d.key_ref().id()), (None, None));
    assert_eq!((a.name(), a.key_ref().id(), a.created_at()), ("", None, None));
    assert_eq!((b.key_ref().api_key(), b.key_ref().id()), ("b", None));
    assert!(b.reading().is_lower_bound());
    assert_eq!(page.discrepancies().unreadable_rows(), 11);
    let shown = format!("{page:?}");
    assert!(!shown.contains(JWT) && !shown.contains(SECRET), "{shown}");
}

#[tokio::test]
async fn list_without_keys_is_empty_and_other_shapes_are_errors() {
    for empty in [
        EMPTY,
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
        r#"{"data":[[],0],"status":"success"}"#,
        r#"{"api_keys":[]}"#,
        r#"{"data":{"api_keys":[{"api_key":"canary"#,
        HTML,
    ] {
        let error = failed(Operation::List, Account::Jwt, answer(200, other)).await;
        let expected = (ErrorKind::UnreadableAnswer, Effect::Rejected);
        assert_eq!((error.kind(), error.effect()), expected, "{other}");
    }
}
