//! The bodies of Pinata's key routes.

use std::borrow::Cow;
use std::num::NonZeroU64;
use std::time::SystemTime;

use pinning_keys_core::{
    Credential, Error, KeyName, KeyRecord, KeyRef, PairHeaders, PermissionTable, Reading,
    SecretShape, Translation,
};
use pinning_keys_http::flags::{is_set, set_flags};
use pinning_keys_http::{ListedKey, lenient};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::permissions::{self, WirePermissions};

/// The provider's id in tables, key references and errors.
pub(crate) const PROVIDER: &str = "pinata";

/// The headers of Pinata's key pair. The word order of the secret's header differs from that of
/// the member of the answer that the secret comes from (documented).
///
/// ```
/// use pinning_keys_core::Credential;
/// use pinning_keys_pinata::PAIR_HEADERS;
///
/// let holder = Credential::key_pair("pinata", PAIR_HEADERS, "sample-key", "sample-secret")?;
/// assert_eq!(holder.headers()["pinata_secret_api_key"], "sample-secret");
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
pub const PAIR_HEADERS: PairHeaders = PairHeaders::new("pinata_api_key", "pinata_secret_api_key");

/// The form of API secrets (seen by third parties). The documents show API keys of 14, 20 and 32
/// hex digits, so no other length is refused.
pub(crate) const SECRET_SHAPE: SecretShape = SecretShape::hex(64);

/// Longer than most create bodies, so that one allocation is enough.
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
        // The document's example says `keyname`; its list of required members and every official
        // client say `keyName`.
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

/// The body that revokes a key on the legacy route (documented).
pub(crate) fn revoke_body(api_key: &str) -> String {
    serde_json::json!({ "apiKey": api_key }).to_string()
}

/// A new key. Only the answer to its creation shows the secret.
///
/// Blanks and line breaks around a value are not part of it.
#[derive(Deserialize)]
pub(crate) struct CreatedKey<'a> {
    /// Null and blank count as absent.
    #[serde(rename = "JWT", borrow)]
    jwt: Option<Text<'a>>,
    #[serde(borrow)]
    pinata_api_key: Cow<'a, str>,
    #[serde(borrow)]
    pinata_api_secret: Cow<'a, str>,
}

/// A text that is borrowed from the answer if it has no escapes, also within an `Option`.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> CreatedKey<'a> {
    /// Reads the answer to the creation of a key in this table. The reason for a failure is
    /// dropped, because it could quote the secret.
    ///
    /// An answer without a JWT appears in the fixtures of a third-party client (seen). The key pair
    /// alone is enough for the routes that keys of the endpoints table are for; those of the
    /// resources table accept only a JWT.
    pub(crate) fn read(body: &'a [u8], table: &PermissionTable) -> Option<Self> {
        let created: Self = object(body)?;
        (created.jwt().is_some() || *table == permissions::ENDPOINTS).then_some(created)
    }

    fn jwt(&self) -> Option<&str> {
        let Text(jwt) = self.jwt.as_ref()?;
        Some(jwt.trim()).filter(|jwt| !jwt.is_empty())
    }

    pub(crate) fn key_ref(&self) -> Option<KeyRef> {
        key_ref(self.pinata_api_key.trim())
    }

    pub(crate) fn credential(&self) -> Result<Credential, Error> {
        let (key, secret) = (self.pinata_api_key.trim(), self.pinata_api_secret.trim());
        match self.jwt() {
            Some(jwt) => {
                Credential::bearer(PROVIDER, jwt)?.with_key_pair(PAIR_HEADERS, key, secret)
            }
            None => Credential::key_pair(PROVIDER, PAIR_HEADERS, key, secret),
        }
    }
}

/// A reference by an API key that the provider sent; `None` if a secret is in its place.
pub(crate) fn key_ref(api_key: &str) -> Option<KeyRef> {
    KeyRef::new(PROVIDER, api_key).ok().filter(|_| !SECRET_SHAPE.is_in(api_key))
}

/// A page of keys.
#[derive(Deserialize)]
pub(crate) struct KeyList {
    /// Required: an answer without it may be about something else, and treating it as an empty
    /// list would report existing keys as gone.
    #[serde(deserialize_with = "lenient::list")]
    pub(crate) keys: Vec<lenient::Row<KeyItem>>,
    /// The number of keys. The documents do not say whether on this page or in total.
    #[serde(default, deserialize_with = "lenient::number")]
    pub(crate) count: Option<u64>,
}

/// A key in a list. The `secret` that older documents show here is not read.
///
/// Only `key` is required: without it there is nothing to refer to.
#[derive(Deserialize)]
pub(crate) struct KeyItem {
    key: String,
    #[serde(default, deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(default)]
    scopes: Value,
    #[serde(default, deserialize_with = "lenient::number")]
    uses: Option<u64>,
    #[serde(default)]
    max_uses: Limit,
    #[serde(default, deserialize_with = "lenient::flag")]
    revoked: Option<bool>,
    #[serde(default, rename = "createdAt", deserialize_with = "lenient::time")]
    created_at: Option<SystemTime>,
}

/// The limit of a key's uses, as a list shows it.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Limit {
    /// The list does not show it, or not in a form that can be read.
    #[default]
    Unknown,
    /// Null: there is none (seen by third parties).
    None,
    Uses(NonZeroU64),
}

impl Limit {
    fn uses(self) -> Option<NonZeroU64> {
        match self {
            Self::Uses(uses) => Some(uses),
            Self::Unknown | Self::None => None,
        }
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if value.is_null() {
            return Ok(Self::None);
        }
        let uses = lenient::number(value).ok().flatten().and_then(NonZeroU64::new);
        Ok(uses.map_or(Self::Unknown, Self::Uses))
    }
}

impl ListedKey for KeyItem {
    fn api_key(&self) -> &str {
        &self.key
    }

    fn into_record(self) -> Option<KeyRecord> {
        let scopes = ListedScopes::read(&self.scopes);
        let key_ref = key_ref(&self.key)?;
        let record = KeyRecord::new(key_ref, self.name.unwrap_or_default(), scopes.reading)
            .with_native_grants(scopes.table, scopes.native)
            .with_uses(self.uses, self.max_uses.uses())
            .with_unlimited_uses(self.max_uses == Limit::None)
            .with_revoked(self.revoked)
            .with_created_at(self.created_at);
        Some(record)
    }
}

/// The `scopes` of a listed key, which echo what was sent when it was created. How keys with
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
        // Whether every list echoes `resources` is not documented. A key whose list shows neither
        // kind of scope is not thereby a key that can do nothing.
        let is_shown = |kind| members.get(kind).is_some_and(|scopes| !scopes.is_null());
        let is_shown = ["resources", "endpoints"].into_iter().any(is_shown);
        if !is_shown && !reading.scope().is_admin() {
            reading = reading.with_unknown("scopes");
        }
        Self { table, native, reading }
    }

    fn unreadable(what: &str) -> Self {
        let nothing = permissions::RESOURCES.read([]);
        Self { table: None, native: Vec::new(), reading: nothing.with_unknown(what) }
    }
}

/// The texts of an array. Other values keep their JSON form.
fn texts(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).into_iter().flatten();
    items.map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect()
}

/// Whether an answer confirms the revocation: the JSON string `"Revoked"` (documented), or the
/// word without quotes, as a document prints it.
pub(crate) fn is_revoked(body: &[u8]) -> bool {
    let word = body.trim_ascii();
    let word = word.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(word);
    word.eq_ignore_ascii_case(b"Revoked")
}

/// Whether the answer to `testAuthentication` is the provider's: an object with a message. A page
/// from a proxy says nothing about the credential.
pub(crate) fn is_test_answer(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct TestAnswer<'a> {
        #[serde(rename = "message", borrow)]
        _message: Cow<'a, str>,
    }
    object::<TestAnswer<'_>>(body).is_some()
}

/// Reads an object and nothing else.
pub(crate) fn object<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Option<T> {
    serde_json::from_slice(body).ok().map(|lenient::Object(object)| object)
}
