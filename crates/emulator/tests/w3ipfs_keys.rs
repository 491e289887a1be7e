//! Making, listing and deleting keys of W3IPFS.

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use common::answer;
use common::w3ipfs::{Bench, admin, fail, scopes};
use pinning_keys_emulator::Emulator;
use serde_json::{Value, json};

fn members(value: &Value) -> Vec<&str> {
    let mut members: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    members
}

#[tokio::test]
async fn a_made_key_has_the_documented_shape() {
    let bench = Bench::new().await;
    let body = json!({ "name": "API KEY", "scopes": { "admin": true } });
    for (path, name) in [("/apiKeys/", "API KEY"), ("/apiKeys", "another")] {
        let mut body = body.clone();
        body["name"] = json!(name);
        let response = bench.session("POST", path).json(&body).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let text = response.text().await.unwrap();
        let made: Value = serde_json::from_str(&text).unwrap();
        let (key, secret) = (&made["data"]["api_key"], &made["data"]["secret_key"]);
        // Equal to the byte, so in the order of the document, and without an identifier.
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
async fn keys_hold_what_a_path_or_a_query_cannot() {
    let bench = Bench::new().await;
    let mut text = String::new();
    for number in 0..20 {
        let pair = bench.make(&format!("key {number}"), admin()).await;
        text += &pair.key;
        assert_eq!(answer(bench.pair("GET", "/apiKeys/testAuthentication", &pair)).await.0, 200);
    }
    for character in ['+', '/', '='] {
        assert!(text.contains(character), "{character}");
    }
}

#[tokio::test]
async fn a_listed_key_has_the_documented_shape() {
    let bench = Bench::new().await;
    let sent = scopes(|name| name == "data.pin_list");
    let made = bench.make("reader", sent.clone()).await;
    let data = bench.list("").await;
    assert_eq!(members(&data), ["api_keys", "total"]);
    assert_eq!(data["total"], json!(2));
    let [reader, own] = &data["api_keys"].as_array().unwrap()[..] else { panic!("{data}") };
    assert_eq!(members(reader), ["api_key", "created_at", "id", "name", "scopes"]);
    assert_eq!(reader["name"], "reader");
    assert_eq!(reader["api_key"], made.key.as_str());
    assert_eq!(reader["scopes"], sent);
    assert_eq!(reader["id"].as_str().unwrap().len(), 36);
    let created_at = reader["created_at"].as_str().unwrap();
    assert!(created_at.starts_with("2025-01-01T") && created_at.ends_with(".000000Z"));
    assert_eq!((&own["name"], &own["scopes"]), (&json!("Default"), &json!({ "admin": true })));
    assert_eq!(own["api_key"], bench.w3ipfs().api_key());
    assert!(!data.to_string().contains(&made.secret));
}

#[tokio::test]
async fn a_deleted_key_is_gone_for_good() {
    let bench = Bench::new().await;
    let made = bench.make("short-lived", admin()).await;
    let id = bench.id(&made.key).await;
    let deleted = json!({ "message": "API key has been deleted", "status": "success" });
    assert_eq!(bench.delete(&made).await, (200, deleted));

    assert_eq!(bench.names("").await, ["Default"]);
    let unknown = (404, fail("record not found"));
    for id in [id.as_str(), "00000000-0000-4000-8000-000000000000", "a%2Fb%3Fc%23d"] {
        assert_eq!(answer(bench.session("DELETE", &format!("/apiKeys/{id}"))).await, unknown);
    }
    // By its public half no key is found.
    let key = made.key.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D");
    assert_eq!(answer(bench.session("DELETE", &format!("/apiKeys/{key}"))).await, unknown);

    let test = bench.pair("GET", "/apiKeys/testAuthentication", &made);
    assert_eq!(answer(test).await, (401, fail("Invalid API key or secret key")));
    assert_eq!((bench.emulator.keys_made(), bench.emulator.keys_live()), (1, 0));
    let [key] = &bench.w3ipfs().keys()[..] else { panic!() };
    assert_eq!((key.id.as_str(), key.deleted), (id.as_str(), true));
    // Its name is free again.
    bench.make("short-lived", admin()).await;
}

#[tokio::test]
async fn twenty_five_keys_are_three_pages() {
    let bench = Bench::new().await;
    for number in 1..=24 {
        bench.make(&format!("key {number}"), admin()).await;
    }
    let mut all = Vec::new();
    for (query, length) in [
        ("", 10),
        ("?offset=10", 10),
        ("?offset=20&limit=10", 5),
        ("?offset=25&limit=10", 0),
        ("?offset=0&limit=100", 25),
        ("?limit=0", 1),
    ] {
        let data = bench.list(query).await;
        assert_eq!(data["total"], json!(25));
        let names = bench.names(query).await;
        assert_eq!(names.len(), length, "{query}");
        assert_eq!(data["api_keys"].is_null(), length == 0);
        if !query.contains("=100") && !query.contains("=0") {
            all.extend(names);
        }
    }
    let made = (1..=24).rev().map(|number| format!("key {number}"));
    assert_eq!(all, made.chain(["Default".to_owned()]).collect::<Vec<_>>());
    for query in ["?offset=x", "?limit=-1"] {
        let path = format!("/apiKeys/list{query}");
        let (status, body) = answer(bench.session("GET", &path)).await;
        assert_eq!((status, &body["status"]), (400, &json!("fail")));
    }
}

#[tokio::test]
async fn creates_that_make_no_sense_make_no_key() {
    let bench = Bench::new().await;
    let mut no_group = scopes(|_| true);
    no_group.as_object_mut().unwrap().remove("pin_nft");
    let mut no_flag = scopes(|_| true);
    no_flag["data"].as_object_mut().unwrap().remove("nft_list");
    let mut text = scopes(|_| true);
    text["data"]["nft_list"] = json!("true");
    for body in [
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
    ] {
        let (status, answered) = answer(bench.session("POST", "/apiKeys/").json(&body)).await;
        assert_eq!((status, &answered["status"]), (400, &json!("fail")), "{body}");
        assert!(answered["message"].is_string(), "{answered}");
    }
    for body in ["", "{", "{\"name\":"] {
        let (status, _) = answer(bench.session("POST", "/apiKeys/").body(body)).await;
        assert_eq!(status, 400, "{body}");
    }
    assert_eq!(bench.emulator.keys_made(), 0);
    bench.make(&"é".repeat(100), admin()).await;
}

#[tokio::test]
async fn names_are_unique_and_one_is_taken() {
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
async fn scopes_that_no_document_knows_are_passed_over() {
    let bench = Bench::new().await;
    let mut sent = scopes(|name| name == "pinning.unpin");
    let known = sent.clone();
    sent["billing"] = json!({ "read": true });
    bench.make("k", sent).await;
    assert_eq!(bench.list("").await["api_keys"][0]["scopes"], known);
    let listed: Value = serde_json::from_str(&bench.w3ipfs().keys()[0].scopes).unwrap();
    assert_eq!(listed, known);
}

#[tokio::test]
async fn the_session_token_has_the_documented_shape() {
    let bench = Bench::new().await;
    let jwt = bench.w3ipfs().jwt();
    let parts: Vec<Vec<u8>> =
        jwt.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap()).collect();
    let json = |part: &[u8]| -> Value { serde_json::from_slice(part).unwrap() };
    assert_eq!(json(&parts[0]), json!({ "alg": "RS256", "typ": "JWT" }));
    let claims = json(&parts[1]);
    assert_eq!(members(&claims), ["exp", "iat", "nbf", "sub"]);
    assert_eq!(claims["sub"].as_str().unwrap().len(), 36);
    // 2100-01-01: in the future by the true time too.
    assert_eq!(claims["exp"], json!(4_102_444_800_u64));
    assert_eq!(parts[2].len(), 128);
}

#[tokio::test]
async fn the_same_seed_and_requests_give_the_same_answers() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let bench = Bench::new().await;
        let made = bench.make("a", admin()).await;
        bench.w3ipfs().expire_jwt();
        runs.push((bench.list("").await, made.secret, bench.w3ipfs().jwt()));
    }
    assert_eq!(runs[0], runs[1]);
    let other = Emulator::builder().seed(2).in_memory();
    let this = Emulator::builder().seed(1).in_memory();
    assert_ne!(other.w3ipfs().api_key(), this.w3ipfs().api_key());
    assert_ne!(other.w3ipfs().jwt(), this.w3ipfs().jwt());
}

#[tokio::test]
async fn both_providers_are_counted_together() {
    let bench = Bench::new().await;
    let pinata = bench.emulator.pinata();
    let made = bench.make("a", admin()).await;
    assert_eq!((bench.emulator.keys_made(), pinata.keys_made()), (1, 0));
    let create = bench
        .bare("POST", "/../v3/api_keys")
        .bearer_auth(pinata.jwt())
        .json(&json!({ "keyName": "b" }));
    assert_eq!(answer(create).await.0, 200);
    bench.delete(&made).await;
    assert_eq!((bench.emulator.keys_made(), bench.emulator.keys_live()), (2, 1));
    assert_eq!((bench.w3ipfs().keys_made(), bench.w3ipfs().keys_live()), (1, 0));
}

#[tokio::test]
async fn no_secret_in_debug() {
    let bench = Bench::new().await;
    let made = bench.make("k", admin()).await;
    let w3ipfs = bench.w3ipfs();
    let text = format!("{:?} {w3ipfs:?} {:?}", bench.emulator, w3ipfs.keys());
    let own = bench.own();
    for secret in [&made.secret, &own.secret, &w3ipfs.jwt(), &w3ipfs.refresh_token()] {
        assert!(!text.contains(secret.as_str()));
    }
}
