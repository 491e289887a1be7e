//! What one attempt says about its effect at the provider, and whether another is harmless.

use http::StatusCode;
use pinning_keys_core::{Effect, Operation};

use crate::{Reach, TransportError, TransportErrorKind};

/// How an attempt without success ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// No byte reached the server.
    NotSent,
    /// The same, because no secure connection to it can be made.
    Insecure,
    /// The request may have reached the server, and no answer came.
    NoAnswer,
    /// An answer with this status began, and broke off.
    BrokenAnswer(StatusCode),
    /// An answer with this status began, and is longer than the limit.
    EndlessAnswer(StatusCode),
    /// A whole answer came.
    Answer(StatusCode),
}

impl Outcome {
    /// What happened at the provider, as far as it is certain.
    pub(crate) fn effect(self, operation: Operation) -> Effect {
        let changes_something = !matches!(
            operation,
            Operation::List | Operation::Verify | Operation::Probe | Operation::SignUpload
        );
        match self {
            Self::NotSent | Self::Insecure => Effect::NotSent,
            Self::NoAnswer => Effect::Unknown,
            // If nothing can have changed, any answer settles it.
            _ if !changes_something => Effect::Rejected,
            Self::BrokenAnswer(status) | Self::EndlessAnswer(status) | Self::Answer(status)
                if status.is_client_error() =>
            {
                Effect::Rejected
            }
            // 307 and 308 mean "not here". After 301, 302 and 303 the request may have been carried
            // out: "see the result there".
            Self::Answer(StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT) => {
                Effect::Rejected
            }
            _ => Effect::Unknown,
        }
    }

    /// Whether the same request may be sent again.
    ///
    /// A create is sent again only if it was never sent: everything else, even a plain 503, can
    /// come from a gateway behind which the key has been created.
    pub(crate) fn may_repeat(self, operation: Operation) -> bool {
        match self {
            Self::NotSent => true,
            // The next attempt would meet the same certificate.
            Self::Insecure => false,
            _ if !operation.is_repeatable() => false,
            Self::NoAnswer => true,
            Self::BrokenAnswer(status) => status.is_success() || passes(status),
            // The next answer would be as long.
            Self::EndlessAnswer(_) => false,
            Self::Answer(status) => passes(status),
        }
    }
}

impl From<&TransportError> for Outcome {
    fn from(error: &TransportError) -> Self {
        match (error.reach(), error.kind()) {
            (Reach::NotSent, TransportErrorKind::Tls(_)) => Self::Insecure,
            (Reach::NotSent, _) => Self::NotSent,
            (Reach::MaybeSent, _) => Self::NoAnswer,
            (Reach::Answered(status), TransportErrorKind::BodyTooLarge) => {
                Self::EndlessAnswer(status)
            }
            (Reach::Answered(status), _) => Self::BrokenAnswer(status),
        }
    }
}

/// Whether a status means that the same request may succeed later.
fn passes(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}
