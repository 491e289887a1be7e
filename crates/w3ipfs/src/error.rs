//! What W3IPFS's error answers mean.
//!
//! No document shows one. That the sentence stands in `message` is seen in two clients of the
//! provider's, and the sentences are those that its dashboard looks for. With which status most
//! of them come is not known, so that they are taken by their words.

use std::borrow::Cow;

use bytes::Bytes;
use http::{Response, StatusCode};
use pinning_keys_core::{Effect, Error, ErrorKind, Operation};
use pinning_keys_http::{Answer, Failure};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::wire;

/// What the provider says where it sees no credential (seen in its dashboard).
const NOT_LOGGED_IN: &str = "You are not logged in";

/// What its sentences about a JWT begin with that is malformed or expired (seen in its dashboard).
const INVALID_JWT: &str = "validate: ";

/// More bytes than an answer with a sentence and nothing else has.
const LONGEST_SENTENCE: usize = 1024;

/// What a proxy does to the provider's key headers, and how that looks from here.
const HEADERS_HINT: &str = "if the key pair is right, a proxy on the way may drop headers with \
                            underscores in their names (pinning_api_key, pinning_secret_key), as \
                            nginx does unless told otherwise";

/// The same where keys are managed, for which the documents contradict each other.
const UNSEEN_PAIR_HINT: &str = "if the key pair is right: the provider's later documents manage \
                                keys with the JWT of a login (with_jwt), and a proxy on the way \
                                may drop headers with underscores in their names \
                                (pinning_api_key, pinning_secret_key), as nginx does unless told \
                                otherwise";

/// Where the provider has seen the pair, no proxy dropped it.
const SEEN_PAIR_HINT: &str = "if the key pair is right: the provider's later documents manage \
                              keys with the JWT of a login (with_jwt)";

const LOGIN_HINT: &str = "JWTs of W3IPFS expire, the one that its document shows after two hours: \
                          log in again, or give a credential source that fetches a fresh one";

const NAME_TAKEN_HINT: &str =
    "names are unique in an account: revoke the other key, or take KeyName::unique";

const TOO_MANY_HINT: &str = "revoke keys that are not used any more";

const UNQUOTED_HINT: &str =
    "what the provider says is not shown, since its answer to a create may hold a key";

const NOT_W3IPFS_HINT: &str =
    "the answer is none of W3IPFS's: look at the base URL, and at proxies on the way";

/// Reads an answer that is no success.
pub(crate) fn read_failure(answer: &Answer) -> Failure {
    let said = said(answer.body());
    let sentence = said.as_ref().map(|said| &*said.sentence);
    let mut failure = Failure::new();
    if let Some(sentence) = sentence {
        failure = failure.with_message(sentence);
    }
    if let Some(kind) = sentence.and_then(|sentence| meaning(answer.operation(), sentence)) {
        // These words say that nothing was done, also where they come with a 502.
        failure = failure.with_kind(kind).with_effect(Effect::Rejected);
    } else if answer.status() == StatusCode::CONFLICT && answer.operation() == Operation::Issue {
        // The provider's dashboard takes every 409 to a create for this.
        failure = failure.with_kind(ErrorKind::NameTaken);
    }
    match hint(answer, failure.kind, said.as_ref()) {
        Some(hint) => failure.with_next_step(hint),
        None => failure,
    }
}

/// What to do about a failure that means `kind`, or what its status says.
fn hint(answer: &Answer, kind: Option<ErrorKind>, said: Option<&Said<'_>>) -> Option<&'static str> {
    match (kind, answer.status()) {
        (Some(ErrorKind::NameTaken), _) => Some(NAME_TAKEN_HINT),
        (Some(ErrorKind::TooManyKeys), _) => Some(TOO_MANY_HINT),
        (Some(ErrorKind::Unauthenticated), _) | (None, StatusCode::UNAUTHORIZED) => {
            Some(credential_hint(answer, said.is_some_and(Said::has_seen_the_credential)))
        }
        // Whoever limits the rate, the provider or a proxy of its own, need not say a word.
        (None, StatusCode::TOO_MANY_REQUESTS) => None,
        (None, status) if said.is_none() && status.is_client_error() => Some(NOT_W3IPFS_HINT),
        _ => None,
    }
}

/// What to do about a credential that is refused, and whether the provider has seen it.
fn credential_hint(answer: &Answer, is_seen: bool) -> &'static str {
    match (answer.is_to_key_pair(), answer.operation()) {
        (true, Operation::Verify) => HEADERS_HINT,
        (true, _) if is_seen => SEEN_PAIR_HINT,
        (true, _) => UNSEEN_PAIR_HINT,
        (false, _) => LOGIN_HINT,
    }
}

/// The error that an answer of success (2xx) tells in its body: `status` is there, and is not
/// `success`.
///
/// The word is documented for success alone; `fail` for the caller's faults and `error` for the
/// server's are inferred. What a fault of the server's leaves behind, nobody knows. A refusal
/// leaves nothing, unless `data` beside it shows that something was done after all.
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
    // What is said of a key that was made can be its secret, in a form that nobody foresees.
    let may_tell_a_secret =
        answer.operation() == Operation::Issue && (failure.kind.is_none() || data.is_some());
    if may_tell_a_secret && failure.message.take().is_some() {
        failure.hint.get_or_insert(Cow::Borrowed(UNQUOTED_HINT));
    }
    failure.kind.get_or_insert(kind);
    failure.effect.get_or_insert(effect);
    Some(answer.rejected(failure))
}

/// What an operation leaves behind where the provider does not say.
fn in_doubt(operation: Operation) -> Effect {
    match operation {
        Operation::List | Operation::Verify => Effect::Rejected,
        _ => Effect::Unknown,
    }
}

/// Whether a 404 is the provider's own word that there is no such key (inferred: the sentence of
/// the database library that the provider seems to use).
pub(crate) fn is_no_such_record(answer: &Answer) -> bool {
    said(answer.body()).is_some_and(|said| said.sentence == "record not found")
}

/// Whether a 401 to a credential that is tested is the provider's own word that it knows no such.
pub(crate) fn is_unrecognized(answer: &Answer) -> bool {
    said(answer.body()).is_some_and(|said| said.has_seen_the_credential())
}

/// What a failure says.
struct Said<'a> {
    sentence: Cow<'a, str>,
    /// Whether it has the shape of the provider's own failures: a text `status` beside the
    /// `message`, or a JSON text (both inferred). The failures of many a gateway have a `message`
    /// alone.
    is_the_providers: bool,
}

impl Said<'_> {
    /// Whether the provider itself says it, and of a credential that came with the request:
    /// where it saw none, a proxy took it away.
    fn has_seen_the_credential(&self) -> bool {
        self.is_the_providers && self.sentence != NOT_LOGGED_IN
    }
}

/// The provider's sentence: the member `message`, or a JSON text in place of an object, as the
/// server that this one seems to have grown from answers in one place (inferred).
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

/// Whether an answer says that the account's JWT is not good any more, so that another one is to
/// be asked for. The provider's dashboard goes by the words (seen); with which status they come is
/// inferred.
pub(crate) fn refuses_credential(response: &Response<Bytes>) -> bool {
    let body = response.body();
    // Long answers are lists of keys, and most others do not have the words at all.
    let may_say_so = || {
        body.len() <= LONGEST_SENTENCE
            && std::str::from_utf8(body).is_ok_and(|text| text.contains(INVALID_JWT))
    };
    response.status() == StatusCode::UNAUTHORIZED
        || may_say_so() && said(body).is_some_and(|said| said.sentence.starts_with(INVALID_JWT))
}

/// What a sentence means, where it is one that is known.
fn meaning(operation: Operation, sentence: &str) -> Option<ErrorKind> {
    // All are seen in the provider's dashboard but the one about duplicates, which is that of the
    // database library that the provider seems to use (inferred). What follows on "validate: " is
    // why a JWT is not valid: that it is expired, or malformed.
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
