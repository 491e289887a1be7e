//! How Pinata's answers are read: documented, recorded and broken ones.

mod support;

use std::num::NonZeroU64;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use pinning_keys_core::{
    Effect, Error, ErrorKind, KeyIssuer, KeyPage, KeyQuery, KeyRequest, NextStep, Operation,
    Revocation, ScopeRequest, Uses, Verification,
};
use pinning_keys_pinata::{ENDPOINTS, PinataIssuer, RESOURCES, Route, Table};
use serde_json::json;
use support::{
    ACCOUNT_JWT, Answers, ROUTES, Script, advice, answer_with, body, failed, fixture, holder, key,
    recorded, request,
};

use ErrorKind::{
    AccountRestricted, Conflict, NotFound, PermissionDenied, RateLimited, Refused, Unauthenticated,
    Unavailable, UnreadableAnswer,
};

/// Each recorded error body, its meaning, and the provider's code for it.
const RECORDED: [(&str, ErrorKind, Option<&str>); 7] = [
    ("400_no_auth_header", Unauthenticated, Some("KEYS_MUST_BE_STRINGS")),
    ("401_invalid_bearer", Unauthenticated, Some("INVALID_CREDENTIALS")),
    ("401_v3_no_authorization_header_found", PermissionDenied, Some("401")),
    ("401_v3_not_authorized", Unauthenticated, Some("401")),
    ("401_v3_string_error", Unauthenticated, None),
    ("403_no_scopes_found", PermissionDenied, Some("NO_SCOPES_FOUND")),
    ("404_object_not_found", NotFound, Some("OBJECT_NOT_FOUND")),
];

/// The error of a create, which a script with one answer sends exactly once.
async fn failed_issue(status: u16, words: impl Into<Bytes>) -> Error {
    failed(Operation::Issue, &Script::answer(status, words).issuer()).await
}

async fn list(words: impl Into<Bytes>) -> Result<KeyPage, Error> {
    Script::answer(200, words).issuer().list(&KeyQuery::new()).await
}

#[tokio::test]
async fn recorded_refusals_have_their_kind_on_every_route() {
    let routes = ROUTES.iter().flat_map(|(_, route)| RECORDED.map(|recorded| (*route, recorded)));
    for (route, (name, kind, code)) in routes {
        let (status, words) = recorded(name);
        for operation in [Operation::Issue, Operation::List, Operation::Revoke, Operation::Verify] {
            // These two are results; see the tests of revocation and verification.
            let is_result = match operation {
                Operation::Revoke => name == "404_object_not_found",
                Operation::Verify => status == 401 && code.is_some(),
                _ => false,
            };
            if !is_result {
                let issuer = Script::answer(status, words.clone()).issuer_on(route);
                let error = failed(operation, &issuer).await;
                assert_eq!((error.kind(), error.effect()), (kind, Effect::Rejected), "{error}");
                assert_eq!(error.provider_code(), code, "{name}");
                assert_eq!(error.status().unwrap().as_u16(), status, "{name}");
            }
        }
    }
}

#[tokio::test]
async fn refusals_come_with_advice_that_fits_them() {
    use Operation::{Issue, Revoke, Verify};
    let coded = (400, Bytes::from(r#"{"error":{"code":400,"message":"no"}}"#));
    for (route, operation, (status, words), told) in [
        (
            Route::V3,
            Issue,
            recorded("401_v3_not_authorized"),
            "the same answer to an invalid credential and to a missing scope",
        ),
        (
            Route::V3,
            Issue,
            recorded("401_v3_no_authorization_header_found"),
            "keys of the legacy endpoints table",
        ),
        (
            Route::Legacy,
            Revoke,
            recorded("403_no_scopes_found"),
            "its v3 routes also accept a key with org:write",
        ),
        (Route::V3, Issue, (404, "<html>".into()), "the answer is not from Pinata"),
        (Route::V3, Issue, coded, ""),
        // A token was sent, which no proxy drops.
        (Route::V3, Issue, recorded("400_no_auth_header"), ""),
        // The credential of a key's holder is not meant to manage keys.
        (Route::V3, Verify, recorded("403_no_scopes_found"), ""),
        (Route::V3, Verify, recorded("401_v3_string_error"), ""),
    ] {
        let issuer = Script::answer(status, words).issuer_on(route);
        let advice = advice(&failed(operation, &issuer).await);
        assert!(advice.contains(told), "{advice}");
        assert_eq!(advice.is_empty(), told.is_empty(), "{advice}");
    }
    let (status, words) = recorded("400_no_auth_header");
    let error = failed(Operation::Issue, &Script::answer(status, words).issuer_with_pair()).await;
    assert!(advice(&error).contains("headers with an underscore"), "{error:#}");
}

#[tokio::test]
async fn create_with_known_words_is_judged_by_status_and_sent_once() {
    for (status, kind, effect) in [
        (400, Refused, Effect::Rejected),
        (402, AccountRestricted, Effect::Rejected),
        (403, PermissionDenied, Effect::Rejected),
        (409, Conflict, Effect::Rejected),
        (429, RateLimited, Effect::Rejected),
        (500, Unavailable, Effect::Unknown),
        (502, Unavailable, Effect::Unknown),
        (503, Unavailable, Effect::Unknown),
    ] {
        let error = failed_issue(status, r#"{"error":"other words"}"#).await;
        assert_eq!((error.kind(), error.effect()), (kind, effect), "{status}");
        assert!(error.to_string().contains("\"other words\""), "{error}");
    }
}

#[tokio::test]
async fn rate_limited_create_reports_the_wait() {
    let wait = fixture("errors/429_headers_psa.json")["headers"]["retry-after"].clone();
    let limited = answer_with(429, &[("retry-after", wait.as_str().unwrap())], "");
    let script = Script::new([limited]);
    let error = failed(Operation::Issue, &script.issuer()).await;
    assert_eq!((error.kind(), error.effect()), (RateLimited, Effect::Rejected));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
    assert!(error.is_retryable());
}

#[tokio::test]
async fn known_reason_counts_only_with_its_recorded_status() {
    for (status, reason, kind) in [
        (403, "API_KEY_REVOKED", Unauthenticated),
        (401, "API_KEY_REVOKED", Unauthenticated),
        (404, "API_KEY_REVOKED", NotFound),
        (400, "NO_SCOPES_FOUND", Refused),
        (401, "NO_SCOPES_FOUND", Unauthenticated),
        (403, "KEYS_MUST_BE_STRINGS", PermissionDenied),
        (500, "KEYS_MUST_BE_STRINGS", Unavailable),
    ] {
        let error = failed_issue(status, format!(r#"{{"error":{{"reason":"{reason}"}}}}"#)).await;
        assert_eq!((error.kind(), error.provider_code()), (kind, Some(reason)), "{status}");
        assert!(!advice(&error).contains("admin key"), "{error:#}");
    }
}

#[tokio::test]
async fn unreadable_created_key_is_in_doubt_and_never_quoted() {
    let secret = "ca".repeat(32);
    let swapped =
        format!(r#"{{"JWT":"canary","pinata_api_key":"{secret}","pinata_api_secret":"0d2a"}}"#);
    for unreadable in [
        "",
        "<html>canary</html>",
        "null",
        "[]",
        r#"{"JWT":"canary"#,
        r#"{"JWT":"canary"}"#,
        r#"{"JWT":"canary","pinata_api_key":"","pinata_api_secret":"canary"}"#,
        r#"{"JWT":"can ary","pinata_api_key":"k","pinata_api_secret":"canary"}"#,
        r#"{"JWT":"canary","pinata_api_key":" ","pinata_api_secret":"canary"}"#,
        r#"{"JWT":7,"pinata_api_key":"k","pinata_api_secret":"canary"}"#,
        r#"{"JWT":"canary","pinata_api_key":"k","pinata_api_secret":null}"#,
        r#"{"jwt":"canary","apiKey":"k","apiSecret":"canary"}"#,
        r#"{"data":{"JWT":"canary","pinata_api_key":"k","pinata_api_secret":"canary"}}"#,
        r#"["canary","k","canary"]"#,
        swapped.leak(),
    ] {
        for table in [Table::Resources, Table::Endpoints] {
            let script = Script::answer(200, unreadable);
            assert_in_doubt(&failed(Operation::Issue, &issuer_in(table, &script)).await);
        }
    }
}

fn issuer_in(table: Table, script: &Script) -> PinataIssuer {
    script.config().with_jwt(ACCOUNT_JWT).with_table(table).build().unwrap()
}

fn assert_in_doubt(error: &Error) {
    assert_eq!((error.kind(), error.effect()), (UnreadableAnswer, Effect::Unknown), "{error}");
    assert_eq!(error.next_step(), Some(NextStep::Reconcile(request().name().clone())), "{error}");
}

/// The routes that keys of the endpoints table are for accept the pair.
#[tokio::test]
async fn pair_without_a_jwt_is_a_key_only_in_the_endpoints_table() {
    let admin = KeyRequest::new("user-42", ScopeRequest::admin()).unwrap();
    for jwt in ["", r#""JWT":null,"#, r#""JWT":"","#, r#""JWT":" \n","#] {
        let words = format!(r#"{{{jwt}"pinata_api_key":"k","pinata_api_secret":"canary"}}"#);
        for request in [&request(), &admin] {
            let legacy = Script::answer(200, words.clone());
            let v3 = Script::answer(200, words.clone());
            for issuer in [legacy.issuer_on(Route::Legacy), issuer_in(Table::Endpoints, &v3)] {
                let key = issuer.issue(request).await.unwrap();
                let exposed = key.credential().expose();
                assert_eq!((key.key_ref().api_key(), exposed.bearer()), ("k", None), "{jwt}");
                assert_eq!(exposed.api_secret(), Some("canary"));
            }
            let resources = Script::answer(200, words.clone());
            assert_in_doubt(&resources.issuer().issue(request).await.unwrap_err());
        }
    }
}

#[tokio::test]
async fn blanks_around_the_values_of_a_new_key_are_removed() {
    for around in [" ", "\n", "\r\n", "\t", "\u{a0}"] {
        let value = |text: &str| format!("{around}{text}{around}");
        let created = json!({
            "JWT": value("token"), "pinata_api_key": value("k"), "pinata_api_secret": value("secret"),
        });
        let key =
            Script::answer(200, created.to_string()).issuer().issue(&request()).await.unwrap();
        let exposed = key.credential().expose();
        assert_eq!((key.key_ref().api_key(), exposed.api_key()), ("k", Some("k")), "{around:?}");
        assert_eq!((exposed.bearer(), exposed.api_secret()), (Some("token"), Some("secret")));
    }
}

#[tokio::test]
async fn documented_list_is_read_without_its_secrets() {
    let page = list(body("documents/listed.json")).await.unwrap();
    let [uploads, admin, reads] = page.records() else { panic!("three keys are listed") };

    assert_eq!(uploads.scope().to_string(), "pins:add-file pins:add-json");
    assert_eq!(uploads.table(), Some(&ENDPOINTS));
    assert_eq!(uploads.native_grants(), ["pinning.pinFileToIPFS", "pinning.pinJSONToIPFS"]);
    assert_eq!((uploads.uses(), uploads.max_uses()), (Some(2), NonZeroU64::new(5)));
    assert_eq!(uploads.is_revoked(), Some(false));
    let created_at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_718_206_490_324);
    assert_eq!(uploads.created_at(), Some(created_at));

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
async fn page_has_the_date_of_its_answer() {
    let script = |headers: &[_]| Script::new([answer_with(200, headers, r#"{"keys":[]}"#)]);
    let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
    let page = script(&[date]).issuer().list(&KeyQuery::new()).await.unwrap();
    assert_eq!(page.date(), Some(SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777)));
    assert_eq!(script(&[]).issuer().list(&KeyQuery::new()).await.unwrap().date(), None);
}

#[tokio::test]
async fn unknown_scopes_are_lower_bounds_and_never_fatal() {
    for (scopes, scope, is_lower_bound) in [
        ("{}", "nothing", true),
        ("null", "nothing", true),
        ("[]", "nothing", true),
        ("7", "nothing", true),
        (r#"{"admin":false}"#, "nothing", true),
        (r#"{"admin":"yes"}"#, "nothing", true),
        (r#"{"admin":true,"resources":["org:files:read"]}"#, "admin", false),
        (r#"{"vectors":{"read":true}}"#, "nothing", true),
        (r#"{"vectors":null}"#, "nothing", true),
        (r#"{"resources":"org:files:read"}"#, "nothing", true),
        (r#"{"resources":null}"#, "nothing", true),
        (r#"{"admin":false,"endpoints":null,"resources":null}"#, "nothing", true),
        (r#"{"resources":[]}"#, "nothing", false),
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
        let words = format!(r#"{{"keys":[{{"key":"k","scopes":{scopes},"new":[1]}}],"new":1}}"#);
        let page = list(words).await.unwrap();
        let [record] = page.records() else { panic!("one key is listed") };
        assert_eq!(record.scope().to_string(), scope, "{scopes}");
        assert_eq!(record.reading().is_lower_bound(), is_lower_bound, "{scopes}");
    }
}

#[tokio::test]
async fn uses_are_unlimited_only_if_the_list_says_so() {
    for (limit, expected) in [
        (r#","max_uses":null"#, Uses::Unlimited),
        (r#","max_uses":5"#, Uses::MayBeLimited),
        (r#","max_uses":0"#, Uses::MayBeLimited),
        (r#","max_uses":[]"#, Uses::MayBeLimited),
        ("", Uses::MayBeLimited),
    ] {
        let page = list(format!(r#"{{"keys":[{{"key":"k"{limit}}}]}}"#)).await.unwrap();
        assert_eq!(page.records()[0].use_limit(), expected, "{limit}");
    }
}

#[tokio::test]
async fn unreadable_rows_are_counted_and_hide_no_others() {
    let secrets =
        ["eyJhbGciOiJub25lIn0.e30.", "Bearer eyJhbGciOiJub25lIn0.e30.", &"5Ec2".repeat(16)];
    let rows = r#"{"keys":[
        {"key":"a","createdAt":"soon","revoked":"no","name":7,"uses":{},"max_uses":[]},
        null, {"key":""}, {"name":"no key"}, {"key":9}, "row", ["c"], ["c", "user 1"],
        {"key":"SECRETS[0]"}, {"key":"SECRETS[1]"}, {"key":"SECRETS[2]"},
        {"key":"b","max_uses":"5","name":null}
    ]}"#;
    let with_secrets = |rows: String, (at, secret): (usize, &&str)| {
        rows.replace(&format!("SECRETS[{at}]"), secret)
    };
    let page = list(secrets.iter().enumerate().fold(rows.to_owned(), with_secrets)).await.unwrap();
    let [a, b] = page.records() else { panic!("two rows are readable: {page:?}") };
    assert_eq!((a.name(), a.is_revoked(), a.created_at()), ("", None, None));
    assert_eq!((b.key_ref().api_key(), b.max_uses()), ("b", NonZeroU64::new(5)));
    assert_eq!(page.discrepancies().unreadable_rows(), 7 + secrets.len() as u64);
    assert!(secrets.iter().all(|secret| !format!("{page:?}").contains(secret)), "{page:?}");
}

#[tokio::test]
async fn list_without_keys_is_empty_and_other_shapes_are_errors() {
    for empty in [support::EMPTY, r#"{"keys":null}"#] {
        let page = list(empty).await.unwrap();
        assert!(page.records().is_empty() && page.next().is_none(), "{empty}");
    }
    for other in ["{}", "[]", "\"keys\"", r#"{"keys":{}}"#, "[[],0]", "[[]]", "<html>"] {
        assert_eq!(list(other).await.unwrap_err().kind(), UnreadableAnswer, "{other}");
    }
}

#[tokio::test]
async fn revocation_needs_the_word_of_the_provider() {
    for said in ["\"Revoked\"", "Revoked", " \"revoked\"\n"] {
        let revocation = Script::answer(200, said).issuer().revoke(&key()).await.unwrap();
        assert_eq!(revocation, Revocation::Revoked);
    }
    for unsaid in ["", "{}", "null", "<html>", "\"Not Revoked\"", r#"{"message":"Revoked"}"#] {
        let error = failed(Operation::Revoke, &Script::answer(200, unsaid).issuer()).await;
        assert_eq!((error.kind(), error.effect()), (UnreadableAnswer, Effect::Unknown), "{unsaid}");
    }
}

#[tokio::test]
async fn key_is_gone_only_if_the_provider_says_so() {
    let gone = body("errors/404_object_not_found.json");
    // The v3 stack's 404 can also be about the route.
    let coded = r#"{"error":{"code":404,"message":"not found"}}"#;
    for (words, revocation) in
        [(gone.clone(), Revocation::AlreadyGone), (coded.into(), Revocation::NotFound)]
    {
        assert_eq!(Script::answer(404, words).issuer().revoke(&key()).await.unwrap(), revocation);
    }
    for (status, words) in [
        (404, ""),
        (404, "404 page not found"),
        (404, "<html>"),
        (404, r#"{"error":"not found"}"#),
        (404, r#"{"error":["OBJECT_NOT_FOUND","not found"]}"#),
        (404, r#"[{"reason":"OBJECT_NOT_FOUND"}]"#),
        (404, r#"{"message":"no Route matched"}"#),
        (400, coded),
    ] {
        let error = failed(Operation::Revoke, &Script::answer(status, words).issuer()).await;
        assert_eq!(error.status().unwrap().as_u16(), status, "{words}");
    }
    for status in [400, 401, 403, 409, 410] {
        let script = Script::answer(status, gone.clone());
        assert_eq!(failed(Operation::Revoke, &script.issuer()).await.effect(), Effect::Rejected);
    }
}

#[tokio::test]
async fn live_unknown_and_revoked_credentials_are_distinguished() {
    let revoked = |details| {
        (403, format!(r#"{{"error":{{"reason":"API_KEY_REVOKED","details":{details}}}}}"#).into())
    };
    for ((status, words), verification) in [
        ((200, r#"{"message":"Congratulations!"}"#.into()), Verification::Live),
        (recorded("401_invalid_bearer"), Verification::Unrecognized),
        (recorded("401_v3_not_authorized"), Verification::Unrecognized),
        (revoked("\"…\""), Verification::Revoked),
        (revoked("null"), Verification::Revoked),
        (revoked("{}"), Verification::Revoked),
        (revoked("[1]"), Verification::Revoked),
        (revoked("7"), Verification::Revoked),
    ] {
        let said = Script::answer(status, words).issuer().verify(&holder()).await.unwrap();
        assert_eq!(said, verification);
    }
    let coded = r#"{"error":{"code":401,"message":"Not Authorized"}}"#;
    for (status, words) in [
        (200, "<html>"),
        (200, r#"["Congratulations!"]"#),
        (401, "<html>"),
        (401, r#"{"error":["INVALID_CREDENTIALS","no"]}"#),
        (401, r#"{"message":"Unauthorized"}"#),
        (401, r#"[{"code":401}]"#),
        (403, "{}"),
        (403, "error code: 1010"),
        (404, ""),
        (400, coded),
        (403, coded),
    ] {
        let error = failed(Operation::Verify, &Script::answer(status, words).issuer()).await;
        assert_eq!(error.status().unwrap().as_u16(), status, "{error}");
    }
}
