//! Making, listing and deleting keys of W3IPFS.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use pinning_keys_emulator::Emulator;
use serde_json::{Value, json};

use crate::common::w3ipfs::{Bench, admin, fail, scopes};
use crate::common::{answer, members};

#[tokio::test]
async fn created_key_has_the_documented_shape() {
    let bench = Bench::new().await;
    for (path, name) in [("/apiKeys/", "API KEY"), ("/apiKeys", "another")] {
        let body = json!({ "name": name, "scopes": admin() });
        let response = bench.session("POST", path).json(&body).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let text = response.text().await.unwrap();
        let made: Value = serde_json::from_str(&text).unwrap();
        let (key, secret) = (&made["data"]["api_key"], &made["data"]["secret_key"]);
        // Equal to the byte: in the order of the document, and without an identifier.
        assert_eq!(
            text,
            format!(
                r#"{{"data":{{"name":"{name}","api_key":{key},"secret_key":{secret}}},"status":"success"}}"#
            )
        );
        for (value, length, bytes) in [(key, 24, 16), (secret, 44, 32)] {
            let text = value.as_str().unwrap();
            assert_eq!((text.len(), STANDARD.decode(text).unwrap().len()), (length, bytes));
        }
    }
}

#[tokio::test]
async fn listed_key_has_the_documented_shape() {
    let bench = Bench::new().await;
    let sent = scopes(|name| name == "data.pin_list");
    let made = bench.make("reader", sent.clone()).await;
    let data = bench.list("").await;
    let reader = &data["api_keys"][0];
    let expected = json!({
        "api_keys": [
            {
                "api_key": made.key, "created_at": reader["created_at"], "id": reader["id"],
                "name": "reader", "scopes": sent,
            },
            data["api_keys"][1],
        ],
        "total": 2,
    });
    assert_eq!(data, expected);
    assert_eq!(reader["id"].as_str().unwrap().len(), 36);
    let created_at = reader["created_at"].as_str().unwrap();
    assert!(created_at.starts_with("2025-01-01T") && created_at.ends_with(".000000Z"));
    let own = &data["api_keys"][1];
    assert_eq!((&own["name"], &own["scopes"]), (&json!("Default"), &admin()));
    assert_eq!(own["api_key"], bench.w3ipfs().api_key());
}

#[tokio::test]
async fn deleted_key_is_gone_for_good() {
    let bench = Bench::new().await;
    let made = bench.make("short-lived", admin()).await;
    let id = bench.id(&made.key).await;
    let deleted = json!({ "message": "API key has been deleted", "status": "success" });
    assert_eq!(bench.delete(&made).await, (200, deleted));

    assert_eq!(bench.names("").await, ["Default"]);
    // No key is found by its public half.
    let key = made.key.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D");
    for id in [&id, "00000000-0000-4000-8000-000000000000", "a%2Fb%3Fc%23d", &key] {
        let unknown = answer(bench.session("DELETE", &format!("/apiKeys/{id}"))).await;
        assert_eq!(unknown, (404, fail("record not found")));
    }
    let test = bench.pair("GET", "/apiKeys/testAuthentication", &made);
    assert_eq!(answer(test).await, (401, fail("Invalid API key or secret key")));
    let [key] = &bench.w3ipfs().keys()[..] else { panic!() };
    assert_eq!((key.id.as_str(), key.deleted), (id.as_str(), true));
    // The name is free again.
    bench.make("short-lived", admin()).await;
}

#[tokio::test]
async fn list_is_cut_into_pages() {
    let bench = Bench::new().await;
    let mut keys = String::new();
    for number in 1..=24 {
        let pair = bench.make(&number.to_string(), admin()).await;
        keys += &pair.key;
        assert_eq!(answer(bench.pair("GET", "/apiKeys/testAuthentication", &pair)).await.0, 200);
    }
    // Keys contain what a path cannot.
    assert!(['+', '/', '='].iter().all(|character| keys.contains(*character)), "{keys}");
    let mut all: Vec<String> = (1..=24).rev().map(|number: i32| number.to_string()).collect();
    all.push("Default".to_owned());
    for (query, page) in [
        ("", 0..10),
        ("?offset=10", 10..20),
        ("?offset=20&limit=10", 20..25),
        ("?offset=25&limit=10", 0..0),
        ("?offset=0&limit=100", 0..25),
        ("?limit=0", 0..1),
    ] {
        let data = bench.list(query).await;
        assert_eq!(data["total"], json!(25));
        assert_eq!(data["api_keys"].is_null(), page.is_empty());
        assert_eq!(bench.names(query).await, all[page], "{query}");
    }
    for query in ["?offset=x", "?limit=-1"] {
        let path = format!("/apiKeys/list{query}");
        let (status, body) = answer(bench.session("GET", &path)).await;
        assert_eq!((status, &body["status"]), (400, &json!("fail")));
    }
}

#[tokio::test]
async fn invalid_create_makes_no_key() {
    let bench = Bench::new().await;
    let mut no_group = scopes(|_| true);
    no_group.as_object_mut().unwrap().remove("pin_nft");
    let mut no_flag = scopes(|_| true);
    no_flag["data"].as_object_mut().unwrap().remove("nft_list");
    let mut text = scopes(|_| true);
    text["data"]["nft_list"] = json!("true");
    let bodies = [
        json!([]),
        json!({ "scopes": admin() }),
        json!({ "name": "", "scopes": admin() }),
        json!({ "name": "  ", "scopes": admin() }),
        json!({ "name": 5, "scopes": admin() }),
        json!({ "name": "k" }),
        json!({ "name": "k", "scopes": [] }),
        json!({ "name": "k", "scopes": { "admin": false } }),
        json!({ "name": "k", "scopes": { "admin": "true" } }),
        json!({ "name": "k", "scopes": { "admin": true, "data": true } }),
        json!({ "name": "k", "scopes": no_group }),
        json!({ "name": "k", "scopes": no_flag }),
        json!({ "name": "k", "scopes": text }),
        json!({ "name": "k", "scopes": scopes(|_| false) }),
        json!({ "name": "é".repeat(101), "scopes": admin() }),
    ];
    let malformed = ["", "{", "{\"name\":"].map(str::to_owned);
    for body in bodies.iter().map(Value::to_string).chain(malformed) {
        let create = bench.session("POST", "/apiKeys/").body(body.clone());
        let (status, answered) = answer(create).await;
        assert_eq!((status, &answered["status"]), (400, &json!("fail")), "{body}");
        assert!(answered["message"].is_string(), "{answered}");
    }
    assert_eq!(bench.emulator.keys_made(), 0);
    bench.make(&"é".repeat(100), admin()).await;
}

#[tokio::test]
async fn names_are_unique_and_one_is_reserved() {
    let bench = Bench::new().await;
    bench.make("mine", admin()).await;
    let again = bench.try_make("mine", scopes(|_| true)).await;
    assert_eq!(again, (409, fail("duplicated key not allowed")));
    let message = "Cannot create an API key with the name 'Default'";
    assert_eq!(bench.try_make("Default", admin()).await, (400, fail(message)));
    assert_eq!(bench.emulator.keys_made(), 1);
    let own = bench.delete(&bench.own()).await;
    assert_eq!(own, (400, fail("Cannot delete the default API key")));
    assert_eq!(bench.names("").await, ["mine", "Default"]);
}

#[tokio::test]
async fn session_token_has_the_documented_shape() {
    let bench = Bench::new().await;
    let jwt = bench.w3ipfs().jwt();
    let parts: Vec<Vec<u8>> =
        jwt.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap()).collect();
    let json = |part: &[u8]| -> Value { serde_json::from_slice(part).unwrap() };
    assert_eq!(json(&parts[0]), json!({ "alg": "RS256", "typ": "JWT" }));
    let claims = json(&parts[1]);
    assert_eq!(members(&claims), ["exp", "iat", "nbf", "sub"]);
    assert_eq!(claims["sub"].as_str().unwrap().len(), 36);
    // 2100-01-01, in the future by the real time too.
    assert_eq!(claims["exp"], json!(4_102_444_800_u64));
    assert_eq!(parts[2].len(), 128);
}

#[tokio::test]
async fn same_seed_and_requests_give_the_same_answers() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let bench = Bench::new().await;
        let made = bench.make("a", admin()).await;
        bench.w3ipfs().expire_jwt();
        runs.push((bench.list("").await, made.secret, bench.w3ipfs().jwt()));
    }
    assert_eq!(runs[0], runs[1]);
    let (this, other) = (Emulator::in_memory(), Emulator::builder().seed(2).in_memory());
    assert_ne!(other.w3ipfs().api_key(), this.w3ipfs().api_key());
    assert_ne!(other.w3ipfs().jwt(), this.w3ipfs().jwt());
}
