//! The forms of the server's answers.

use std::time::SystemTime;

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::account::{ACCOUNT_ID, Key};

/// A refusal: the status, the documented code, and a sentence for people.
pub(crate) type Refusal = (u16, &'static str, &'static str);

/// An answer to a call, or the error structure, which is the same for all calls (documented).
pub(crate) fn answer(outcome: Result<Value, Refusal>) -> Response<Bytes> {
    let (status, body) = match outcome {
        Ok(body) => (200, body),
        Err((status, code, message)) => {
            (status, json!({ "status": status, "code": code, "message": message }))
        }
    };
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    response
        .headers_mut()
        .insert("content-type", "application/json;charset=UTF-8".parse().expect("a header"));
    response
}

/// The answer of `b2_authorize_account`, without the members about uploads and downloads.
pub(crate) fn session(token: &str, key: &Key, api_url: &str) -> Value {
    let confined_to = key.confined_to.clone().unzip();
    json!({
        "accountId": ACCOUNT_ID,
        "applicationKeyExpirationTimestamp": key.expires.map(milliseconds),
        "authorizationToken": token,
        "apiInfo": { "storageApi": {
            "apiUrl": api_url,
            "bucketId": confined_to.0,
            "capabilities": key.capabilities,
            "infoType": "storageApi",
            "namePrefix": confined_to.1,
        } },
    })
}

/// A key in the answers of `b2_create_key`, `b2_list_keys` and `b2_delete_key`.
pub(crate) fn key(key: &Key) -> Value {
    let confined_to = key.confined_to.clone().unzip();
    json!({
        "accountId": ACCOUNT_ID,
        "applicationKeyId": key.id,
        "bucketId": confined_to.0,
        "capabilities": key.capabilities,
        "expirationTimestamp": key.expires.map(milliseconds),
        "keyName": key.name,
        "namePrefix": confined_to.1,
        "options": ["s3"],
    })
}

fn milliseconds(time: SystemTime) -> u128 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_millis())
}
