//! The bodies of B2's key calls.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::time::{Duration, SystemTime};

use pinning_keys::adapter::{ListedKey, Reading, Translation, lenient};
use pinning_keys::{Credential, Error, KeyRecord, KeyRef, KeyRequest, Restriction};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::permissions::{CAPABILITIES, PROVIDER};

/// The member for the account's id. Only the session knows it, so it is added when a body is sent.
pub(super) const ACCOUNT_ID: &str = "accountId";

/// The body that creates a key.
pub(super) fn create_body(request: &KeyRequest, translation: &Translation) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Create<'a> {
        capabilities: Vec<&'a str>,
        key_name: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        valid_duration_in_seconds: Option<u64>,
    }

    json(&Create {
        capabilities: translation.wire_names().collect(),
        key_name: request.name().as_str(),
        valid_duration_in_seconds: request
            .expiry()
            .map(|expiry| expiry.units(Duration::from_secs(1), SystemTime::now())),
    })
}

/// A new key. Only the answer to its creation shows the secret.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreatedKey<'a> {
    #[serde(borrow)]
    application_key_id: Cow<'a, str>,
    #[serde(borrow)]
    application_key: Cow<'a, str>,
    #[serde(default, deserialize_with = "lenient::number")]
    expiration_timestamp: Option<u64>,
}

impl CreatedKey<'_> {
    pub(super) fn key_ref(&self) -> Result<KeyRef, Error> {
        KeyRef::new(PROVIDER, &*self.application_key_id)
    }

    pub(super) fn credential(&self) -> Result<Credential, Error> {
        Credential::basic(PROVIDER, &*self.application_key_id, &*self.application_key)
    }

    pub(super) fn expires_at(&self) -> Option<SystemTime> {
        self.expiration_timestamp.and_then(time)
    }
}

/// The body that asks for a page of keys.
pub(super) fn list_body(page_size: NonZeroUsize, start: Option<&str>) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct List<'a> {
        max_key_count: NonZeroUsize,
        #[serde(skip_serializing_if = "Option::is_none")]
        start_application_key_id: Option<&'a str>,
    }

    json(&List { max_key_count: page_size, start_application_key_id: start })
}

/// The body that deletes a key.
pub(super) fn delete_body(key: &KeyRef) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Delete<'a> {
        application_key_id: &'a str,
    }

    json(&Delete { application_key_id: key.api_key() })
}

fn json(body: &impl Serialize) -> String {
    serde_json::to_string(body).expect("texts and numbers always have a JSON form")
}

/// A page of keys.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct KeyList {
    pub(super) keys: Vec<lenient::Row<KeyItem>>,
    /// The key with which the next page begins.
    pub(super) next_application_key_id: Option<String>,
}

/// A key in a list, or one that was deleted.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct KeyItem {
    application_key_id: String,
    #[serde(default, deserialize_with = "lenient::text")]
    key_name: Option<String>,
    #[serde(default)]
    capabilities: Value,
    #[serde(default, deserialize_with = "lenient::number")]
    expiration_timestamp: Option<u64>,
    #[serde(default)]
    bucket_id: Value,
    #[serde(default)]
    name_prefix: Value,
}

impl ListedKey for KeyItem {
    fn api_key(&self) -> &str {
        &self.application_key_id
    }

    fn into_record(self) -> Option<KeyRecord> {
        let key_ref = KeyRef::new(PROVIDER, &*self.application_key_id).ok()?;
        let (native, mut reading) = read_capabilities(&self.capabilities);
        for (kind, value) in [("in bucket", self.bucket_id), ("below prefix", self.name_prefix)] {
            reading = match value {
                Value::Null => reading,
                Value::String(name) if name.is_empty() => reading,
                Value::String(name) => reading.with_restriction(Restriction::new(kind, name)),
                other => reading.with_restriction(Restriction::unknown(other.to_string())),
            };
        }
        let record = KeyRecord::new(key_ref, self.key_name.unwrap_or_default(), reading)
            .with_native_grants(Some(&CAPABILITIES), native)
            // A key that was deleted (inferred) or has expired is not listed.
            .with_revoked(Some(false))
            .with_expires_at(self.expiration_timestamp.and_then(time));
        Some(record)
    }
}

/// The capabilities of a key: their names and their meaning.
fn read_capabilities(capabilities: &Value) -> (Vec<String>, Reading) {
    let Some(list) = capabilities.as_array() else {
        return (Vec::new(), CAPABILITIES.read([]).with_unknown("capabilities"));
    };
    let native: Vec<String> = list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let reading = CAPABILITIES.read(native.iter().map(String::as_str));
    let is_whole = native.len() == list.len();
    (native, if is_whole { reading } else { reading.with_unknown("capabilities") })
}

/// A time in milliseconds since 1970.
fn time(milliseconds: u64) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds))
}

/// Reads an object and nothing else.
pub(super) fn object<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Option<T> {
    serde_json::from_slice(body).ok().map(|lenient::Object(object)| object)
}
