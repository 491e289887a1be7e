//! The meaning of W3IPFS's error answers, and the errors of its configuration.
//!
//! The known sentences are those that the provider's dashboard looks for. The status of most of
//! them is not known, so they are recognized by their words.

use bytes::Bytes;
use http::{Response, StatusCode};
use pinning_keys_core::{Effect, Error, ErrorKind, Operation};
use pinning_keys_http::{Answer, Failure, words};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::advice::next_step;
use crate::error_body::{ErrorBody, INVALID_JWT, NOT_LOGGED_IN};
use crate::wire;

/// Its sentence for an account that cannot pay (seen in its dashboard).
const NO_BALANCE: &str = "User not enough balance";

/// Longer than any answer that contains nothing but a sentence.
const LONGEST_SENTENCE: usize = 1024;

const UNQUOTED_STEP: &str = "the provider's message is not shown, because its answer to a create \
                             may contain a key";

/// An error of the configuration; nothing was sent.
pub(crate) fn misconfigured(message: &'static str) -> Error {
    Error::new(ErrorKind::Configuration, message)
}

/// Reads an answer that is not a success.
pub(crate) fn read_failure(answer: &Answer) -> Failure {
    let body = ErrorBody::read(answer.status(), answer.body());
    let sentence = body.sentence.as_deref();
    let mut failure = if answer.status().is_client_error() && body.is_foreign() {
        Failure::foreign()
    } else {
        Failure::new()
    };
    if let Some(sentence) = sentence {
        failure = failure.with_message(sentence);
    }
    if let Some(kind) = sentence.and_then(|sentence| meaning(answer.operation(), sentence)) {
        // These words mean that nothing was done, even if they come with a 502.
        failure = failure.with_kind(kind).with_effect(Effect::Rejected);
    } else if answer.status() == StatusCode::CONFLICT && answer.operation() == Operation::Issue {
        // The provider's dashboard treats every 409 to a create as a taken name (seen).
        failure = failure.with_kind(ErrorKind::NameTaken);
    } else if !body.is_foreign() && restricts_account(answer, sentence.unwrap_or_default()) {
        failure = failure.with_kind(ErrorKind::AccountRestricted);
    }
    match next_step(answer, failure.kind(), &body) {
        Some(step) => failure.with_next_step(step),
        None => failure,
    }
}

/// Whether a refusal is about the account and not about the credential (inferred; the sentence
/// about the balance is among the known ones).
fn restricts_account(answer: &Answer, sentence: &str) -> bool {
    match answer.status().as_u16() {
        402 => true,
        401 | 403 => words::blame_the_account(sentence),
        _ => false,
    }
}

/// The error in the body of a successful answer (2xx): its `status` is present and not `success`.
///
/// Only the word for success is documented; `fail` for the caller's mistakes and `error` for the
/// server's are inferred. What a server error leaves behind is not known. A refusal leaves nothing
/// behind, unless `data` beside it shows that something was done after all.
pub(crate) fn refusal(answer: &Answer) -> Option<Error> {
    #[derive(Deserialize)]
    struct Envelope {
        #[serde(default)]
        status: Value,
        /// Null counts as none.
        data: Option<IgnoredAny>,
    }
    let Envelope { status, data } = wire::object(answer.body())?;
    let (kind, effect) = match status.as_str() {
        Some("success") => return None,
        None if status.is_null() => return None,
        Some("fail") if data.is_none() => (ErrorKind::Refused, Effect::Rejected),
        Some("fail") => (ErrorKind::Refused, in_doubt(answer.operation())),
        Some("error") => (ErrorKind::Unavailable, in_doubt(answer.operation())),
        _ => (ErrorKind::UnreadableAnswer, in_doubt(answer.operation())),
    };
    let mut failure = read_failure(answer);
    // A message about a new key can contain its secret, in a form that nobody foresees.
    let may_contain_secret =
        answer.operation() == Operation::Issue && (failure.kind().is_none() || data.is_some());
    if may_contain_secret && failure.has_message() {
        failure = failure.without_message();
        if failure.next_step().is_none() {
            failure = failure.with_next_step(UNQUOTED_STEP);
        }
    }
    let kind = failure.kind().unwrap_or(kind);
    let effect = failure.effect().unwrap_or(effect);
    Some(answer.rejected(failure.with_kind(kind).with_effect(effect)))
}

/// The effect of an operation if the provider does not report one.
fn in_doubt(operation: Operation) -> Effect {
    match operation {
        Operation::List | Operation::Verify | Operation::Probe => Effect::Rejected,
        _ => Effect::Unknown,
    }
}

/// Whether a 404 is the provider's own statement that the key does not exist.
pub(crate) fn is_no_such_record(answer: &Answer) -> bool {
    ErrorBody::read(answer.status(), answer.body()).is_no_such_record()
}

/// Whether a 401 to a tested credential is the provider's own statement that it is unknown.
pub(crate) fn is_unrecognized(answer: &Answer) -> bool {
    let body = ErrorBody::read(answer.status(), answer.body());
    // A restricted account says nothing about its keys.
    let blames_account = body.sentence.as_deref().is_some_and(words::blame_the_account);
    body.has_seen_the_credential() && !blames_account
}

/// Whether an answer says that the account's JWT is no longer valid, so that the credential source
/// is asked for another. The provider's dashboard goes by the words (seen); their status is
/// inferred.
pub(crate) fn refuses_credential(response: &Response<Bytes>) -> bool {
    let (status, body) = (response.status(), response.body());
    // Cheap tests first: long answers are lists of keys, and most others lack the words.
    let may_say_so = || {
        body.len() <= LONGEST_SENTENCE
            && std::str::from_utf8(body).is_ok_and(|text| text.contains(INVALID_JWT))
    };
    let says_so = || {
        let sentence = ErrorBody::read(status, body).sentence;
        sentence.is_some_and(|sentence| sentence.starts_with(INVALID_JWT))
    };
    status == StatusCode::UNAUTHORIZED || may_say_so() && says_so()
}

/// The meaning of a known sentence.
fn meaning(operation: Operation, sentence: &str) -> Option<ErrorKind> {
    // All are seen in the provider's dashboard, except the one about duplicates, which is that of
    // the database library that the provider appears to use (inferred). The text after
    // "validate: " says why a JWT is invalid: it is expired or malformed.
    if sentence == NOT_LOGGED_IN || sentence.starts_with(INVALID_JWT) {
        return Some(ErrorKind::Unauthenticated);
    }
    if sentence == NO_BALANCE {
        return Some(ErrorKind::AccountRestricted);
    }
    let known: &[(&str, ErrorKind)] = match operation {
        Operation::Issue => &[
            ("Cannot create an API key with the name 'Default'", ErrorKind::NameReserved),
            ("Maximum number of API keys exceeded", ErrorKind::TooManyKeys),
            ("duplicated key not allowed", ErrorKind::NameTaken),
        ],
        Operation::Revoke => &[("Cannot delete the default API key", ErrorKind::Refused)],
        _ => &[],
    };
    known.iter().find_map(|(words, kind)| sentence.contains(words).then_some(*kind))
}
