//! Each switch makes a difference that a client can see.

mod common;

use common::{Bench, answer, observed};
use pinning_keys_emulator::{
    ExhaustedKey, ListCount, ListOrder, MissingCredentials, PinataAssumptions, RevokeAgain,
    RevokeUnknown,
};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

async fn with(set: impl FnOnce(PinataAssumptions) -> PinataAssumptions) -> Bench {
    Bench::assuming(set(PinataAssumptions::default())).await
}

async fn create_status(bench: &Bench, body: Value) -> u16 {
    bench.try_create(body).await.0
}

#[tokio::test]
async fn what_create_refuses() {
    let nothing = json!({ "keyName": "k", "permissions": { "resources": [] } });
    let mixed = json!({
        "keyName": "k", "permissions": { "admin": true, "resources": ["org:read"] }
    });
    let unknown = json!({ "keyName": "k", "permissions": { "resources": ["org:swaps:read"] } });
    let zero = json!({ "keyName": "k", "maxUses": 0 });
    let lower = json!({ "keyname": "k" });

    let bench = Bench::new().await;
    for (body, status) in
        [(&nothing, 200), (&mixed, 200), (&unknown, 400), (&zero, 400), (&lower, 200)]
    {
        assert_eq!(create_status(&bench, body.clone()).await, status, "{body}");
    }
    let bench = with(|assume| {
        assume
            .refuse_empty_permissions(true)
            .refuse_mixed_permissions(true)
            .refuse_unknown_scopes(false)
    })
    .await;
    for (body, status) in [(&nothing, 400), (&mixed, 400), (&unknown, 200)] {
        assert_eq!(create_status(&bench, body.clone()).await, status, "{body}");
    }
    let bench =
        with(|assume| assume.refuse_bad_max_uses(false).accept_lowercase_keyname(false)).await;
    for (body, status) in [(&zero, 200), (&lower, 400)] {
        assert_eq!(create_status(&bench, body.clone()).await, status, "{body}");
    }
    assert_eq!(bench.emulator.pinata().keys()[0].max_uses, None);
}

#[tokio::test]
async fn what_org_write_can_do() {
    let admin = json!({ "keyName": "admin", "permissions": { "admin": true } });
    for (mints, opens, status) in [(true, false, 200), (false, true, 401)] {
        let bench =
            with(|assume| assume.org_write_mints_admin(mints).org_write_opens_everything(opens))
                .await;
        let made = bench.make("maker", json!({ "resources": ["org:write"] })).await;
        let create = bench.bearer("POST", "/v3/api_keys", &made).json(&admin);
        assert_eq!(answer(create).await.0, status);
        let files = answer(bench.bearer("GET", "/v3/files/public", &made)).await.0;
        assert_eq!(files == 200, opens);
    }
}

#[tokio::test]
async fn how_lists_look() {
    let bench = with(|assume| {
        assume
            .page_size(2)
            .list_count(ListCount::Total)
            .list_order(ListOrder::OldestFirst)
            .list_includes_revoked(false)
            .list_echoes_resources(false)
            .list_shows_secret(true)
            .false_filters_invert(false)
    })
    .await;
    let mut made = Vec::new();
    for name in ["a", "b", "c", "d"] {
        made.push(bench.make(name, json!({ "resources": ["org:read"], "admin": false })).await);
    }
    bench.revoke(&made[1]).await;
    let (_, body) = answer(bench.as_admin("GET", "/v3/api_keys")).await;
    assert_eq!(body["count"], json!(3));
    assert_eq!(bench.names("").await, ["a", "c"]);
    assert_eq!(bench.names("?offset=2").await, ["d"]);
    assert_eq!(bench.names("?revoked=true").await, ["b"]);
    assert_eq!(bench.names("?limitedUse=false").await, ["a", "c"]);
    assert_eq!(body["keys"][0]["scopes"], json!({ "admin": false }));
    assert_eq!(body["keys"][0]["secret"], made[0].secret.as_str());

    let bench = with(|assume| assume.refuse_exhausted_alone(true)).await;
    let alone = answer(bench.as_admin("GET", "/v3/api_keys?exhausted=true")).await;
    assert_eq!(alone.0, 400);
}

#[tokio::test]
async fn what_revoking_answers() {
    let bench = Bench::new().await;
    let made = bench.make("k", json!({ "admin": true })).await;
    let itself = format!("/v3/api_keys/{}", made.key);
    assert_eq!(answer(bench.bearer("DELETE", &itself, &made)).await.0, 200);
    assert_eq!(bench.revoke(&made).await, (200, json!("Revoked")));
    assert_eq!(answer(bench.as_admin("DELETE", "/v3/api_keys/never")).await.0, 404);

    let bench = with(|assume| {
        assume
            .revoke_again(RevokeAgain::NotFound)
            .revoke_unknown(RevokeUnknown::Revoked)
            .key_revokes_itself(false)
    })
    .await;
    let made = bench.make("k", json!({ "admin": true })).await;
    let itself = format!("/v3/api_keys/{}", made.key);
    assert_eq!(answer(bench.bearer("DELETE", &itself, &made)).await.0, 401);
    assert_eq!(bench.revoke(&made).await.0, 200);
    assert_eq!(bench.revoke(&made).await.0, 404);
    assert_eq!(answer(bench.as_admin("DELETE", "/v3/api_keys/never")).await.0, 200);
}

#[tokio::test]
async fn what_counts_as_a_use_and_what_follows() {
    let bench = with(|assume| {
        assume
            .test_authentication_counts(false)
            .refused_request_counts(false)
            .exhausted_key(ExhaustedKey::LikeRevoked)
    })
    .await;
    let made = bench
        .create(json!({
            "keyName": "k", "maxUses": 1,
            "permissions": { "endpoints": { "data": { "pinList": true } } },
        }))
        .await;
    let get = |path: &str| answer(bench.bearer("GET", path, &made));
    assert_eq!(get("/data/testAuthentication").await.0, 200);
    assert_eq!(get("/data/userPinnedDataTotal").await.0, 403);
    assert_eq!(get("/data/pinList").await.0, 200);
    let (status, body) = get("/data/pinList").await;
    assert_eq!((status, &body["error"]["reason"]), (403, &json!("API_KEY_REVOKED")));
}

#[tokio::test]
async fn how_credentials_are_taken() {
    let bench = with(|assume| {
        assume
            .missing_credentials(MissingCredentials::Unauthorized)
            .v3_takes_key_pair(true)
            .bad_json_before_authentication(false)
    })
    .await;
    let expected = observed("401_invalid_bearer");
    assert_eq!(answer(bench.bare("GET", "/data/pinList")).await, expected);
    assert_eq!(answer(bench.pair("GET", "/v3/files/public", &bench.admin())).await.0, 200);
    let broken = bench
        .bare("POST", "/pinning/pinJSONToIPFS")
        .header("content-type", "application/json")
        .body("{");
    assert_eq!(answer(broken).await, expected);
}

#[tokio::test]
async fn how_files_are_stored_and_paged() {
    let bench =
        with(|assume| assume.upload_without_network_is_private(true).data_page_size(1)).await;
    for content in ["1", "2"] {
        let part = Part::text(content).file_name("f");
        let form = Form::new().part("file", part);
        let (status, body) = answer(bench.as_admin("POST", "/v3/files").multipart(form)).await;
        assert_eq!((status, &body["data"]["network"]), (200, &json!("private")));
    }
    let (_, body) = answer(bench.as_admin("GET", "/v3/files/private")).await;
    assert_eq!(body["data"]["files"].as_array().unwrap().len(), 1);
    assert_ne!(body["data"]["next_page_token"], json!(""));
}

#[tokio::test]
async fn how_soon_a_key_is_known_and_forgotten() {
    const TEST: &str = "/data/testAuthentication";
    let bench = with(|assume| assume.new_key_refusals(2).honour_revoked(1)).await;
    let made = bench.make("k", json!({ "admin": true })).await;
    let test = || answer(bench.bearer("GET", TEST, &made));
    assert_eq!(test().await, observed("401_invalid_bearer"));
    let post = bench.bearer("POST", "/v3/api_keys", &made).json(&json!({ "keyName": "by it" }));
    assert_eq!(answer(post).await, observed("401_v3_not_authorized"));
    // No use was spent, and the account's own credential was always known.
    assert_eq!(bench.emulator.pinata().keys()[0].uses, 0);
    assert_eq!((test().await.0, test().await.0), (200, 200));

    bench.revoke(&made).await;
    let post = bench.bearer("POST", "/v3/api_keys", &made).json(&json!({ "keyName": "by it" }));
    assert_eq!(answer(post).await.0, 200);
    let (status, body) = test().await;
    assert_eq!((status, &body["error"]["reason"]), (403, &json!("API_KEY_REVOKED")));
    assert_eq!(bench.emulator.keys_made(), 2);
}
