//! How W3IPFS's answers are read: the documented, those seen in its clients, and the broken.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Response};
use pinning_keys_core::{
    Credential, Effect, Error, ErrorKind, KeyIssuer, KeyQuery, Operation, Revocation, Verification,
};
use pinning_keys_http::credentials::{AccountCredential, Ask, from_fn};
use pinning_keys_http::{Reach, TransportError, TransportErrorKind};
use pinning_keys_w3ipfs::W3ipfsIssuer;
use serde_json::{Value, json};
use support::{
    ACCOUNTS, ALL, Account, HTML, LOOK_AT_THE_URL, NO_RECORD, STATUSES, Script, Step, answer, body,
    fail, failed, holder, keys, listed, redirect, request,
};

use ErrorKind::{
    Conflict, NameReserved, NameTaken, NotFound, PermissionDenied, RateLimited, Redirected,
    Refused, TooManyKeys, Unauthenticated, Unavailable, UnreadableAnswer,
};

const RESERVED: &str = "Cannot create an API key with the name 'Default'";
const TOO_MANY: &str = "Maximum number of API keys exceeded. Please delete some keys before \
                        creating a new one.";
const DUPLICATE: &str = "duplicated key not allowed";
const NOT_LOGGED_IN: &str = "You are not logged in";
const EXPIRED: &str = "validate: Token is expired";
const MALFORMED: &str = "validate: token contains an invalid number of segments";
const UNDERSCORES: &str = "a proxy on the way may drop headers with underscores";
const LOG_IN: &str = "log in again";

async fn failed_issue(step: Step) -> Error {
    let (error, requests) = failed(Operation::Issue, Account::Jwt, step).await;
    assert_eq!(requests, 1, "a create is sent once, whatever comes back");
    assert_eq!(error.key_name().unwrap().as_str(), "user-42");
    error
}

#[tokio::test(start_paused = true)]
async fn a_refused_create_is_known_by_its_words_whatever_its_status() {
    for status in STATUSES.into_iter().chain([200, 201]) {
        for (sentence, kind, hint) in [
            (RESERVED, NameReserved, None),
            (TOO_MANY, TooManyKeys, Some("revoke keys that are not used any more")),
            (DUPLICATE, NameTaken, Some("take KeyName::unique")),
            (NOT_LOGGED_IN, Unauthenticated, Some(LOG_IN)),
            (EXPIRED, Unauthenticated, Some(LOG_IN)),
            (MALFORMED, Unauthenticated, Some(LOG_IN)),
        ] {
            // The starter that the server seems to have grown from says "error" where it is their
            // own fault.
            let word = if status < 500 { "fail" } else { "error" };
            let words = json!({ "status": word, "message": sentence }).to_string();
            let error = failed_issue(answer(status, words)).await;
            assert_eq!((error.kind(), error.effect()), (kind, Effect::Rejected), "{status}");
            assert!(error.to_string().contains(sentence), "{error}");
            assert!(error.to_string().contains("no key was made"), "{error}");
            assert!(hint.is_none_or(|hint| error.to_string().contains(hint)), "{error}");
            assert!(!error.is_retryable(), "{error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_taken_is_told_with_the_way_out() {
    let error = failed_issue(answer(409, fail(DUPLICATE))).await;
    assert_eq!(
        error.to_string(),
        "cannot issue key \"user-42\" at w3ipfs: another key has this name: \
         \"duplicated key not allowed\" (HTTP 409, 1 attempt, 0 ms)\n  \
         no key was made\n  \
         names are unique in an account: revoke the other key, or take KeyName::unique"
    );
    // The dashboard goes by the status alone.
    for words in ["", HTML, "{}", &fail("of other words"), "\"a bare text\""] {
        let error = failed_issue(answer(409, words.to_owned())).await;
        assert_eq!((error.kind(), error.effect()), (NameTaken, Effect::Rejected), "{words}");
    }
    for operation in [Operation::List, Operation::Revoke, Operation::Verify] {
        let (error, _) = failed(operation, Account::Jwt, answer(409, fail(DUPLICATE))).await;
        assert_eq!(error.kind(), Conflict, "{operation}");
    }
}

#[tokio::test(start_paused = true)]
async fn other_refusals_are_known_by_their_status() {
    for (status, kind, effect) in [
        (400, Refused, Effect::Rejected),
        (401, Unauthenticated, Effect::Rejected),
        (403, PermissionDenied, Effect::Rejected),
        (404, NotFound, Effect::Rejected),
        (429, RateLimited, Effect::Rejected),
        (500, Unavailable, Effect::Unknown),
        (502, Unavailable, Effect::Unknown),
        (503, Unavailable, Effect::Unknown),
    ] {
        for (words, quoted) in [
            (fail("of other words"), Some("of other words")),
            // The starter that the server seems to have grown from does so in one place.
            ("\"of a bare text\"".to_owned(), Some("of a bare text")),
            (HTML.to_owned(), None),
            (String::new(), None),
            ("404 page not found".to_owned(), None),
            (r#"{"status":"fail","message":"cana"#.to_owned(), None),
            (r#"{"status":"fail","message":["canary"]}"#.to_owned(), None),
            (r#"{"error":"canary"}"#.to_owned(), None),
        ] {
            let error = failed_issue(answer(status, words.clone())).await;
            assert_eq!((error.kind(), error.effect()), (kind, effect), "{status} {words}");
            assert_eq!(error.status().unwrap().as_u16(), status);
            let said = quoted.map(|words| format!("\"{words}\""));
            assert!(said.is_none_or(|said| error.to_string().contains(&said)), "{error}");
            let blames_the_url = error.to_string().contains(LOOK_AT_THE_URL);
            let expected = quoted.is_none() && matches!(status, 400 | 403 | 404);
            assert_eq!(blames_the_url, expected, "{error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_operation_tells_its_refusals_apart() {
    for operation in ALL {
        for (status, kind) in [(400, Refused), (403, PermissionDenied), (429, RateLimited)] {
            let (error, _) = failed(operation, Account::Jwt, answer(status, fail("no"))).await;
            assert_eq!((error.kind(), error.effect()), (kind, Effect::Rejected), "{operation}");
        }
        let (error, requests) = failed(operation, Account::Jwt, answer(502, HTML)).await;
        let effect = match operation {
            Operation::Issue | Operation::Revoke => Effect::Unknown,
            _ => Effect::Rejected,
        };
        assert_eq!((error.kind(), error.effect()), (Unavailable, effect), "{operation}");
        assert_eq!(requests, if operation == Operation::Issue { 1 } else { 4 }, "{operation}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_credential_that_is_not_accepted_gets_the_hint_that_fits_it() {
    for (account, operation, words, told, untold) in [
        (Account::Jwt, Operation::Issue, EXPIRED, LOG_IN, UNDERSCORES),
        (Account::Jwt, Operation::List, NOT_LOGGED_IN, LOG_IN, UNDERSCORES),
        (Account::KeyPair, Operation::Issue, NOT_LOGGED_IN, UNDERSCORES, LOG_IN),
        (Account::KeyPair, Operation::List, NOT_LOGGED_IN, "with_jwt", LOG_IN),
        (Account::KeyPair, Operation::Revoke, NOT_LOGGED_IN, UNDERSCORES, LOG_IN),
        // The holder has a pair, whatever the account has.
        (Account::Jwt, Operation::Verify, NOT_LOGGED_IN, UNDERSCORES, "with_jwt"),
    ] {
        for status in [401, 200] {
            let step = answer(status, fail(words));
            let (error, _) = failed(operation, account, step).await;
            assert_eq!((error.kind(), error.effect()), (Unauthenticated, Effect::Rejected));
            let text = error.to_string();
            assert!(text.contains(told) && !text.contains(untold), "{account:?} {text}");
        }
    }
    // A proxy's word does not say that the pair came through.
    for words in [HTML, r#"{"message":"Unauthorized"}"#] {
        for account in ACCOUNTS {
            let (error, _) = failed(Operation::Issue, account, answer(401, words)).await;
            let told = if account == Account::Jwt { LOG_IN } else { UNDERSCORES };
            assert!(error.to_string().contains(told), "{error}");
        }
    }
    let seen = answer(401, fail("Invalid API key or secret key"));
    let (error, _) = failed(Operation::Issue, Account::KeyPair, seen).await;
    let text = error.to_string();
    assert!(text.contains("with_jwt") && !text.contains(UNDERSCORES), "{text}");
}

#[tokio::test]
async fn a_rate_limit_on_a_create_is_returned_with_its_wait() {
    let limited = Response::builder().status(429).header("retry-after", "60");
    let error = failed_issue(Ok(limited.body(Bytes::new()).unwrap())).await;
    assert_eq!((error.kind(), error.effect()), (RateLimited, Effect::Rejected));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
    assert!(error.is_retryable());
}

#[tokio::test]
async fn an_answer_of_success_can_tell_a_failure_in_its_body() {
    let made = json!({ "api_key": "k", "secret_key": "canary", "total": 0, "api_keys": [] });
    for status in [200, 201, 202] {
        for (word, data, kind, in_doubt) in [
            (json!("fail"), None, Refused, false),
            (json!("fail"), Some(Value::Null), Refused, false),
            (json!("fail"), Some(json!({})), Refused, true),
            (json!("fail"), Some(made.clone()), Refused, true),
            (json!("error"), None, Unavailable, true),
            (json!("error"), Some(made.clone()), Unavailable, true),
            (json!("pending"), Some(made.clone()), UnreadableAnswer, true),
            (json!("Success"), Some(made.clone()), UnreadableAnswer, true),
            (json!(""), Some(made.clone()), UnreadableAnswer, true),
            (json!(500), Some(made.clone()), UnreadableAnswer, true),
            (json!(false), Some(made.clone()), UnreadableAnswer, true),
        ] {
            for operation in ALL {
                let mut words = json!({ "status": word, "message": "of other words" });
                if let Some(data) = &data {
                    words["data"] = data.clone();
                }
                let step = answer(status, words.to_string());
                let (error, requests) = failed(operation, Account::Jwt, step).await;
                let changes = matches!(operation, Operation::Issue | Operation::Revoke);
                let effect = if in_doubt && changes { Effect::Unknown } else { Effect::Rejected };
                assert_eq!((error.kind(), error.effect()), (kind, effect), "{operation} {words}");
                // The answer to a create is a secret.
                let is_quoted = error.to_string().contains("\"of other words\"");
                assert_eq!(is_quoted, operation != Operation::Issue, "{error}");
                assert_eq!(error.to_string().contains("is not shown"), !is_quoted, "{error}");
                assert_eq!(requests, 1);
            }
        }
    }
}

#[tokio::test]
async fn words_that_are_known_say_that_nothing_was_done_whatever_stands_beside_them() {
    let data = json!({ "api_key": "k", "secret_key": "canary" });
    for (operation, sentence, kind) in [
        (Operation::Issue, DUPLICATE, NameTaken),
        (Operation::Issue, RESERVED, NameReserved),
        (Operation::Issue, EXPIRED, Unauthenticated),
        (Operation::Revoke, "Cannot delete the default API key", Refused),
    ] {
        for word in ["fail", "error"] {
            let words = json!({ "status": word, "message": sentence, "data": data }).to_string();
            let (error, _) = failed(operation, Account::Jwt, answer(200, words)).await;
            assert_eq!((error.kind(), error.effect()), (kind, Effect::Rejected), "{sentence}");
            let is_quoted = error.to_string().contains(sentence);
            assert_eq!(is_quoted, operation != Operation::Issue, "{error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn sentences_that_only_hold_known_words_are_others() {
    for (status, sentence, kind) in [
        (400, "You are not logged in to the shop", Refused),
        (403, "perhaps You are not logged in", PermissionDenied),
        (400, "could not validate: the name is too long", Refused),
        (400, "validate the name", Refused),
    ] {
        for operation in ALL {
            let (error, _) = failed(operation, Account::Jwt, answer(status, fail(sentence))).await;
            assert_eq!(error.kind(), kind, "{operation} {sentence}");
        }
    }
}

#[tokio::test]
async fn arrays_are_no_objects_whatever_stands_in_them() {
    for array in [
        r#"["fail"]"#,
        r#"["success"]"#,
        r#"["success",{"api_key":"k","secret_key":"canary"}]"#,
        r#"["success",{"api_keys":[],"total":0}]"#,
    ] {
        for operation in ALL {
            let (error, _) = failed(operation, Account::Jwt, answer(200, array)).await;
            let effect = match operation {
                Operation::Issue | Operation::Revoke => Effect::Unknown,
                _ => Effect::Rejected,
            };
            assert_eq!((error.kind(), error.effect()), (UnreadableAnswer, effect), "{array}");
        }
    }
    let spaced = "\r\n\t {\"data\":{\"api_key\":\"KEY\",\"secret_key\":\"SECRET\"}} \n";
    assert!(Script::answer(200, spaced).issuer().issue(&request()).await.is_ok());
}

#[tokio::test]
async fn a_create_whose_answer_cannot_be_read_is_an_unknown_effect_and_quotes_nothing() {
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
        r#"{"data":{"api_key":"k","secret_key":"canary\n"}}"#,
        r#"{"api_key":"k","secret_key":"canary"}"#,
    ] {
        for status in [200, 201, 204] {
            let error = failed_issue(answer(status, unreadable)).await;
            assert_eq!(error.kind(), UnreadableAnswer, "{unreadable}");
            assert_eq!(error.effect(), Effect::Unknown, "{unreadable}");
            assert!(
                error
                    .to_string()
                    .contains(r#"issuer.reconcile(&KeyName::new("user-42").unwrap())"#),
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn a_key_is_made_by_any_answer_of_success_that_shows_it() {
    for status in [200, 201, 202] {
        for words in [
            body("documents/created.json"),
            r#"{"data":{"api_key":"KEY","secret_key":"SECRET"}}"#.into(),
            r#"{"status":null,"data":{"api_key":"KEY","secret_key":"SECRET"},"new":1}"#.into(),
            r#"{"data":{"api_key":"K\u0045Y","secret_key":"SECR\u0045T","id":7}}"#.into(),
        ] {
            let key = Script::answer(status, words).issuer().issue(&request()).await.unwrap();
            let exposed = key.credential().expose();
            assert_eq!((exposed.api_key(), exposed.api_secret()), (Some("KEY"), Some("SECRET")));
        }
    }
}

#[tokio::test]
async fn a_create_that_broke_on_the_way_is_sent_again_only_where_it_was_not_sent() {
    let closed = TransportError::new(TransportErrorKind::Closed, Reach::MaybeSent);
    assert_eq!(failed_issue(Err(closed)).await.effect(), Effect::Unknown);

    let refused = Err(TransportError::new(TransportErrorKind::Connect, Reach::NotSent));
    let script = Script::new(vec![refused, answer(200, body("documents/created.json"))]);
    assert!(script.issuer().issue(&request()).await.is_ok());
    assert_eq!(script.requests(), 2);
}

#[tokio::test]
async fn the_other_slash_is_followed_once_with_method_and_body() {
    for (step, to) in [
        (redirect(307, "/api/apiKeys"), "https://w3ipfs.test/api/apiKeys"),
        (redirect(308, "https://w3ipfs.test/api/apiKeys"), "https://w3ipfs.test/api/apiKeys"),
    ] {
        let script = Script::new(vec![step, answer(200, body("documents/created.json"))]);
        let issuer = script.issuer_of(Account::KeyPair);
        let plan = issuer.plan(&request()).unwrap();
        issuer.issue(&request()).await.unwrap();
        let first = "POST https://w3ipfs.test/api/apiKeys/".to_owned();
        assert_eq!(script.targets(), [first, format!("POST {to}")]);
        assert_eq!(script.last_body(), plan.body());
        assert!(script.last_headers().contains_key("pinning_secret_key"));
    }
    let there_and_back =
        Script::new(vec![redirect(307, "/api/apiKeys"), redirect(307, "/api/apiKeys/")]);
    let error = there_and_back.issuer().issue(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (Redirected, Effect::Rejected));
    assert_eq!(there_and_back.requests(), 2);
}

#[tokio::test]
async fn other_redirects_are_refused_and_what_they_leave_behind_is_told() {
    let elsewhere = "https://other.test/api/apiKeys/";
    for (status, location, effect) in [
        (301, "/api/apiKeys", Effect::Unknown),
        (302, "/login", Effect::Unknown),
        (303, "/api/apiKeys", Effect::Unknown),
        (307, elsewhere, Effect::Rejected),
        (308, elsewhere, Effect::Rejected),
    ] {
        for account in ACCOUNTS {
            let (error, requests) =
                failed(Operation::Issue, account, redirect(status, location)).await;
            assert_eq!((error.kind(), error.effect()), (Redirected, effect), "{status}");
            assert_eq!(requests, 1, "a key pair would survive the way to another host");
        }
    }
    let slashed = format!("/api/apiKeys/{}/", listed().id().unwrap());
    let (error, _) = failed(Operation::Revoke, Account::Jwt, redirect(301, &slashed)).await;
    assert_eq!((error.kind(), error.effect()), (Redirected, Effect::Unknown));
}

#[tokio::test(start_paused = true)]
async fn live_and_unrecognized_pairs_are_told_apart_and_the_rest_is_no_word_about_them() {
    for (status, words, verification) in [
        (200, body("documents/tested.json"), Verification::Live),
        (200, r#"{"message":"hello","status":"success","data":{}}"#.into(), Verification::Live),
        (401, fail("Invalid API key or secret key").into(), Verification::Unrecognized),
        (401, fail(EXPIRED).into(), Verification::Unrecognized),
        (401, "\"no such pair\"".into(), Verification::Unrecognized),
        (401, fail("You are not logged in with this pair").into(), Verification::Unrecognized),
    ] {
        let said = Script::answer(status, words).issuer().verify(&holder()).await.unwrap();
        assert_eq!(said, verification);
    }
    for (status, words) in [
        (200, HTML.to_owned()),
        (200, String::new()),
        (200, "{}".to_owned()),
        (200, r#"["hello"]"#.to_owned()),
        (200, "\"hello\"".to_owned()),
        (200, r#"{"message":7}"#.to_owned()),
        (200, r#"{"status":"success"}"#.to_owned()),
        (200, fail("Invalid API key or secret key")),
        (204, String::new()),
        (400, fail("no")),
        (401, HTML.to_owned()),
        (401, String::new()),
        (401, "{}".to_owned()),
        (401, "\"You are not logged in\"".to_owned()),
        // As gateways say it.
        (401, r#"{"message":"Unauthorized"}"#.to_owned()),
        (401, r#"{"message":"Unauthorized","status":401}"#.to_owned()),
        (401, r#"{"message":"Unauthorized","status":null}"#.to_owned()),
        (401, r#"{"message":"No API key found in request","request_id":"1"}"#.to_owned()),
        (401, r#"{"status":"fail"}"#.to_owned()),
        (401, r#"{"status":"fail","message":7}"#.to_owned()),
        (403, fail("no")),
        (404, fail(NO_RECORD)),
        (404, "404 page not found".to_owned()),
        (429, String::new()),
        (500, fail("no")),
    ] {
        let (error, _) =
            failed(Operation::Verify, Account::Jwt, answer(status, words.clone())).await;
        assert_eq!(error.status().unwrap().as_u16(), status, "{words}");
        assert_eq!(error.effect(), Effect::Rejected, "{words}");
    }
}

/// A proxy that drops the pair's headers must not make a live key look dead.
#[tokio::test]
async fn a_pair_that_the_provider_did_not_see_is_not_called_unrecognized() {
    let script = Script::answer(401, fail(NOT_LOGGED_IN));
    let error = script.issuer().verify(&holder()).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (Unauthenticated, Effect::Rejected));
    let told = "if the key pair is right, a proxy on the way may drop headers with underscores in \
                their names (pinning_api_key, pinning_secret_key), as nginx does unless told \
                otherwise";
    assert!(error.to_string().ends_with(told), "{error}");

    let token = Credential::bearer("w3ipfs", "token").unwrap();
    let script = Script::answer(401, fail(NOT_LOGGED_IN));
    let error = script.issuer().verify(&token).await.unwrap_err();
    assert!(!error.to_string().contains(UNDERSCORES), "no pair was sent: {error}");
}

/// A source of JWTs, and how often it was asked anew.
fn renewable(renewed: &'static str) -> (Arc<AtomicUsize>, impl Fn(Script) -> W3ipfsIssuer) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let issuer = move |script: Script| {
        let counter = Arc::clone(&counter);
        let source = from_fn(move |ask| {
            let anew = matches!(ask, Ask::AfterRefusal(_));
            counter.fetch_add(usize::from(anew), Ordering::Relaxed);
            let jwt = if anew { renewed } else { "stale.canary.jwt" };
            async move { AccountCredential::bearer(jwt) }
        });
        script.config().with_credentials(Arc::new(source)).build().unwrap()
    };
    (asked, issuer)
}

/// Takes the fresh token alone.
fn expiring() -> (Script, Arc<AtomicUsize>) {
    let created = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&created);
    let script = Script::with(move |request| {
        if request.headers()["authorization"] != "Bearer fresh.canary.jwt" {
            return answer(401, fail(EXPIRED));
        }
        match *request.method() {
            Method::POST => {
                counter.fetch_add(1, Ordering::Relaxed);
                answer(200, body("documents/created.json"))
            }
            Method::DELETE => answer(200, body("documents/deleted.json")),
            _ => answer(200, keys(&Value::Null)),
        }
    });
    (script, created)
}

#[tokio::test]
async fn a_jwt_that_expired_is_fetched_anew_once() {
    let (asked, issuer) = renewable("fresh.canary.jwt");
    let (script, created) = expiring();
    let issuer = issuer(script.clone());
    assert!(issuer.issue(&request()).await.is_ok());
    assert_eq!((script.requests(), created.load(Ordering::Relaxed)), (2, 1));
    assert!(issuer.list(&KeyQuery::new()).await.is_ok());
    assert_eq!(issuer.revoke(&listed()).await.unwrap(), Revocation::Revoked);
    assert_eq!(asked.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn a_jwt_that_cannot_be_renewed_is_told_with_what_to_do() {
    for (renewed, requests) in [("stale.canary.jwt", 1), ("other.canary.jwt", 2)] {
        let (asked, issuer) = renewable(renewed);
        let (script, created) = expiring();
        let error = issuer(script.clone()).issue(&request()).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (Unauthenticated, Effect::Rejected));
        assert!(error.to_string().contains(EXPIRED) && error.to_string().contains(LOG_IN));
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        assert_eq!((script.requests(), created.load(Ordering::Relaxed)), (requests, 0));
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }
    let (script, _) = expiring();
    let error = script.issuer().issue(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (Unauthenticated, Effect::Rejected));
    assert_eq!(script.requests(), 1);
}
