//! Whose refusal an answer is, and what it is about: the credential, the account, or nothing of
//! Pinata's at all. The provider's words are shown whatever their shape.

mod support;

use pinning_keys_core::{Effect, ErrorKind, KeyIssuer, Operation, Verification};
use pinning_keys_pinata::Route;
use pinning_keys_testkit::secrets::{Secrets, all_of};
use serde_json::{Value, json};
use support::{Answers, ROUTES, Script, advice, failed, holder, recorded};

use ErrorKind::{AccountRestricted, PermissionDenied, RateLimited, Refused, Unauthenticated};

const ALL: [Operation; 4] =
    [Operation::Issue, Operation::List, Operation::Revoke, Operation::Verify];

const NOT_PINATA: &str = "the answer is not from Pinata";

/// Answers that are not Pinata's.
const FOREIGN: [&str; 9] = [
    "",
    "error code: 1010",
    "<html><head><title>403 Forbidden</title></head><body>nginx</body></html>",
    "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>",
    r#"{"message":"Forbidden"}"#,
    r#"{"error":null}"#,
    r#"["error"]"#,
    r#"[{"error":{"reason":"NO_SCOPES_FOUND"}}]"#,
    "{}",
];

fn coded(code: u16, message: &str) -> Value {
    json!({ "error": { "code": code, "message": message } })
}

#[tokio::test]
async fn refusal_about_the_account_does_not_blame_the_credential() {
    let (blocked, paid) = (recorded("403_account_blocked"), recorded("403_paid_feature_only"));
    for (status, words) in [
        (blocked.0, blocked.1.clone()),
        (paid.0, paid.1),
        (403, coded(403, "Your account has been suspended").to_string().into()),
        (401, coded(401, "Account is temporarily locked").to_string().into()),
        (402, coded(402, "Payment Required").to_string().into()),
        (403, r#"{"error":{"reason":"PAID_FEATURE_ONLY"}}"#.into()),
    ] {
        for (_, route) in ROUTES {
            for operation in ALL {
                let issuer = Script::answer(status, words.clone()).issuer_on(route);
                let error = failed(operation, &issuer).await;
                let expected = (AccountRestricted, Effect::Rejected);
                assert_eq!((error.kind(), error.effect()), expected, "{error} {words:?}");
                assert!(error.to_string().contains("the account or its plan"), "{error}");
                assert!(
                    advice(&error).contains("another key of the account will not"),
                    "{error:#}"
                );
                assert!(!error.is_retryable(), "{error}");
            }
        }
    }
    let error = failed(Operation::Issue, &Script::answer(403, blocked.1).issuer()).await;
    assert!(error.to_string().contains("\"Account blocked due to plan usage limit\""), "{error}");

    // These are about the key.
    let revoked = json!({ "error": { "reason": "API_KEY_REVOKED", "details": "account blocked" } });
    for (status, words, kind) in [
        (403, json!({ "error": { "reason": "FORBIDDEN", "details": "no" } }), PermissionDenied),
        (403, revoked, Unauthenticated),
        (400, coded(400, "account blocked"), Refused),
    ] {
        let script = Script::answer(status, words.to_string());
        assert_eq!(failed(Operation::Issue, &script.issuer()).await.kind(), kind, "{words}");
    }
}

#[tokio::test(start_paused = true)]
async fn answer_of_another_server_is_no_refusal_of_pinatas() {
    for (status, kind) in [
        (400, Refused),
        (401, Unauthenticated),
        (402, Refused),
        (403, Refused),
        (404, Refused),
        (409, Refused),
        (410, Refused),
        (429, RateLimited),
    ] {
        for words in FOREIGN {
            for operation in ALL {
                let script = Script::repeating([support::answer(status, words)]);
                let error = failed(operation, &script.issuer()).await;
                let expected = (kind, Effect::Rejected);
                assert_eq!((error.kind(), error.effect()), expected, "{status} {words}");
                let is_rate_limit = status == 429;
                assert_eq!(advice(&error).contains(NOT_PINATA), !is_rate_limit, "{error:#}");
                let blames = ["permission", "the provider does not accept", "plan"];
                assert!(!blames.iter().any(|word| error.to_string().contains(word)), "{error}");
                let is_quoted = error.to_string().contains("\"Forbidden\"");
                assert_eq!(is_quoted, words.contains("Forbidden\"}"), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn words_of_an_error_are_shown_whatever_their_shape() {
    for (error, code, said) in [
        (json!({ "code": "400", "message": "no name" }), Some("400"), "\"no name\""),
        (json!({ "code": 400, "message": ["no name", "more"] }), Some("400"), "\"no name\""),
        (json!({ "code": {}, "message": "no name" }), None, "\"no name\""),
        (json!({ "message": "no name" }), None, "\"no name\""),
        (json!({ "reason": "BAD", "details": ["no name"] }), Some("BAD"), "\"no name\""),
        (
            json!({ "reason": "BAD", "details": { "message": "no name" } }),
            Some("BAD"),
            "\"no name\"",
        ),
        (
            json!({ "reason": "BAD", "details": [{ "at": "#", "error": "no name" }] }),
            Some("BAD"),
            "\"no name\"",
        ),
        (
            json!({ "reason": "BAD", "details": { "errors": [{ "keyName": ["no name"] }] } }),
            Some("BAD"),
            "\"no name\"",
        ),
        (
            json!({ "reason": "BAD", "message": "invalid", "details": [{ "error": "no name" }] }),
            Some("BAD"),
            "\"invalid: no name\"",
        ),
        (json!({ "reason": ["no name"], "at": "#" }), None, "\"no name\""),
        (json!(["no name"]), None, "\"no name\""),
        (json!("no name"), None, "\"no name\""),
        (json!({ "reason": "BAD", "details": [7, null, {}] }), Some("BAD"), "BAD"),
    ] {
        for operation in ALL {
            let script = Script::answer(400, json!({ "error": error }).to_string());
            let failure = failed(operation, &script.issuer()).await;
            assert_eq!(failure.provider_code(), code, "{error}");
            assert!(failure.to_string().contains(said), "{failure}");
            assert!(!advice(&failure).contains(NOT_PINATA), "{failure:#}");
        }
    }
    // As some frameworks send it.
    let script = Script::answer(400, r#"{"error":"Bad Request","message":"no name"}"#);
    let error = failed(Operation::Issue, &script.issuer()).await;
    assert!(error.to_string().contains("\"Bad Request: no name\""), "{error}");

    // The code counts in whichever type it comes.
    let script = Script::answer(401, r#"{"error":{"code":"401","message":"no"}}"#);
    let verification = script.issuer().verify(&holder()).await.unwrap();
    assert_eq!(verification, Verification::Unrecognized);
}

#[tokio::test]
async fn refused_token_says_what_its_shape_shows() {
    const NO_JWT: &str = "does not have the shape of a JWT (three parts separated by dots)";
    let (key, secret) = ("0d2a".repeat(5), "c0ffee15".repeat(8));
    let payload = |payload: &str| format!("eyJhbGciOiJIUzI1NiJ9.{payload}.c2lnbmF0dXJl");
    // The payloads are {"exp":1700000000} and {"exp":99999999999}.
    let (ended, lasting) =
        (payload("eyJleHAiOjE3MDAwMDAwMDB9"), payload("eyJleHAiOjk5OTk5OTk5OTk5fQ"));
    for (token, told) in [
        (&*key, &[NO_JWT, "API key (20 hex digits)"][..]),
        (&*secret, &[NO_JWT, "API secret (64 hex digits)"]),
        ("your_pinata_jwt_here", &[NO_JWT]),
        ("ZXlKaGJHY2lPaUpJVXpJMU5pSjkuZTMwLnM=", &[NO_JWT, "it looks like a base64-encoded JWT"]),
        (&ended, &["the JWT expired at 2023-11-14T22:13:20Z"]),
        (&lasting, &[]),
        (support::ACCOUNT_JWT, &[]),
    ] {
        for (name, route) in ROUTES {
            for refusal in [
                "401_v3_not_authorized",
                "401_v3_no_authorization_header_found",
                "401_invalid_bearer",
            ] {
                let (status, words) = recorded(refusal);
                let script = Script::repeating([support::answer(status, words)]);
                let issuer = script.config().with_jwt(token).with_route(route).build().unwrap();
                let error = failed(Operation::Issue, &issuer).await;
                let advice = advice(&error);
                assert!(told.iter().all(|told| advice.contains(told)), "{name} {refusal} {advice}");
                let is_told =
                    advice.contains("set jwt (PINNING_KEYS_JWT or the variable used instead)");
                assert_eq!(is_told, !told.is_empty(), "{name} {refusal} {advice}");
                if is_told {
                    assert_eq!(error.kind(), Unauthenticated, "{error}");
                }
                Secrets::of([token]).assert_not_in("the error", &all_of(&error));
            }
        }
    }
    // The holder's token is not the account's.
    let (status, words) = recorded("401_v3_string_error");
    let error = failed(Operation::Verify, &Script::answer(status, words).issuer()).await;
    assert_eq!(advice(&error), "");
}

#[tokio::test]
async fn refused_pair_says_what_its_shapes_show() {
    let (key, secret) = ("0d2a".repeat(5), "c0ffee15".repeat(8));
    let jwt = support::ACCOUNT_JWT;
    let (swapped, is_jwt) = ("swap api_key (PINNING_KEYS_API_KEY)", "looks like a JWT");
    for ((api_key, api_secret), told) in [
        ((&*secret, &*key), Some(swapped)),
        ((jwt, &*secret), Some(is_jwt)),
        ((&*key, jwt), Some(is_jwt)),
        ((&*key, &*secret), None),
        ((&*key, "any-secret"), None),
    ] {
        let (status, words) = recorded("401_invalid_bearer");
        let script = Script::answer(status, words);
        let config = script.config().with_route(Route::Legacy).with_key_pair(api_key, api_secret);
        let error = failed(Operation::Issue, &config.build().unwrap()).await;
        let advice = advice(&error);
        assert_eq!(told.is_some(), !advice.is_empty(), "{advice}");
        assert!(told.is_none_or(|told| advice.contains(told)), "{advice}");
        Secrets::of([api_secret]).assert_not_in("the error", &all_of(&error));
    }
}
