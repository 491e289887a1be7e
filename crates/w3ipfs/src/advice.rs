//! What to do about W3IPFS's refusals.

use std::borrow::Cow;
use std::time::SystemTime;

use http::StatusCode;
use pinning_keys_core::{ErrorKind, Operation};
use pinning_keys_http::{Answer, SentSecret};

use crate::error_body::ErrorBody;

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

/// Key and secret are base64 with padding (documented samples).
const PADDING_STEP: &str = "check the end of the API key and of the secret: the length of one is not \
                            that of base64, so an \"=\" may be missing";

const LOGIN_STEP: &str = "log in again, or use a credential source that fetches a fresh JWT";

/// Why, if the JWT itself does not show it.
const SHORT_LIFE: &str = "W3IPFS's JWTs expire, the documented sample after two hours";

const NAME_TAKEN_STEP: &str = "revoke the other key of this name or choose another name, such as \
                               one from KeyName::unique: names are unique within an account";

const TOO_MANY_STEP: &str = "revoke keys that are no longer used";

/// For an account without balance (seen in the dashboard), or over its plan's limit (inferred).
const ACCOUNT_STEP: &str = "top up or upgrade the W3IPFS account, or reduce its usage; another key \
                            of the account will not help";

const NOT_W3IPFS_STEP: &str = "check base_url (PINNING_KEYS_BASE_URL) and any proxy on the way: \
                               the answer is not from W3IPFS";

/// The advice for a failure of this kind, or of the status of the answer.
pub(crate) fn next_step(
    answer: &Answer,
    kind: Option<ErrorKind>,
    body: &ErrorBody,
) -> Option<Cow<'static, str>> {
    let status = answer.status();
    let step = match kind {
        Some(ErrorKind::NameTaken) => NAME_TAKEN_STEP,
        Some(ErrorKind::TooManyKeys) => TOO_MANY_STEP,
        Some(ErrorKind::AccountRestricted) => ACCOUNT_STEP,
        Some(ErrorKind::Unauthenticated) => return Some(credential_step(answer, body)),
        // A rate limit may come from the provider or its own proxy, with or without a sentence.
        None if status == StatusCode::TOO_MANY_REQUESTS => return None,
        None if body.is_foreign() && status.is_client_error() => NOT_W3IPFS_STEP,
        None if status == StatusCode::UNAUTHORIZED => return Some(credential_step(answer, body)),
        Some(_) | None => return None,
    };
    Some(step.into())
}

/// The advice for a refused credential, which depends on its shape and on whether the provider has
/// seen it.
fn credential_step(answer: &Answer, body: &ErrorBody) -> Cow<'static, str> {
    match (&answer.sent_secrets()[..], answer.operation()) {
        ([token], _) => token_step(*token).into(),
        (pair, _) if pair.iter().any(|shape| shape.lacks_padding()) => PADDING_STEP.into(),
        (_, Operation::Verify | Operation::Probe) => HEADERS_STEP.into(),
        _ if body.has_seen_the_credential() => SEEN_PAIR_STEP.into(),
        _ => UNSEEN_PAIR_STEP.into(),
    }
}

/// The advice for a refused JWT, which may show by itself why it was refused.
fn token_step(shape: SentSecret) -> String {
    // Key and secret are 16 and 32 bytes in base64 (seen in the provider's CLI).
    let alike = match shape {
        SentSecret::Base64 { digits: 22, .. } => "; it looks like W3IPFS's API key",
        SentSecret::Base64 { digits: 43, .. } => "; it looks like W3IPFS's secret key",
        _ => "",
    };
    match (shape.jwt_fault(SystemTime::now()), shape) {
        (None, _) => format!("{LOGIN_STEP}: {SHORT_LIFE}"),
        (Some(fault), SentSecret::Jwt { .. }) => format!("{LOGIN_STEP}: {fault}"),
        (Some(fault), _) => {
            format!("set jwt (PINNING_KEYS_JWT) to the JWT of a login: {fault}{alike}")
        }
    }
}
