//! Whom W3IPFS refuses, and with which body.

mod common;

use common::answer;
use common::w3ipfs::{Bench, Pair, admin, fail, scopes};
use serde_json::{Value, json};

const TEST: &str = "/apiKeys/testAuthentication";
const MIB: usize = 1024 * 1024;

fn congratulations() -> Value {
    json!({ "message": "Congratulations! You are communicating with the Web3 IPFS API!" })
}

#[tokio::test]
async fn any_live_credential_passes_the_test() {
    let bench = Bench::new().await;
    let made = bench.make("k", scopes(|name| name == "pinning.unpin")).await;
    for path in [TEST, "/apiKeys/testAuthentication/"] {
        for pair in [&made, &bench.own()] {
            let tested = answer(bench.pair("GET", path, pair)).await;
            assert_eq!(tested, (200, congratulations()));
        }
        assert_eq!(answer(bench.session("GET", path)).await, (200, congratulations()));
    }
}

#[tokio::test]
async fn without_a_credential() {
    let bench = Bench::new().await;
    let expected = (401, fail("You are not logged in"));
    for (method, path) in [("GET", TEST), ("POST", "/apiKeys/"), ("GET", "/pinning/pins/")] {
        assert_eq!(answer(bench.bare(method, path)).await, expected);
        let half = bench.bare(method, path).header("pinning_api_key", bench.own().key);
        assert_eq!(answer(half).await, expected);
        let basic = bench.bare(method, path).header("authorization", "Basic YTpi");
        assert_eq!(answer(basic).await, expected);
        let hyphens = bench
            .bare(method, path)
            .header("pinning-api-key", bench.own().key)
            .header("pinning-secret-key", bench.own().secret);
        assert_eq!(answer(hyphens).await, expected);
    }
}

#[tokio::test]
async fn with_a_wrong_credential() {
    let bench = Bench::new().await;
    let unknown = (401, fail("Invalid API key or secret key"));
    let nobody = Pair { key: "A".repeat(24), secret: "A".repeat(44) };
    let mixed = Pair { secret: nobody.secret.clone(), ..bench.own() };
    for pair in [&nobody, &mixed] {
        assert_eq!(answer(bench.pair("GET", TEST, pair)).await, unknown);
        assert_eq!(answer(bench.pair("GET", "/apiKeys/list", pair)).await, unknown);
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
    // A bearer token goes before a pair, even a wrong one before a right one.
    let both = bench.pair("GET", TEST, &bench.own()).bearer_auth("a.b.c");
    assert_eq!(answer(both).await.0, 401);
}

#[tokio::test]
async fn a_session_ends_and_is_renewed() {
    let bench = Bench::new().await;
    let w3ipfs = bench.w3ipfs();
    let list = |token: String| answer(bench.bare("GET", "/apiKeys/list").bearer_auth(token));
    let first = w3ipfs.jwt();
    assert_eq!(list(first.clone()).await.0, 200);

    let refresh = |token: &str| bench.bare("GET", "/auth/refresh").header("refresh_token", token);
    let (status, body) = answer(refresh(&w3ipfs.refresh_token())).await;
    let second = body["access_token"].as_str().unwrap().to_owned();
    assert_eq!((status, &body["status"], &second), (200, &json!("success"), &w3ipfs.jwt()));
    assert_eq!((list(first.clone()).await.0, list(second.clone()).await.0), (200, 200));
    let wrong = (403, fail("could not refresh access token"));
    assert_eq!(answer(refresh(&second)).await, wrong);
    assert_eq!(answer(bench.bare("GET", "/auth/refresh")).await, wrong);

    w3ipfs.expire_jwt();
    for token in [first, second] {
        assert_eq!(list(token).await, (401, fail("validate: Token is expired")));
    }
    assert_eq!(list(w3ipfs.jwt()).await.0, 200);
    // Pairs do not end with the session.
    assert_eq!(answer(bench.pair("GET", "/apiKeys/list", &bench.own())).await.0, 200);
    assert_eq!(answer(refresh(&w3ipfs.refresh_token())).await.0, 200);
}

#[tokio::test]
async fn the_user_is_shown_to_the_session_alone() {
    let bench = Bench::new().await;
    let (status, body) = answer(bench.session("GET", "/users/me")).await;
    assert_eq!((status, &body["status"]), (200, &json!("success")));
    assert_eq!(body["data"]["user"]["is_verified"], json!(true));
    let by_pair = answer(bench.pair("GET", "/users/me", &bench.own())).await;
    assert_eq!(by_pair, (401, fail("You are not logged in")));
}

#[tokio::test]
async fn a_scoped_key_manages_no_keys() {
    let bench = Bench::new().await;
    let all = bench.make("all", scopes(|_| true)).await;
    let id = bench.id(&all.key).await;
    let body = json!({ "name": "by it", "scopes": admin() });
    for (method, path) in [("POST", "/apiKeys/"), ("GET", "/apiKeys/list"), ("DELETE", &id)] {
        let path = if path == id { format!("/apiKeys/{id}") } else { path.to_owned() };
        let refused = answer(bench.pair(method, &path, &all).json(&body)).await;
        let message = "This API key does not have the required scope";
        assert_eq!(refused, (403, fail(message)), "{method} {path}");
    }
    assert_eq!((bench.emulator.keys_made(), bench.emulator.keys_live()), (1, 1));
}

#[tokio::test]
async fn unknown_routes_and_methods_are_not_found_as_text() {
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
async fn bodies_end_at_one_mebibyte() {
    let bench = Bench::new().await;
    let body = format!("{}{}", " ".repeat(MIB), json!({ "name": "k", "scopes": admin() }));
    let (status, answered) = answer(bench.session("POST", "/apiKeys/").body(body.clone())).await;
    assert_eq!((status, &answered["status"]), (413, &json!("fail")));
    // Who is refused is refused whatever the body is.
    assert_eq!(answer(bench.bare("POST", "/apiKeys/").body(body)).await.0, 401);
    assert_eq!(bench.emulator.keys_made(), 0);
}
