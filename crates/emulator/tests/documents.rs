//! The requests of the providers' documents work as they are written, with only host and
//! credentials replaced. They are copied here from the documents that each test names.

mod common;

use common::{Bench, answer, w3ipfs};
use serde_json::{Value, json};

/// Pinata's page of its JavaScript client, "create" (2025): what each of its calls sends, from
/// `pinata.keys.create`, on the route that the official client 2.5.6 uses.
#[tokio::test]
async fn every_create_of_the_page_of_the_javascript_client() {
    let limited_reader = json!({
        "keyName": "user 1",
        "permissions": { "resources": ["org:files:read", "org:groups:read"] },
        "maxUses": 1,
    });
    let limited_admin = json!({
        "keyName": "user 1", "permissions": { "admin": true }, "maxUses": 1,
    });
    let admin = json!({ "keyName": "user 1", "permissions": { "admin": true } });
    let reader = json!({
        "keyName": "user 1",
        "permissions": { "resources": ["org:files:read", "org:groups:read"] },
    });
    let endpoints = json!({
        "keyName": "user 1",
        "permissions": {
            "endpoints": {
                "data": { "pinList": true, "userPinnedDataTotal": false },
                "pinning": {
                    "hashMetadata": true,
                    "hashPinPolicy": false,
                    "pinByHash": true,
                    "pinFileToIPFS": true,
                    "pinJSONToIPFS": true,
                    "pinJobs": false,
                    "unpin": false,
                    "userPinPolicy": false,
                },
            },
        },
    });
    let bench = Bench::new().await;
    for (body, max_uses) in [
        (limited_reader, Some(1)),
        (limited_admin, Some(1)),
        (admin, None),
        (reader, None),
        (endpoints, None),
    ] {
        let create =
            bench.as_admin("POST", "/v3/pinata/keys").header("Source", "sdk/createKey").json(&body);
        let (status, made) = answer(create).await;
        assert_eq!(status, 200, "{body}");
        for member in ["JWT", "pinata_api_key", "pinata_api_secret"] {
            assert!(made[member].is_string(), "{body}: {made}");
        }
        let key = bench.emulator.pinata().keys().pop().unwrap();
        assert_eq!((key.name.as_str(), key.max_uses), ("user 1", max_uses));
        let scopes: Value = serde_json::from_str(&key.scopes).unwrap();
        assert_eq!(scopes, body["permissions"]);
    }
    // Every resource that the page lists is one that a key can have.
    let all = json!({
        "keyName": "user 1",
        "permissions": { "resources": [
            "org:read", "org:write", "org:files:read", "org:files:write", "org:groups:read",
            "org:groups:write", "org:gateways:read", "org:gateways:write",
            "org:analytics:read", "org:analytics:write",
        ] },
    });
    assert_eq!(answer(bench.as_admin("POST", "/v3/pinata/keys").json(&all)).await.0, 200);
}

/// Pinata's page "Create API Key" of its v3 reference (2025): the example, `keyname` and all.
#[tokio::test]
async fn the_example_of_the_v3_reference() {
    let bench = Bench::new().await;
    let example = json!({ "keyname": "A test", "permissions": { "admin": true }, "maxUses": 2 });
    let (status, made) = answer(bench.as_admin("POST", "/v3/api_keys").json(&example)).await;
    assert_eq!(status, 200);
    for member in ["JWT", "pinata_api_key", "pinata_api_secret"] {
        assert!(made[member].is_string(), "{made}");
    }
    assert_eq!(bench.emulator.pinata().keys()[0].max_uses, Some(2));
}

/// Pinata's page "API Keys" (2023): its curl line, for a key that was just made, and its
/// answer.
#[tokio::test]
async fn the_curl_line_that_tries_a_key() {
    let bench = Bench::new().await;
    let made = bench.make("tried", json!({})).await;
    let request = bench
        .bare("GET", "/data/testAuthentication")
        .header("accept", "application/json")
        .header("authorization", format!("Bearer {}", made.jwt));
    let message = "Congratulations! You are communicating with the Pinata API!";
    assert_eq!(answer(request).await, (200, json!({ "message": message })));
}

/// W3IPFS's page "Generate W3IPFS API key" (2023): the body of its curl line and of its
/// Node.js example.
const FULL: &str = r#"{
    "name": "test-api-key",
    "scopes": {
        "admin": true,
        "data": {
            "pin_list": true,
            "nft_list":true
        },
        "pinning": {
            "unpin": true,
            "pin_by_hash": true,
            "pin_file_to_ipfs": true
        },
        "pin_nft":{
            "unpin_nft": true,
            "pin_nft_to_ipfs": true
        }
    }
}"#;

/// The simplified body of the same page, whose names have no quotes there.
const SIMPLE: &str = r#"{
    "name": "Admin api key",
    "scopes": {
        "admin": true
    }
}"#;

/// The same page: its examples send the session token, its table names the key pair.
#[tokio::test]
async fn both_bodies_of_the_w3ipfs_page_with_either_credential() {
    for by_pair in [false, true] {
        let bench = w3ipfs::Bench::new().await;
        for (body, name) in [(FULL, "test-api-key"), (SIMPLE, "Admin api key")] {
            let request = if by_pair {
                bench.pair("POST", "/apiKeys/", &bench.own())
            } else {
                let bearer = format!("Bearer {}", bench.w3ipfs().jwt());
                bench.bare("POST", "/apiKeys/").header("Authorization", bearer)
            };
            let request = request.header("Content-Type", "application/json").body(body);
            let (status, made) = answer(request).await;
            assert_eq!((status, &made["status"]), (200, &json!("success")), "{made}");
            let data = made["data"].as_object().unwrap();
            assert_eq!(data.len(), 3);
            assert_eq!(data["name"], name);
            assert!(data["api_key"].is_string() && data["secret_key"].is_string());
            let sent: Value = serde_json::from_str(body).unwrap();
            let row = bench.list("").await["api_keys"][0].clone();
            assert_eq!(row["scopes"], sent["scopes"]);
        }
    }
}
