use std::borrow::Cow;
use std::fmt;

use http::StatusCode;
use pinning_keys_core::{Effect, ErrorKind};

/// What an adapter read from the known fields of an error body.
///
/// Code and message are the provider's words: they are cut short and cleaned of secrets
/// before they get into an error, so that an adapter can hand them over as they came.
///
/// ```
/// use pinning_keys_core::ErrorKind;
/// use pinning_keys_http::Failure;
///
/// let failure = Failure::new()
///     .with_code("NO_SCOPES_FOUND")
///     .with_kind(ErrorKind::PermissionDenied)
///     .with_next_step("use a key that may manage keys");
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Failure {
    /// What it means, where that differs from what the status says.
    pub kind: Option<ErrorKind>,
    /// The provider's code for it.
    pub code: Option<String>,
    /// The provider's sentence.
    pub message: Option<String>,
    /// What to do; the adapter's own words.
    pub hint: Option<Cow<'static, str>>,
    /// What was done at the provider, where its words tell more than the status.
    pub effect: Option<Effect>,
}

impl Failure {
    /// A failure of which only the status tells.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says what it means, where that differs from what the status says.
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Says what was done at the provider, where its words tell more than the status: that a
    /// name is taken means that no key was made, also where it comes with a 502.
    #[must_use]
    pub fn with_effect(mut self, effect: Effect) -> Self {
        self.effect = Some(effect);
        self
    }

    /// Hands the provider's code over.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Hands the provider's sentence over.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn with_next_step(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Code and message are not cleaned yet, and so are not shown.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// What a status means where an adapter knows nothing better.
pub(crate) fn kind_of(status: StatusCode) -> ErrorKind {
    match status.as_u16() {
        300..=399 => ErrorKind::Redirected,
        401 => ErrorKind::Unauthenticated,
        403 => ErrorKind::PermissionDenied,
        404 | 410 => ErrorKind::NotFound,
        409 => ErrorKind::Conflict,
        429 => ErrorKind::RateLimited,
        500..=599 => ErrorKind::Unavailable,
        // Statuses below 200 and above 599 are no answers that HTTP knows.
        _ if status.is_client_error() => ErrorKind::Refused,
        _ => ErrorKind::UnreadableAnswer,
    }
}

/// What is said of a failure in the library's own words.
pub(crate) fn describe(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Unauthenticated => "the provider does not accept the credential",
        ErrorKind::PermissionDenied => "the provider does not allow it to this credential",
        ErrorKind::NotFound => "the provider does not know what the call is about",
        ErrorKind::Conflict => "it contradicts what the provider has",
        ErrorKind::NameTaken => "another key has this name",
        ErrorKind::NameReserved => "the provider keeps this name for itself",
        ErrorKind::TooManyKeys => "the account has as many keys as it may",
        ErrorKind::RateLimited => "the provider counts too many requests",
        ErrorKind::Unavailable => "the provider has a fault of its own",
        ErrorKind::Timeout => "the provider took too long",
        ErrorKind::UnreadableAnswer => "the provider's answer cannot be read",
        _ => "the provider refuses the request",
    }
}
