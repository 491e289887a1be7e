//! What the legacy routes that change something require of their input, apart from what is stored.

use serde_json::Value;

use super::answer::Answer;
use crate::payload::Payload;

/// Checks the input for this route before the credential, as the real service does not; for the
/// switch `input_before_scope`.
pub(crate) fn check(path: &str, segments: &[String], payload: &Payload) -> Result<(), Answer> {
    let json = payload.json().unwrap_or_default();
    match path {
        "/pinning/hashMetadata" => text(&json, "ipfsPinHash").map(drop),
        "/pinning/pinByHash" => text(&json, "hashToPin").map(drop),
        "/pinning/pinJSONToIPFS" => cid_version(&json),
        "/pinning/pinFileToIPFS" if payload.form().is_none() => Err(no_file()),
        "/pinning/unpin/{cid}" if !segments.first().is_some_and(|cid| is_cid(cid)) => {
            Err(Answer::legacy_bad_request("the path does not end in a CID"))
        }
        _ => Ok(()),
    }
}

/// A member that has to be a text.
pub(crate) fn text<'a>(body: &'a Value, name: &str) -> Result<&'a str, Answer> {
    let missing = || format!("{name} is required and must be a string");
    body[name].as_str().ok_or_else(|| Answer::legacy_bad_request(&missing()))
}

/// Versions other than 0 and 1 are refused, and nothing is stored (measured by a third party) [3P].
pub(crate) fn cid_version(body: &Value) -> Result<(), Answer> {
    match &body["pinataOptions"]["cidVersion"] {
        Value::Number(version) if !matches!(version.as_u64(), Some(0 | 1)) => {
            Err(Answer::legacy_bad_request("cidVersion must be 0 or 1"))
        }
        _ => Ok(()),
    }
}

pub(crate) fn no_file() -> Answer {
    Answer::legacy_bad_request("the body is not a multipart form with a file")
}

/// Whether a text can be a CID of either version.
fn is_cid(text: &str) -> bool {
    text.len() > 40 && text.chars().all(|char| char.is_ascii_alphanumeric())
}
