//! Whom W3IPFS refuses, and with which body.

use serde_json::json;

use crate::common::w3ipfs::{Bench, Pair, admin, fail};
use crate::common::{answer, members};

const TEST: &str = "/apiKeys/testAuthentication";
const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn missing_credential_is_refused() {
    let bench = Bench::new().await;
    let expected = (401, fail("You are not logged in"));
    for (method, path) in [("GET", TEST), ("POST", "/apiKeys/"), ("GET", "/pinning/pins/")] {
        let bare = || bench.bare(method, path);
        let Pair { key, secret } = bench.own();
        for request in [
            bare(),
            bare().header("pinning_api_key", &key),
            bare().header("authorization", "Basic YTpi"),
            bare().header("pinning-api-key", &key).header("pinning-secret-key", secret),
        ] {
            assert_eq!(answer(request).await, expected);
        }
    }
}

#[tokio::test]
async fn wrong_credential_is_refused() {
    let bench = Bench::new().await;
    let unknown = (401, fail("Invalid API key or secret key"));
    let mixed = Pair { secret: Pair::unknown().secret, ..bench.own() };
    for pair in [Pair::unknown(), mixed] {
        for path in [TEST, "/apiKeys/list"] {
            assert_eq!(answer(bench.pair("GET", path, &pair)).await, unknown);
        }
    }
    let malformed = fail("validate: token contains an invalid number of segments");
    for (token, body) in [
        ("JWT", malformed.clone()),
        ("a.b", malformed.clone()),
        ("a.b.c.d", malformed),
        ("a.b.c", fail("validate: crypto/rsa: verification error")),
    ] {
        assert_eq!(answer(bench.bare("GET", TEST).bearer_auth(token)).await, (401, body));
    }
    // A bearer token precedes a pair, even a wrong token a right pair.
    let both = bench.pair("GET", TEST, &bench.own()).bearer_auth("a.b.c");
    assert_eq!(answer(both).await.0, 401);
}

#[tokio::test]
async fn session_expires_and_is_renewed() {
    let bench = Bench::new().await;
    let w3ipfs = bench.w3ipfs();
    let user = |token: String| answer(bench.bare("GET", "/users/me").bearer_auth(token));
    let first = w3ipfs.jwt();
    let (status, body) = user(first.clone()).await;
    assert_eq!((status, &body["status"]), (200, &json!("success")));
    // Documented, but for two that clients were seen to read: `is_verified` and `provider`.
    let documented = [
        "created_at",
        "email",
        "first_name",
        "id",
        "is_verified",
        "last_name",
        "provider",
        "role",
        "updated_at",
        "wallet_address",
    ];
    assert_eq!(members(&body["data"]["user"]), documented);
    assert_eq!(body["data"]["user"]["is_verified"], json!(true));

    let refresh = |token: &str| bench.bare("GET", "/auth/refresh").header("refresh_token", token);
    let (status, body) = answer(refresh(&w3ipfs.refresh_token())).await;
    let second = body["access_token"].as_str().unwrap().to_owned();
    assert_eq!((status, &body["status"], &second), (200, &json!("success"), &w3ipfs.jwt()));
    assert_eq!((user(first.clone()).await.0, user(second.clone()).await.0), (200, 200));
    let wrong = (403, fail("could not refresh access token"));
    assert_eq!(answer(refresh(&second)).await, wrong);
    assert_eq!(answer(bench.bare("GET", "/auth/refresh")).await, wrong);

    w3ipfs.expire_jwt();
    for token in [first, second] {
        assert_eq!(user(token).await, (401, fail("validate: Token is expired")));
    }
    assert_eq!(user(w3ipfs.jwt()).await.0, 200);
    // Pairs outlive the session.
    assert_eq!(answer(bench.pair("GET", "/apiKeys/list", &bench.own())).await.0, 200);
    assert_eq!(answer(refresh(&w3ipfs.refresh_token())).await.0, 200);
}

#[tokio::test]
async fn unknown_route_is_404_with_text() {
    let bench = Bench::new().await;
    for (method, path) in [
        ("GET", ""),
        ("GET", "/"),
        ("GET", "/nothing"),
        ("PUT", "/apiKeys/"),
        ("GET", "/apiKeys/"),
        ("GET", "/apikeys/list"),
        ("DELETE", "/apikeys/00000000-0000-4000-8000-000000000000"),
        ("DELETE", "/apiKeys/a/b"),
        ("POST", "/apiKeys//"),
        ("GET", "/apiKeys/%ff"),
    ] {
        let (status, body) = answer(bench.session(method, path)).await;
        assert_eq!((status, body), (404, json!("404 page not found")), "{method} {path}");
    }
}

#[tokio::test]
async fn body_over_one_mebibyte_is_refused_after_the_credential() {
    let bench = Bench::new().await;
    let body = format!("{}{}", " ".repeat(MIB), json!({ "name": "k", "scopes": admin() }));
    let (status, answered) = answer(bench.session("POST", "/apiKeys/").body(body.clone())).await;
    assert_eq!((status, &answered["status"]), (413, &json!("fail")));
    assert_eq!(answer(bench.bare("POST", "/apiKeys/").body(body)).await.0, 401);
    assert_eq!(bench.emulator.keys_made(), 0);
}
