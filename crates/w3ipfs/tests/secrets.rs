//! Recognizable secrets that the server sends back in every answer appear in no error.

mod support;

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use pinning_keys_core::{Credential, Error, KeyIssuer, KeyQuery, KeyRef};
use pinning_keys_testkit::secrets::{Secrets, all_of};
use pinning_keys_w3ipfs::{PAIR_HEADERS, W3ipfsIssuer};
use serde_json::json;
use support::{Answers, Script, answer, request};

const JWT: &str = "eyJhY2NvdW50.CanaryOfTheAccount.x7";
const ACCOUNT_KEY: &str = "CanaryOfTheAccountsKey+4/==";
const ACCOUNT_SECRET: &str = "CanaryOfTheAccountsSecret+5/==";
const HOLDER_SECRET: &str = "CanaryOfTheHolder+8/==";
const NEW_SECRET: &str = "CanaryOfTheNewSecret+2/==";
const SECRETS: [&str; 5] = [JWT, ACCOUNT_KEY, ACCOUNT_SECRET, HOLDER_SECRET, NEW_SECRET];

/// Issuers with each credential, which get this answer to every request.
fn issuers(status: u16, body: &str) -> [W3ipfsIssuer; 2] {
    let config = || {
        let body = body.to_owned();
        Script::with(move |_| answer(status, body.clone())).config()
    };
    [
        config().with_jwt(JWT).build().unwrap(),
        config().with_key_pair(ACCOUNT_KEY, ACCOUNT_SECRET).build().unwrap(),
    ]
}

fn assert_clean(error: &Error) {
    static ALL: LazyLock<Secrets> =
        LazyLock::new(|| Secrets::of(SECRETS.into_iter().chain(["Canary"])));
    ALL.assert_not_in_error("an error", error);
}

/// A new secret that the client cannot know of is recognized if it looks like a token.
#[tokio::test(start_paused = true)]
async fn errors_show_no_secret_that_the_server_sends_back() {
    let raw = SECRETS.join(" ");
    let encoded = SECRETS.map(|secret| STANDARD.encode(secret)).join(" ");
    let url_safe = SECRETS.map(|secret| URL_SAFE_NO_PAD.encode(secret)).join(" ");
    let around = STANDARD.encode(format!("{ACCOUNT_KEY}:{ACCOUNT_SECRET} {JWT}"));
    let mut bodies = Vec::new();
    for echo in [&raw, &encoded, &url_safe, &around] {
        for status in ["success", "fail", "error", "pending"] {
            bodies.push(json!({ "status": status, "message": echo }).to_string());
        }
        bodies.push(json!({ "message": echo }).to_string());
        bodies.push(json!({ "message": [{ "at": echo }] }).to_string());
        bodies.push(json!({ "status": "fail", "error": { "message": echo } }).to_string());
        bodies.push(json!({ "status": "fail", "data": { "message": echo } }).to_string());
        bodies.push(json!(echo).to_string());
        bodies.push(echo.clone());
        bodies.push(format!("<html>{echo}</html>"));
    }
    let made = json!({ "api_key": "", "secret_key": NEW_SECRET });
    bodies.push(json!({ "data": made, "status": "success" }).to_string());
    bodies.push(json!({ "data": made, "status": NEW_SECRET }).to_string());
    bodies.push(json!({ "data": made, "status": "success" }).to_string().replace('}', ""));

    let fresh = KeyRef::new("w3ipfs", "key").unwrap();
    let listed = fresh.clone().with_id("id").unwrap();
    let holder = Credential::key_pair("w3ipfs", PAIR_HEADERS, "key", HOLDER_SECRET).unwrap();
    for body in &bodies {
        for status in [200, 201, 302, 307, 400, 401, 403, 404, 409, 429, 500] {
            for issuer in issuers(status, body) {
                let errors = [
                    issuer.issue(&request()).await.err(),
                    issuer.list(&KeyQuery::new()).await.err(),
                    issuer.revoke(&fresh).await.err(),
                    issuer.revoke(&listed).await.err(),
                    issuer.verify(&holder).await.err(),
                ];
                errors.iter().flatten().for_each(assert_clean);
                assert!(errors.iter().flatten().count() > 2, "{status} {body}");
            }
        }
    }
}

/// These secrets do not look like tokens, so no cleaning would find them.
#[tokio::test]
async fn answer_to_a_create_is_not_quoted() {
    let made = json!({ "api_key": "k", "secret_key": "hunter2" });
    let half = json!({ "api_key": "k" });
    for data in [json!(null), json!({}), json!([]), json!("hunter2"), half, made] {
        for said in ["key made, secret hunter keep it", "duplicated key not allowed"] {
            for word in ["ok", "success", "fail", "error", "pending", "hunter"] {
                // Known words are quoted, but not if there may be a key that they are about.
                let said = if data.is_null() { said.to_owned() } else { format!("{said}: hunter") };
                let body = json!({ "status": word, "message": said, "data": data }).to_string();
                let nested = json!({ "status": word, "message": [said], "data": data }).to_string();
                let as_error = json!({ "status": word, "error": said, "data": data }).to_string();
                let bodies = [body, nested, as_error];
                for (status, body) in bodies.iter().flat_map(|body| [(200, body), (201, body)]) {
                    for issuer in issuers(status, body) {
                        let issued = issuer.issue(&request()).await;
                        let is_whole = word == "success" && data.get("secret_key").is_some();
                        assert_eq!(issued.is_ok(), is_whole, "{body}");
                        let Err(error) = issued else { continue };
                        let shown = all_of(&error);
                        assert!(!shown.contains("hunter"), "{body}\n{shown}");
                        assert!(!shown.contains("keep it"), "{body}\n{shown}");
                    }
                }
            }
        }
    }
}
