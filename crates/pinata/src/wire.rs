//! The bodies of Pinata's key routes.

use std::borrow::Cow;
use std::num::NonZeroU64;
use std::time::SystemTime;

use pinning_keys_core::{
    Credential, Error, KeyName, KeyRecord, KeyRef, PairHeaders, PermissionTable, Reading,
    Translation,
};
use pinning_keys_http::flags::{is_set, set_flags};
use pinning_keys_http::{ListedKey, lenient};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::permissions::{self, WirePermissions};

/// The provider's id in tables, key references and errors.
pub(crate) const PROVIDER: &str = "pinata";

/// The headers of Pinata's key pair. The secret's header has another word order than the
/// member of the answer that it comes from (documented).
pub const PAIR_HEADERS: PairHeaders = PairHeaders::new("pinata_api_key", "pinata_secret_api_key");

/// Longer than most create bodies, so that one allocation serves.
const BODY_CAPACITY: usize = 512;

/// The body that creates a key.
pub(crate) fn create_body(
    name: &KeyName,
    translation: &Translation,
    max_uses: Option<NonZeroU64>,
) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Create<'a> {
        // The document's example says `keyname`; its list of required members, and every
        // client of the provider's, says `keyName`.
        key_name: &'a str,
        permissions: WirePermissions<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        max_uses: Option<NonZeroU64>,
    }

    let create =
        Create { key_name: name.as_str(), permissions: WirePermissions(translation), max_uses };
    let mut body = Vec::with_capacity(BODY_CAPACITY);
    serde_json::to_writer(&mut body, &create).expect("text and flags always have a JSON form");
    String::from_utf8(body).expect("JSON is UTF-8")
}

/// The body with which the legacy route revokes a key (documented).
pub(crate) fn revoke_body(api_key: &str) -> String {
    serde_json::json!({ "apiKey": api_key }).to_string()
}

/// A key as the answer to its creation shows it, this once.
#[derive(Deserialize)]
pub(crate) struct CreatedKey<'a> {
    #[serde(rename = "JWT", borrow)]
    jwt: Cow<'a, str>,
    #[serde(borrow)]
    pinata_api_key: Cow<'a, str>,
    #[serde(borrow)]
    pinata_api_secret: Cow<'a, str>,
}

impl<'a> CreatedKey<'a> {
    /// Reads the answer. Why it cannot be read is not told, since that would quote from it.
    pub(crate) fn read(body: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    pub(crate) fn key_ref(&self) -> Result<KeyRef, Error> {
        KeyRef::new(PROVIDER, self.pinata_api_key.as_ref())
    }

    pub(crate) fn credential(&self) -> Result<Credential, Error> {
        Credential::bearer(PROVIDER, self.jwt.as_ref())?.with_key_pair(
            PAIR_HEADERS,
            self.pinata_api_key.as_ref(),
            self.pinata_api_secret.as_ref(),
        )
    }
}

/// A page of keys.
#[derive(Deserialize)]
pub(crate) struct KeyList {
    /// Must be there: an answer without it may be about something else, and to take it for an
    /// empty list would be to say that keys are gone.
    #[serde(deserialize_with = "lenient::list")]
    pub(crate) keys: Vec<lenient::Row<KeyItem>>,
    /// How many keys there are: on this page or in all, the documents do not say.
    #[serde(default, deserialize_with = "lenient::number")]
    pub(crate) count: Option<u64>,
}

/// A key in a list. The `secret` that older documents show here is not read.
///
/// Only the public part must be there: without it there is nothing to refer to.
#[derive(Deserialize)]
pub(crate) struct KeyItem {
    key: String,
    #[serde(default, deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(default)]
    scopes: Value,
    #[serde(default, deserialize_with = "lenient::number")]
    uses: Option<u64>,
    /// Null for a key without a limit (seen by third parties).
    #[serde(default, deserialize_with = "lenient::number")]
    max_uses: Option<u64>,
    #[serde(default, deserialize_with = "lenient::flag")]
    revoked: Option<bool>,
    #[serde(default, rename = "createdAt", deserialize_with = "lenient::time")]
    created_at: Option<SystemTime>,
}

impl ListedKey for KeyItem {
    fn api_key(&self) -> &str {
        &self.key
    }

    fn into_record(self) -> Option<KeyRecord> {
        let scopes = ListedScopes::read(&self.scopes);
        let key_ref = KeyRef::new(PROVIDER, self.key).ok()?;
        let record = KeyRecord::new(key_ref, self.name.unwrap_or_default(), scopes.reading)
            .with_native_grants(scopes.table, scopes.native)
            .with_uses(self.uses, self.max_uses.and_then(NonZeroU64::new))
            .with_revoked(self.revoked)
            .with_created_at(self.created_at);
        Some(record)
    }
}

/// The `scopes` of a listed key, which echo what was sent when it was made. How keys with
/// `resources` are listed is not documented, so every shape is read and none is fatal.
struct ListedScopes {
    table: Option<&'static PermissionTable>,
    native: Vec<String>,
    reading: Reading,
}

impl ListedScopes {
    fn read(scopes: &Value) -> Self {
        let Value::Object(members) = scopes else {
            return Self::unreadable("scopes");
        };
        let resources = texts(members.get("resources"));
        let endpoints = members.get("endpoints").map(set_flags).unwrap_or_default();
        let table = match (resources.is_empty(), endpoints.is_empty()) {
            (false, true) => Some(&permissions::RESOURCES),
            (true, false) => Some(&permissions::ENDPOINTS),
            _ => None,
        };
        let mut reading = permissions::RESOURCES
            .read(resources.iter().map(String::as_str))
            .and(permissions::ENDPOINTS.read(endpoints.iter().map(String::as_str)));
        let mut native: Vec<String> = resources.into_iter().chain(endpoints).collect();
        for (name, value) in members {
            match (name.as_str(), value) {
                (_, unset) if !is_set(unset) => {}
                ("resources", Value::Array(_)) | ("endpoints", Value::Object(_)) => {}
                ("admin", Value::Bool(true)) => {
                    reading = reading.and(Reading::admin());
                    native.push("admin".to_owned());
                }
                (other, _) => reading = reading.with_unknown(other),
            }
        }
        Self { table, native, reading }
    }

    fn unreadable(what: &str) -> Self {
        let nothing = permissions::RESOURCES.read([]);
        Self { table: None, native: Vec::new(), reading: nothing.with_unknown(what) }
    }
}

/// The texts of an array; what is no text is kept in its JSON form.
fn texts(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).into_iter().flatten();
    items.map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect()
}

/// Whether the answer to a revocation says that it was done: the JSON string `"Revoked"`
/// (documented). The same word without quotes, as a document prints it, serves too.
pub(crate) fn is_revoked(body: &[u8]) -> bool {
    let word = body.trim_ascii();
    let word = word.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(word);
    word.eq_ignore_ascii_case(b"Revoked")
}

/// Whether the answer to `testAuthentication` is the provider's: an object with a message.
/// A page that a proxy puts in between says nothing about the credential.
pub(crate) fn is_test_answer(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct TestAnswer<'a> {
        #[serde(rename = "message", borrow)]
        _message: Cow<'a, str>,
    }
    serde_json::from_slice::<TestAnswer<'_>>(body).is_ok()
}
