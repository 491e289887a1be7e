//! Making, listing and using up keys.

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::{Bench, answer, observed};
use serde_json::{Value, json};

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
}

#[tokio::test]
async fn a_made_key_has_the_documented_shape() {
    let bench = Bench::new().await;
    let (status, body) = bench.try_create(json!({ "keyName": "k" })).await;
    assert_eq!(status, 200);
    let members: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["JWT", "pinata_api_key", "pinata_api_secret"]);
    assert!(is_hex(body["pinata_api_key"].as_str().unwrap(), 20));
    assert!(is_hex(body["pinata_api_secret"].as_str().unwrap(), 64));

    let jwt = body["JWT"].as_str().unwrap();
    let parts: Vec<&str> = jwt.split('.').collect();
    let decode = |part: &str| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    assert_eq!(decode(parts[0]), json!({ "alg": "HS256", "typ": "JWT" }));
    let payload = decode(parts[1]);
    assert_eq!(payload["authenticationType"], "scopedKey");
    assert_eq!(payload["scopedKeyKey"], body["pinata_api_key"]);
    assert_eq!(payload["scopedKeySecret"], body["pinata_api_secret"]);
    // 2100-01-01: in the future by the true time too.
    assert_eq!(payload["exp"], json!(4_102_444_800_u64));
    let user = payload["userInformation"].as_object().unwrap();
    for member in ["id", "email", "email_verified", "pin_policy", "mfa_enabled", "status"] {
        assert!(user.contains_key(member), "{member}");
    }
}

#[tokio::test]
async fn a_listed_key_has_the_documented_shape() {
    let bench = Bench::new().await;
    let scopes = json!({
        "admin": false,
        "endpoints": { "pinning": { "pinFileToIPFS": true, "pinJSONToIPFS": true } }
    });
    let made = bench.make("plain", scopes.clone()).await;
    bench
        .create(json!({
            "keyName": "limited",
            "permissions": { "resources": ["org:files:read"] },
            "maxUses": 3,
        }))
        .await;
    for path in ["/v3/api_keys", "/v3/pinata/keys"] {
        let (status, body) = answer(bench.as_admin("GET", path)).await;
        assert_eq!((status, &body["count"]), (200, &json!(2)));
        let [limited, plain] = &body["keys"].as_array().unwrap()[..] else { panic!("{body}") };
        assert_eq!(plain["scopes"], scopes);
        assert_eq!(plain["key"], made.key.as_str());
        assert_eq!(plain["max_uses"], Value::Null);
        assert_eq!(plain["revoked"], json!(false));
        assert_eq!(limited["max_uses"], json!(3));
        assert_eq!(limited["scopes"], json!({ "resources": ["org:files:read"] }));
        let mut members: Vec<&String> = plain.as_object().unwrap().keys().collect();
        members.sort();
        assert_eq!(
            members,
            [
                "createdAt",
                "id",
                "key",
                "max_uses",
                "name",
                "revoked",
                "scopes",
                "updatedAt",
                "user_id",
                "uses"
            ]
        );
        assert!(!body.to_string().contains(&made.secret));
    }
}

#[tokio::test]
async fn twenty_five_keys_are_three_pages_and_an_empty_one() {
    let bench = Bench::new().await;
    assert_eq!(bench.names("").await, Vec::<String>::new());
    for number in 1..=25 {
        bench.make(&format!("key {number}"), json!({ "admin": true })).await;
    }
    let mut all = Vec::new();
    for (offset, length) in [(0, 10), (10, 10), (20, 5), (25, 0), (1000, 0)] {
        let path = format!("/v3/api_keys?offset={offset}");
        let (_, body) = answer(bench.as_admin("GET", &path)).await;
        let keys = body["keys"].as_array().unwrap();
        assert_eq!((keys.len(), &body["count"]), (length, &json!(length)), "{offset}");
        all.extend(keys.iter().map(|key| key["name"].as_str().unwrap().to_owned()));
    }
    let expected: Vec<String> = (1..=25).rev().map(|number| format!("key {number}")).collect();
    assert_eq!(all, expected);
    assert_eq!(bench.emulator.keys_made(), 25);
    assert_eq!(bench.emulator.pinata().keys()[0].name, "key 1");
}

#[tokio::test]
async fn tests_see_what_was_made() {
    let bench = Bench::new().await;
    let made = bench.make("a", json!({ "resources": ["org:read"] })).await;
    bench.make("b", json!({ "admin": true })).await;
    bench.revoke(&made).await;
    let pinata = bench.emulator.pinata();
    assert_eq!((pinata.keys_made(), pinata.keys_live()), (2, 1));
    assert_eq!((bench.emulator.keys_made(), bench.emulator.keys_live()), (2, 1));
    let scopes: Vec<String> = pinata.keys().into_iter().map(|key| key.scopes).collect();
    assert_eq!(scopes, [r#"{"resources":["org:read"]}"#, r#"{"admin":true}"#]);
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
async fn the_other_filters() {
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
    let made = bench
        .create(json!({
            "keyName": "three", "maxUses": 3,
            "permissions": { "resources": ["org:files:read"] },
        }))
        .await;
    let list = || bench.bearer("GET", "/v3/files/public", &made);
    assert_eq!(answer(list()).await.0, 200);
    assert_eq!(answer(bench.bearer("GET", "/data/testAuthentication", &made)).await.0, 200);
    // Refused for its scope, and counted all the same.
    assert_eq!(answer(bench.bearer("GET", "/v3/groups/public", &made)).await.0, 401);
    let key = &bench.emulator.pinata().keys()[0];
    assert_eq!((key.uses, key.max_uses), (3, Some(3)));
    assert_eq!(answer(list()).await, observed("401_v3_not_authorized"));
    let legacy = answer(bench.bearer("GET", "/data/testAuthentication", &made)).await;
    assert_eq!(legacy, observed("401_invalid_bearer"));
    assert_eq!(bench.emulator.pinata().keys()[0].uses, 3);
}

#[tokio::test]
async fn creates_that_make_no_sense_make_no_key() {
    let bench = Bench::new().await;
    let admin = json!({ "admin": true });
    for body in [
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
    ] {
        let (status, answer) = bench.try_create(body.clone()).await;
        assert_eq!((status, &answer["error"]["code"]), (400, &json!(400)), "{body}");
        assert!(answer["error"]["message"].is_string());
    }
    assert_eq!(bench.emulator.keys_made(), 0);
    assert_eq!(bench.emulator.requests_to(&http::Method::POST, "/v3/api_keys"), 13);
}

/// The example of the v3 document 'Create API Key' (OpenAPI), whose name is `keyname`.
#[tokio::test]
async fn the_documents_example_makes_a_key() {
    let bench = Bench::new().await;
    let example = json!({ "keyname": "A test", "permissions": { "admin": true }, "maxUses": 2 });
    let (status, made) = bench.try_create(example).await;
    assert_eq!(status, 200);
    assert!(made["JWT"].is_string());
    assert_eq!(bench.names("").await, ["A test"]);
}

#[tokio::test]
async fn both_families_share_one_store_and_decode_the_key_in_the_path() {
    let bench = Bench::new().await;
    let body = json!({ "keyName": "sdk", "permissions": { "admin": true } });
    let (status, made) = answer(bench.as_admin("POST", "/v3/pinata/keys").json(&body)).await;
    assert_eq!(status, 200);
    assert_eq!(bench.names("").await, ["sdk"]);
    let key = made["pinata_api_key"].as_str().unwrap();
    // Percent-encoded although it need not be.
    let encoded = format!("%{:02X}{}", key.as_bytes()[0], &key[1..]);
    let (status, body) = answer(bench.as_admin("DELETE", &format!("/v3/api_keys/{encoded}"))).await;
    assert_eq!((status, body), (200, json!("Revoked")));
    assert!(bench.emulator.pinata().keys()[0].revoked);
    let (status, _) = answer(bench.as_admin("DELETE", "/v3/api_keys/a%2Fb%3Fc%23d")).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn the_admin_credential_is_not_in_the_list_and_cannot_be_revoked() {
    let bench = Bench::new().await;
    let admin = bench.admin();
    assert_eq!(bench.revoke(&admin).await.0, 404);
    assert_eq!(bench.names("").await, Vec::<String>::new());
    assert_eq!(bench.emulator.keys_made(), 0);
}

#[tokio::test]
async fn the_same_seed_and_requests_give_the_same_answers() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let bench = Bench::new().await;
        bench.make("a", json!({ "admin": true })).await;
        bench.make("b", json!({ "resources": ["org:read"] })).await;
        runs.push(answer(bench.as_admin("GET", "/v3/api_keys")).await.1);
    }
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0]["keys"][0]["createdAt"].as_str().unwrap().starts_with("2025-01-01T"));
}

#[tokio::test]
async fn no_secret_in_debug() {
    let bench = Bench::new().await;
    let made = bench.make("k", json!({ "admin": true })).await;
    let emulator = &bench.emulator;
    let text = format!(
        "{emulator:?} {:?} {:?} {:?}",
        emulator.pinata(),
        emulator.transport(),
        emulator.pinata().keys()
    );
    for secret in [&made.jwt, &made.secret, &bench.admin().jwt, &bench.admin().secret] {
        assert!(!text.contains(secret.as_str()));
    }
}
