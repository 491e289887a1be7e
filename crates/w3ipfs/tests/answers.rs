//! How W3IPFS's answers are read: documented ones, those seen in its clients, and broken ones.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pinning_keys_core::{
    Effect, ErrorKind, KeyIssuer, KeyQuery, NextStep, Operation, Verification,
};
use pinning_keys_http::credentials::{AccountCredential, Ask, from_fn};
use serde_json::{Value, json};
use support::{
    ACCOUNTS, ALL, Account, Answers, EMPTY, HTML, NO_RECORD, NOT_W3IPFS, STATUSES, Script, advice,
    answer, body, fail, failed, failed_issue, holder, keys, request,
};

use ErrorKind::{
    Conflict, NameReserved, NameTaken, NotFound, PermissionDenied, RateLimited, Refused,
    TooManyKeys, Unauthenticated, Unavailable, UnreadableAnswer,
};

const RESERVED: &str = "Cannot create an API key with the name 'Default'";
const TOO_MANY: &str = "Maximum number of API keys exceeded. Please delete some keys before \
                        creating a new one.";
const DUPLICATE: &str = "duplicated key not allowed";
const UNDELETABLE: &str = "Cannot delete the default API key";
const NOT_LOGGED_IN: &str = "You are not logged in";
const UNKNOWN_PAIR: &str = "Invalid API key or secret key";
const EXPIRED: &str = "validate: Token is expired";
const MALFORMED: &str = "validate: token contains an invalid number of segments";
const UNDERSCORES: &str = "headers with underscores in their name";
const SET_JWT: &str = "set jwt (PINNING_KEYS_JWT)";
const LOG_IN: &str = "log in again";

/// The effect of an answer that says nothing about it.
fn in_doubt(operation: Operation) -> Effect {
    match operation {
        Operation::Issue | Operation::Revoke => Effect::Unknown,
        _ => Effect::Rejected,
    }
}

#[tokio::test(start_paused = true)]
async fn refused_create_is_recognized_by_its_words() {
    for status in STATUSES.into_iter().chain([200, 201]) {
        for (sentence, kind, told) in [
            (RESERVED, NameReserved, ""),
            (TOO_MANY, TooManyKeys, "revoke keys that are no longer used"),
            (DUPLICATE, NameTaken, "names are unique within an account"),
            (NOT_LOGGED_IN, Unauthenticated, LOG_IN),
            (EXPIRED, Unauthenticated, LOG_IN),
            (MALFORMED, Unauthenticated, LOG_IN),
        ] {
            // The server that this one appears to be based on says "error" for its own errors.
            let word = if status < 500 { "fail" } else { "error" };
            let words = json!({ "status": word, "message": sentence }).to_string();
            let error = failed_issue(status, words).await;
            assert_eq!((error.kind(), error.effect()), (kind, Effect::Rejected), "{status}");
            assert!(error.to_string().contains(sentence), "{error}");
            assert!(advice(&error).contains(told), "{error:#}");
            assert!(!error.is_retryable(), "{error}");
        }
    }
    // The dashboard goes by the status alone.
    for words in ["", HTML, "{}", &fail("of other words"), "\"a bare text\""] {
        let error = failed_issue(409, words.to_owned()).await;
        assert_eq!((error.kind(), error.effect()), (NameTaken, Effect::Rejected), "{words}");
    }
    for operation in [Operation::List, Operation::Revoke, Operation::Verify] {
        let error = failed(operation, Account::Jwt, answer(409, fail(DUPLICATE))).await;
        assert_eq!(error.kind(), Conflict, "{operation}");
    }
}

#[tokio::test(start_paused = true)]
async fn sentence_that_only_contains_known_words_is_unknown() {
    for (status, sentence, kind) in [
        (400, "You are not logged in to the shop", Refused),
        (403, "perhaps You are not logged in", PermissionDenied),
        (400, "could not validate: the name is too long", Refused),
        (400, "validate the name", Refused),
    ] {
        for operation in ALL {
            let error = failed(operation, Account::Jwt, answer(status, fail(sentence))).await;
            assert_eq!(error.kind(), kind, "{operation} {sentence}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn other_refusals_are_judged_by_status() {
    for (status, kind, effect) in [
        (400, Refused, Effect::Rejected),
        (401, Unauthenticated, Effect::Rejected),
        (403, PermissionDenied, Effect::Rejected),
        (404, NotFound, Effect::Rejected),
        (429, RateLimited, Effect::Rejected),
        (500, Unavailable, Effect::Unknown),
        (503, Unavailable, Effect::Unknown),
    ] {
        for (words, quoted) in [
            (fail("of other words"), Some("\"of other words\"")),
            ("\"of a bare text\"".to_owned(), Some("\"of a bare text\"")),
            (HTML.to_owned(), None),
            (String::new(), None),
            ("404 page not found".to_owned(), None),
            (r#"{"status":"fail","message":"cana"#.to_owned(), None),
            (r#"["fail","canary"]"#.to_owned(), None),
        ] {
            let error = failed_issue(status, words.clone()).await;
            // What is not the provider's says nothing about permissions or keys.
            let is_status = quoted.is_some() || !matches!(status, 403 | 404);
            let kind = if is_status { kind } else { Refused };
            assert_eq!((error.kind(), error.effect()), (kind, effect), "{status} {words}");
            assert_eq!(error.status().unwrap().as_u16(), status);
            assert!(quoted.is_none_or(|said| error.to_string().contains(said)), "{error}");
            let is_foreign = quoted.is_none() && matches!(status, 400 | 401 | 403 | 404);
            assert_eq!(advice(&error).contains(NOT_W3IPFS), is_foreign, "{error:#}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn refused_credential_gets_advice_that_fits_it() {
    use Operation::{Issue, List, Revoke, Verify};
    let gateway = r#"{"message":"Unauthorized"}"#;
    let pair = Account::KeyPair;
    for (account, operation, statuses, words, told, untold) in [
        (Account::Jwt, Issue, &[401, 200][..], fail(EXPIRED), LOG_IN, UNDERSCORES),
        (Account::Jwt, List, &[401, 200], fail(NOT_LOGGED_IN), LOG_IN, UNDERSCORES),
        (pair, Issue, &[401, 200], fail(NOT_LOGGED_IN), UNDERSCORES, LOG_IN),
        (pair, List, &[401, 200], fail(NOT_LOGGED_IN), SET_JWT, LOG_IN),
        (pair, Revoke, &[401, 200], fail(NOT_LOGGED_IN), UNDERSCORES, LOG_IN),
        // A proxy says nothing about the credential; the provider's other sentences do.
        (Account::Jwt, Issue, &[401], HTML.to_owned(), NOT_W3IPFS, LOG_IN),
        (pair, Issue, &[401], HTML.to_owned(), NOT_W3IPFS, UNDERSCORES),
        (pair, Issue, &[401], gateway.to_owned(), NOT_W3IPFS, UNDERSCORES),
        (pair, Issue, &[401], fail(UNKNOWN_PAIR), SET_JWT, UNDERSCORES),
        // The holder has a pair, whatever the account has.
        (Account::Jwt, Verify, &[401, 200], fail(NOT_LOGGED_IN), UNDERSCORES, SET_JWT),
    ] {
        for &status in statuses {
            let error = failed(operation, account, answer(status, words.clone())).await;
            assert_eq!((error.kind(), error.effect()), (Unauthenticated, Effect::Rejected));
            let advice = advice(&error);
            assert!(advice.contains(told) && !advice.contains(untold), "{account:?} {advice}");
        }
    }
}

#[tokio::test]
async fn success_with_a_failing_status_in_its_body_is_an_error() {
    let made = || Some(json!({ "api_key": "k", "secret_key": "canary", "api_keys": [] }));
    for status in [200, 201] {
        for (word, data, kind, is_definite) in [
            (json!("fail"), None, Refused, true),
            (json!("fail"), Some(Value::Null), Refused, true),
            (json!("fail"), Some(json!({})), Refused, false),
            (json!("fail"), made(), Refused, false),
            (json!("error"), None, Unavailable, false),
            (json!("error"), made(), Unavailable, false),
            (json!("pending"), made(), UnreadableAnswer, false),
            (json!("Success"), made(), UnreadableAnswer, false),
            (json!(""), made(), UnreadableAnswer, false),
            (json!(500), made(), UnreadableAnswer, false),
            (json!(false), made(), UnreadableAnswer, false),
        ] {
            for operation in ALL {
                let mut words = json!({ "status": word, "message": "of other words" });
                if let Some(data) = &data {
                    words["data"] = data.clone();
                }
                let step = answer(status, words.to_string());
                let error = failed(operation, Account::Jwt, step).await;
                let effect = if is_definite { Effect::Rejected } else { in_doubt(operation) };
                assert_eq!((error.kind(), error.effect()), (kind, effect), "{operation} {words}");
                // The answer to a create may be a secret.
                let is_quoted = error.to_string().contains("\"of other words\"");
                assert_eq!(is_quoted, operation != Operation::Issue, "{error}");
                if operation == Operation::Issue && is_definite {
                    assert!(advice(&error).contains("message is not shown"), "{error:#}");
                }
            }
        }
    }
}

#[tokio::test]
async fn known_sentence_means_nothing_was_done_whatever_data_says() {
    let data = json!({ "api_key": "k", "secret_key": "canary" });
    for (operation, sentence, kind) in [
        (Operation::Issue, DUPLICATE, NameTaken),
        (Operation::Issue, RESERVED, NameReserved),
        (Operation::Issue, EXPIRED, Unauthenticated),
        (Operation::Revoke, UNDELETABLE, Refused),
    ] {
        for word in ["fail", "error"] {
            let words = json!({ "status": word, "message": sentence, "data": data }).to_string();
            let error = failed(operation, Account::Jwt, answer(200, words)).await;
            assert_eq!((error.kind(), error.effect()), (kind, Effect::Rejected), "{sentence}");
            let is_quoted = error.to_string().contains(sentence);
            assert_eq!(is_quoted, operation != Operation::Issue, "{error}");
        }
    }
}

#[tokio::test]
async fn array_is_never_read_as_an_object() {
    for array in [
        r#"["fail"]"#,
        r#"["success",{"api_key":"k","secret_key":"canary"}]"#,
        r#"["success",{"api_keys":[],"total":0}]"#,
    ] {
        for operation in ALL {
            let error = failed(operation, Account::Jwt, answer(200, array)).await;
            let expected = (UnreadableAnswer, in_doubt(operation));
            assert_eq!((error.kind(), error.effect()), expected, "{array}");
        }
    }
}

#[tokio::test]
async fn unreadable_created_key_is_in_doubt_and_never_quoted() {
    for unreadable in [
        "",
        HTML,
        "null",
        "[]",
        "\"canary\"",
        "{}",
        r#"{"status":"success"}"#,
        r#"{"status":"success","data":null}"#,
        r#"{"status":"success","data":{}}"#,
        r#"{"status":"success","message":"canary"}"#,
        r#"{"data":{"name":"n","api_key":"k","secret_key":"cana"#,
        r#"{"data":{"api_key":"canary"}}"#,
        r#"{"data":{"secret_key":"canary"}}"#,
        r#"{"data":{"api_key":"","secret_key":"canary"}}"#,
        r#"{"data":{"api_key":"k","secret_key":""}}"#,
        r#"{"data":{"api_key":"k","secret_key":null}}"#,
        r#"{"data":{"api_key":7,"secret_key":"canary"}}"#,
        r#"{"data":{"api_key":"k","secret_key":"can ary"}}"#,
        r#"{"data":{"api_key":" \n","secret_key":"canary"}}"#,
        r#"{"api_key":"k","secret_key":"canary"}"#,
        r#"{"status":"success","data":["k","canary"]}"#,
    ] {
        for status in [200, 204] {
            let error = failed_issue(status, unreadable).await;
            assert_eq!((error.kind(), error.effect()), (UnreadableAnswer, Effect::Unknown));
            let name = request().name().clone();
            assert_eq!(error.next_step(), Some(NextStep::Reconcile(name)), "{unreadable}");
        }
    }
}

#[tokio::test]
async fn created_key_is_read_from_any_success() {
    for status in [200, 201, 202] {
        for words in [
            body("documents/created.json"),
            r#"{"data":{"api_key":"KEY","secret_key":"SECRET"}}"#.into(),
            r#"{"status":null,"data":{"api_key":"KEY","secret_key":"SECRET"},"new":1}"#.into(),
            r#"{"data":{"api_key":"K\u0045Y","secret_key":"SECR\u0045T","id":7}}"#.into(),
            r#"{"data":{"api_key":" KEY\r\n","secret_key":"\tSECRET\n"}}"#.into(),
            "\r\n\t {\"data\":{\"api_key\":\"KEY\",\"secret_key\":\"SECRET\"}} \n".into(),
        ] {
            let key = Script::answer(status, words).issuer().issue(&request()).await.unwrap();
            let exposed = key.credential().expose();
            assert_eq!((exposed.api_key(), exposed.api_secret()), (Some("KEY"), Some("SECRET")));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn live_and_unknown_pairs_are_distinguished_from_the_rest() {
    for (status, words, verification) in [
        (200, body("documents/tested.json"), Verification::Live),
        (200, r#"{"message":"hello","status":"success","data":{}}"#.into(), Verification::Live),
        (401, fail(UNKNOWN_PAIR).into(), Verification::Unrecognized),
        (401, fail(EXPIRED).into(), Verification::Unrecognized),
        (401, "\"no such pair\"".into(), Verification::Unrecognized),
        (401, fail("You are not logged in with this pair").into(), Verification::Unrecognized),
    ] {
        let said = Script::answer(status, words).issuer().verify(&holder()).await.unwrap();
        assert_eq!(said, verification);
    }
    for (status, words) in [
        (200, HTML),
        (200, ""),
        (200, "{}"),
        (200, r#"["hello"]"#),
        (200, "\"hello\""),
        (200, r#"{"message":7}"#),
        (200, r#"{"status":"success"}"#),
        (200, &fail(UNKNOWN_PAIR)),
        (204, ""),
        (400, &fail("no")),
        // A proxy may have dropped the pair, so a live key must not look dead.
        (401, &fail(NOT_LOGGED_IN)),
        (401, "\"You are not logged in\""),
        (401, HTML),
        (401, ""),
        (401, "{}"),
        // As gateways say it.
        (401, r#"{"message":"Unauthorized"}"#),
        (401, r#"{"message":"Unauthorized","status":401}"#),
        (401, r#"{"message":"Unauthorized","status":null}"#),
        (401, r#"{"message":"No API key found in request","request_id":"1"}"#),
        (401, r#"{"error":"Unauthorized"}"#),
        (401, r#"{"status":"fail"}"#),
        (401, r#"{"status":"fail","message":7}"#),
        (403, &fail("no")),
        (404, &fail(NO_RECORD)),
        (404, "404 page not found"),
        (429, ""),
        (500, &fail("no")),
    ] {
        let step = answer(status, words.to_owned());
        let error = failed(Operation::Verify, Account::Jwt, step).await;
        assert_eq!(error.status().unwrap().as_u16(), status, "{words}");
        assert_eq!(error.effect(), Effect::Rejected, "{words}");
    }
}

#[tokio::test]
async fn jwt_is_renewed_once_if_an_answer_refuses_it() {
    let long = fail(&format!("{EXPIRED} {}", "x".repeat(1024)));
    let named = keys(&json!([{ "api_key": "k", "id": "1", "name": EXPIRED }]));
    for (status, words, is_renewed) in [
        (401, String::new(), true),
        (401, fail(EXPIRED), true),
        (400, fail(EXPIRED), true),
        (200, fail(EXPIRED), true),
        (200, json!(MALFORMED).to_string(), true),
        (400, fail("could not validate: the name"), false),
        (400, long, false),
        (200, named, false),
    ] {
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        let source = from_fn(move |ask| {
            let is_renewal = matches!(ask, Ask::AfterRefusal(_));
            counter.fetch_add(usize::from(is_renewal), Ordering::Relaxed);
            let jwt = if is_renewal { "fresh" } else { "stale" };
            async move { AccountCredential::bearer(jwt) }
        });
        let script = Script::new([answer(status, words.clone()), answer(200, EMPTY)]);
        let issuer = script.config().with_credentials(Arc::new(source)).build().unwrap();
        let listed = issuer.list(&KeyQuery::new()).await;
        assert_eq!(asked.load(Ordering::Relaxed), usize::from(is_renewed), "{words}");
        assert_eq!(script.count(), 1 + usize::from(is_renewed), "{words}");
        assert_eq!(listed.is_ok(), is_renewed || status == 200, "{words}");
    }
    // Without a source there is nothing to renew it from.
    for account in ACCOUNTS {
        let script = Script::answer(401, fail(EXPIRED));
        let error = script.issuer_of(account).issue(&request()).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (Unauthenticated, Effect::Rejected));
    }
}
