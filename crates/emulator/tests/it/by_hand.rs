//! Keys that the account's owner creates, revokes and widens without the app under test.

use http::{HeaderMap, Method};
use pinning_keys_emulator::Emulator;
use serde_json::{Value, json};

use crate::common::table::bearer;
use crate::common::{Bench, names, w3ipfs};

const READER: &str = r#"{"resources":["org:files:read"]}"#;

#[tokio::test]
async fn pinata_key_by_hand_is_one_of_the_account() {
    let bench = Bench::new().await;
    let made = bench.make("ours", json!({ "resources": ["org:files:read"] })).await;
    let by_hand = bench.pinata().create_key("ours", READER);
    let (_, listed) = bench.call("GET", "/v3/api_keys").await;
    assert_eq!(names(&listed["keys"]), ["ours", "ours"]);
    assert_eq!(listed["keys"][0]["key"], by_hand.key);
    assert_eq!(listed["keys"][0]["id"], by_hand.id);

    // What is wider works at once.
    let (method, path) = (Method::POST, "/v3/files");
    assert!(!bench.pinata().may(&bearer(&made.jwt), &method, path));
    bench.pinata().set_scopes(&made.key, r#"{"admin":true}"#);
    assert!(bench.pinata().may(&bearer(&made.jwt), &method, path));
    let (_, listed) = bench.call("GET", "/v3/api_keys").await;
    assert_eq!(listed["keys"][1]["scopes"], json!({ "admin": true }));

    assert!(bench.pinata().revoke_key(&made.key));
    assert!(!bench.pinata().may(&bearer(&made.jwt), &method, path));
    // Revoked twice, by hand and by a request; the other only by a request.
    assert_eq!(bench.revoke(&made).await.0, 200);
    bench.call("DELETE", &format!("/v3/api_keys/{}", by_hand.key)).await;
    let revoked: Vec<_> = bench.pinata().revocations().into_iter().map(|key| key.key).collect();
    assert_eq!(revoked, [made.key, by_hand.key]);
}

#[tokio::test]
async fn w3ipfs_key_by_hand_is_one_of_the_account() {
    let bench = w3ipfs::Bench::new().await;
    let reader = w3ipfs::scopes(|name| name == "data.pin_list");
    let made = bench.make("ours", reader.clone()).await;
    let by_hand = bench.w3ipfs().create_key("by hand", &reader.to_string());
    assert_eq!(bench.names("").await, ["by hand", "ours", "Default"]);
    assert_eq!(bench.id(&by_hand.api_key).await, by_hand.id);
    // Its name is taken.
    assert_eq!(bench.try_make("by hand", reader).await.0, 409);

    let may = |headers: &HeaderMap| bench.w3ipfs().may(headers, &Method::GET, "/api/nft/nfts/");
    assert!(!may(&made.headers()));
    bench.w3ipfs().set_scopes(&made.key, &w3ipfs::admin().to_string());
    assert!(may(&made.headers()));
    assert_eq!(bench.list("").await["api_keys"][1]["scopes"], w3ipfs::admin());

    bench.delete(&w3ipfs::Pair { key: by_hand.api_key.clone(), secret: String::new() }).await;
    assert!(bench.w3ipfs().revoke_key(&made.key));
    assert!(!bench.w3ipfs().revoke_key(&by_hand.api_key));
    assert!(!may(&made.headers()));
    let deleted: Vec<_> = bench.w3ipfs().revocations().into_iter().map(|key| key.name).collect();
    assert_eq!(deleted, ["by hand", "ours"]);
}

/// Runs repeat: what is done by hand follows from the seed, too.
#[test]
fn keys_by_hand_follow_from_the_seed() {
    let keys = || {
        let emulator = Emulator::in_memory();
        let (pinata, w3ipfs) = (emulator.pinata(), emulator.w3ipfs());
        (pinata.create_key("key", READER), w3ipfs.create_key("key", r#"{"admin":true}"#))
    };
    assert_eq!(keys(), keys());
    let scopes: Value = serde_json::from_str(&keys().0.scopes).unwrap();
    assert_eq!(scopes, json!({ "resources": ["org:files:read"] }));
}

#[test]
#[should_panic(expected = "unknown permission org:all")]
fn pinata_refuses_unknown_permissions_by_hand() {
    Emulator::in_memory().pinata().create_key("key", r#"{"resources":["org:all"]}"#);
}

#[test]
#[should_panic(expected = "duplicated key not allowed")]
fn w3ipfs_refuses_a_taken_name_by_hand() {
    let emulator = Emulator::in_memory();
    for _ in 0..2 {
        emulator.w3ipfs().create_key("key", r#"{"admin":true}"#);
    }
}

#[test]
#[should_panic(expected = "has created no key 0123")]
fn unknown_key_is_not_revoked_by_hand() {
    Emulator::in_memory().w3ipfs().revoke_key("0123");
}
