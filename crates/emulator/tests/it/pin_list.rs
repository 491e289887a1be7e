//! Pinata's legacy list finds pins by their key-values, and goes on showing what was unpinned.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::common::Bench;

async fn pin(bench: &Bench, name: &str, keyvalues: &Value) -> String {
    let metadata = json!({ "name": name, "keyvalues": keyvalues });
    let body = json!({ "pinataContent": { "name": name }, "pinataMetadata": metadata });
    let (status, mut pinned) = bench.send("POST", "/pinning/pinJSONToIPFS", &body).await;
    assert_eq!(status, 200, "{pinned}");
    pinned["IpfsHash"].take().as_str().unwrap().to_owned()
}

/// The response to a list with these tests of key-values.
async fn list(bench: &Bench, tests: &Value) -> (u16, Value) {
    let tests = tests.to_string();
    let tests = utf8_percent_encode(&tests, NON_ALPHANUMERIC);
    bench.call("GET", &format!("/data/pinList?metadata[keyvalues]={tests}")).await
}

fn names(body: &Value) -> Vec<&str> {
    let rows = body["rows"].as_array().unwrap().iter();
    rows.map(|row| row["metadata"]["name"].as_str().unwrap()).collect()
}

/// The operations of the provider's page on pinList, and of the README of its JavaScript client.
/// `none` lacks the key, and so fits none of them, which is inferred, as is how values compare.
#[tokio::test]
async fn operation_selects_pins_by_a_keyvalue() {
    let bench = Bench::new().await;
    pin(&bench, "none", &json!({})).await;
    pin(&bench, "5", &json!({ "total": 5, "text": "Invoice 5", "at": "2024-05-01" })).await;
    pin(&bench, "10", &json!({ "total": 10, "text": "invoice 10", "at": "2024-10-01" })).await;
    pin(&bench, "75", &json!({ "total": 75.5, "text": "receipt", "at": "2025-01-01" })).await;
    for (key, test, expected) in [
        ("total", json!({ "op": "gt", "value": 10 }), &["75"][..]),
        ("total", json!({ "op": "gte", "value": 10 }), &["75", "10"]),
        ("total", json!({ "op": "lt", "value": 10 }), &["5"]),
        ("total", json!({ "op": "lte", "value": 10 }), &["10", "5"]),
        ("total", json!({ "op": "eq", "value": 10 }), &["10"]),
        ("total", json!({ "op": "ne", "value": 10 }), &["75", "5"]),
        // As in the provider's own example: a number that was stored, sought as text.
        ("total", json!({ "op": "eq", "value": "10" }), &["10"]),
        ("total", json!({ "op": "between", "value": 5, "secondValue": 10 }), &["10", "5"]),
        ("total", json!({ "op": "notBetween", "value": 5, "secondValue": 10 }), &["75"]),
        ("at", json!({ "op": "gt", "value": "2024-09-30" }), &["75", "10"]),
        ("text", json!({ "op": "like", "value": "invoice%" }), &["10"]),
        ("text", json!({ "op": "notLike", "value": "invoice%" }), &["75", "5"]),
        ("text", json!({ "op": "iLike", "value": "INVOICE%" }), &["10", "5"]),
        ("text", json!({ "op": "notILike", "value": "INVOICE%" }), &["75"]),
    ] {
        let (status, body) = list(&bench, &json!({ key: test })).await;
        assert_eq!((status, names(&body)), (200, expected.to_vec()), "{key}: {test}");
    }
    let both = json!({
        "total": { "op": "gt", "value": 5 }, "text": { "op": "like", "value": "%1%" },
    });
    assert_eq!(names(&list(&bench, &both).await.1), ["10"]);

    for op in ["regexp", "iRegexp"] {
        let (status, body) = list(&bench, &json!({ "text": { "op": op, "value": "^i" } })).await;
        let details = format!("the emulator does not honour {op} of metadata[keyvalues][text]");
        assert_eq!((status, &body["error"]["details"]), (501, &json!(details)));
    }
    for malformed in [
        json!([]),
        json!({ "text": "Invoice 5" }),
        json!({ "text": { "value": "a" } }),
        json!({ "text": { "op": "eq" } }),
        json!({ "text": { "op": "is", "value": "a" } }),
        json!({ "total": { "op": "between", "value": 1 } }),
    ] {
        assert_eq!(list(&bench, &malformed).await.0, 400, "{malformed}");
    }
}

/// The case that hurt: a clean-up that unpins whatever it lists.
#[tokio::test]
async fn clean_up_by_keyvalues_spares_other_pins() {
    let bench = Bench::new().await;
    let keep = pin(&bench, "live site", &json!({ "branch": "main" })).await;
    for name in ["preview 1", "preview 2"] {
        pin(&bench, name, &json!({ "branch": "preview" })).await;
    }
    let previews = json!({ "branch": { "value": "preview", "op": "eq" } });
    let (_, listed) = list(&bench, &previews).await;
    for row in listed["rows"].as_array().unwrap() {
        let path = format!("/pinning/unpin/{}", row["ipfs_pin_hash"].as_str().unwrap());
        assert_eq!(bench.call("DELETE", &path).await.0, 200);
    }
    let (_, pinned) = bench.call("GET", "/data/pinList?status=pinned").await;
    assert_eq!(
        (names(&pinned), &pinned["rows"][0]["ipfs_pin_hash"]),
        (vec!["live site"], &json!(keep))
    );
}

/// Documented: the default `status` is `all`, and the example of the provider's OpenAPI file shows
/// an unpinned row. Without `includeCount` a count was seen; the document lets a client decline it.
#[tokio::test]
async fn unpinned_rows_stay_with_their_date() {
    let bench = Bench::new().await;
    let cid = pin(&bench, "a", &json!({})).await;
    let live = bench.call("GET", "/data/pinList").await.1["rows"][0].take();
    assert_eq!(live["date_unpinned"], Value::Null);
    assert_eq!(bench.call("DELETE", &format!("/pinning/unpin/{cid}")).await.0, 200);
    // Pinned once more, it is another row.
    pin(&bench, "a", &json!({})).await;

    let (_, all) = bench.call("GET", "/data/pinList").await;
    assert_eq!((&all["count"], names(&all)), (&json!(2), vec!["a", "a"]));
    let gone = &all["rows"][1];
    assert_eq!((&gone["id"], &gone["date_pinned"]), (&live["id"], &live["date_pinned"]));
    assert!(gone["date_unpinned"].as_str() > gone["date_pinned"].as_str(), "{gone}");
    assert_eq!(all["rows"][0]["date_unpinned"], Value::Null);

    // Nothing else shows or counts what is gone.
    let (_, total) = bench.call("GET", "/data/userPinnedDataTotal").await;
    assert_eq!(total["pin_count"], json!(1));
    let (_, files) = bench.call("GET", "/v3/files/public").await;
    assert_eq!(files["data"]["files"].as_array().unwrap().len(), 1);
    let (status, counted) = bench.call("GET", "/data/pinList?includeCount=false").await;
    assert_eq!((status, counted.get("count")), (200, None));
}

/// Assumed: no source shows what the real service does with them.
#[tokio::test]
async fn value_that_is_not_documented_is_refused() {
    let bench = Bench::new().await;
    for query in [
        "status=gone",
        "pinStart=yesterday",
        "pinEnd=1735689600",
        "unpinStart=2024-13-01T00:00:00.000Z",
        "unpinEnd=x",
        "pinSizeMin=-1",
        "pinSizeMax=1k",
        "metadata[keyvalues]=x",
        "metadata[keyvalues][a]=x",
    ] {
        let (status, body) = bench.call("GET", &format!("/data/pinList?{query}")).await;
        assert_eq!((status, &body["error"]["reason"]), (400, &json!("INVALID_REQUEST")), "{query}");
    }
    for path in [
        "/pinning/pinJobs?sort=up",
        "/v3/files/public?order=up",
        "/v3/files/public?cidPending=maybe",
        "/v3/files/public/pin_by_cid?sort=up",
        "/v3/gateways?pageSize=x",
    ] {
        assert_eq!(bench.call("GET", path).await.0, 400, "{path}");
    }
}
