use std::borrow::Cow;
use std::fmt;

use http::StatusCode;
use pinning_keys_core::{Effect, ErrorKind};

/// What an adapter read from the known fields of an error body.
///
/// Code and message are the provider's words. They are shortened and cleaned of secrets before
/// they become part of an error, so that an adapter can pass them on as they came.
///
/// ```
/// use pinning_keys_core::ErrorKind;
/// use pinning_keys_http::Failure;
///
/// let failure = Failure::new()
///     .with_code("NO_SCOPES_FOUND")
///     .with_kind(ErrorKind::PermissionDenied)
///     .with_next_step("use a key that may manage keys");
/// assert_eq!(failure.kind(), Some(ErrorKind::PermissionDenied));
/// ```
#[derive(Clone, Default)]
pub struct Failure {
    pub(crate) kind: Option<ErrorKind>,
    pub(crate) effect: Option<Effect>,
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) next_step: Option<Cow<'static, str>>,
    /// Whether a server other than the provider reported it.
    is_foreign: bool,
}

impl Failure {
    /// A failure of which only the status is known.
    ///
    /// ```
    /// use pinning_keys_http::Failure;
    ///
    /// assert_eq!(Failure::new().kind(), None);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A failure that a server other than the provider reported: a proxy, a gateway, or whatever
    /// is at a wrong address.
    ///
    /// Its status says nothing about the account or a key, so by default a 4xx means
    /// [`ErrorKind::Refused`]. Two statuses keep their kind, because the reaction to them does not
    /// depend on who answers: after a 401, the account's source is asked for another credential;
    /// after a 429, the call waits.
    ///
    /// ```
    /// use pinning_keys_http::{Answer, Failure};
    ///
    /// fn read_failure(answer: &Answer) -> Failure {
    ///     match answer.body().strip_prefix(b"error: ") {
    ///         Some(code) => Failure::new().with_code(String::from_utf8_lossy(code)),
    ///         None => Failure::foreign().with_next_step("check base_url and any proxy"),
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn foreign() -> Self {
        Self { is_foreign: true, ..Self::default() }
    }

    /// Sets what the failure means (default: what the status says).
    ///
    /// ```
    /// use pinning_keys_core::ErrorKind;
    /// use pinning_keys_http::Failure;
    ///
    /// let failure = Failure::new().with_kind(ErrorKind::NameTaken);
    /// assert_eq!(failure.kind(), Some(ErrorKind::NameTaken));
    /// ```
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Sets what happened at the provider (default: what the status says).
    ///
    /// A body may tell more than the status: that a name is taken means that no key was issued,
    /// even with a 502.
    ///
    /// ```
    /// use pinning_keys_core::Effect;
    /// use pinning_keys_http::Failure;
    ///
    /// let failure = Failure::new().with_effect(Effect::Rejected);
    /// assert_eq!(failure.effect(), Some(Effect::Rejected));
    /// ```
    #[must_use]
    pub fn with_effect(mut self, effect: Effect) -> Self {
        self.effect = Some(effect);
        self
    }

    /// Sets the provider's code for the failure.
    ///
    /// ```
    /// use pinning_keys_http::Failure;
    ///
    /// let failure = Failure::new().with_code("NO_SCOPES_FOUND");
    /// ```
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Sets the provider's message.
    ///
    /// ```
    /// use pinning_keys_http::Failure;
    ///
    /// assert!(Failure::new().with_message("name already in use").has_message());
    /// ```
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Removes the provider's message, for one that may contain a new secret.
    #[must_use]
    pub fn without_message(mut self) -> Self {
        self.message = None;
        self
    }

    /// Sets what to do about the failure, in the adapter's own words.
    ///
    /// ```
    /// use pinning_keys_http::Failure;
    ///
    /// let failure = Failure::new().with_next_step("use a key that may manage keys");
    /// assert_eq!(failure.next_step(), Some("use a key that may manage keys"));
    /// ```
    #[must_use]
    pub fn with_next_step(mut self, step: impl Into<Cow<'static, str>>) -> Self {
        self.next_step = Some(step.into());
        self
    }

    /// What the failure means, if that was set.
    pub fn kind(&self) -> Option<ErrorKind> {
        self.kind
    }

    /// What happened at the provider, if that was set.
    pub fn effect(&self) -> Option<Effect> {
        self.effect
    }

    /// Whether the provider's message was set.
    pub fn has_message(&self) -> bool {
        self.message.is_some()
    }

    /// What to do about the failure, if that was set.
    pub fn next_step(&self) -> Option<&str> {
        self.next_step.as_deref()
    }

    /// What an answer of failure with this status and body means.
    pub(crate) fn kind_at(&self, status: StatusCode) -> ErrorKind {
        self.kind.unwrap_or_else(|| match kind_of(status) {
            kind @ (ErrorKind::Unauthenticated | ErrorKind::RateLimited) => kind,
            _ if self.is_foreign && status.is_client_error() => ErrorKind::Refused,
            kind => kind,
        })
    }

    /// The library's own words for this failure, which means `kind`.
    pub(crate) fn describe(&self, kind: ErrorKind) -> &'static str {
        let blames_provider = matches!(kind, ErrorKind::Refused | ErrorKind::Unauthenticated);
        if self.is_foreign && self.kind.is_none() && blames_provider {
            return "the answer does not look like the provider's";
        }
        describe(kind)
    }
}

/// Code and message are not cleaned yet, so they are not shown.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// What a status means if an adapter knows nothing better.
pub(crate) fn kind_of(status: StatusCode) -> ErrorKind {
    match status.as_u16() {
        300..=399 => ErrorKind::Redirected,
        401 => ErrorKind::Unauthenticated,
        402 => ErrorKind::AccountRestricted,
        403 => ErrorKind::PermissionDenied,
        404 | 410 => ErrorKind::NotFound,
        409 => ErrorKind::Conflict,
        429 => ErrorKind::RateLimited,
        500..=599 => ErrorKind::Unavailable,
        // HTTP defines no meaning for a final status below 200 or above 599.
        _ if status.is_client_error() => ErrorKind::Refused,
        _ => ErrorKind::UnreadableAnswer,
    }
}

/// The library's own words for a failure.
pub(crate) fn describe(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Unauthenticated => "the provider does not accept the credential",
        ErrorKind::PermissionDenied => "permission denied",
        ErrorKind::AccountRestricted => "the account or its plan does not allow it",
        ErrorKind::NotFound => "not found at the provider",
        ErrorKind::Conflict => "the request conflicts with what the provider has",
        ErrorKind::NameTaken => "another key has this name",
        ErrorKind::NameReserved => "the provider reserves this name",
        ErrorKind::TooManyKeys => "the account has reached its key limit",
        ErrorKind::RateLimited => "rate limit exceeded",
        ErrorKind::Unavailable => "the provider reported an internal error",
        ErrorKind::Timeout => "the provider timed out",
        ErrorKind::UnreadableAnswer => "the provider's answer cannot be read",
        _ => "the provider refused the request",
    }
}
