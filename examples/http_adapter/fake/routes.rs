//! What the server answers to each request.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Value, json};

use super::account::{ACCOUNT_ID, Account, CAPABILITIES, Key};
use super::answer::{self, Refusal};

const API: &str = "/b2api/v3/";

/// The longest life of a key in seconds: 1000 days (documented).
const LONGEST_LIFE: u64 = 1000 * 24 * 60 * 60;

/// Calls that need nothing but a capability (documented for each call).
const DATA_CALLS: [(&str, &str); 9] = [
    ("b2_list_file_names", "listFiles"),
    ("b2_get_upload_url", "writeFiles"),
    ("b2_delete_file_version", "deleteFiles"),
    ("b2_get_download_authorization", "shareFiles"),
    ("b2_download_file_by_id", "readFiles"),
    ("b2_list_buckets", "listBuckets"),
    ("b2_create_bucket", "writeBuckets"),
    ("b2_update_bucket", "writeBuckets"),
    ("b2_delete_bucket", "deleteBuckets"),
];

const NO_TOKEN: Refusal = (401, "bad_auth_token", "the authorization token is not valid");
const EXPIRED: Refusal = (401, "expired_auth_token", "the authorization token has expired");
const WRONG_KEY: Refusal = (401, "unauthorized", "the application key is wrong");
const NOT_ALLOWED: Refusal = (401, "unauthorized", "the token does not allow this call");
const NO_SUCH_KEY: Refusal = (400, "bad_request", "Application key does not exist");
const NO_SUCH_CALL: Refusal = (404, "not_found", "there is no such call");

pub(crate) fn answer(account: &mut Account, request: &Request<Bytes>) -> Response<Bytes> {
    let call = request.uri().path().strip_prefix(API).unwrap_or_default();
    answer::answer(match (request.method(), call) {
        (&Method::GET, "b2_authorize_account") => log_in(account, request),
        (&Method::POST, _) => call_with_session(account, call, request),
        _ => Err(NO_SUCH_CALL),
    })
}

fn log_in(account: &mut Account, request: &Request<Bytes>) -> Result<Value, Refusal> {
    let encoded = authorization(request).strip_prefix("Basic ").ok_or(WRONG_KEY)?;
    let decoded = BASE64_STANDARD.decode(encoded).map_err(|_| WRONG_KEY)?;
    let text = String::from_utf8(decoded).map_err(|_| WRONG_KEY)?;
    let (id, secret) = text.split_once(':').ok_or(WRONG_KEY)?;
    let api_url = account.api_url.clone();
    let (token, key) = account.log_in(id, secret).ok_or(WRONG_KEY)?;
    Ok(answer::session(&token, key, &api_url))
}

fn call_with_session(
    account: &mut Account,
    call: &str,
    request: &Request<Bytes>,
) -> Result<Value, Refusal> {
    let (key, expired) = account.session(authorization(request)).ok_or(NO_TOKEN)?;
    if expired {
        return Err(EXPIRED);
    }
    let may = |capability: &str| key.capabilities.iter().any(|held| held == capability);
    let wrong = (400, "bad_request", "the body is not an object");
    let body: Value = serde_json::from_slice(request.body()).map_err(|_| wrong)?;
    if !body.is_object() {
        return Err(wrong);
    }
    match call {
        "b2_create_key" if may("writeKeys") => create_key(account, &body),
        "b2_list_keys" if may("listKeys") => list_keys(account, &body),
        "b2_delete_key" if may("deleteKeys") => delete_key(account, &body),
        "b2_create_key" | "b2_list_keys" | "b2_delete_key" => Err(NOT_ALLOWED),
        _ => {
            let known = DATA_CALLS.iter().find(|(name, _)| *name == call);
            let (_, capability) = known.ok_or(NO_SUCH_CALL)?;
            let allowed = may(capability) && is_within(key, &body);
            if allowed { Ok(json!({})) } else { Err(NOT_ALLOWED) }
        }
    }
}

fn create_key(account: &mut Account, body: &Value) -> Result<Value, Refusal> {
    let wrong = |message| (400, "bad_request", message);
    let known = ["accountId", "capabilities", "keyName", "validDurationInSeconds"];
    if body.as_object().is_none_or(|body| body.keys().any(|name| !known.contains(&&**name))) {
        return Err(wrong("an unknown field"));
    }
    check_account(body)?;
    let name = body["keyName"].as_str().ok_or(wrong("no keyName"))?;
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if name.is_empty() || name.len() > 100 || !name.chars().all(is_allowed) {
        return Err(wrong("an invalid keyName"));
    }
    let list = body["capabilities"].as_array().ok_or(wrong("no capabilities"))?;
    let capabilities: Option<Vec<String>> =
        list.iter().map(|name| name.as_str().map(str::to_owned)).collect();
    let capabilities = capabilities.unwrap_or_default();
    let are_known = capabilities.iter().all(|name| CAPABILITIES.contains(&&**name));
    if capabilities.is_empty() || !are_known {
        return Err(wrong("invalid capabilities"));
    }
    let life = match body.get("validDurationInSeconds") {
        None => None,
        Some(value) => match value.as_u64() {
            Some(seconds @ 1..LONGEST_LIFE) => Some(Duration::from_secs(seconds)),
            _ => return Err(wrong("an invalid validDurationInSeconds")),
        },
    };
    let key = account.make_key(name.to_owned(), capabilities, life);
    let mut made = answer::key(key);
    made["applicationKey"] = key.secret.clone().into();
    Ok(made)
}

fn list_keys(account: &Account, body: &Value) -> Result<Value, Refusal> {
    check_account(body)?;
    let most = body["maxKeyCount"].as_u64().unwrap_or(100).clamp(1, 10_000);
    let start = body["startApplicationKeyId"].as_str().unwrap_or_default();
    let mut keys = account.live_keys().skip_while(|key| &*key.id < start);
    let page: Vec<Value> =
        keys.by_ref().take(usize::try_from(most).unwrap_or(1)).map(answer::key).collect();
    Ok(json!({ "keys": page, "nextApplicationKeyId": keys.next().map(|key| &key.id) }))
}

fn delete_key(account: &mut Account, body: &Value) -> Result<Value, Refusal> {
    let id = body["applicationKeyId"].as_str().unwrap_or_default();
    account.delete_key(id).map(|deleted| answer::key(&deleted)).ok_or(NO_SUCH_KEY)
}

fn check_account(body: &Value) -> Result<(), Refusal> {
    if body["accountId"] == ACCOUNT_ID {
        Ok(())
    } else {
        Err((400, "bad_request", "a wrong accountId"))
    }
}

/// Whether a call concerns only what a key is confined to.
fn is_within(key: &Key, body: &Value) -> bool {
    key.confined_to.as_ref().is_none_or(|(bucket, prefix)| {
        let name = body["prefix"].as_str().or(body["fileNamePrefix"].as_str());
        body["bucketId"] == **bucket && name.unwrap_or_default().starts_with(prefix)
    })
}

fn authorization(request: &Request<Bytes>) -> &str {
    let value = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}
