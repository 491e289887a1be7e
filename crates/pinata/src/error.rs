//! The meaning of Pinata's error answers, and the errors of its configuration.

use std::borrow::Cow;

use http::StatusCode;
use pinning_keys_core::{Error, ErrorKind, Operation};
use pinning_keys_http::{Answer, Failure};
use serde::Deserialize;
use serde_json::Value;

/// For a 401 of the v3 routes, which leaves the reason open (seen).
const V3_STEP: &str = "use the credential of an admin key or of a key with org:write; Pinata's v3 \
                       routes give the same answer to an invalid credential and to a missing scope";

/// For a 401 that denies the header that was sent (recorded).
const LEGACY_KEY_STEP: &str = "use an admin key or one with org:write; Pinata's v3 routes give \
                               this answer to keys of the legacy endpoints table";

/// For a missing scope on the legacy routes: they name the reason, and accept fewer keys than v3
/// does (both documented).
const LEGACY_SCOPE_STEP: &str = "use an admin key, the only one that can manage keys on Pinata's \
                                 legacy routes; its v3 routes also accept a key with org:write";

/// For a key pair that was sent and reported missing (inferred: no source of Pinata's says so).
const LOST_PAIR_STEP: &str = "check for a proxy that drops headers with an underscore in their \
                              name: the key pair was sent in such headers and did not arrive";

const NOT_PINATA_STEP: &str = "check base_url (PINNING_KEYS_BASE_URL) and any proxy on the way: \
                               the answer is not from Pinata";

/// Every recorded shape of an error body; see `tests/fixtures`.
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

/// An error of the configuration; nothing was sent.
pub(crate) fn misconfigured(message: &'static str) -> Error {
    Error::new(ErrorKind::Configuration, message)
}

/// Reads an answer that is not a success.
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
            Failure::new().with_next_step(NOT_PINATA_STEP)
        }
        Err(_) => Failure::new(),
    }
}

/// The text, or nothing if the provider sends anything else.
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Interprets the legacy stack's reasons for which the status alone would mislead or be vague.
/// A reason counts only with the status that it was recorded with.
fn legacy_refusal(failure: Failure, answer: &Answer, reason: &str) -> Failure {
    match (answer.status().as_u16(), reason) {
        // Missing credentials come as a 400 (recorded).
        (400, "KEYS_MUST_BE_STRINGS") if answer.is_to_key_pair() => {
            failure.with_kind(ErrorKind::Unauthenticated).with_next_step(LOST_PAIR_STEP)
        }
        (400, "KEYS_MUST_BE_STRINGS") | (403, "API_KEY_REVOKED") => {
            failure.with_kind(ErrorKind::Unauthenticated)
        }
        (403, "NO_SCOPES_FOUND") if manages_keys(answer) => {
            failure.with_next_step(LEGACY_SCOPE_STEP)
        }
        _ => failure,
    }
}

fn v3_refusal(failure: Failure, answer: &Answer, message: &str) -> Failure {
    // Credentials are verified on a legacy route, where a 401 means something else.
    if answer.status() != StatusCode::UNAUTHORIZED || !manages_keys(answer) {
        return failure;
    }
    // A header was sent, so the text cannot be taken literally (recorded).
    if message.eq_ignore_ascii_case("no Authorization header found") {
        return failure.with_kind(ErrorKind::PermissionDenied).with_next_step(LEGACY_KEY_STEP);
    }
    failure.with_next_step(V3_STEP)
}

/// Whether the request used the account's credential, not one that is being verified.
fn manages_keys(answer: &Answer) -> bool {
    answer.operation() != Operation::Verify
}
