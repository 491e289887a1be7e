//! Whose refusal an answer is, and what it is about: the credential, the account, or nothing of
//! W3IPFS's at all. The provider's words are shown whatever their shape.

mod support;

use pinning_keys_core::{Effect, Error, ErrorKind, KeyIssuer, Operation};
use pinning_keys_testkit::secrets::{Secrets, all_of};
use pinning_keys_w3ipfs::W3ipfsConfig;
use serde_json::json;
use support::{
    ACCOUNTS, ALL, Account, Answers, HTML, NOT_W3IPFS, STATUSES, Script, advice, answer, fail,
    failed, request,
};

use ErrorKind::{AccountRestricted, NameTaken, RateLimited, Refused, Unauthenticated};

#[tokio::test(start_paused = true)]
async fn refusal_about_the_account_does_not_blame_the_credential() {
    let balance = STATUSES.into_iter().chain([200, 401]).map(|it| (it, "User not enough balance"));
    for (status, sentence) in balance.chain([
        (402, "of other words"),
        (403, "Your account has been suspended"),
        (403, "upgrade your plan to create more"),
        (401, "account is locked"),
    ]) {
        for operation in ALL {
            let error = failed(operation, Account::Jwt, answer(status, fail(sentence))).await;
            assert_eq!(error.kind(), AccountRestricted, "{status} {operation} {error}");
            assert!(
                error.to_string().contains("the account or its plan does not allow"),
                "{error}"
            );
            assert!(error.to_string().contains(sentence), "{error}");
            assert!(advice(&error).contains("another key of the account will not"), "{error:#}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn answer_of_another_server_is_no_refusal_of_w3ipfs() {
    for (status, kind) in [
        (400, Refused),
        (401, Unauthenticated),
        (402, Refused),
        (403, Refused),
        (404, Refused),
        (410, Refused),
        (429, RateLimited),
    ] {
        for words in ["", "error code: 1010", HTML, "{}", r#"["fail","no"]"#, "null", "[]"] {
            for operation in ALL {
                let error = failed(operation, Account::Jwt, answer(status, words)).await;
                let expected = (kind, Effect::Rejected);
                assert_eq!((error.kind(), error.effect()), expected, "{status} {words}");
                assert_eq!(advice(&error).contains(NOT_W3IPFS), status != 429, "{error:#}");
                let blames = ["permission", "the provider does not accept", "plan"];
                assert!(!blames.iter().any(|word| error.to_string().contains(word)), "{error}");
            }
        }
    }
    // Gateways send a message alone, and their word on a key is not the provider's.
    for (status, said) in [
        (401, r#"{"message":"Unauthorized"}"#),
        (401, r#"{"message":"No API key found in request","request_id":"1"}"#),
        (403, r#"{"message":"Forbidden"}"#),
        (403, r#"{"message":"Missing Authentication Token","status":403}"#),
        (404, r#"{"message":"no Route matched with those values"}"#),
    ] {
        for operation in ALL {
            let error = failed(operation, Account::KeyPair, answer(status, said)).await;
            let kind = if status == 401 { Unauthenticated } else { Refused };
            assert_eq!((error.kind(), error.effect()), (kind, Effect::Rejected), "{said}");
            assert!(advice(&error).contains(NOT_W3IPFS), "{error:#}");
            let words = said.split('"').nth(3).unwrap();
            assert!(error.to_string().contains(words), "{error}");
        }
    }
    // The dashboard treats every 409 as a taken name.
    let error = failed(Operation::Issue, Account::Jwt, answer(409, HTML)).await;
    assert_eq!(error.kind(), NameTaken);
}

#[tokio::test]
async fn words_of_an_error_are_shown_whatever_their_shape() {
    for body in [
        json!({ "status": "fail", "message": ["no name", "more"] }),
        json!({ "status": "fail", "message": { "name": ["no name"] } }),
        json!({ "status": "fail", "message": null, "error": "no name" }),
        json!({ "status": "fail", "error": { "message": "no name", "at": "#" } }),
        json!({ "status": "fail", "data": { "message": "no name" } }),
        json!({ "status": "fail", "data": "no name" }),
        json!({ "status": "fail", "data": [7, { "at": "#" }, { "message": "no name" }] }),
        json!({ "status": 400, "message": "no name" }),
        json!({ "error": "no name" }),
        json!({ "message": "no name" }),
        json!("no name"),
    ] {
        for operation in ALL {
            let error = failed(operation, Account::Jwt, answer(400, body.to_string())).await;
            assert_eq!((error.kind(), error.effect()), (Refused, Effect::Rejected), "{body}");
            assert!(error.to_string().contains("\"no name\""), "{body} {error}");
            assert!(!advice(&error).contains(NOT_W3IPFS), "{error:#}");
        }
    }
    // What else is in `data` may be keys.
    for body in [
        json!({ "status": "fail", "data": { "api_keys": [{ "secret_key": "canary" }] } }),
        json!({ "status": "fail", "data": { "secret_key": "canary", "message": { "at": 7 } } }),
        json!({ "status": "fail", "data": [{ "secret_key": "canary" }] }),
    ] {
        for status in [200, 400] {
            for account in ACCOUNTS {
                failed(Operation::List, account, answer(status, body.to_string())).await;
            }
        }
    }
}

async fn refused(config: impl Fn(W3ipfsConfig) -> W3ipfsConfig, secrets: &[&str]) -> Error {
    let script = Script::repeating([answer(401, fail("Invalid API key or secret key"))]);
    let issuer = config(script.config()).build().unwrap();
    let error = issuer.issue(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (Unauthenticated, Effect::Rejected), "{error}");
    Secrets::of(secrets.iter().copied()).assert_not_in("the error", &all_of(&error));
    error
}

#[tokio::test]
async fn refused_token_says_what_its_shape_shows() {
    const NO_JWT: &str = "does not have the shape of a JWT (three parts separated by dots)";
    let (key, secret) =
        ("c2FtcGxlIGtleSBvZiAxNg==", "c2FtcGxlIHNlY3JldCBvZiAzMiBieXRlcyBpbiBhbGw=");
    // The payload is {"exp":1700000000}.
    let ended = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3MDAwMDAwMDB9.c2lnbmF0dXJl";
    for (token, told) in [
        (key, &[NO_JWT, "it looks like W3IPFS's API key"][..]),
        (secret, &[NO_JWT, "it looks like W3IPFS's secret key"]),
        ("paste-the-token-here", &[NO_JWT]),
        (ended, &["log in again", "the JWT expired at 2023-11-14T22:13:20Z"]),
        (support::ACCOUNT_JWT, &["log in again", "W3IPFS's JWTs expire"]),
    ] {
        let advice = advice(&refused(|config| config.with_jwt(token), &[token]).await);
        assert!(told.iter().all(|told| advice.contains(told)), "{advice}");
        assert_eq!(advice.contains(NO_JWT), told.contains(&NO_JWT), "{advice}");
    }
}

/// People lose it when they copy a value.
#[tokio::test]
async fn refused_pair_without_its_base64_padding_is_told_as_such() {
    let (key, secret) =
        ("c2FtcGxlIGtleSBvZiAxNg==", "c2FtcGxlIHNlY3JldCBvZiAzMiBieXRlcyBpbiBhbGw=");
    let cut = |text: &'static str| text.trim_end_matches('=');
    for (key, secret, is_cut) in [
        (key, secret, false),
        (cut(key), secret, true),
        (key, cut(secret), true),
        (cut(key), cut(secret), true),
        ("sample-key", "sample-secret", false),
    ] {
        let pair = |config: W3ipfsConfig| config.with_key_pair(key, secret);
        let advice = advice(&refused(pair, &[key, secret]).await);
        assert_eq!(advice.contains("an \"=\" may be missing"), is_cut, "{advice}");
    }
}
