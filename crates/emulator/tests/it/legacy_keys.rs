//! Key management on the legacy routes, `/users/*`.

use pinning_keys_emulator::RevokeUnknown;
use serde_json::{Value, json};

use crate::common::{Bench, answer, observed};

const CREATE: &str = "/users/generateApiKey";
const LIST: &str = "/users/apiKeys";
const REVOKE: &str = "/users/revokeApiKey";

/// The body of the provider's legacy document, without its `maxUses` of 0.
fn documented() -> Value {
    json!({
        "keyName": "My Key",
        "permissions": {
            "admin": false,
            "endpoints": {
                "data": { "pinList": false, "userPinnedDataTotal": false },
                "pinning": {
                    "hashMetadata": false, "hashPinPolicy": false, "pinByHash": false,
                    "pinFileToIPFS": false, "pinJSONToIPFS": false, "pinJobs": false,
                    "unpin": false, "userPinPolicy": false,
                },
            },
        },
    })
}

#[tokio::test]
async fn documented_bodies_work_with_either_credential() {
    let bench = Bench::new().await;
    let admin = bench.admin();
    for pair in [false, true] {
        let request = |method: &str, path: &str| {
            if pair { bench.pair(method, path, &admin) } else { bench.bearer(method, path, &admin) }
        };
        let response = request("POST", CREATE).json(&documented()).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let text = response.text().await.unwrap();
        // The token comes last here, unlike on v3.
        let places = ["pinata_api_key", "pinata_api_secret", "JWT"]
            .map(|name| text.find(&format!("\"{name}\":")).unwrap());
        assert!(places.is_sorted(), "{text}");
        let made: Value = serde_json::from_str(&text).unwrap();

        let (status, listed) = answer(request("GET", LIST)).await;
        assert_eq!((status, &listed["count"]), (200, &json!(1 + usize::from(pair))));
        assert_eq!(listed["keys"][0]["key"], made["pinata_api_key"]);
        assert_eq!(listed["keys"][0]["scopes"], documented()["permissions"]);

        let body = json!({ "apiKey": made["pinata_api_key"] });
        let revoked = answer(request("PUT", REVOKE).json(&body)).await;
        assert_eq!(revoked, (200, json!("Revoked")));
    }
    assert_eq!((bench.emulator.keys_made(), bench.emulator.keys_live()), (2, 0));
}

#[tokio::test]
async fn legacy_routes_share_the_store_of_v3() {
    let bench = Bench::new().await;
    let made = bench.make("v3", json!({ "resources": ["org:read"] })).await;
    assert_eq!(bench.call("GET", LIST).await, bench.call("GET", "/v3/api_keys").await);
    assert_eq!(bench.send("PUT", REVOKE, &json!({ "apiKey": made.key })).await.0, 200);
    assert!(bench.pinata().keys()[0].revoked);
}

#[tokio::test]
async fn list_takes_no_parameter_but_offset() {
    let bench = Bench::new().await;
    for number in 0..12 {
        bench.make(&format!("key {number}"), json!({ "admin": true })).await;
    }
    for (query, length) in [("", 10), ("?offset=10", 2), ("?offset=12", 0), ("?page_size=100", 10)]
    {
        let (status, body) = bench.call("GET", &format!("{LIST}{query}")).await;
        assert_eq!(status, 200);
        assert_eq!(body["keys"].as_array().unwrap().len(), length, "{query}");
    }
    let (status, body) = bench.call("GET", &format!("{LIST}?offset=x")).await;
    assert_eq!((status, &body["error"]["reason"]), (400, &json!("INVALID_REQUEST")));
}

#[tokio::test]
async fn org_write_opens_no_legacy_route() {
    let bench = Bench::new().await;
    let made = bench.make("maker", json!({ "resources": ["org:write"] })).await;
    for (method, path) in [("POST", CREATE), ("GET", LIST), ("PUT", REVOKE)] {
        let refused = answer(bench.bearer(method, path, &made)).await;
        assert_eq!(refused, observed("403_no_scopes_found"), "{method} {path}");
        let missing = answer(bench.bare(method, path)).await;
        assert_eq!(missing, observed("400_no_auth_header"), "{method} {path}");
    }
    assert_eq!(bench.emulator.keys_made(), 1);
}

#[tokio::test]
async fn invalid_request_is_refused_in_the_legacy_form() {
    let bench = Bench::new().await;
    for (method, path, body) in [
        ("POST", CREATE, json!([])),
        ("POST", CREATE, json!({ "permissions": { "admin": true } })),
        // Unlike on v3, permissions are required.
        ("POST", CREATE, json!({ "keyName": "k" })),
        ("POST", CREATE, json!({ "keyName": "k", "permissions": { "admin": "yes" } })),
        ("POST", CREATE, json!({ "keyName": "k", "permissions": { "resources": ["org:read"] } })),
        ("PUT", REVOKE, json!({})),
        ("PUT", REVOKE, json!({ "apiKey": 5 })),
    ] {
        let (status, answered) = bench.send(method, path, &body).await;
        assert_eq!((status, &answered["error"]["reason"]), (400, &json!("INVALID_REQUEST")));
    }
    assert_eq!(bench.emulator.keys_made(), 0);
}

/// Seen: in a third party's live test of 2022, and by another client's documentation of 2023. The
/// word proves nothing on this route.
#[tokio::test]
async fn key_that_never_was_is_revoked_all_the_same() {
    let never = json!({ "apiKey": "never" });
    let bench = Bench::new().await;
    assert_eq!(bench.send("PUT", REVOKE, &never).await, (200, json!("Revoked")));
    assert_eq!(bench.call("PUT", "/v3/pinata/keys/never").await.0, 404);
    let bench = Bench::with(|assume| assume.revoke_unknown(RevokeUnknown::NotFound)).await;
    assert_eq!(bench.send("PUT", REVOKE, &never).await, observed("404_object_not_found"));
}
