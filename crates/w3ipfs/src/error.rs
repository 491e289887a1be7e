//! The meaning of W3IPFS's error answers, and the errors of its configuration.
//!
//! No document shows an error answer. That the sentence is in `message` is seen in two clients of
//! the provider, and the sentences are those that its dashboard looks for. The status of most of
//! them is not known, so they are recognized by their words.

use std::borrow::Cow;

use bytes::Bytes;
use http::{Response, StatusCode};
use pinning_keys_core::{Effect, Error, ErrorKind, Operation};
use pinning_keys_http::{Answer, Failure};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::wire;

/// The provider's sentence for a request without a credential (seen in its dashboard).
const NOT_LOGGED_IN: &str = "You are not logged in";

/// The start of its sentences about a malformed or expired JWT (seen in its dashboard).
const INVALID_JWT: &str = "validate: ";

/// Longer than any answer that contains nothing but a sentence.
const LONGEST_SENTENCE: usize = 1024;

/// For a key pair that the provider did not see: a proxy may drop its headers.
const HEADERS_STEP: &str = "if the key pair is right, check for a proxy that drops headers with \
                            underscores in their name (pinning_api_key, pinning_secret_key), as \
                            nginx does by default";

/// The same for managing keys, for which the documents contradict each other.
const UNSEEN_PAIR_STEP: &str = "if the key pair is right, set jwt (PINNING_KEYS_JWT) to the JWT of \
                                a login, which manages keys in the provider's later documents, or \
                                check for a proxy that drops headers with underscores in their \
                                name (pinning_api_key, pinning_secret_key), as nginx does by \
                                default";

/// For a key pair that the provider saw, so that no proxy dropped it.
const SEEN_PAIR_STEP: &str = "if the key pair is right, set jwt (PINNING_KEYS_JWT) to the JWT of a \
                              login, which manages keys in the provider's later documents";

const LOGIN_STEP: &str = "log in again, or use a credential source that fetches a fresh JWT: \
                          W3IPFS's JWTs expire, the documented sample after two hours";

const NAME_TAKEN_STEP: &str = "revoke the other key of this name or choose another name, such as \
                               one from KeyName::unique: names are unique within an account";

const TOO_MANY_STEP: &str = "revoke keys that are no longer used";

const UNQUOTED_STEP: &str = "the provider's message is not shown, because its answer to a create \
                             may contain a key";

const NOT_W3IPFS_STEP: &str = "check base_url (PINNING_KEYS_BASE_URL) and any proxy on the way: \
                               the answer is not from W3IPFS";

/// An error of the configuration; nothing was sent.
pub(crate) fn misconfigured(message: &'static str) -> Error {
    Error::new(ErrorKind::Configuration, message)
}

/// Reads an answer that is not a success.
pub(crate) fn read_failure(answer: &Answer) -> Failure {
    let said = said(answer.body());
    let sentence = said.as_ref().map(|said| &*said.sentence);
    let mut failure = Failure::new();
    if let Some(sentence) = sentence {
        failure = failure.with_message(sentence);
    }
    if let Some(kind) = sentence.and_then(|sentence| meaning(answer.operation(), sentence)) {
        // These words mean that nothing was done, even if they come with a 502.
        failure = failure.with_kind(kind).with_effect(Effect::Rejected);
    } else if answer.status() == StatusCode::CONFLICT && answer.operation() == Operation::Issue {
        // The provider's dashboard treats every 409 to a create as a taken name (seen).
        failure = failure.with_kind(ErrorKind::NameTaken);
    }
    match next_step(answer, failure.kind(), said.as_ref()) {
        Some(step) => failure.with_next_step(step),
        None => failure,
    }
}

/// The advice for a failure of this kind, or of the status of the answer.
fn next_step(
    answer: &Answer,
    kind: Option<ErrorKind>,
    said: Option<&Said<'_>>,
) -> Option<&'static str> {
    match (kind, answer.status()) {
        (Some(ErrorKind::NameTaken), _) => Some(NAME_TAKEN_STEP),
        (Some(ErrorKind::TooManyKeys), _) => Some(TOO_MANY_STEP),
        (Some(ErrorKind::Unauthenticated), _) | (None, StatusCode::UNAUTHORIZED) => {
            Some(credential_step(answer, said.is_some_and(Said::has_seen_the_credential)))
        }
        // A rate limit may come from the provider or its own proxy, with or without a sentence.
        (None, StatusCode::TOO_MANY_REQUESTS) => None,
        (None, status) if said.is_none() && status.is_client_error() => Some(NOT_W3IPFS_STEP),
        _ => None,
    }
}

/// The advice for a refused credential, which depends on whether the provider has seen it.
fn credential_step(answer: &Answer, is_seen: bool) -> &'static str {
    match (answer.is_to_key_pair(), answer.operation()) {
        (true, Operation::Verify) => HEADERS_STEP,
        (true, _) if is_seen => SEEN_PAIR_STEP,
        (true, _) => UNSEEN_PAIR_STEP,
        (false, _) => LOGIN_STEP,
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
        Operation::List | Operation::Verify => Effect::Rejected,
        _ => Effect::Unknown,
    }
}

/// Whether a 404 is the provider's own statement that the key does not exist (inferred: the
/// sentence of the database library that the provider appears to use).
pub(crate) fn is_no_such_record(answer: &Answer) -> bool {
    said(answer.body()).is_some_and(|said| said.sentence == "record not found")
}

/// Whether a 401 to a tested credential is the provider's own statement that it is unknown.
pub(crate) fn is_unrecognized(answer: &Answer) -> bool {
    said(answer.body()).is_some_and(|said| said.has_seen_the_credential())
}

/// The sentence of a failure.
struct Said<'a> {
    sentence: Cow<'a, str>,
    /// Whether it has the shape of the provider's own failures: a text `status` beside the
    /// `message`, or a JSON text (both inferred). Many gateways send a `message` alone.
    is_the_providers: bool,
}

impl Said<'_> {
    /// Whether the sentence comes from the provider and is about a credential that arrived. If
    /// none arrived, a proxy dropped it.
    fn has_seen_the_credential(&self) -> bool {
        self.is_the_providers && self.sentence != NOT_LOGGED_IN
    }
}

/// The provider's sentence: the member `message`, or a JSON text instead of an object, which the
/// server that this one appears to be based on sends in one case (inferred).
fn said(body: &[u8]) -> Option<Said<'_>> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum ErrorBody<'a> {
        Object {
            #[serde(borrow)]
            message: Cow<'a, str>,
            #[serde(default)]
            status: Value,
        },
        Text(#[serde(borrow)] Cow<'a, str>),
    }
    Some(match serde_json::from_slice(body).ok()? {
        ErrorBody::Object { message, status } => {
            Said { sentence: message, is_the_providers: status.is_string() }
        }
        ErrorBody::Text(sentence) => Said { sentence, is_the_providers: true },
    })
}

/// Whether an answer says that the account's JWT is no longer valid, so that the credential source
/// is asked for another. The provider's dashboard goes by the words (seen); their status is
/// inferred.
pub(crate) fn refuses_credential(response: &Response<Bytes>) -> bool {
    let body = response.body();
    // Cheap tests first: long answers are lists of keys, and most others lack the words.
    let may_say_so = || {
        body.len() <= LONGEST_SENTENCE
            && std::str::from_utf8(body).is_ok_and(|text| text.contains(INVALID_JWT))
    };
    response.status() == StatusCode::UNAUTHORIZED
        || may_say_so() && said(body).is_some_and(|said| said.sentence.starts_with(INVALID_JWT))
}

/// The meaning of a known sentence.
fn meaning(operation: Operation, sentence: &str) -> Option<ErrorKind> {
    // All are seen in the provider's dashboard, except the one about duplicates, which is that of
    // the database library that the provider appears to use (inferred). The text after
    // "validate: " says why a JWT is invalid: it is expired or malformed.
    if sentence == NOT_LOGGED_IN || sentence.starts_with(INVALID_JWT) {
        return Some(ErrorKind::Unauthenticated);
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
