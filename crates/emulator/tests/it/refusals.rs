//! Who is refused, and with which body: the recorded one if there is any.

use serde_json::json;

use crate::common::{Bench, Made, answer, observed};

const TEST: &str = "/data/testAuthentication";

fn wrong() -> Made {
    Made { jwt: "eyJ.not.ours".to_owned(), key: "0".repeat(20), secret: "0".repeat(64) }
}

#[tokio::test]
async fn missing_credential_is_refused() {
    let bench = Bench::new().await;
    for path in [TEST, "/data/pinList"] {
        assert_eq!(answer(bench.bare("GET", path)).await, observed("400_no_auth_header"));
    }
    let half = bench.bare("GET", TEST).header("pinata_api_key", "only this");
    assert_eq!(answer(half).await, observed("400_no_auth_header"));
    for (method, path) in [("GET", "/v3/files/public"), ("POST", "/v3/api_keys")] {
        let expected = observed("401_v3_no_authorization_header_found");
        assert_eq!(answer(bench.bare(method, path)).await, expected);
        // v3 ignores a key pair.
        assert_eq!(answer(bench.pair(method, path, &bench.admin())).await, expected);
    }
}

#[tokio::test]
async fn unknown_credential_is_refused() {
    let bench = Bench::new().await;
    let legacy = observed("401_invalid_bearer");
    assert_eq!(answer(bench.bearer("GET", TEST, &wrong())).await, legacy);
    assert_eq!(answer(bench.pair("GET", TEST, &wrong())).await, legacy);
    let mixed = Made { secret: "0".repeat(64), ..bench.admin() };
    assert_eq!(answer(bench.pair("GET", TEST, &mixed)).await, legacy);
    let basic = bench.bare("GET", TEST).header("authorization", "Basic YTpi");
    assert_eq!(answer(basic).await, legacy);
    let v3 = answer(bench.bearer("GET", "/v3/files/public", &wrong())).await;
    assert_eq!(v3, observed("401_v3_not_authorized"));
}

#[tokio::test]
async fn revoked_key_is_refused_everywhere() {
    let bench = Bench::new().await;
    let made = bench.make("short-lived", json!({ "admin": true })).await;
    assert_eq!(answer(bench.bearer("GET", "/v3/files/public", &made)).await.0, 200);
    let path = format!("/v3/pinata/keys/{}", made.key);
    let revoked = bench.as_admin("PUT", &path).send().await.unwrap();
    assert_eq!(revoked.headers()["content-length"], "9");
    assert_eq!(revoked.headers()["content-type"], "application/json; charset=utf-8");
    assert_eq!(revoked.text().await.unwrap(), "\"Revoked\"");

    let v3 = answer(bench.bearer("GET", "/v3/files/public", &made)).await;
    assert_eq!(v3, observed("401_v3_not_authorized"));
    for path in [TEST, "/data/pinList"] {
        for request in [bench.bearer("GET", path, &made), bench.pair("GET", path, &made)] {
            let (status, body) = answer(request).await;
            assert_eq!((status, &body["error"]["reason"]), (403, &json!("API_KEY_REVOKED")));
        }
    }
}

/// The order of members and the absence of blanks are part of the records.
#[tokio::test]
async fn recorded_bodies_are_equal_to_the_byte() {
    let bench = Bench::new().await;
    for (request, status, text, length) in [
        (
            bench.bare("GET", TEST),
            400,
            r#"{"error":{"reason":"KEYS_MUST_BE_STRINGS","details":"pinata_api_key and pinata_secret_api_key must both be strings"}}"#,
            117,
        ),
        (
            bench.bearer("GET", TEST, &wrong()),
            401,
            r#"{"error":{"reason":"INVALID_CREDENTIALS","details":"Invalid/expired credentials"}}"#,
            82,
        ),
        (
            bench
                .as_admin("PUT", "/pinning/hashMetadata")
                .json(&json!({ "ipfsPinHash": "bafynothing" })),
            404,
            r#"{"error":{"reason":"OBJECT_NOT_FOUND","details":"Your account does not currently have any record associated with this ID"}}"#,
            123,
        ),
        (
            bench.bare("GET", "/v3/files/public"),
            401,
            r#"{"error":{"code":401,"message":"no Authorization header found"}}"#,
            64,
        ),
    ] {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status);
        let body = response.text().await.unwrap();
        assert_eq!((body.as_str(), body.len()), (text, length));
    }
}

#[tokio::test]
async fn unknown_route_is_404_with_json() {
    let bench = Bench::new().await;
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/users/nothing"),
        ("GET", "/v3/nothing"),
        ("PUT", "/v3/api_keys/key"),
        ("DELETE", "/v3/pinata/keys/key"),
        ("GET", "/v3/files/elsewhere"),
        // Seen: the official client before version 2 creates groups so. Inferred: it is no upload.
        ("POST", "/v3/files/groups"),
        ("POST", "/v3/files/public"),
        // Seen or documented, and listed in the README as not served.
        ("GET", "/v3/files"),
        ("GET", "/v3/files/00000000-0000-4000-8000-000000000000"),
        ("GET", "/v3/files/groups"),
        ("PUT", "/v3/files/groups/g/ids/f"),
        ("GET", "/groups"),
        ("PUT", "/v3/ipfs/swap/bafy"),
        ("POST", "/v3/ipfs/signature/bafy"),
        ("GET", "/v3/ipfs/gateways"),
        ("POST", "/pinning/addHashToPinQueue"),
        ("PUT", "/pinning/hashPinPolicy"),
        ("GET", "/psa/pins"),
    ] {
        let (status, body) = bench.call(method, path).await;
        assert_eq!(status, 404, "{method} {path}");
        assert!(body["error"].is_object(), "{body}");
    }
}

#[tokio::test]
async fn malformed_json_is_refused_before_the_scope_on_legacy_only() {
    let bench = Bench::new().await;
    let reader = bench.make("reader", json!({ "resources": ["org:files:read"] })).await;
    let broken = |request: reqwest::RequestBuilder| {
        answer(request.header("content-type", "application/json").body("{\"name\":"))
    };
    let v3 = broken(bench.bearer("POST", "/v3/api_keys", &reader)).await;
    assert_eq!(v3, observed("401_v3_not_authorized"));
    let (status, body) = broken(bench.bare("POST", "/pinning/pinJSONToIPFS")).await;
    assert_eq!((status, &body["error"]["reason"]), (400, &json!("INVALID_REQUEST")));
    let (status, body) = broken(bench.as_admin("POST", "/v3/api_keys")).await;
    assert_eq!((status, &body["error"]["code"]), (400, &json!(400)));
}

#[tokio::test]
async fn body_of_the_wrong_kind_is_400() {
    let bench = Bench::new().await;
    for body in ["", "[]", "\"text\"", "\u{feff}{}"] {
        for path in ["/v3/api_keys", "/v3/groups/public", "/v3/files/sign", "/v3/files"] {
            let (status, body) = answer(bench.as_admin("POST", path).body(body)).await;
            assert_eq!(status, 400, "{path}: {body}");
        }
    }
    let form = bench
        .as_admin("POST", "/v3/files")
        .header("content-type", "multipart/form-data; boundary=x")
        .body("--x\r\nno end");
    assert_eq!(answer(form).await.0, 400);
}
