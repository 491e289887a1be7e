//! What Pinata's error answers mean.

use std::borrow::Cow;

use http::StatusCode;
use pinning_keys_core::{ErrorKind, Operation};
use pinning_keys_http::{Answer, Failure};
use serde::Deserialize;
use serde_json::Value;

/// What a 401 of the v3 routes leaves open (seen).
const V3_HINT: &str = "Pinata's v3 routes give the same answer to a credential that is wrong and to \
                       one that lacks the scope: managing keys takes an admin key or org:write";

/// What a 401 means whose text denies the header that was sent (recorded).
const LEGACY_KEY_HINT: &str = "Pinata answers so to keys of the legacy endpoints vocabulary, which \
                               v3 routes do not take: use an admin key or one with org:write";

/// What a lacking scope means where keys are managed: the legacy routes give the reason, and
/// want another key than v3 does (both documented).
const LEGACY_SCOPE_HINT: &str = "on Pinata's legacy routes an admin key alone may manage keys; its \
                                 v3 routes take one with org:write too";

/// Why a key pair can be missing that was sent (inferred: nothing of Pinata's says so).
const LOST_PAIR_HINT: &str = "the key pair was sent and did not arrive: some proxies drop headers \
                              that have an underscore in their names, as Pinata's have";

const NOT_PINATA_HINT: &str =
    "the answer is none of Pinata's: look at the base URL, and at proxies on the way";

/// Every shape of error body that is recorded; see `tests/fixtures`.
#[derive(Deserialize)]
struct ErrorBody<'a> {
    #[serde(borrow)]
    error: ErrorMember<'a>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ErrorMember<'a> {
    /// The legacy stack (recorded).
    Legacy {
        #[serde(borrow)]
        reason: Cow<'a, str>,
        #[serde(default)]
        details: Value,
    },
    /// The v3 stack (recorded).
    V3 {
        code: u16,
        #[serde(default)]
        message: Value,
    },
    /// The v3 stack of 2024 (recorded).
    Text(#[serde(borrow)] Cow<'a, str>),
}

/// Reads an answer that is no success.
pub(crate) fn read_failure(answer: &Answer) -> Failure {
    let body = serde_json::from_slice::<ErrorBody<'_>>(answer.body()).map(|body| body.error);
    match body {
        Ok(ErrorMember::Legacy { reason, details }) => {
            let failure = Failure::new().with_code(&*reason).with_message(text(&details));
            legacy_refusal(failure, answer, &reason)
        }
        Ok(ErrorMember::V3 { code, message }) => {
            let failure = Failure::new().with_code(code.to_string()).with_message(text(&message));
            v3_refusal(failure, answer, text(&message))
        }
        Ok(ErrorMember::Text(message)) => {
            v3_refusal(Failure::new().with_message(&*message), answer, &message)
        }
        Err(_) if answer.status().is_client_error() => {
            Failure::new().with_next_step(NOT_PINATA_HINT)
        }
        Err(_) => Failure::new(),
    }
}

/// The text, or nothing where the provider sends something else in its place.
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// What the legacy stack's reasons mean, where the status alone would mislead or be vague.
/// With another status than it was recorded with, a reason is not taken by its word.
fn legacy_refusal(failure: Failure, answer: &Answer, reason: &str) -> Failure {
    match (answer.status().as_u16(), reason) {
        // That credentials are missing comes as a 400.
        (400, "KEYS_MUST_BE_STRINGS") if answer.is_to_key_pair() => {
            failure.with_kind(ErrorKind::Unauthenticated).with_next_step(LOST_PAIR_HINT)
        }
        (400, "KEYS_MUST_BE_STRINGS") | (403, "API_KEY_REVOKED") => {
            failure.with_kind(ErrorKind::Unauthenticated)
        }
        (403, "NO_SCOPES_FOUND") if manages_keys(answer) => {
            failure.with_next_step(LEGACY_SCOPE_HINT)
        }
        _ => failure,
    }
}

fn v3_refusal(failure: Failure, answer: &Answer, message: &str) -> Failure {
    // A credential is verified on a legacy route, where this is not what a 401 means.
    if answer.status() != StatusCode::UNAUTHORIZED || !manages_keys(answer) {
        return failure;
    }
    // A header was sent, so the text is not to be taken by its word (recorded).
    if message.eq_ignore_ascii_case("no Authorization header found") {
        return failure.with_kind(ErrorKind::PermissionDenied).with_next_step(LEGACY_KEY_HINT);
    }
    failure.with_next_step(V3_HINT)
}

/// Whether the account's own credential was at work, and not one that was to be verified.
fn manages_keys(answer: &Answer) -> bool {
    answer.operation() != Operation::Verify
}
