//! Who is refused, and with which body: the recorded ones where there are any.

mod common;

use common::{Bench, Made, answer, observed};
use serde_json::{Value, json};

const TEST: &str = "/data/testAuthentication";

fn wrong() -> Made {
    Made { jwt: "eyJ.not.ours".to_owned(), key: "0".repeat(20), secret: "0".repeat(64) }
}

#[tokio::test]
async fn without_a_credential() {
    let bench = Bench::new().await;
    for path in [TEST, "/data/pinList"] {
        assert_eq!(answer(bench.bare("GET", path)).await, observed("400_no_auth_header"));
    }
    let half = bench.bare("GET", TEST).header("pinata_api_key", "only this");
    assert_eq!(answer(half).await, observed("400_no_auth_header"));
    for (method, path) in [("GET", "/v3/files/public"), ("POST", "/v3/api_keys")] {
        let expected = observed("401_v3_no_authorization_header_found");
        assert_eq!(answer(bench.bare(method, path)).await, expected);
        // The header pair is not for v3.
        assert_eq!(answer(bench.pair(method, path, &bench.admin())).await, expected);
    }
}

/// The recorded lengths of the bodies: the order of members and the lack of blanks are part
/// of the record too.
#[tokio::test]
async fn recorded_bodies_are_equal_to_the_byte() {
    let bench = Bench::new().await;
    for (request, text, length) in [
        (
            bench.bare("GET", TEST),
            r#"{"error":{"reason":"KEYS_MUST_BE_STRINGS","details":"pinata_api_key and pinata_secret_api_key must both be strings"}}"#,
            117,
        ),
        (
            bench.bearer("GET", TEST, &wrong()),
            r#"{"error":{"reason":"INVALID_CREDENTIALS","details":"Invalid/expired credentials"}}"#,
            82,
        ),
        (
            bench.as_admin("DELETE", "/pinning/unpin/bafynothing"),
            r#"{"error":{"reason":"OBJECT_NOT_FOUND","details":"Your account does not currently have any record associated with this ID"}}"#,
            123,
        ),
        (
            bench.bare("GET", "/v3/files/public"),
            r#"{"error":{"code":401,"message":"no Authorization header found"}}"#,
            64,
        ),
    ] {
        let body = request.send().await.unwrap().text().await.unwrap();
        assert_eq!(body, text);
        assert_eq!(body.len(), length);
    }
}

#[tokio::test]
async fn with_an_unknown_credential() {
    let bench = Bench::new().await;
    let legacy = observed("401_invalid_bearer");
    let v3 = observed("401_v3_not_authorized");
    assert_eq!(answer(bench.bearer("GET", TEST, &wrong())).await, legacy);
    assert_eq!(answer(bench.pair("GET", TEST, &wrong())).await, legacy);
    let mixed = Made { secret: "0".repeat(64), ..bench.admin() };
    assert_eq!(answer(bench.pair("GET", TEST, &mixed)).await, legacy);
    let basic = bench.bare("GET", TEST).header("authorization", "Basic YTpi");
    assert_eq!(answer(basic).await, legacy);
    assert_eq!(answer(bench.bearer("GET", "/v3/files/public", &wrong())).await, v3);
}

#[tokio::test]
async fn a_revoked_key_is_dead_everywhere() {
    let bench = Bench::new().await;
    let made = bench.make("short-lived", json!({ "admin": true })).await;
    assert_eq!(answer(bench.bearer("GET", "/v3/files/public", &made)).await.0, 200);
    assert_eq!(bench.revoke(&made).await, (200, json!("Revoked")));

    let v3 = answer(bench.bearer("GET", "/v3/files/public", &made)).await;
    assert_eq!(v3, observed("401_v3_not_authorized"));
    for path in [TEST, "/data/pinList"] {
        for request in [bench.bearer("GET", path, &made), bench.pair("GET", path, &made)] {
            let (status, body) = answer(request).await;
            assert_eq!((status, &body["error"]["reason"]), (403, &json!("API_KEY_REVOKED")));
        }
    }
    assert_eq!((bench.emulator.keys_made(), bench.emulator.keys_live()), (1, 0));
}

#[tokio::test]
async fn the_revoke_answer_is_nine_bytes_of_json() {
    let bench = Bench::new().await;
    let made = bench.make("k", json!({ "admin": true })).await;
    let path = format!("/v3/pinata/keys/{}", made.key);
    let response = bench.as_admin("PUT", &path).send().await.unwrap();
    assert_eq!(response.headers()["content-length"], "9");
    assert_eq!(response.headers()["content-type"], "application/json; charset=utf-8");
    assert_eq!(response.text().await.unwrap(), "\"Revoked\"");
}

#[tokio::test]
async fn unknown_routes_and_methods_are_404_with_json() {
    let bench = Bench::new().await;
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/users/nothing"),
        ("GET", "/v3/nothing"),
        ("PUT", "/v3/api_keys/key"),
        ("DELETE", "/v3/pinata/keys/key"),
        ("GET", "/v3/files/elsewhere"),
    ] {
        let (status, body) = answer(bench.as_admin(method, path)).await;
        assert_eq!(status, 404, "{method} {path}");
        assert!(body["error"].is_object(), "{body}");
    }
}

#[tokio::test]
async fn what_is_not_pinned_has_the_recorded_404() {
    let bench = Bench::new().await;
    let unpin = answer(bench.as_admin("DELETE", "/pinning/unpin/bafynothing")).await;
    assert_eq!(unpin, observed("404_object_not_found"));
}

#[tokio::test]
async fn scope_is_looked_at_before_the_body_and_broken_json_before_both() {
    let bench = Bench::new().await;
    let reader = bench.make("reader", json!({ "resources": ["org:files:read"] })).await;
    let broken = |request: reqwest::RequestBuilder| {
        request.header("content-type", "application/json").body("{\"name\":")
    };
    let v3 = answer(broken(bench.bearer("POST", "/v3/api_keys", &reader))).await;
    assert_eq!(v3, observed("401_v3_not_authorized"));
    let (status, _) = answer(broken(bench.bare("POST", "/pinning/pinJSONToIPFS"))).await;
    assert_eq!(status, 400);
    let (status, body) = answer(broken(bench.as_admin("POST", "/v3/api_keys"))).await;
    assert_eq!((status, &body["error"]["code"]), (400, &json!(400)));
}

#[tokio::test]
async fn bodies_of_the_wrong_kind_are_400() {
    let bench = Bench::new().await;
    let text = |body: &'static str| move |request: reqwest::RequestBuilder| request.body(body);
    for body in ["", "[]", "\"text\"", "\u{feff}{}"] {
        for path in ["/v3/api_keys", "/v3/groups/public", "/v3/files/sign", "/v3/files"] {
            let (status, body) = answer(text(body)(bench.as_admin("POST", path))).await;
            assert_eq!(status, 400, "{path}: {body}");
        }
    }
    let form = bench
        .as_admin("POST", "/v3/files")
        .header("content-type", "multipart/form-data; boundary=x")
        .body("--x\r\nno end");
    assert_eq!(answer(form).await.0, 400);
    let (status, body): (u16, Value) = answer(bench.as_admin("GET", "/v3/api_keys?offset=x")).await;
    assert_eq!((status, &body["error"]["code"]), (400, &json!(400)));
}
