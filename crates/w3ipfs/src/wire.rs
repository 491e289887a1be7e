//! The bodies of W3IPFS's key routes.

use std::borrow::Cow;
use std::time::SystemTime;

use pinning_keys_core::{
    Credential, Error, KeyName, KeyRecord, KeyRef, PairHeaders, Reading, SecretShape, Translation,
};
use pinning_keys_http::flags::{is_set, set_flags};
use pinning_keys_http::{ListedKey, lenient};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::permissions::{SCOPES, WireScopes};

/// The provider's id in tables, key references and errors.
pub(crate) const PROVIDER: &str = "w3ipfs";

/// The headers of the provider's key pair (documented). Their names contain underscores, and some
/// proxies drop such headers.
///
/// ```
/// use pinning_keys_core::Credential;
/// use pinning_keys_w3ipfs::PAIR_HEADERS;
///
/// let holder = Credential::key_pair("w3ipfs", PAIR_HEADERS, "sample-key", "sample-secret")?;
/// assert_eq!(holder.headers()["pinning_secret_key"], "sample-secret");
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
pub const PAIR_HEADERS: PairHeaders = PairHeaders::new("pinning_api_key", "pinning_secret_key");

/// The form of API secrets: 44 characters of base 64, and 24 for an API key (documented in samples;
/// the provider's own program accepts no other lengths).
pub(crate) const SECRET_SHAPE: SecretShape = SecretShape::base64(32);

/// Longer than most create bodies, so that one allocation is enough.
const BODY_CAPACITY: usize = 512;

/// The body that creates a key.
pub(crate) fn create_body(name: &KeyName, translation: &Translation) -> String {
    #[derive(Serialize)]
    struct Create<'a> {
        name: &'a str,
        scopes: WireScopes<'a>,
    }

    let create = Create { name: name.as_str(), scopes: WireScopes(translation) };
    let mut body = Vec::with_capacity(BODY_CAPACITY);
    serde_json::to_writer(&mut body, &create).expect("text and flags always have a JSON form");
    String::from_utf8(body).expect("JSON is UTF-8")
}

/// The member `data` of a successful answer, or `None` if the answer reports a failure or has
/// another shape.
pub(crate) fn data<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Option<T> {
    #[derive(Deserialize)]
    struct Envelope<T> {
        status: Option<String>,
        data: lenient::Object<T>,
    }
    let Envelope { status, data: lenient::Object(data) } = object(body)?;
    status.is_none_or(|status| status == "success").then_some(data)
}

/// A new key. Only the answer to its creation shows the secret; the id is not in it.
///
/// Blanks and line breaks around a value are not part of it.
#[derive(Deserialize)]
pub(crate) struct CreatedKey<'a> {
    #[serde(borrow)]
    api_key: Cow<'a, str>,
    #[serde(borrow)]
    secret_key: Cow<'a, str>,
}

impl CreatedKey<'_> {
    pub(crate) fn key_ref(&self) -> Option<KeyRef> {
        key_ref(self.api_key.trim())
    }

    pub(crate) fn credential(&self) -> Result<Credential, Error> {
        let (key, secret) = (self.api_key.trim(), self.secret_key.trim());
        Credential::key_pair(PROVIDER, PAIR_HEADERS, key, secret)
    }
}

/// A reference by an API key that the provider sent; `None` if a secret is in its place.
fn key_ref(api_key: &str) -> Option<KeyRef> {
    KeyRef::new(PROVIDER, api_key).ok().filter(|_| !SECRET_SHAPE.is_in(api_key))
}

/// A page of keys.
#[derive(Deserialize)]
pub(crate) struct KeyList {
    /// Required: treating an answer without it as an empty list would report existing keys as
    /// gone. It may be null, and so may its rows (seen in the dashboard's types).
    #[serde(deserialize_with = "lenient::list")]
    pub(crate) api_keys: Vec<lenient::Row<KeyItem>>,
    /// The number of keys in total (documented).
    #[serde(default, deserialize_with = "lenient::number")]
    pub(crate) total: Option<u64>,
}

/// A key in a list. The `secret_key` that older documents show here is not read.
#[derive(Deserialize)]
pub(crate) struct KeyItem {
    api_key: String,
    #[serde(default, deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(default)]
    scopes: Value,
    #[serde(default, deserialize_with = "lenient::time")]
    created_at: Option<SystemTime>,
}

impl ListedKey for KeyItem {
    fn api_key(&self) -> &str {
        &self.api_key
    }

    fn into_record(self) -> Option<KeyRecord> {
        let key_ref = key_ref(&self.api_key)?;
        // A secret in the place of the id counts as no id.
        let id = self.id.filter(|id| !SECRET_SHAPE.is_in(id)).unwrap_or_default();
        let key_ref = key_ref.clone().with_id(id).unwrap_or(key_ref);
        let (native, reading) = read_scopes(&self.scopes);
        let record = KeyRecord::new(key_ref, self.name.unwrap_or_default(), reading)
            .with_native_grants(Some(&SCOPES), native)
            // Revoking deletes a key for good, so a listed key is not revoked (seen).
            .with_revoked(Some(false))
            .with_created_at(self.created_at);
        Some(record)
    }
}

/// The scopes of a listed key: the native names and their meaning. Any member may be absent, as
/// some are in the dashboard's types (seen). That a null member is not set is inferred.
fn read_scopes(scopes: &Value) -> (Vec<String>, Reading) {
    if !scopes.is_object() {
        return (Vec::new(), SCOPES.read([]).with_unknown("scopes"));
    }
    let mut native = set_flags(scopes);
    // The only flag outside the groups.
    native.retain(|name| name != "admin");
    let mut reading = SCOPES.read(native.iter().map(String::as_str));
    match scopes.get("admin") {
        Some(Value::Bool(true)) => {
            reading = reading.and(Reading::admin());
            native.insert(0, "admin".to_owned());
        }
        Some(other) if is_set(other) => reading = reading.with_unknown("admin"),
        _ => {}
    }
    (native, reading)
}

/// Whether an answer confirms the deletion. Two shapes are known: a message (documented) and an
/// empty `data` (seen in the dashboard's types), both beside a status.
pub(crate) fn is_deleted(body: &[u8]) -> bool {
    let Some(answer) = object::<Map<String, Value>>(body) else { return false };
    let text = |member| answer.get(member).and_then(Value::as_str);
    text("status") == Some("success")
        || text("message").is_some_and(|message| message.contains("has been deleted"))
}

/// Whether the answer to `testAuthentication` is the provider's: an object with a message
/// (documented). A page from a proxy says nothing about the credential.
pub(crate) fn is_test_answer(body: &[u8]) -> bool {
    let answer = object::<Map<String, Value>>(body);
    answer.is_some_and(|answer| answer.get("message").is_some_and(Value::is_string))
}

/// Reads an object and nothing else.
pub(crate) fn object<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Option<T> {
    serde_json::from_slice(body).ok().map(|lenient::Object(object)| object)
}
