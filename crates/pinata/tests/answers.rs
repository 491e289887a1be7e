//! How Pinata's answers are read: the documented, the recorded, and the broken.

mod support;

use std::num::NonZeroU64;
use std::time::{Duration, SystemTime};

use pinning_keys_core::{
    Credential, Effect, ErrorKind, KeyIssuer, KeyIssuerExt, KeyQuery, KeyRef, KeyRequest, KeyScope,
    Revocation, ScopeRequest, Verification,
};
use pinning_keys_http::{Reach, TransportError, TransportErrorKind};
use pinning_keys_pinata::{ENDPOINTS, RESOURCES, Route};
use support::{ACCOUNT_PAIR, ROUTES, Script, Step, answer, body, fixture};

fn request() -> KeyRequest {
    KeyRequest::new("user-42", ScopeRequest::reader()).unwrap()
}

async fn failed_issue(step: Step) -> (pinning_keys_core::Error, usize) {
    let script = Script::new(vec![step]);
    let error = script.issuer().issue(&request()).await.unwrap_err();
    (error, script.requests())
}

/// Each recorded error body, what it means, and the provider's code for it.
const RECORDED: [(&str, ErrorKind, Option<&str>); 7] = [
    ("400_no_auth_header", ErrorKind::Unauthenticated, Some("KEYS_MUST_BE_STRINGS")),
    ("401_invalid_bearer", ErrorKind::Unauthenticated, Some("INVALID_CREDENTIALS")),
    ("401_v3_no_authorization_header_found", ErrorKind::PermissionDenied, Some("401")),
    ("401_v3_not_authorized", ErrorKind::Unauthenticated, Some("401")),
    ("401_v3_string_error", ErrorKind::Unauthenticated, None),
    ("403_no_scopes_found", ErrorKind::PermissionDenied, Some("NO_SCOPES_FOUND")),
    ("404_object_not_found", ErrorKind::NotFound, Some("OBJECT_NOT_FOUND")),
];

#[tokio::test]
async fn every_recorded_refusal_of_a_create_is_definite() {
    for (name, kind, code) in RECORDED {
        let path = format!("errors/{name}.json");
        let status = u16::try_from(fixture(&path)["status"].as_u64().unwrap()).unwrap();
        let (error, requests) = failed_issue(answer(status, body(&path))).await;
        assert_eq!(error.kind(), kind, "{name}");
        assert_eq!(error.effect(), Effect::Rejected, "{name}");
        assert_eq!(error.provider_code(), code, "{name}");
        assert_eq!(error.status().unwrap().as_u16(), status, "{name}");
        assert_eq!(requests, 1, "{name}");
        assert!(error.to_string().contains("no key was made"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_v3_refusal_says_that_it_may_be_about_the_scope() {
    let (error, _) = failed_issue(answer(401, body("errors/401_v3_not_authorized.json"))).await;
    assert_eq!(
        error.to_string(),
        "cannot issue key \"user-42\" at pinata: the provider does not accept the credential: \
         \"Not Authorized\" (HTTP 401, 1 attempt, 0 ms)\n  \
         no key was made\n  \
         Pinata's v3 routes give the same answer to a credential that is wrong and to one that \
         lacks the scope: managing keys takes an admin key or org:write"
    );
}

#[tokio::test]
async fn a_rate_limit_on_a_create_is_returned_with_its_wait() {
    let recorded = fixture("errors/429_headers_psa.json");
    let wait = recorded["headers"]["retry-after"].as_str().unwrap();
    let limited = http::Response::builder().status(429).header("retry-after", wait);
    let (error, requests) = failed_issue(Ok(limited.body(bytes::Bytes::new()).unwrap())).await;
    assert_eq!((error.kind(), error.effect()), (ErrorKind::RateLimited, Effect::Rejected));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
    assert!(error.is_retryable());
    assert_eq!(requests, 1);
}

#[tokio::test]
async fn other_refusals_are_told_apart_by_their_status() {
    for (status, kind, effect) in [
        (400, ErrorKind::Refused, Effect::Rejected),
        (403, ErrorKind::PermissionDenied, Effect::Rejected),
        (409, ErrorKind::Conflict, Effect::Rejected),
        (500, ErrorKind::Unavailable, Effect::Unknown),
        (502, ErrorKind::Unavailable, Effect::Unknown),
        (503, ErrorKind::Unavailable, Effect::Unknown),
    ] {
        let page = "<html><body>canary-page</body></html>";
        let (error, requests) = failed_issue(answer(status, page)).await;
        assert_eq!((error.kind(), error.effect()), (kind, effect), "{status}");
        assert_eq!(requests, 1, "a create is sent once, whatever comes back");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }
}

#[tokio::test]
async fn a_create_whose_answer_cannot_be_read_is_an_unknown_effect_and_quotes_nothing() {
    for unreadable in [
        "",
        "<html>canary</html>",
        "null",
        "[]",
        r#"{"JWT":"canary"#,
        r#"{"JWT":"canary"}"#,
        r#"{"JWT":"canary","pinata_api_key":"","pinata_api_secret":"canary"}"#,
        r#"{"JWT":"canary\n","pinata_api_key":"k","pinata_api_secret":"canary"}"#,
        r#"{"JWT":7,"pinata_api_key":"k","pinata_api_secret":"canary"}"#,
    ] {
        let (error, requests) = failed_issue(answer(200, unreadable)).await;
        assert_eq!(error.kind(), ErrorKind::UnreadableAnswer, "{unreadable}");
        assert_eq!(error.effect(), Effect::Unknown, "{unreadable}");
        assert_eq!(error.key_name().unwrap().as_str(), "user-42");
        assert_eq!(requests, 1);
        let shown = format!("{error} {error:?} {:?}", std::error::Error::source(&error));
        assert!(!shown.contains("canary"), "{shown}");
        assert!(
            shown.contains(r#"issuer.reconcile(&KeyName::new("user-42").unwrap())"#),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn a_create_that_broke_on_the_way_is_sent_again_only_where_it_was_not_sent() {
    let closed = || TransportError::new(TransportErrorKind::Closed, Reach::MaybeSent);
    let (error, requests) = failed_issue(Err(closed())).await;
    assert_eq!((error.effect(), requests), (Effect::Unknown, 1));

    let refused = Err(TransportError::new(TransportErrorKind::Connect, Reach::NotSent));
    let script = Script::new(vec![refused, answer(200, body("documents/created.json"))]);
    assert!(script.issuer().issue(&request()).await.is_ok());
    assert_eq!(script.requests(), 2);
}

#[tokio::test]
async fn listed_scopes_of_every_shape_are_read() {
    let script = Script::answer(200, body("documents/listed.json"));
    let page = script.issuer().list(&KeyQuery::new()).await.unwrap();
    let [uploads, admin, reads] = page.records() else { panic!("three keys are listed") };

    assert_eq!(uploads.scope().to_string(), "pins:add-file pins:add-json");
    assert_eq!(uploads.table(), Some(&ENDPOINTS));
    assert_eq!(uploads.native_grants(), ["pinning.pinFileToIPFS", "pinning.pinJSONToIPFS"]);
    assert_eq!((uploads.uses(), uploads.max_uses()), (Some(2), NonZeroU64::new(5)));
    assert_eq!(uploads.is_revoked(), Some(false));
    assert_eq!(
        uploads.created_at(),
        Some(SystemTime::UNIX_EPOCH + Duration::from_millis(1_718_206_490_324))
    );

    assert!(admin.scope().is_admin());
    assert_eq!(admin.native_grants(), ["admin"]);
    assert_eq!((admin.max_uses(), admin.is_revoked()), (None, Some(true)));

    assert_eq!(reads.table(), Some(&RESOURCES));
    assert_eq!(reads.scope().to_string(), "pins:list pins:list-jobs");
    assert_eq!(reads.reading().unknown(), ["org:telepathy:read"]);
    assert!(reads.reading().is_lower_bound());

    assert!(!format!("{page:?}").contains("canary"), "a listed secret is not kept");
}

#[tokio::test]
async fn scopes_that_nobody_documented_are_lower_bounds_and_never_fatal() {
    for (scopes, scope, is_lower_bound) in [
        ("{}", "nothing", false),
        ("null", "nothing", true),
        ("[]", "nothing", true),
        ("7", "nothing", true),
        (r#"{"admin":false}"#, "nothing", false),
        (r#"{"admin":"yes"}"#, "nothing", true),
        (r#"{"admin":true,"resources":["org:files:read"]}"#, "admin", false),
        (r#"{"vectors":{"read":true}}"#, "nothing", true),
        (r#"{"vectors":null}"#, "nothing", false),
        (r#"{"resources":"org:files:read"}"#, "nothing", true),
        (r#"{"resources":[7]}"#, "nothing", true),
        (r#"{"endpoints":{"data":{"pinList":true,"pinBeam":true}}}"#, "pins:list", true),
        (r#"{"endpoints":{"data":{"pinList":false}}}"#, "nothing", false),
        (r#"{"endpoints":{"data":true}}"#, "nothing", true),
        (
            r#"{"resources":["org:groups:read"],"endpoints":{"data":{"pinList":true}}}"#,
            "pins:list groups:read",
            false,
        ),
    ] {
        let list = format!(r#"{{"keys":[{{"key":"k","scopes":{scopes},"new":[1]}}],"new":1}}"#);
        let script = Script::answer(200, list);
        let page = script.issuer().list(&KeyQuery::new()).await.unwrap();
        let [record] = page.records() else { panic!("one key is listed") };
        assert_eq!(record.scope().to_string(), scope, "{scopes}");
        assert_eq!(record.reading().is_lower_bound(), is_lower_bound, "{scopes}");
    }
}

#[tokio::test]
async fn a_list_without_keys_is_empty_and_one_of_another_shape_is_an_error() {
    for empty in [r#"{"keys":[],"count":0}"#, r#"{"keys":null}"#] {
        let script = Script::answer(200, empty);
        let page = script.issuer().list(&KeyQuery::new()).await.unwrap();
        assert!(page.records().is_empty() && page.next().is_none(), "{empty}");
    }
    for other in ["{}", "[]", "\"keys\"", r#"{"keys":{}}"#, "<html>"] {
        let script = Script::answer(200, other);
        let error = script.issuer().list(&KeyQuery::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnreadableAnswer, "{other}");
    }
}

#[tokio::test]
async fn a_revocation_is_believed_only_in_the_providers_words() {
    let key = KeyRef::new("pinata", "0d2a").unwrap();
    for said in ["\"Revoked\"", "Revoked", " \"revoked\"\n"] {
        let revocation = Script::answer(200, said).issuer().revoke(&key).await.unwrap();
        assert_eq!(revocation, Revocation::Revoked);
    }
    for unsaid in ["", "{}", "null", "<html>", "\"Not Revoked\"", r#"{"message":"Revoked"}"#] {
        let error = Script::answer(200, unsaid).issuer().revoke(&key).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnreadableAnswer, "{unsaid}");
        assert_eq!(error.effect(), Effect::Unknown, "{unsaid}");
    }
}

#[tokio::test]
async fn a_key_is_gone_on_the_providers_word_alone() {
    let key = KeyRef::new("pinata", "0d2a").unwrap();
    let gone = body("errors/404_object_not_found.json");
    let said = Script::answer(404, gone.clone()).issuer().revoke(&key).await.unwrap();
    assert_eq!(said, Revocation::AlreadyGone);

    // The v3 stack's 404 can be about the route as well.
    let v3 = r#"{"error":{"code":404,"message":"not found"}}"#;
    let said = Script::answer(404, v3).issuer().revoke(&key).await.unwrap();
    assert_eq!(said, Revocation::NotFound);

    for words in ["", "404 page not found", "<html>", r#"{"error":"not found"}"#] {
        let error = Script::answer(404, words).issuer().revoke(&key).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{words}");
    }
    for status in [400, 401, 403, 409, 410] {
        let error = Script::answer(status, gone.clone()).issuer().revoke(&key).await.unwrap_err();
        assert_eq!(error.effect(), Effect::Rejected, "{status}");
        assert!(error.to_string().contains("the key was not revoked"), "{error}");
    }
}

#[tokio::test]
async fn every_recorded_refusal_is_told_by_every_operation_on_every_route() {
    let routes = ROUTES.iter().flat_map(|(_, route)| RECORDED.map(|recorded| (*route, recorded)));
    for (route, (name, kind, code)) in routes {
        let path = format!("errors/{name}.json");
        let status = u16::try_from(fixture(&path)["status"].as_u64().unwrap()).unwrap();
        let answer = || Script::answer(status, body(&path)).config().with_route(route);
        let refuse = || answer().build().unwrap();
        let listed = refuse().list(&KeyQuery::new()).await.unwrap_err();
        assert_eq!((listed.kind(), listed.provider_code()), (kind, code), "{name}");

        let revoked = refuse().revoke(&KeyRef::new("pinata", "0d2a").unwrap()).await;
        match name {
            "404_object_not_found" => assert_eq!(revoked.unwrap(), Revocation::AlreadyGone),
            _ => assert_eq!(revoked.unwrap_err().kind(), kind, "{name}"),
        }
        let verified = refuse().verify(&Credential::bearer("pinata", "t").unwrap()).await;
        match (status, code) {
            (401, Some(_)) => assert_eq!(verified.unwrap(), Verification::Unrecognized, "{name}"),
            _ => assert_eq!(verified.unwrap_err().kind(), kind, "{name}"),
        }
    }
}

#[tokio::test]
async fn hints_say_what_to_look_at() {
    let legacy = body("errors/401_v3_no_authorization_header_found.json");
    for (status, words, told) in [
        (401, legacy, "keys of the legacy endpoints vocabulary"),
        (401, body("errors/401_v3_not_authorized.json"), "lacks the scope"),
        (404, "<html>".into(), "look at the base URL"),
    ] {
        let (error, _) = failed_issue(answer(status, words)).await;
        assert!(error.to_string().contains(told), "{error}");
    }
    let (error, _) = failed_issue(answer(400, r#"{"error":{"code":400,"message":"no"}}"#)).await;
    assert!(!error.to_string().contains("scope"), "{error}");
    let (error, _) = failed_issue(answer(403, r#"{"error":{"reason":"API_KEY_REVOKED"}}"#)).await;
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
}

#[tokio::test(start_paused = true)]
async fn a_lacking_scope_on_the_legacy_routes_says_that_v3_takes_more_keys() {
    let lacking = body("errors/403_no_scopes_found.json");
    let script = Script::answer(403, lacking.clone());
    let error = script
        .config()
        .with_route(Route::Legacy)
        .build()
        .unwrap()
        .revoke(&KeyRef::new("pinata", "0d2a").unwrap())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot revoke the key at pinata: the provider does not allow it to this credential: \
         \"This key does not have the required scopes associated with it\" (HTTP 403, \
         NO_SCOPES_FOUND, 1 attempt, 0 ms)\n  \
         the key was not revoked\n  \
         on Pinata's legacy routes an admin key alone may manage keys; its v3 routes take one \
         with org:write too"
    );

    // A holder's credential is not meant to manage keys.
    let holder = Credential::bearer("pinata", "holders-token").unwrap();
    let error = Script::answer(403, lacking).issuer().verify(&holder).await.unwrap_err();
    assert!(!error.to_string().contains("admin key"), "{error}");
    // Nor does the v3 stack's refusal say so of it.
    let denied = body("errors/401_v3_string_error.json");
    let error = Script::answer(401, denied).issuer().verify(&holder).await.unwrap_err();
    assert!(!error.to_string().contains("admin key"), "{error}");
}

#[tokio::test]
async fn a_reason_with_another_status_is_not_taken_by_its_word() {
    for (status, reason, kind) in [
        (400, "NO_SCOPES_FOUND", ErrorKind::Refused),
        (401, "NO_SCOPES_FOUND", ErrorKind::Unauthenticated),
        (401, "API_KEY_REVOKED", ErrorKind::Unauthenticated),
        (404, "API_KEY_REVOKED", ErrorKind::NotFound),
        (403, "KEYS_MUST_BE_STRINGS", ErrorKind::PermissionDenied),
        (500, "KEYS_MUST_BE_STRINGS", ErrorKind::Unavailable),
    ] {
        let words = format!(r#"{{"error":{{"reason":"{reason}"}}}}"#);
        let (error, _) = failed_issue(answer(status, words)).await;
        assert_eq!((error.kind(), error.provider_code()), (kind, Some(reason)), "{status}");
        assert!(!error.to_string().contains("admin key"), "{error}");
    }
}

#[tokio::test]
async fn a_key_pair_that_did_not_arrive_may_have_been_dropped_on_the_way() {
    let missing = body("errors/400_no_auth_header.json");
    let (key, secret) = ACCOUNT_PAIR;
    let script = Script::answer(400, missing.clone());
    let config = script.config_without_credential().with_route(Route::Legacy);
    let issuer = config.with_key_pair(key, secret).build().unwrap();
    let error = issuer.issue(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Unauthenticated, Effect::Rejected));
    assert!(error.to_string().contains("an underscore in their names"), "{error}");
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");

    let (error, _) = failed_issue(answer(400, missing)).await;
    assert!(!error.to_string().contains("underscore"), "a token was sent: {error}");
}

#[tokio::test]
async fn rows_that_cannot_be_read_hide_no_other() {
    let rows = r#"{"keys":[
        {"key":"a","createdAt":7,"revoked":"no","name":7,"uses":{},"max_uses":[]},
        null, {"key":""}, {"name":"no key"}, {"key":9}, "row",
        {"key":"b","max_uses":"5","name":null}
    ]}"#;
    let page = Script::answer(200, rows).issuer().list(&KeyQuery::new()).await.unwrap();
    let [a, b] = page.records() else { panic!("two rows can be read: {page:?}") };
    assert_eq!((a.name(), a.is_revoked(), a.created_at()), ("", None, None));
    assert_eq!((b.key_ref().api_key(), b.max_uses()), ("b", NonZeroU64::new(5)));
    assert_eq!(page.discrepancies().unreadable_rows(), 5);
}

#[tokio::test]
async fn unreadable_rows_of_many_pages_end_no_listing() {
    let page = |last| answer(200, format!(r#"{{"keys":[null,null,{last}]}}"#));
    let steps = vec![
        page("null"),
        page("null"),
        page("null"),
        page("null"),
        page(r#"{"key":"last"}"#),
        answer(200, r#"{"keys":[]}"#),
    ];
    let script = Script::new(steps);
    let found = script.issuer().find("").await.unwrap();
    assert_eq!(found.records().len(), 1);
    assert_eq!(found.discrepancies().unreadable_rows(), 14);
    assert_eq!(found.discrepancies().repeated_rows(), 0);
}

#[tokio::test]
async fn a_refusal_with_odd_members_is_still_a_refusal() {
    let holder = Credential::bearer("pinata", "t").unwrap();
    for details in ["null", "{}", "[1]", "7"] {
        let body = format!(r#"{{"error":{{"reason":"API_KEY_REVOKED","details":{details}}}}}"#);
        let said = Script::answer(403, body).issuer().verify(&holder).await.unwrap();
        assert_eq!(said, Verification::Revoked, "{details}");
    }
}

#[tokio::test]
async fn a_long_page_is_read_whole() {
    let name = "n".repeat(4_000);
    let rows: Vec<_> =
        (0..1_000).map(|i| format!(r#"{{"key":"{i}","name":"{name}","scopes":{{}}}}"#)).collect();
    let page = format!(r#"{{"keys":[{}],"count":1000}}"#, rows.join(","));
    let page = Script::answer(200, page).issuer().list(&KeyQuery::new()).await.unwrap();
    assert_eq!(page.records().len(), 1_000);
}

#[tokio::test]
async fn live_unrecognized_and_revoked_credentials_are_told_apart() {
    let holder = Credential::bearer("pinata", "holders-token").unwrap();
    let revoked = r#"{"error":{"reason":"API_KEY_REVOKED","details":"…"}}"#;
    for (status, words, verification) in [
        (200, r#"{"message":"Congratulations!"}"#.into(), Verification::Live),
        (401, body("errors/401_invalid_bearer.json"), Verification::Unrecognized),
        (401, body("errors/401_v3_not_authorized.json"), Verification::Unrecognized),
        (403, revoked.into(), Verification::Revoked),
    ] {
        let said = Script::answer(status, words).issuer().verify(&holder).await.unwrap();
        assert_eq!(said, verification);
    }
    let coded = r#"{"error":{"code":401,"message":"Not Authorized"}}"#;
    for (status, words) in
        [(200, "<html>"), (401, "<html>"), (403, "{}"), (404, ""), (400, coded), (403, coded)]
    {
        let error = Script::answer(status, words).issuer().verify(&holder).await.unwrap_err();
        assert_eq!(error.status().unwrap().as_u16(), status, "{error}");
    }
}

#[test]
fn the_scope_of_a_reading_can_be_asked_for_again() {
    let scope: KeyScope = RESOURCES.read(["org:groups:write"]).scope();
    let again = RESOURCES.translate(&ScopeRequest::exactly(scope).unwrap()).unwrap();
    assert_eq!(again.granted(), scope);
}
