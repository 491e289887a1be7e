//! Key management of the legacy routes, `/users/*`.

mod common;

use common::{Bench, answer, observed};
use pinning_keys_emulator::PinataAssumptions;
use serde_json::{Value, json};

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
async fn the_documented_bodies_work_with_either_credential() {
    let bench = Bench::new().await;
    let admin = bench.admin();
    for pair in [false, true] {
        let request = |method: &str, path: &str| {
            if pair { bench.pair(method, path, &admin) } else { bench.bearer(method, path, &admin) }
        };
        let response = request("POST", CREATE).json(&documented()).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let text = response.text().await.unwrap();
        // The token comes last here, other than on v3.
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
async fn the_store_is_that_of_v3() {
    let bench = Bench::new().await;
    let made = bench.make("v3", json!({ "resources": ["org:read"] })).await;
    let (_, listed) = answer(bench.as_admin("GET", LIST)).await;
    let (_, v3) = answer(bench.as_admin("GET", "/v3/api_keys")).await;
    assert_eq!(listed, v3);
    let revoke = bench.as_admin("PUT", REVOKE).json(&json!({ "apiKey": made.key }));
    assert_eq!(answer(revoke).await.0, 200);
    assert!(bench.emulator.pinata().keys()[0].revoked);
}

#[tokio::test]
async fn only_offset_is_looked_at_in_a_list() {
    let bench = Bench::new().await;
    for number in 0..12 {
        bench.make(&format!("key {number}"), json!({ "admin": true })).await;
    }
    for (query, length) in [
        ("", 10),
        ("?offset=10", 2),
        ("?offset=12", 0),
        ("?name=nobody&revoked=true&limitedUse=maybe", 10),
    ] {
        let (status, body) = answer(bench.as_admin("GET", &format!("{LIST}{query}"))).await;
        assert_eq!(status, 200);
        assert_eq!(body["keys"].as_array().unwrap().len(), length, "{query}");
    }
    let (status, body) = answer(bench.as_admin("GET", &format!("{LIST}?offset=x"))).await;
    assert_eq!((status, &body["error"]["reason"]), (400, &json!("INVALID_REQUEST")));
}

#[tokio::test]
async fn org_write_does_not_open_it() {
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
async fn what_is_wrong_is_told_in_the_legacy_form() {
    let bench = Bench::new().await;
    for (method, path, body) in [
        ("POST", CREATE, json!([])),
        ("POST", CREATE, json!({ "permissions": { "admin": true } })),
        // Unlike on v3, they are required.
        ("POST", CREATE, json!({ "keyName": "k" })),
        ("POST", CREATE, json!({ "keyName": "k", "permissions": { "admin": "yes" } })),
        ("PUT", REVOKE, json!({})),
        ("PUT", REVOKE, json!({ "apiKey": 5 })),
    ] {
        let (status, answered) = answer(bench.as_admin(method, path).json(&body)).await;
        assert_eq!((status, &answered["error"]["reason"]), (400, &json!("INVALID_REQUEST")));
    }
    let unknown = bench.as_admin("PUT", REVOKE).json(&json!({ "apiKey": "never" }));
    assert_eq!(answer(unknown).await, observed("404_object_not_found"));
    assert_eq!(bench.emulator.keys_made(), 0);
}

#[tokio::test]
async fn resources_are_not_of_the_legacy_schema() {
    let body = json!({ "keyName": "k", "permissions": { "resources": ["org:files:read"] } });
    for (takes, status) in [(false, 400), (true, 200)] {
        let assumptions = PinataAssumptions::default().users_takes_resources(takes);
        let bench = Bench::assuming(assumptions).await;
        assert_eq!(answer(bench.as_admin("POST", CREATE).json(&body)).await.0, status);
        assert_eq!(bench.emulator.keys_made(), usize::from(takes));
    }
}

#[tokio::test]
async fn a_key_may_be_forbidden_to_revoke_itself() {
    let bench = Bench::assuming(PinataAssumptions::default().key_revokes_itself(false)).await;
    let made = bench.make("k", json!({ "admin": true })).await;
    let request = bench.bearer("PUT", REVOKE, &made).json(&json!({ "apiKey": made.key }));
    assert_eq!(answer(request).await, observed("403_no_scopes_found"));
    assert_eq!(bench.emulator.keys_live(), 1);
}
