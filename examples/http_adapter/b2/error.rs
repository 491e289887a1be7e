//! The meaning of B2's error answers.

use bytes::Bytes;
use http::{Response, StatusCode};
use pinning_keys::adapter::{Answer, Failure, lenient};
use pinning_keys::{ErrorKind, Operation};
use serde::Deserialize;

/// The structure of every error answer. The message is for people only.
#[derive(Deserialize)]
struct ErrorBody {
    code: String,
    message: String,
}

impl ErrorBody {
    /// `None` if the answer is not the provider's, such as a page from a proxy.
    fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok().map(|lenient::Object(body)| body)
    }
}

/// Reads an answer that is not a success.
pub(super) fn read_failure(answer: &Answer) -> Failure {
    let Some(ErrorBody { code, message }) = ErrorBody::read(answer.body()) else {
        return Failure::foreign();
    };
    let failure = match &*code {
        // In a session, the key lacks a capability: "The auth token used is valid, but does not
        // authorize this call." In a login, the key itself is wrong.
        "unauthorized" if !matches!(answer.operation(), Operation::Login | Operation::Verify) => {
            Failure::new().with_kind(ErrorKind::PermissionDenied).with_next_step(
                "use a key with the capabilities writeKeys, listKeys and deleteKeys",
            )
        }
        // The second is not documented, but the provider's own client reads it (seen).
        "cap_exceeded" | "transaction_cap_exceeded" => {
            Failure::new().with_kind(ErrorKind::AccountRestricted)
        }
        // The kinds of all others follow from their status.
        _ => Failure::new(),
    };
    failure.with_code(code).with_message(message)
}

/// Whether an answer says that the session is over, so that a new one helps.
pub(super) fn ends_session(response: &Response<Bytes>) -> bool {
    response.status() == StatusCode::UNAUTHORIZED
        && ErrorBody::read(response.body())
            .is_some_and(|body| ["bad_auth_token", "expired_auth_token"].contains(&&*body.code))
}

/// Whether the provider itself says that the key to delete does not exist.
pub(super) fn is_no_such_key(answer: &Answer) -> bool {
    ErrorBody::read(answer.body()).is_some_and(|body| {
        let message = body.message.to_ascii_lowercase();
        body.code == "bad_request" && message.starts_with("application key does not exist")
    })
}

/// Whether the provider itself says that it does not know the key that was to log in.
pub(super) fn is_unrecognized(answer: &Answer) -> bool {
    ErrorBody::read(answer.body()).is_some_and(|body| body.code == "unauthorized")
}
