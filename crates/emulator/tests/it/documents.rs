//! The requests of the providers' documents work as written, with only host and credentials
//! replaced. Each test names the document that they were copied from.

use serde_json::{Value, json};

use crate::common::{Bench, answer, w3ipfs};

/// Pinata's page of its JavaScript client, "create" (2025): what each of its calls sends, from
/// `pinata.keys.create`, on the route that the official client 2.5.6 uses.
#[tokio::test]
async fn creates_of_the_javascript_client_work() {
    let reader = json!({ "resources": ["org:files:read", "org:groups:read"] });
    let admin = json!({ "admin": true });
    let endpoints = json!({
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
    });
    // Every resource that the page lists.
    let all = json!({ "resources": [
        "org:read", "org:write", "org:files:read", "org:files:write", "org:groups:read",
        "org:groups:write", "org:gateways:read", "org:gateways:write", "org:analytics:read",
        "org:analytics:write",
    ] });
    let bench = Bench::new().await;
    for (permissions, max_uses) in [
        (&reader, Some(1)),
        (&admin, Some(1)),
        (&admin, None),
        (&reader, None),
        (&endpoints, None),
        (&all, None),
    ] {
        let mut body = json!({ "keyName": "user 1", "permissions": permissions });
        if let Some(max_uses) = max_uses {
            body["maxUses"] = json!(max_uses);
        }
        let create = bench.as_admin("POST", "/v3/pinata/keys").header("Source", "sdk/createKey");
        let (status, made) = answer(create.json(&body)).await;
        assert_eq!(status, 200, "{body}");
        for member in ["JWT", "pinata_api_key", "pinata_api_secret"] {
            assert!(made[member].is_string(), "{body}: {made}");
        }
        let key = bench.pinata().keys().pop().unwrap();
        assert_eq!((key.name.as_str(), key.max_uses), ("user 1", max_uses));
        let scopes: Value = serde_json::from_str(&key.scopes).unwrap();
        assert_eq!(scopes, *permissions);
    }
}

/// Pinata's page "Create API Key" of its v3 reference (2025): the example, `keyname` and all.
#[tokio::test]
async fn example_of_the_v3_reference_works() {
    let bench = Bench::new().await;
    let example = json!({ "keyname": "A test", "permissions": { "admin": true }, "maxUses": 2 });
    let (status, made) = bench.try_create(example).await;
    assert_eq!((status, made["JWT"].is_string()), (200, true));
    let key = &bench.pinata().keys()[0];
    assert_eq!((key.name.as_str(), key.max_uses), ("A test", Some(2)));
}

/// W3IPFS's page "Generate W3IPFS API key" (2023): the body of its curl line and of its Node.js
/// example, and the simplified body, whose names have no quotes there. Its examples send the
/// session token; its table names the key pair.
#[tokio::test]
async fn creates_of_the_w3ipfs_page_work_with_either_credential() {
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
    const SIMPLE: &str = r#"{
    "name": "Admin api key",
    "scopes": {
        "admin": true
    }
}"#;
    for by_pair in [false, true] {
        let bench = w3ipfs::Bench::new().await;
        for (body, name) in [(FULL, "test-api-key"), (SIMPLE, "Admin api key")] {
            let request = if by_pair {
                bench.pair("POST", "/apiKeys/", &bench.own())
            } else {
                bench.session("POST", "/apiKeys/")
            };
            let request = request.header("Content-Type", "application/json").body(body);
            let (status, made) = answer(request).await;
            assert_eq!((status, &made["data"]["name"]), (200, &json!(name)), "{made}");
            let sent: Value = serde_json::from_str(body).unwrap();
            assert_eq!(bench.list("").await["api_keys"][0]["scopes"], sent["scopes"]);
        }
    }
}
