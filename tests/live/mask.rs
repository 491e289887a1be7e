//! What a report shows of addresses and answers: routes and shapes, and only words that occur in
//! documents.

use pinning_keys::pinata::{ENDPOINTS, RESOURCES};
use pinning_keys::w3ipfs::SCOPES;
use serde_json::Value;

/// The start of the name of every key of a run.
pub(crate) const LABEL: &str = "pinning-keys-live";

/// The segments of the key routes of both providers.
const ROUTE: [&str; 13] = [
    "api",
    "v3",
    "api_keys",
    "pinata",
    "keys",
    "users",
    "apiKeys",
    "apikeys",
    "list",
    "generateApiKey",
    "revokeApiKey",
    "testAuthentication",
    "data",
];

const LISTS: [&str; 4] = ["/v3/api_keys", "/v3/pinata/keys", "/users/apiKeys", "/apiKeys/list"];

const WORDS: [&str; 5] = ["success", "fail", "error", "Revoked", "Default"];

pub(crate) fn is_list(target: &str) -> bool {
    LISTS.iter().any(|list| target.ends_with(list))
}

/// The base path of the API, from the path of a list.
pub(crate) fn root(path: &str) -> &str {
    LISTS.iter().find_map(|list| path.strip_suffix(list)).unwrap_or_default()
}

/// The route of an address with the names in its query.
pub(crate) fn target(address: &str) -> String {
    let address = address
        .split_once("://")
        .map_or(address, |(_, rest)| rest.find('/').map_or("/", |slash| &rest[slash..]));
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let segment = |text: &str| match text {
        "" => String::new(),
        known if ROUTE.contains(&known) => known.to_owned(),
        _ => "{…}".to_owned(),
    };
    let path: Vec<String> = path.split('/').map(segment).collect();
    let names: Vec<&str> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
    match query {
        "" => path.join("/"),
        _ => format!("{}?{}", path.join("/"), names.join("&")),
    }
}

/// JSON with each text replaced by its kind.
pub(crate) fn masked(value: Value) -> Value {
    match value {
        Value::String(text) => kind(&text).into(),
        Value::Array(items) => items.into_iter().map(masked).collect(),
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| (member(&name), masked(value)));
            Value::Object(members.collect())
        }
        other => other,
    }
}

fn kind(text: &str) -> String {
    let is_grant = [&RESOURCES, &ENDPOINTS, &SCOPES]
        .iter()
        .any(|table| table.grants().iter().any(|grant| grant.name() == text));
    match text {
        "" => String::new(),
        _ if is_grant || WORDS.contains(&text) || text.starts_with(LABEL) => text.to_owned(),
        _ if text.bytes().all(|byte| byte == b'*') => "masked".to_owned(),
        _ => "text".to_owned(),
    }
}

/// The name of a member, unless it has a digit or is long and so may be a key.
fn member(name: &str) -> String {
    let is_word = |byte: u8| byte.is_ascii_alphabetic() || b"_:.".contains(&byte);
    let is_name = name.len() <= 32 && name.bytes().all(is_word);
    if is_name { name.to_owned() } else { "…".to_owned() }
}
