//! What the adapter sends and reads, compared with the provider's documents. Each fixture names its
//! source.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use pinning_keys::adapter::async_trait;
use pinning_keys::transport::{Limits, Transport, TransportError};
use pinning_keys::{
    Credential, ErrorKind, KeyIssuer, KeyQuery, KeyRef, KeyRequest, Permission, Revocation,
    ScopeRequest, Verification,
};
use serde_json::{Value, json};

use crate::b2::B2Config;
use crate::fake::Fake;

const KEY_ID: &str = "0014a98f9d9e8d0000000001";
const APPLICATION_KEY: &str = "K001canary5f1e4c7d09b2a83660ef";
const NEW_ID: &str = "00512f95cf4dcf0000000004z";

/// What a fixture has under this name, with the secrets inserted that its source leaves out.
fn documented(name: &str, part: &str) -> Value {
    let text = match name {
        "authorize_account" => include_str!("fixtures/authorize_account.json"),
        "create_key" => include_str!("fixtures/create_key.json"),
        "list_keys" => include_str!("fixtures/list_keys.json"),
        "delete_key" => include_str!("fixtures/delete_key.json"),
        "no_such_key" => include_str!("fixtures/no_such_key.json"),
        _ => panic!("no fixture {name}"),
    };
    let basic = Credential::basic("b2", KEY_ID, APPLICATION_KEY).unwrap().headers();
    let basic = basic["authorization"].to_str().unwrap();
    let text = text
        .replace("Basic <applicationKeyId>:<applicationKey>", basic)
        .replace("<applicationKey>", "K005canary0123456789abcdef0123")
        .replace("<authorizationToken>", "4_0014a98f9d9e8d0000000001_canary_acct");
    serde_json::from_str::<Value>(&text).unwrap()[part].take()
}

/// A transport that gives these answers, and keeps the requests.
#[derive(Default)]
struct Recorder {
    answers: Mutex<VecDeque<Value>>,
    requests: Mutex<Vec<Value>>,
}

impl Recorder {
    fn new(answers: impl IntoIterator<Item = Value>) -> Arc<Self> {
        let answers = Mutex::new(answers.into_iter().collect());
        Arc::new(Self { answers, ..Self::default() })
    }

    fn requests(&self) -> Vec<Value> {
        self.requests.lock().unwrap().clone()
    }
}

#[async_trait]
impl Transport for Recorder {
    async fn send(
        &self,
        request: Request<Bytes>,
        _limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        let mut sent = json!({
            "method": request.method().as_str(),
            "target": request.uri().to_string(),
            "authorization": request.headers()["authorization"].to_str().unwrap(),
        });
        if !request.body().is_empty() {
            sent["body"] = serde_json::from_slice(request.body()).unwrap();
        }
        self.requests.lock().unwrap().push(sent);
        let answer = self.answers.lock().unwrap().pop_front().expect("an answer");
        let mut response = Response::new(Bytes::from(answer.to_string()));
        let status = answer["status"].as_u64().unwrap_or(200);
        *response.status_mut() = u16::try_from(status).unwrap().try_into().unwrap();
        Ok(response)
    }
}

/// An issuer whose calls get these answers, after that of the login.
fn issuer(answers: impl IntoIterator<Item = Value>) -> (impl KeyIssuer, Arc<Recorder>) {
    let login = documented("authorize_account", "answer");
    let recorder = Recorder::new([login].into_iter().chain(answers));
    let config = B2Config::new().with_key_pair(KEY_ID, APPLICATION_KEY);
    (config.with_transport(recorder.clone()).build().unwrap(), recorder)
}

fn new_key() -> KeyRef {
    KeyRef::new("b2", NEW_ID).unwrap()
}

#[tokio::test]
async fn calls_are_the_documented_ones() {
    const NAMES: [&str; 4] = ["authorize_account", "create_key", "list_keys", "delete_key"];
    let first_page = json!({ "keys": [], "nextApplicationKeyId": NEW_ID });
    let [_, created, page, deleted] = NAMES.map(|name| documented(name, "answer"));
    let (issuer, recorder) = issuer([created, first_page, page, deleted]);

    let scope = ScopeRequest::needs([Permission::KeysManage]);
    let request = KeyRequest::new("key-0003", scope).unwrap();
    let request = request.with_expiry(Duration::from_secs(24 * 60 * 60));
    let key = issuer.issue(&request).await.unwrap();
    let first = issuer.list(&KeyQuery::new()).await.unwrap();
    let next = first.next().unwrap().clone();
    let page = issuer.list(&KeyQuery::new().with_cursor(next)).await.unwrap();
    assert_eq!(issuer.revoke(&new_key()).await.unwrap(), Revocation::Revoked);

    let [login, create, list, delete] = NAMES.map(|name| documented(name, "request"));
    let mut first_list = list.clone();
    first_list["body"].as_object_mut().unwrap().remove("startApplicationKeyId");
    assert_eq!(recorder.requests(), [login, create, first_list, list, delete]);
    assert_eq!(key.key_ref(), &new_key());
    let expiry = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    assert_eq!(key.expires_at(), Some(expiry));
    let [record] = page.records() else { panic!("one key") };
    assert_eq!(record.expires_at(), Some(expiry));
    assert_eq!(
        record.reading().to_string(),
        "pins:list links:create b2:readFiles \
         (in bucket e73ede9c9c8412db49f60715, below prefix photos/)"
    );
}

#[tokio::test]
async fn session_at_another_domain_is_refused() {
    for address in ["https://evilbackblazeb2.com", "http://api001.backblazeb2.com"] {
        let mut login = documented("authorize_account", "answer");
        login["apiInfo"]["storageApi"]["apiUrl"] = address.into();
        let recorder = Recorder::new([login]);
        let config = B2Config::new().with_key_pair(KEY_ID, APPLICATION_KEY);
        let issuer = config.with_transport(recorder.clone()).build().unwrap();
        let error = issuer.revoke(&new_key()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CredentialUnavailable, "{address}");
        assert_eq!(recorder.requests().len(), 1, "the token was sent nowhere");
    }
}

#[tokio::test]
async fn session_of_another_account_is_refused() {
    let [first, mut second] = ["authorize_account"; 2].map(|name| documented(name, "answer"));
    second["accountId"] = "ANOTHER_ACCOUNT_ID".into();
    let expired = json!({ "status": 401, "code": "expired_auth_token", "message": "expired" });
    let recorder = Recorder::new([first, expired, second]);
    let config = B2Config::new().with_key_pair(KEY_ID, APPLICATION_KEY);
    let issuer = config.with_transport(recorder.clone()).build().unwrap();
    assert!(issuer.revoke(&new_key()).await.is_err());
    assert_eq!(recorder.requests().len(), 3, "nothing was deleted in the other account");
}

#[tokio::test]
async fn plan_shows_where_the_account_id_goes() {
    let (issuer, recorder) = issuer([]);
    let request = KeyRequest::new("key-0003", ScopeRequest::needs([Permission::PinsList])).unwrap();
    let body: Value = serde_json::from_str(issuer.plan(&request).unwrap().body()).unwrap();
    assert_eq!(body["accountId"], "{accountId}");
    assert!(recorder.requests().is_empty());
}

#[tokio::test]
async fn holder_logs_in_with_the_key() {
    let (issuer, recorder) = issuer([]);
    let holder = Credential::basic("b2", KEY_ID, APPLICATION_KEY).unwrap();
    assert_eq!(issuer.verify(&holder).await.unwrap(), Verification::Live);
    assert_eq!(recorder.requests(), [documented("authorize_account", "request")]);
}

#[tokio::test]
async fn deleted_key_is_already_gone() {
    let (issuer, _) = issuer([documented("no_such_key", "answer")]);
    assert_eq!(issuer.revoke(&new_key()).await.unwrap(), Revocation::AlreadyGone);
}

#[tokio::test]
async fn another_bad_request_is_no_verdict_on_the_key() {
    let refusal = json!({ "status": 400, "code": "bad_request", "message": "no Authorization" });
    let (issuer, _) = issuer([refusal]);
    let error = issuer.revoke(&new_key()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
}

#[tokio::test]
async fn restriction_in_an_unknown_form_is_kept() {
    let mut answer = documented("list_keys", "answer");
    answer["keys"][0]["bucketId"] = json!(["b1", "b2"]);
    answer["keys"][0]["namePrefix"] = Value::Null;
    let (issuer, _) = issuer([answer]);
    let page = issuer.list(&KeyQuery::new()).await.unwrap();
    let [restriction] = page.records()[0].reading().restrictions() else { panic!("one") };
    assert!(!restriction.is_known());
    assert_eq!(restriction.value(), r#"["b1","b2"]"#);
}

/// The server of the other tests is held to the same documents.
#[test]
fn fake_answers_with_documented_members() {
    let fake = Fake::new();
    let (id, secret) = fake.master_key();
    let basic = Credential::basic("b2", id, secret).unwrap().headers();
    let call = |method: &str, call: &str, authorization: &str, body: Value| -> Value {
        let request = Request::builder()
            .method(method)
            .uri(format!("/b2api/v3/{call}"))
            .header("authorization", authorization)
            .body(Bytes::from(body.to_string()));
        serde_json::from_slice(fake.answer(&request.unwrap()).body()).unwrap()
    };
    let basic = basic["authorization"].to_str().unwrap();
    let session = call("GET", "b2_authorize_account", basic, Value::Null);
    let token = session["authorizationToken"].as_str().unwrap();
    let mut create = documented("create_key", "request")["body"].take();
    create["accountId"] = session["accountId"].clone();
    let created = call("POST", "b2_create_key", token, create);
    let account = json!({ "accountId": session["accountId"] });
    let listed = call("POST", "b2_list_keys", token, account);
    let delete = json!({ "applicationKeyId": created["applicationKeyId"] });
    let deleted = call("POST", "b2_delete_key", token, delete);
    for (name, answer) in [
        ("authorize_account", session),
        ("create_key", created),
        ("list_keys", listed),
        ("delete_key", deleted),
    ] {
        let (sent, documented) = (members(&answer), members(&documented(name, "answer")));
        assert!(sent.is_subset(&documented), "{name}: {sent:?} {documented:?}");
    }
}

/// The paths of all members.
fn members(value: &Value) -> BTreeSet<String> {
    let below = |name: &str, value: &Value| -> Vec<String> {
        members(value).iter().map(|inner| format!("{name}.{inner}")).collect()
    };
    match value {
        Value::Object(object) => object
            .iter()
            .flat_map(|(name, value)| [vec![name.clone()], below(name, value)].concat())
            .collect(),
        Value::Array(items) => items.iter().flat_map(|item| below("[]", item)).collect(),
        _ => BTreeSet::new(),
    }
}
