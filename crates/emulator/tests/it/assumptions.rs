//! Each switch of Pinata makes a difference that a client can see.

use pinning_keys_emulator::{
    ExhaustedKey, ListCount, ListOrder, MissingCredentials, RevokeAgain, RevokeUnknown,
};
use reqwest::multipart::{Form, Part};
use serde_json::json;

use crate::common::{Bench, answer, observed};

const TEST: &str = "/data/testAuthentication";

#[tokio::test]
async fn org_write_mints_admin_if_assumed() {
    let admin = json!({ "keyName": "admin", "permissions": { "admin": true } });
    for (mints, status) in [(true, 200), (false, 401)] {
        let bench = Bench::with(|assume| assume.org_write_mints_admin(mints)).await;
        let made = bench.make("maker", json!({ "resources": ["org:write"] })).await;
        let create = bench.bearer("POST", "/v3/api_keys", &made).json(&admin);
        assert_eq!(answer(create).await.0, status);
    }
}

#[tokio::test]
async fn input_before_scope_refuses_input_of_a_key_without_the_scope() {
    let version = json!({ "pinataContent": {}, "pinataOptions": { "cidVersion": 99 } });
    for (input_first, status) in [(false, 403), (true, 400)] {
        let bench = Bench::with(|assume| assume.input_before_scope(input_first)).await;
        let made =
            bench.make("reader", json!({ "endpoints": { "data": { "pinList": true } } })).await;
        for (method, path, body) in [
            ("POST", "/pinning/pinJSONToIPFS", &version),
            ("POST", "/pinning/pinFileToIPFS", &json!({})),
            ("POST", "/pinning/pinByHash", &json!({})),
            ("PUT", "/pinning/hashMetadata", &json!({})),
            ("DELETE", "/pinning/unpin/-", &json!({})),
        ] {
            let request = bench.bearer(method, path, &made).json(body);
            assert_eq!(answer(request).await.0, status, "{method} {path}");
        }
        let valid = bench.bearer("PUT", "/pinning/hashMetadata", &made);
        let valid = valid.json(&json!({ "ipfsPinHash": "bafy" }));
        assert_eq!(answer(valid).await, observed("403_no_scopes_found"));
        assert_eq!(answer(bench.as_admin("GET", "/data/pinList")).await.1["count"], json!(0));
    }
}

#[tokio::test]
async fn list_switches_change_the_list() {
    let bench = Bench::with(|assume| {
        assume
            .page_size(2)
            .list_count(ListCount::Total)
            .list_order(ListOrder::OldestFirst)
            .list_includes_revoked(false)
            .list_echoes_resources(false)
            .list_shows_secret(true)
            .false_filters_invert(false)
            .refuse_exhausted_alone(true)
    })
    .await;
    let mut made = Vec::new();
    for name in ["a", "b", "c", "d"] {
        made.push(bench.make(name, json!({ "resources": ["org:read"], "admin": false })).await);
    }
    bench.revoke(&made[1]).await;
    let (_, body) = bench.call("GET", "/v3/api_keys").await;
    assert_eq!(body["count"], json!(3));
    assert_eq!(body["keys"][0]["scopes"], json!({ "admin": false }));
    assert_eq!(body["keys"][0]["secret"], made[0].secret.as_str());
    for (query, names) in [
        ("", &["a", "c"][..]),
        ("?offset=2", &["d"]),
        ("?revoked=true", &["b"]),
        ("?limitedUse=false", &["a", "c"]),
    ] {
        assert_eq!(bench.names(query).await, names, "{query}");
    }
    assert_eq!(bench.call("GET", "/v3/api_keys?exhausted=true").await.0, 400);
}

#[tokio::test]
async fn revoke_switches_change_the_answers() {
    const UNKNOWN: &str = "/v3/api_keys/never";
    let bench = Bench::new().await;
    let made = bench.make("k", json!({ "admin": true })).await;
    let itself = format!("/v3/api_keys/{}", made.key);
    assert_eq!(answer(bench.bearer("DELETE", &itself, &made)).await.0, 200);
    assert_eq!(bench.revoke(&made).await, (200, json!("Revoked")));
    assert_eq!(bench.call("DELETE", UNKNOWN).await.0, 404);

    let bench = Bench::with(|assume| {
        assume
            .revoke_again(RevokeAgain::NotFound)
            .revoke_unknown(RevokeUnknown::Revoked)
            .key_revokes_itself(false)
    })
    .await;
    let made = bench.make("k", json!({ "admin": true })).await;
    let itself = format!("/v3/api_keys/{}", made.key);
    let v3 = bench.bearer("DELETE", &itself, &made);
    assert_eq!(answer(v3).await, observed("401_v3_not_authorized"));
    let legacy = bench.bearer("PUT", "/users/revokeApiKey", &made);
    let legacy = legacy.json(&json!({ "apiKey": made.key }));
    assert_eq!(answer(legacy).await, observed("403_no_scopes_found"));
    assert_eq!(bench.emulator.keys_live(), 1);
    assert_eq!((bench.revoke(&made).await.0, bench.revoke(&made).await.0), (200, 404));
    assert_eq!(bench.call("DELETE", UNKNOWN).await.0, 200);
}

#[tokio::test]
async fn credential_switches_change_uses_and_refusals() {
    let bench = Bench::with(|assume| {
        assume
            .test_authentication_counts(false)
            .exhausted_key(ExhaustedKey::LikeRevoked)
            .missing_credentials(MissingCredentials::Unauthorized)
    })
    .await;
    let permissions = json!({ "endpoints": { "data": { "pinList": true } } });
    let once = json!({ "keyName": "k", "maxUses": 1, "permissions": permissions });
    let made = bench.create(once).await;
    let get = |path: &str| answer(bench.bearer("GET", path, &made));
    assert_eq!(get(TEST).await.0, 200);
    assert_eq!(get("/data/pinList").await.0, 200);
    let (status, body) = get("/data/pinList").await;
    assert_eq!((status, &body["error"]["reason"]), (403, &json!("API_KEY_REVOKED")));
    let missing = answer(bench.bare("GET", "/data/pinList")).await;
    assert_eq!(missing, observed("401_invalid_bearer"));
}

#[tokio::test]
async fn data_switches_change_uploads_and_pages() {
    let uploaded = async |bench: &Bench, content: &'static str| {
        let form = Form::new().part("file", Part::text(content).file_name("f"));
        let (status, body) = answer(bench.as_admin("POST", "/v3/files").multipart(form)).await;
        assert_eq!(status, 200, "{body}");
        body["data"]["network"].clone()
    };
    // Documented: "If not designated it will default to private" (OpenAPI file for uploads).
    assert_eq!(uploaded(&Bench::new().await, "1").await, json!("private"));

    let bench =
        Bench::with(|assume| assume.upload_without_network_is_private(false).data_page_size(1))
            .await;
    for content in ["1", "2"] {
        assert_eq!(uploaded(&bench, content).await, json!("public"));
    }
    let (_, body) = bench.call("GET", "/v3/files/public").await;
    assert_eq!(body["data"]["files"].as_array().unwrap().len(), 1);
    assert_ne!(body["data"]["next_page_token"], json!(""));
}

#[tokio::test]
async fn propagation_is_counted_in_requests() {
    let bench = Bench::with(|assume| assume.new_key_refusals(2).honour_revoked(1)).await;
    let made = bench.make("k", json!({ "admin": true })).await;
    let test = || answer(bench.bearer("GET", TEST, &made));
    let create = || {
        let body = json!({ "keyName": "by it" });
        answer(bench.bearer("POST", "/v3/api_keys", &made).json(&body))
    };
    assert_eq!(test().await, observed("401_invalid_bearer"));
    assert_eq!(create().await, observed("401_v3_not_authorized"));
    // No use was spent, and the account's own credential was always known.
    assert_eq!(bench.pinata().keys()[0].uses, 0);
    assert_eq!((test().await.0, test().await.0), (200, 200));

    bench.revoke(&made).await;
    assert_eq!(create().await.0, 200);
    let (status, body) = test().await;
    assert_eq!((status, &body["error"]["reason"]), (403, &json!("API_KEY_REVOKED")));
    assert_eq!(bench.emulator.keys_made(), 2);
}
