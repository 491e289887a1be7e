use std::borrow::Cow;
use std::convert::Infallible;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::StatusCode;

use crate::text::{nearest, shortened};
use crate::{Attempts, Effect, ErrorKind, KeyName, NextStep, Operation, ScopeError};

/// Why a call failed, how far it got, and what to do.
///
/// Ask [`effect`](Self::effect) what happened at the provider, and [`kind`](Self::kind) why.
/// `Display` is for people: a first line that says what failed, and further lines that say
/// what was or was not done and what to do. It contains no secret, URL or body.
///
/// ```
/// use pinning_keys_core::{Effect, ErrorKind, KeyName};
///
/// let error = KeyName::new("").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidInput);
/// assert_eq!(error.effect(), Effect::NotSent);
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    effect: Effect,
    message: Cow<'static, str>,
    next_step: Option<NextStep>,
    provider: Option<&'static str>,
    operation: Option<Operation>,
    status: Option<StatusCode>,
    provider_code: Option<String>,
    retry_after: Option<Duration>,
    key_name: Option<KeyName>,
    attempts: Option<Attempts>,
    origin: Option<Cow<'static, str>>,
    scope: Option<ScopeError>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of this kind, of a call of which nothing was sent.
    ///
    /// `message` continues "cannot issue the key: …" and must hold no secret, URL or body.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            effect: Effect::NotSent,
            message: message.into(),
            next_step: None,
            provider: None,
            operation: None,
            status: None,
            provider_code: None,
            retry_after: None,
            key_name: None,
            attempts: None,
            origin: None,
            scope: None,
            source: None,
        }))
    }

    /// The error for a setting that there is not, which names the nearest one that there is.
    ///
    /// ```
    /// use pinning_keys_core::Error;
    ///
    /// let error = Error::unknown_setting("bse_url", ["base_url", "jwt"]);
    /// assert_eq!(
    ///     error.to_string(),
    ///     "unknown setting \"bse_url\"; did you mean \"base_url\"?",
    /// );
    /// ```
    #[must_use]
    pub fn unknown_setting<'a>(
        name: &str,
        known: impl IntoIterator<Item = &'a str> + Clone,
    ) -> Self {
        let advice = match nearest(name, known.clone().into_iter()) {
            Some(nearest) => format!("did you mean {nearest:?}?"),
            None => {
                format!("expected one of {}", known.into_iter().collect::<Vec<_>>().join(", "))
            }
        };
        let message = format!("unknown setting {:?}; {advice}", shortened(name));
        Self::new(ErrorKind::Configuration, message)
    }

    /// Says how certain it is what happened at the provider.
    #[must_use]
    pub fn with_effect(mut self, effect: Effect) -> Self {
        self.0.effect = effect;
        self
    }

    /// Sets what to do about it: a [`NextStep`], or advice in words. It must hold no secret.
    ///
    /// ```
    /// use pinning_keys_core::{Error, ErrorKind, NextStep};
    ///
    /// let error = Error::new(ErrorKind::Configuration, "no credential is set")
    ///     .with_next_step("set PINNING_KEYS_JWT");
    /// assert_eq!(error.to_string(), "no credential is set");
    /// assert_eq!(format!("{error:#}"), "no credential is set\n  set PINNING_KEYS_JWT");
    /// assert_eq!(error.next_step(), Some(NextStep::Advice("set PINNING_KEYS_JWT".into())));
    /// ```
    #[must_use]
    pub fn with_next_step(mut self, step: impl Into<NextStep>) -> Self {
        self.0.next_step = Some(step.into());
        self
    }

    /// Names the provider by its id.
    #[must_use]
    pub fn with_provider(mut self, provider: &'static str) -> Self {
        self.0.provider = Some(provider);
        self
    }

    /// Says what was being done.
    #[must_use]
    pub fn with_operation(mut self, operation: Operation) -> Self {
        self.0.operation = Some(operation);
        self
    }

    /// Keeps the HTTP status of the answer.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self
    }

    /// Keeps the provider's own code for the failure, such as `NO_SCOPES_FOUND`.
    #[must_use]
    pub fn with_provider_code(mut self, code: impl Into<String>) -> Self {
        self.0.provider_code = Some(code.into());
        self
    }

    /// Keeps how long the provider asks to wait.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Names the key that the call was to make.
    #[must_use]
    pub fn with_key_name(mut self, name: KeyName) -> Self {
        self.0.key_name = Some(name);
        self
    }

    /// Keeps how often the call was tried.
    #[must_use]
    pub fn with_attempts(mut self, attempts: Attempts) -> Self {
        self.0.attempts = Some(attempts);
        self
    }

    /// Sets where the value that is at fault came from, such as the name of an environment
    /// variable or the path of a file.
    ///
    /// ```
    /// use pinning_keys_core::{Error, ErrorKind};
    ///
    /// let error = Error::new(ErrorKind::Configuration, "unknown table \"endpoint\"")
    ///     .with_origin("PINNING_KEYS_TABLE");
    /// assert_eq!(error.to_string(), "unknown table \"endpoint\" (from PINNING_KEYS_TABLE)");
    /// ```
    #[must_use]
    pub fn with_origin(mut self, origin: impl Into<Cow<'static, str>>) -> Self {
        self.0.origin = Some(origin.into());
        self
    }

    /// Keeps the error that caused this one; it must hold no secret, URL or body.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Why the call failed.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What the call did at the provider, as far as that is certain.
    pub fn effect(&self) -> Effect {
        self.0.effect
    }

    /// The provider's id, such as `pinata`.
    pub fn provider(&self) -> Option<&'static str> {
        self.0.provider
    }

    /// What was being done.
    pub fn operation(&self) -> Option<Operation> {
        self.0.operation
    }

    /// The HTTP status of the answer, where there was one.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The provider's own code for the failure, where it gave one.
    pub fn provider_code(&self) -> Option<&str> {
        self.0.provider_code.as_deref()
    }

    /// How long the provider asks to wait before the next request.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The name of the key that the call was to make.
    ///
    /// With [`Effect::Unknown`] this is what to settle:
    /// [`KeyIssuerExt::reconcile`](crate::KeyIssuerExt::reconcile).
    pub fn key_name(&self) -> Option<&KeyName> {
        self.0.key_name.as_ref()
    }

    /// How often the call was tried.
    pub fn attempts(&self) -> Option<Attempts> {
        self.0.attempts
    }

    /// Where the value that is at fault came from, such as the name of an environment variable
    /// or the path of a file.
    pub fn origin(&self) -> Option<&str> {
        self.0.origin.as_deref()
    }

    /// Why the scope cannot be granted, where that is what failed.
    pub fn scope_error(&self) -> Option<&ScopeError> {
        self.0.scope.as_ref()
    }

    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do about it, if anything is known; `{:#}` prints it.
    ///
    /// A create whose effect is unknown is always settled first, whatever else could be advised.
    pub fn next_step(&self) -> Option<NextStep> {
        if self.effect() == Effect::Unknown && self.operation() == Some(Operation::Issue) {
            if let Some(name) = self.key_name() {
                return Some(NextStep::Reconcile(name.clone()));
            }
        }
        let own = self.0.next_step.clone().or_else(|| self.scope_error()?.next_step());
        own.or_else(|| self.retry_after().map(NextStep::RetryAfter)).or_else(|| {
            let may_still_work =
                self.effect() == Effect::Unknown && self.operation() == Some(Operation::Revoke);
            may_still_work.then_some(NextStep::RevokeAgain)
        })
    }

    /// Whether the same call, made again later, is harmless and may succeed.
    ///
    /// Never true for a create whose effect is unknown: a second one could make a second key.
    pub fn is_retryable(&self) -> bool {
        use ErrorKind::{Connection, RateLimited, Timeout, Unavailable};
        let passes = matches!(self.kind(), Connection | RateLimited | Timeout | Unavailable);
        let repeatable = self.operation().is_none_or(Operation::is_repeatable);
        passes && (repeatable || self.effect() != Effect::Unknown)
    }
}

impl From<ScopeError> for Error {
    fn from(scope: ScopeError) -> Self {
        let kind = match scope {
            ScopeError::Inexpressible(_) => ErrorKind::Inexpressible,
            _ => ErrorKind::InvalidInput,
        };
        let mut error = Self::new(kind, "");
        error.0.scope = Some(scope);
        error
    }
}

/// Lets [`KeyRequest::new`](crate::KeyRequest::new) take a name that is checked already.
impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, effect, provider, operation, status, source, .. } = &*self.0;
        f.debug_struct("Error")
            .field("kind", kind)
            .field("effect", effect)
            .field("provider", provider)
            .field("operation", operation)
            .field("status", status)
            .field("text", &format!("{self:#}"))
            .field("source", source)
            .finish_non_exhaustive()
    }
}
