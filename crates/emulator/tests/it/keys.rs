//! Making, listing and using up keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::common::{Bench, answer, members, observed};

fn is_hex(text: &Value, length: usize) -> bool {
    let text = text.as_str().unwrap();
    text.len() == length && text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
}

#[tokio::test]
async fn created_key_has_the_documented_shape() {
    let bench = Bench::new().await;
    let (status, body) = bench.try_create(json!({ "keyName": "k" })).await;
    assert_eq!(status, 200);
    assert_eq!(members(&body), ["JWT", "pinata_api_key", "pinata_api_secret"]);
    assert!(is_hex(&body["pinata_api_key"], 20) && is_hex(&body["pinata_api_secret"], 64));

    let parts: Vec<&str> = body["JWT"].as_str().unwrap().split('.').collect();
    let decode = |part: &str| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    assert_eq!(decode(parts[0]), json!({ "alg": "HS256", "typ": "JWT" }));
    let payload = decode(parts[1]);
    assert_eq!(payload["authenticationType"], "scopedKey");
    assert_eq!(payload["scopedKeyKey"], body["pinata_api_key"]);
    assert_eq!(payload["scopedKeySecret"], body["pinata_api_secret"]);
    // 2100-01-01, in the future by the real time too.
    assert_eq!(payload["exp"], json!(4_102_444_800_u64));
    assert_eq!(
        members(&payload["userInformation"]),
        ["email", "email_verified", "id", "mfa_enabled", "pin_policy", "status"]
    );
}

#[tokio::test]
async fn listed_key_has_the_documented_shape() {
    let bench = Bench::new().await;
    let scopes = json!({
        "admin": false,
        "endpoints": { "pinning": { "pinFileToIPFS": true, "pinJSONToIPFS": true } }
    });
    let made = bench.make("plain", scopes.clone()).await;
    let limited = json!({ "resources": ["org:files:read"] });
    bench.create(json!({ "keyName": "limited", "permissions": limited, "maxUses": 3 })).await;
    for path in ["/v3/api_keys", "/v3/pinata/keys"] {
        let (status, body) = bench.call("GET", path).await;
        assert_eq!((status, &body["count"]), (200, &json!(2)));
        assert_eq!(body["keys"][0]["max_uses"], json!(3));
        assert_eq!(body["keys"][0]["scopes"], limited);
        let plain = &body["keys"][1];
        let mut expected = json!({
            "key": made.key, "max_uses": null, "name": "plain", "revoked": false,
            "scopes": scopes, "uses": 0,
        });
        for assigned in ["createdAt", "id", "updatedAt", "user_id"] {
            assert!(plain[assigned].is_string(), "{assigned}");
            expected[assigned] = plain[assigned].clone();
        }
        assert_eq!(*plain, expected);
        assert!(plain["createdAt"].as_str().unwrap().starts_with("2025-01-01T"));
    }
}

/// The last page but one is full, and followed by an empty one.
#[tokio::test]
async fn list_is_cut_into_pages_of_ten() {
    let bench = Bench::new().await;
    assert_eq!(bench.names("").await, Vec::<String>::new());
    for number in 1..=25 {
        bench.make(&number.to_string(), json!({ "admin": true })).await;
    }
    let expected: Vec<String> = (1..=25).rev().map(|number: i32| number.to_string()).collect();
    for (offset, length) in [(0, 10), (10, 10), (15, 10), (20, 5), (25, 0), (1000, 0)] {
        let (_, body) = bench.call("GET", &format!("/v3/api_keys?offset={offset}")).await;
        assert_eq!(body["count"], json!(length), "{offset}");
        let page: Vec<_> = expected.iter().skip(offset).take(10).collect();
        assert_eq!(crate::common::names(&body["keys"]).iter().collect::<Vec<_>>(), page);
    }
    assert_eq!(bench.pinata().keys()[0].name, "1");
}

#[tokio::test]
async fn names_are_filtered_by_ilike() {
    let bench = Bench::new().await;
    for name in ["x a", "x a-2", "100% sure", "100 percent", "User_1", "userX1"] {
        bench.make(name, json!({ "admin": true })).await;
    }
    for (query, expected) in [
        ("?name=x+a", &["x a-2", "x a"][..]),
        ("?name=x%20A-", &["x a-2"]),
        ("?name=100%25", &["100 percent", "100% sure"]),
        ("?name=100%5C%25", &["100% sure"]),
        ("?name=r_1", &["userX1", "User_1"]),
        ("?name=r%5C_1", &["User_1"]),
        ("?name=1%25e", &["100 percent", "100% sure"]),
        ("?name=nobody", &[]),
        ("?name=", &["userX1", "User_1", "100 percent", "100% sure", "x a-2", "x a"]),
    ] {
        assert_eq!(bench.names(query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn other_filters_select_by_state_and_uses() {
    let bench = Bench::new().await;
    let admin = json!({ "admin": true });
    bench.make("plain", admin.clone()).await;
    let gone = bench.make("gone", admin.clone()).await;
    bench.create(json!({ "keyName": "fresh", "permissions": admin, "maxUses": 2 })).await;
    let used = bench.create(json!({ "keyName": "used", "permissions": admin, "maxUses": 1 })).await;
    bench.revoke(&gone).await;
    answer(bench.bearer("GET", "/v3/files/public", &used)).await;
    for (query, expected) in [
        ("", &["used", "fresh", "gone", "plain"][..]),
        ("?revoked=true", &["gone"]),
        ("?revoked=false", &["used", "fresh", "plain"]),
        ("?limitedUse=true", &["used", "fresh"]),
        ("?limitedUse=false", &["gone", "plain"]),
        ("?limitedUse=true&exhausted=true", &["used"]),
        ("?limitedUse=true&exhausted=false", &["fresh"]),
        ("?exhausted=true", &["used", "fresh", "gone", "plain"]),
        ("?offset=1&revoked=false&limitedUse=true&name=e", &["fresh"]),
    ] {
        assert_eq!(bench.names(query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn uses_are_counted_by_request_and_run_out() {
    let bench = Bench::new().await;
    let permissions = json!({ "resources": ["org:files:read"] });
    let three = json!({ "keyName": "three", "maxUses": 3, "permissions": permissions });
    let made = bench.create(three).await;
    let get = |path: &str| answer(bench.bearer("GET", path, &made));
    assert_eq!(get("/v3/files/public").await.0, 200);
    assert_eq!(get("/data/testAuthentication").await.0, 200);
    // Refused for its scope, and counted nevertheless.
    assert_eq!(get("/v3/groups/public").await.0, 401);
    let uses = || bench.pinata().keys().pop().map(|key| (key.uses, key.max_uses));
    assert_eq!(uses(), Some((3, Some(3))));
    assert_eq!(get("/v3/files/public").await, observed("401_v3_not_authorized"));
    assert_eq!(get("/data/testAuthentication").await, observed("401_invalid_bearer"));
    assert_eq!(uses(), Some((3, Some(3))));
}

#[tokio::test]
async fn invalid_create_makes_no_key() {
    let bench = Bench::new().await;
    let admin = json!({ "admin": true });
    let bodies = [
        json!({ "permissions": admin }),
        json!({ "keyName": 5, "permissions": admin }),
        json!({ "keyName": "k", "permissions": [] }),
        json!({ "keyName": "k", "permissions": { "admin": "yes" } }),
        json!({ "keyName": "k", "permissions": { "resources": "org:files:read" } }),
        json!({ "keyName": "k", "permissions": { "resources": [1] } }),
        json!({ "keyName": "k", "permissions": { "resources": ["org:swaps:read"] } }),
        json!({ "keyName": "k", "permissions": { "endpoints": { "pinning": true } } }),
        json!({ "keyName": "k", "permissions": { "endpoints": { "pinning": { "fly": true } } } }),
        json!({ "keyName": "k", "permissions": admin, "maxUses": 0 }),
        json!({ "keyName": "k", "permissions": admin, "maxUses": -1 }),
        json!({ "keyName": "k", "permissions": admin, "maxUses": 1.5 }),
        json!({ "keyName": "k", "permissions": admin, "maxUses": "2" }),
    ];
    for body in &bodies {
        let (status, answer) = bench.try_create(body.clone()).await;
        assert_eq!((status, &answer["error"]["code"]), (400, &json!(400)), "{body}");
        assert!(answer["error"]["message"].is_string());
    }
    assert_eq!(bench.emulator.keys_made(), 0);
    let requests = bench.emulator.requests_to(&http::Method::POST, "/v3/api_keys");
    assert_eq!(requests, bodies.len() as u64);
}

#[tokio::test]
async fn v3_families_share_one_store_and_decode_the_path() {
    let bench = Bench::new().await;
    let body = json!({ "keyName": "sdk", "permissions": { "admin": true } });
    let (status, made) = bench.send("POST", "/v3/pinata/keys", &body).await;
    assert_eq!(status, 200);
    assert_eq!(bench.names("").await, ["sdk"]);
    let key = made["pinata_api_key"].as_str().unwrap();
    // Percent-encoded although it need not be.
    let encoded = format!("%{:02X}{}", key.as_bytes()[0], &key[1..]);
    let revoked = bench.call("DELETE", &format!("/v3/api_keys/{encoded}")).await;
    assert_eq!(revoked, (200, json!("Revoked")));
    assert!(bench.pinata().keys()[0].revoked);
    assert_eq!(bench.call("DELETE", "/v3/api_keys/a%2Fb%3Fc%23d").await.0, 404);
}

#[tokio::test]
async fn admin_credential_is_not_listed_and_cannot_be_revoked() {
    let bench = Bench::new().await;
    let admin = bench.admin();
    assert_eq!(bench.revoke(&admin).await.0, 404);
    assert_eq!(bench.names("").await, Vec::<String>::new());
    assert_eq!(bench.emulator.keys_made(), 0);
}
