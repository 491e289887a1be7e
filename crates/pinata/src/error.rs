//! The meaning of Pinata's error answers, and the errors of its configuration.

use std::borrow::Cow;
use std::time::SystemTime;

use http::StatusCode;
use pinning_keys_core::{Error, ErrorKind, Operation};
use pinning_keys_http::{Answer, Failure, SentSecret, words};

use crate::error_body::{ErrorBody, Stack};

/// For a 401 of the v3 routes, which leaves the reason open (seen).
const V3_STEP: &str = "use the credential of an admin key or of a key with org:write; Pinata's v3 \
                       routes give the same answer to an invalid credential and to a missing scope";

/// The same for signing an upload URL, which takes another scope (documented).
const SIGNING_STEP: &str = "use the credential of an admin key or of a key with org:files:write, \
                            which a key that only manages keys lacks; Pinata's v3 routes give the \
                            same answer to an invalid credential and to a missing scope";

/// For a 401 that denies the header that was sent (recorded).
const LEGACY_KEY_STEP: &str = "use an admin key or one with org:write; Pinata's v3 routes give \
                               this answer to keys of the legacy endpoints table";

/// The same for signing an upload URL.
const LEGACY_KEY_SIGNING_STEP: &str = "use an admin key or one with org:files:write; Pinata's v3 \
                                       routes give this answer to keys of the legacy endpoints \
                                       table";

/// For a missing scope on the legacy routes: they name the reason, and accept fewer keys than v3
/// does (both documented).
const LEGACY_SCOPE_STEP: &str = "use an admin key, the only one that can manage keys on Pinata's \
                                 legacy routes; its v3 routes also accept a key with org:write";

/// For a key pair that was sent and reported missing (inferred: no source of Pinata's says so).
const LOST_PAIR_STEP: &str = "check for a proxy that drops headers with an underscore in their \
                              name: the key pair was sent in such headers and did not arrive";

/// For a key pair whose parts are in each other's place.
const SWAPPED_STEP: &str = "swap api_key (PINNING_KEYS_API_KEY) and api_secret \
                            (PINNING_KEYS_API_SECRET): the key looks like Pinata's API secret (64 \
                            hex digits), and the secret like its API key (20 hex digits)";

/// For a JWT in the place of a key or its secret.
const JWT_IN_PAIR_STEP: &str = "set jwt (PINNING_KEYS_JWT) to the JWT, and remove api_key \
                                (PINNING_KEYS_API_KEY) and api_secret (PINNING_KEYS_API_SECRET): \
                                one of them looks like a JWT";

const NOT_PINATA_STEP: &str = "check base_url (PINNING_KEYS_BASE_URL) and any proxy on the way: \
                               the answer is not from Pinata";

const NOT_PINATA_UPLOADS_STEP: &str = "check upload_url (PINNING_KEYS_UPLOAD_URL) and any proxy \
                                       on the way: the answer is not from Pinata";

/// For an account over its plan's limit, or a feature that the plan lacks (both seen).
const PLAN_STEP: &str = "upgrade the plan of the Pinata account or reduce its usage; another key of \
                         the account will not help";

/// An error of the configuration; nothing was sent.
pub(crate) fn misconfigured(message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Configuration, message)
}

/// Reads an answer that is not a success.
pub(crate) fn read_failure(answer: &Answer) -> Failure {
    let ErrorBody { stack, code, message } = ErrorBody::read(answer.body());
    let is_foreign = stack.is_none() && answer.status().is_client_error();
    let mut failure = if is_foreign { foreign(answer) } else { Failure::new() };
    if let Some(code) = &code {
        failure = failure.with_code(code.as_str());
    }
    if let Some(message) = &message {
        failure = failure.with_message(message.as_str());
    }
    let (code, message) = (code.unwrap_or_default(), message.unwrap_or_default());
    match stack {
        None => failure,
        Some(_) if restricts_account(answer, &code, &message) => {
            failure.with_kind(ErrorKind::AccountRestricted).with_next_step(PLAN_STEP)
        }
        Some(Stack::Legacy) => legacy_refusal(failure, answer, &code),
        Some(Stack::V3) => v3_refusal(failure, answer, &message),
    }
}

/// The failure of an answer that is not Pinata's.
fn foreign(answer: &Answer) -> Failure {
    match answer.status() {
        // A rate limit is one, whoever enforces it.
        StatusCode::TOO_MANY_REQUESTS => Failure::foreign(),
        _ if signs_upload(answer) => Failure::foreign().with_next_step(NOT_PINATA_UPLOADS_STEP),
        _ => Failure::foreign().with_next_step(NOT_PINATA_STEP),
    }
}

/// Whether a refusal is about the account and not about the credential.
///
/// The reason for a feature of paid plans, and the words about a blocked account, were seen on
/// data routes with a 403; that other statuses and words mean the same is inferred.
fn restricts_account(answer: &Answer, code: &str, message: &str) -> bool {
    match (answer.status().as_u16(), code) {
        (402, _) | (403, "PAID_FEATURE_ONLY") => true,
        // These are about the key, whatever the words beside them.
        (_, "API_KEY_REVOKED" | "NO_SCOPES_FOUND" | "INVALID_CREDENTIALS") => false,
        (401 | 403, _) => words::blame_the_account(message) || words::blame_the_account(code),
        _ => false,
    }
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
        (401, _) if manages_keys(answer) => {
            let step = token_step(answer).or_else(|| pair_step(answer).map(str::to_owned));
            match step {
                Some(step) => failure.with_next_step(step),
                None => failure,
            }
        }
        _ => failure,
    }
}

fn v3_refusal(failure: Failure, answer: &Answer, message: &str) -> Failure {
    // Credentials are verified on a legacy route, where a 401 means something else.
    let is_verification = answer.operation() == Operation::Verify;
    if answer.status() != StatusCode::UNAUTHORIZED || is_verification {
        return failure;
    }
    let (scope_step, legacy_key_step) = if signs_upload(answer) {
        (SIGNING_STEP, LEGACY_KEY_SIGNING_STEP)
    } else {
        (V3_STEP, LEGACY_KEY_STEP)
    };
    if let Some(step) = token_step(answer) {
        return failure.with_next_step(step);
    }
    // A header was sent, so the text cannot be taken literally (recorded).
    if message.eq_ignore_ascii_case("no Authorization header found") {
        return failure.with_kind(ErrorKind::PermissionDenied).with_next_step(legacy_key_step);
    }
    failure.with_next_step(scope_step)
}

/// The advice for a bearer token of the account that shows by itself why it was refused.
fn token_step(answer: &Answer) -> Option<String> {
    let [shape] = answer.sent_secrets()[..] else { return None };
    let fault = shape.jwt_fault(SystemTime::now())?;
    // The shapes of the values that Pinata shows beside a JWT (seen).
    let alike = match shape {
        SentSecret::Hex { digits: 20 } => "; it looks like Pinata's API key (20 hex digits)",
        SentSecret::Hex { digits: 64 } => "; it looks like Pinata's API secret (64 hex digits)",
        _ => "",
    };
    Some(format!(
        "set jwt (PINNING_KEYS_JWT or the variable used instead) to a valid JWT of Pinata: \
         {fault}{alike}"
    ))
}

/// The advice for a key pair of the account that shows by itself why it was refused.
fn pair_step(answer: &Answer) -> Option<&'static str> {
    let [key, secret] = answer.sent_secrets()[..] else { return None };
    let is_jwt = |shape| matches!(shape, SentSecret::Jwt { .. } | SentSecret::EncodedJwt);
    // The shapes of Pinata's API keys and secrets (seen).
    let is_swapped =
        (key, secret) == (SentSecret::Hex { digits: 64 }, SentSecret::Hex { digits: 20 });
    if is_swapped {
        Some(SWAPPED_STEP)
    } else if is_jwt(key) || is_jwt(secret) {
        Some(JWT_IN_PAIR_STEP)
    } else {
        None
    }
}

/// Whether the request was about the account's keys, with the account's credential.
fn manages_keys(answer: &Answer) -> bool {
    let operation = answer.operation();
    !matches!(operation, Operation::Verify | Operation::Probe | Operation::SignUpload)
}

fn signs_upload(answer: &Answer) -> bool {
    answer.operation() == Operation::SignUpload
}
