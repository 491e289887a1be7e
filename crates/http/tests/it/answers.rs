//! What adapters make of answers: expected statuses, refusals in bodies, flags, rows.

use std::time::{Duration, SystemTime};

use http::StatusCode;
use pinning_keys_core::{
    Credential, Effect, ErrorKind, Grant, KeyRecord, KeyRef, Operation, PairHeaders, Permission,
    PermissionTable, Reading, ScopeRequest,
};
use pinning_keys_http::credentials::AccountCredential;
use pinning_keys_http::flags::{GroupedFlags, is_set, set_flags};
use pinning_keys_http::{
    ApiClient, Failure, ListedKey, OffsetCursor, Reach, SentSecret, Total, TransportErrorKind,
    lenient,
};
use serde::Deserialize;
use serde_json::json;

use crate::support::{ALL, Script, Step, answer, answer_of, call, client, client_with, status};

const HEADERS: PairHeaders = PairHeaders::new("x-key", "x-secret");

#[tokio::test]
async fn expected_status_is_an_answer() {
    let revoke = || call(Operation::Revoke).expecting(StatusCode::NOT_FOUND);
    let script =
        Script::repeating([answer(404, &[("retry-after", "7")], "no such key"), status(403)]);
    let client = client(&script);
    let answered = client.call(revoke()).await.unwrap();
    assert_eq!((answered.status().as_u16(), answered.body().as_ref()), (404, &b"no such key"[..]));
    assert_eq!(answered.operation(), Operation::Revoke);

    // If it is a failure after all, the error is the one that it would have been.
    let error = answered.rejected(Failure::new());
    assert_eq!((error.kind(), error.effect()), (ErrorKind::NotFound, Effect::Rejected));
    assert_eq!(error.status(), Some(StatusCode::NOT_FOUND));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));

    // Another status is not expected.
    assert_eq!(client.call(revoke()).await.unwrap_err().kind(), ErrorKind::PermissionDenied);
}

/// Its meaning is in the body, without which it is a broken connection like any other.
#[tokio::test(start_paused = true)]
async fn expected_status_without_its_body_is_no_answer() {
    let not_found = StatusCode::NOT_FOUND;
    let revoke = || call(Operation::Revoke).expecting(not_found);
    let fail = |kind| Step::Fail(kind, Reach::Answered(not_found));
    let broken = fail(TransportErrorKind::Closed);
    let script = Script::repeating([broken.clone(), answer(404, &[], "no such key")]);
    let answered = client(&script).call(revoke()).await.unwrap();
    assert_eq!((answered.body().as_ref(), script.count()), (&b"no such key"[..], 2));

    for (step, kind, attempts) in [
        (broken, ErrorKind::Connection, 4),
        (fail(TransportErrorKind::BodyTooLarge), ErrorKind::UnreadableAnswer, 1),
    ] {
        let error = client(&Script::repeating([step])).call(revoke()).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (kind, Effect::Rejected));
        assert_eq!(
            (error.status(), error.attempts().unwrap().count()),
            (Some(not_found), attempts)
        );
        assert!(!error.to_string().contains("not found"), "{error}");
    }
}

#[tokio::test]
async fn date_of_an_answer_is_read_if_the_server_sent_one() {
    const TIME: Duration = Duration::from_secs(784_111_777);
    for (headers, expected) in [
        (&[("date", "Sun, 06 Nov 1994 08:49:37 GMT")][..], Some(TIME)),
        (&[("date", "Sunday, 06-Nov-94 08:49:37 GMT")], Some(TIME)),
        (&[("date", "Sun, 06 Nov 1994 25:49:37 GMT")], None),
        (&[("date", "784111777")], None),
        (&[("date", "")], None),
        (&[], None),
    ] {
        let answered = answer_of(answer(200, headers, ""), Operation::List).await;
        let date = answered.date().map(|date| date.duration_since(SystemTime::UNIX_EPOCH).unwrap());
        assert_eq!(date, expected, "{headers:?}");
    }
}

#[tokio::test]
async fn success_that_reports_a_failure_is_rejected() {
    for operation in ALL {
        let answered = answer_of(status(200), operation).await;
        let error = answered.rejected(Failure::new().with_message("the name is taken"));
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Refused, Effect::Rejected));
        assert!(error.to_string().contains("the name is taken"), "{error}");
        let failure = Failure::new().with_kind(ErrorKind::NameTaken).with_effect(Effect::Unknown);
        let error = answered.rejected(failure);
        assert_eq!((error.kind(), error.effect()), (ErrorKind::NameTaken, Effect::Unknown));
    }
}

#[tokio::test]
async fn answer_knows_the_kind_of_credential_sent() {
    let script = Script::repeating([status(200)]);
    let bearer = client_with(AccountCredential::bearer("token").unwrap(), &script);
    let pair = AccountCredential::key_pair(&HEADERS, "key", "secret").unwrap();
    let pair = client_with(pair, &script);
    assert!(!bearer.call(call(Operation::List)).await.unwrap().is_to_key_pair());
    assert!(pair.call(call(Operation::List)).await.unwrap().is_to_key_pair());

    // The holder's credential is what was sent, whatever the account's is.
    let verify = |holder: &Credential| call(Operation::Verify).as_holder(holder);
    let holder = Credential::key_pair("example", HEADERS, "key", "secret").unwrap();
    assert!(bearer.call(verify(&holder)).await.unwrap().is_to_key_pair());
    let holder = Credential::bearer("example", "token").unwrap();
    assert!(!pair.call(verify(&holder)).await.unwrap().is_to_key_pair());
}

#[tokio::test]
async fn answer_knows_the_shapes_of_the_secrets_sent() {
    let script = Script::repeating([status(200)]);
    let jwt = AccountCredential::bearer("eyJhbGciOiJIUzI1NiJ9.e30.c2ln").unwrap();
    let pair = AccountCredential::key_pair(&HEADERS, "0d2a", "no/hex").unwrap();
    let (jwt, pair) = (client_with(jwt, &script), client_with(pair, &script));
    let shapes = async |client: &ApiClient, call| client.call(call).await.unwrap().sent_secrets();
    let bearer = [SentSecret::Jwt { expiry: None }];
    let of_pair = [SentSecret::Hex { digits: 4 }, SentSecret::Base64 { digits: 6, padding: 0 }];
    assert_eq!(shapes(&jwt, call(Operation::List)).await, bearer);
    assert_eq!(shapes(&pair, call(Operation::List)).await, of_pair);

    // The holder's credential is what was sent, and of both parts it is the bearer token.
    let verify = |holder: &Credential| call(Operation::Verify).as_holder(holder);
    let holder = Credential::key_pair("example", HEADERS, "0d2a", "no/hex").unwrap();
    assert_eq!(shapes(&jwt, verify(&holder)).await, of_pair);
    let holder = Credential::bearer("example", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln").unwrap();
    let holder = holder.with_key_pair(HEADERS, "0d2a", "no/hex").unwrap();
    assert_eq!(shapes(&pair, verify(&holder)).await, bearer);
}

#[tokio::test(start_paused = true)]
async fn status_of_another_server_is_no_verdict() {
    for (code, provider, foreign) in [
        (302, ErrorKind::Redirected, ErrorKind::Redirected),
        (400, ErrorKind::Refused, ErrorKind::Refused),
        (401, ErrorKind::Unauthenticated, ErrorKind::Unauthenticated),
        (402, ErrorKind::AccountRestricted, ErrorKind::Refused),
        (403, ErrorKind::PermissionDenied, ErrorKind::Refused),
        (404, ErrorKind::NotFound, ErrorKind::Refused),
        (409, ErrorKind::Conflict, ErrorKind::Refused),
        (410, ErrorKind::NotFound, ErrorKind::Refused),
        (429, ErrorKind::RateLimited, ErrorKind::RateLimited),
        (503, ErrorKind::Unavailable, ErrorKind::Unavailable),
    ] {
        let code = StatusCode::from_u16(code).unwrap();
        let call = call(Operation::Verify).expecting(code);
        let answered =
            client(&Script::repeating([status(code.as_u16())])).call(call).await.unwrap();
        let (ours, theirs) =
            (answered.rejected(Failure::new()), answered.rejected(Failure::foreign()));
        assert_eq!((ours.kind(), theirs.kind()), (provider, foreign), "{code}");
        assert_eq!(ours.effect(), theirs.effect(), "{code}");
        let is_doubted = theirs.to_string().contains("does not look like the provider's");
        let is_blamed = matches!(foreign, ErrorKind::Refused | ErrorKind::Unauthenticated);
        assert_eq!(is_doubted, is_blamed, "{theirs}");
        assert!(!ours.to_string().contains("does not look like"), "{ours}");
    }
    // An adapter may know better.
    let answered = client(&Script::repeating([status(409)]))
        .call(call(Operation::Verify).expecting(StatusCode::CONFLICT))
        .await
        .unwrap();
    let error = answered.rejected(Failure::foreign().with_kind(ErrorKind::NameTaken));
    assert_eq!(error.kind(), ErrorKind::NameTaken);
    assert!(error.to_string().contains("another key has this name"), "{error}");
}

#[test]
fn each_flag_is_written_in_order_and_read_back() {
    static GRANTS: [Grant; 4] = [
        Grant::new("data.list", &[Permission::PinsList]),
        Grant::new("pins.add", &[Permission::PinsAddFile]),
        Grant::new("pins.remove", &[Permission::PinsRemove]),
        // Not next to the first flag of its group.
        Grant::new("data.jobs", &[Permission::PinsListJobs]),
    ];
    static TABLE: PermissionTable = PermissionTable::new("example", "flags", &GRANTS);
    let request = ScopeRequest::needs([Permission::PinsRemove, Permission::PinsListJobs]);
    let translation = TABLE.translate(&request).unwrap();
    let text = serde_json::to_string(&GroupedFlags(&translation)).unwrap();
    let expected = r#"{"data":{"list":false,"jobs":true},"pins":{"add":false,"remove":true}}"#;
    assert_eq!(text, expected);
    assert_eq!(set_flags(&serde_json::from_str(&text).unwrap()), ["data.jobs", "pins.remove"]);
}

/// Without the grant, the key could do less than was promised.
#[test]
#[should_panic(expected = "a flag is named group.flag")]
fn grant_that_is_no_flag_is_not_left_out() {
    static GRANTS: [Grant; 1] = [Grant::new("list", &[Permission::PinsList])];
    static TABLE: PermissionTable = PermissionTable::new("example", "words", &GRANTS);
    let translation = TABLE.translate(&ScopeRequest::reader()).unwrap();
    let _ = serde_json::to_string(&GroupedFlags(&translation));
}

#[test]
fn flag_that_is_not_clearly_unset_counts_as_set() {
    for (flag, expected) in [
        (json!(false), false),
        (json!(null), false),
        (json!(true), true),
        (json!(0), true),
        (json!("false"), true),
        (json!({}), true),
    ] {
        assert_eq!(is_set(&flag), expected, "{flag}");
        let groups = json!({ "group": { "flag": flag } });
        assert_eq!(set_flags(&groups), if expected { vec!["group.flag"] } else { vec![] });
    }
    assert_eq!(set_flags(&json!({ "group": true, "other": [] })), ["group", "other"]);
    assert!(set_flags(&json!(null)).is_empty() && set_flags(&json!("text")).is_empty());
}

#[derive(Debug, Deserialize)]
struct Item {
    key: String,
}

impl ListedKey for Item {
    fn api_key(&self) -> &str {
        &self.key
    }

    fn into_record(self) -> Option<KeyRecord> {
        let key_ref = KeyRef::new("example", self.key).ok()?;
        Some(KeyRecord::new(key_ref, "name", Reading::admin()))
    }
}

fn rows(text: &str) -> Vec<lenient::Row<Item>> {
    serde_json::from_str(text).unwrap()
}

#[test]
fn unreadable_rows_are_counted_and_hide_no_others() {
    let first = rows(r#"[{"key":"a"},null,{"key":7},["array"],{"key":"b"}]"#);
    let page = OffsetCursor::default().into_key_page(first, Total::OfAll(6));
    let keys: Vec<_> = page.records().iter().map(|key| key.key_ref().api_key()).collect();
    assert_eq!(keys, ["a", "b"]);
    assert_eq!(page.discrepancies().unreadable_rows(), 3);

    // "b" has moved to the next page, where an unreadable row is another one.
    let position = OffsetCursor::decode(page.next()).unwrap();
    assert_eq!(position.offset(), 4);
    let second = rows(r#"[{"key":"a"},{"key":"b"},null,{"key":"c"}]"#);
    let page = position.into_key_page(second, Total::OfAll(6));
    assert_eq!(page.records().len(), 1);
    let found = page.discrepancies();
    assert_eq!((found.repeated_rows(), found.unreadable_rows()), (1, 1));
}

#[test]
fn member_of_another_type_is_absent() {
    #[derive(Debug, Deserialize)]
    struct Loose {
        #[serde(default, deserialize_with = "lenient::number")]
        number: Option<u64>,
        #[serde(default, deserialize_with = "lenient::text")]
        text: Option<String>,
        #[serde(default, deserialize_with = "lenient::flag")]
        flag: Option<bool>,
    }
    for (value, number, text, flag) in [
        ("7", Some(7), None, None),
        (r#""7""#, Some(7), Some("7"), None),
        (r#""seven""#, None, Some("seven"), None),
        ("true", None, None, Some(true)),
        ("null", None, None, None),
        ("-7.5", None, None, None),
        (r#"{"deep":[1]}"#, None, None, None),
    ] {
        let all = format!(r#"{{"number":{value},"text":{value},"flag":{value}}}"#);
        let read: Loose = serde_json::from_str(&all).unwrap();
        assert_eq!((read.number, read.text.as_deref(), read.flag), (number, text, flag), "{value}");
    }
    let lists = |text| lenient::list::<_, u64>(&mut serde_json::Deserializer::from_str(text)).ok();
    assert_eq!((lists("null"), lists("[1]"), lists("{}")), (Some(vec![]), Some(vec![1]), None));
    let nothing: Loose = serde_json::from_str("{}").unwrap();
    assert_eq!((nothing.number, nothing.text, nothing.flag), (None, None, None));
}
