//! What adapters make of answers: expected statuses, refusals in bodies, flags, rows.

use std::sync::Arc;

use pinning_keys_core::{
    Credential, Effect, ErrorKind, Grant, KeyRecord, KeyRef, Operation, PairHeaders, Permission,
    PermissionTable, Reading, ScopeRequest,
};
use pinning_keys_http::credentials::AccountCredential;
use pinning_keys_http::flags::{GroupedFlags, is_set, set_flags};
use pinning_keys_http::{
    Answer, ApiClient, BaseUrl, Failure, ListedKey, OffsetCursor, Reach, Total, TransportErrorKind,
    lenient,
};
use serde::Deserialize;
use serde_json::json;

use crate::support::{ALL, Script, Step, answer, builder, call, client, status};

const HEADERS: PairHeaders = PairHeaders::new("x-key", "x-secret");

#[tokio::test]
async fn an_expected_status_comes_back_as_an_answer() {
    let transport = Script::repeating([answer(404, &[], "no such key")]);
    let revoke = call(Operation::Revoke).expecting(http::StatusCode::NOT_FOUND);
    let answered = client(&transport).call(revoke).await.unwrap();
    assert_eq!((answered.status().as_u16(), answered.body().as_ref()), (404, &b"no such key"[..]));
    assert_eq!(answered.operation(), Operation::Revoke);

    // Where it says nothing after all, the error is the one that it would have been.
    let error = answered.rejected(Failure::new());
    assert_eq!((error.kind(), error.effect()), (ErrorKind::NotFound, Effect::Rejected));
    assert_eq!(error.status().unwrap().as_u16(), 404);

    // Another status is not expected.
    let transport = Script::repeating([status(403)]);
    let revoke = call(Operation::Revoke).expecting(http::StatusCode::NOT_FOUND);
    let error = client(&transport).call(revoke).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
}

/// What it says stands in its body: without that, it is a broken connection like any other.
#[tokio::test(start_paused = true)]
async fn an_expected_status_whose_answer_breaks_off_says_nothing() {
    let not_found = http::StatusCode::NOT_FOUND;
    let revoke = || call(Operation::Revoke).expecting(not_found);
    let broken = Step::Fail(TransportErrorKind::Closed, Reach::Answered(not_found));
    let transport = Script::repeating([broken.clone(), answer(404, &[], "no such key")]);
    let answered = client(&transport).call(revoke()).await.unwrap();
    assert_eq!((answered.body().as_ref(), transport.count()), (&b"no such key"[..], 2));

    let transport = Script::repeating([broken]);
    let error = client(&transport).call(revoke()).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Connection, Effect::Rejected));
    assert_eq!((error.status(), transport.count()), (Some(not_found), 4));
    assert!(!error.to_string().contains("not found"), "{error}");

    let endless = Step::Fail(TransportErrorKind::BodyTooLarge, Reach::Answered(not_found));
    let transport = Script::repeating([endless]);
    let error = client(&transport).call(revoke()).await.unwrap_err();
    assert_eq!((error.kind(), transport.count()), (ErrorKind::UnreadableAnswer, 1));
}

#[tokio::test]
async fn a_success_that_says_otherwise_is_rejected_unless_it_is_in_doubt() {
    for operation in ALL {
        let answered =
            client(&Script::repeating([status(200)])).call(call(operation)).await.unwrap();
        let error = answered.rejected(Failure::new());
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Refused, Effect::Rejected));
        let failure = Failure::new().with_kind(ErrorKind::NameTaken).with_effect(Effect::Unknown);
        let error = answered.rejected(failure);
        assert_eq!((error.kind(), error.effect()), (ErrorKind::NameTaken, Effect::Unknown));
    }
}

#[tokio::test]
async fn the_providers_words_can_tell_more_than_its_status() {
    fn read(_: &Answer) -> Failure {
        Failure::new().with_kind(ErrorKind::NameTaken).with_effect(Effect::Rejected)
    }
    // By its status alone, nobody would know whether a key was made.
    let transport = Script::repeating([status(502)]);
    let client = builder().failure_reader(read).transport(transport.clone()).build().unwrap();
    let error = client.call(call(Operation::Issue)).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::NameTaken, Effect::Rejected));
    assert_eq!(transport.count(), 1);
    assert!(error.to_string().contains("another key has this name"), "{error}");
}

#[tokio::test]
async fn an_answer_knows_which_kind_of_credential_was_sent() {
    let transport = Script::repeating([status(200)]);
    let of_account = |credential: AccountCredential| {
        let base_url = BaseUrl::parse("https://api.example.com", &[]).unwrap();
        let client = ApiClient::builder("example", base_url, Arc::new(credential));
        client.transport(transport.clone()).build().unwrap()
    };
    let bearer = of_account(AccountCredential::bearer("token").unwrap());
    let pair = of_account(AccountCredential::key_pair(&HEADERS, "key", "secret").unwrap());
    assert!(!bearer.call(call(Operation::List)).await.unwrap().is_to_key_pair());
    assert!(pair.call(call(Operation::List)).await.unwrap().is_to_key_pair());

    // A holder's own credential is what was sent, whatever the account's is.
    let holder = Credential::key_pair("example", HEADERS, "key", "secret").unwrap();
    let verify = call(Operation::Verify).as_holder(&holder);
    assert!(bearer.call(verify).await.unwrap().is_to_key_pair());
    let holder = Credential::bearer("example", "token").unwrap();
    let verify = call(Operation::Verify).as_holder(&holder);
    assert!(!pair.call(verify).await.unwrap().is_to_key_pair());
}

static GRANTS: [Grant; 3] = [
    Grant::new("data.list", &[Permission::PinsList]),
    Grant::new("pins.add", &[Permission::PinsAddFile]),
    Grant::new("pins.remove", &[Permission::PinsRemove]),
];
static TABLE: PermissionTable = PermissionTable::new("example", "flags", &GRANTS);

#[test]
fn every_flag_is_written_out_in_the_tables_order_and_read_back() {
    let request = ScopeRequest::needs([Permission::PinsRemove]);
    let translation = TABLE.translate(&request).unwrap();
    let text = serde_json::to_string(&GroupedFlags(&translation)).unwrap();
    assert_eq!(text, r#"{"data":{"list":false},"pins":{"add":false,"remove":true}}"#);
    assert_eq!(set_flags(&serde_json::from_str(&text).unwrap()), ["pins.remove"]);
}

/// Left out, it would make a key that can do less than was promised.
#[test]
#[should_panic(expected = "a flag is named group.flag")]
fn a_grant_that_is_no_flag_is_not_left_out() {
    static GRANTS: [Grant; 1] = [Grant::new("list", &[Permission::PinsList])];
    static TABLE: PermissionTable = PermissionTable::new("example", "words", &GRANTS);
    let translation = TABLE.translate(&ScopeRequest::reader()).unwrap();
    let _ = serde_json::to_string(&GroupedFlags(&translation));
}

#[test]
fn groups_that_are_not_together_are_written_once() {
    static GRANTS: [Grant; 3] = [
        Grant::new("data.list", &[Permission::PinsList]),
        Grant::new("pins.add", &[Permission::PinsAddFile]),
        Grant::new("data.jobs", &[Permission::PinsListJobs]),
    ];
    static TABLE: PermissionTable = PermissionTable::new("example", "mixed", &GRANTS);
    let translation = TABLE.translate(&ScopeRequest::reader()).unwrap();
    let text = serde_json::to_string(&GroupedFlags(&translation)).unwrap();
    assert_eq!(text, r#"{"data":{"list":true,"jobs":true},"pins":{"add":false}}"#);
}

#[tokio::test]
async fn how_long_to_wait_is_kept_wherever_the_failure_is_told() {
    let expected = call(Operation::Verify).expecting(http::StatusCode::UNAUTHORIZED);
    let transport = Script::repeating([answer(401, &[("retry-after", "7")], "")]);
    let answered = client(&transport).call(expected).await.unwrap();
    let error = answered.rejected(Failure::new());
    assert_eq!(error.retry_after(), Some(std::time::Duration::from_secs(7)));
}

#[test]
fn whatever_is_not_plainly_unset_counts_as_set() {
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
fn rows_that_make_no_sense_are_counted_and_hide_no_others() {
    let first = rows(r#"[{"key":"a"},null,{"key":7},{"key":""},{"key":"b"}]"#);
    let page = OffsetCursor::default().into_key_page(first, Total::OfAll(6));
    let keys: Vec<_> = page.records().iter().map(|key| key.key_ref().api_key()).collect();
    assert_eq!(keys, ["a", "b"]);
    assert_eq!(page.discrepancies().unreadable_rows(), 3);

    // "b" has moved to the next page; an unreadable row is another one there.
    let position = OffsetCursor::decode(page.next()).unwrap();
    assert_eq!(position.offset(), 5);
    let page = position.into_key_page(rows(r#"[{"key":"b"},null,{"key":"c"}]"#), Total::OfAll(6));
    assert_eq!(page.records().len(), 1);
    let found = page.discrepancies();
    assert_eq!((found.repeated_rows(), found.unreadable_rows()), (1, 1));
}

#[test]
fn what_is_not_needed_is_never_fatal() {
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
    let nothing: Loose = serde_json::from_str("{}").unwrap();
    assert_eq!((nothing.number, nothing.text, nothing.flag), (None, None, None));
}

#[test]
fn null_stands_for_an_empty_list_and_nothing_else_does() {
    #[derive(Deserialize)]
    struct Keys {
        #[serde(deserialize_with = "lenient::list")]
        keys: Vec<u64>,
    }
    let read = |text| serde_json::from_str::<Keys>(text).map(|all| all.keys);
    assert_eq!(read(r#"{"keys":null}"#).unwrap(), [0; 0]);
    assert_eq!(read(r#"{"keys":[1]}"#).unwrap(), [1]);
    assert!(read("{}").is_err() && read(r#"{"keys":{}}"#).is_err());
}
