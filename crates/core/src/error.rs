use std::borrow::Cow;
use std::convert::Infallible;
use std::error::Error as StdError;
use std::fmt;
use std::iter::successors;
use std::time::Duration;

use http::StatusCode;

use crate::text::unknown;
use crate::{Attempts, Effect, ErrorKind, KeyName, NextStep, Operation, ScopeError};

/// Why a call failed, what happened at the provider, and what to do.
///
/// Check [`effect`](Self::effect) for what happened at the provider, and [`kind`](Self::kind) for
/// the reason. `Display` is one line for people: what failed, why, and what happened. `{:#}` adds
/// the [`next_step`](Self::next_step). Neither contains a secret, URL or body.
///
/// ```
/// use pinning_keys_core::{Effect, ErrorKind, KeyName};
///
/// let error = KeyName::new("").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidInput);
/// assert_eq!(error.effect(), Effect::NotSent);
/// assert_eq!(error.to_string(), "the name is empty");
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
    /// An error of this kind, with [`Effect::NotSent`].
    ///
    /// `message` continues "cannot issue the key: …", in lower case and without a full stop, and
    /// must contain no secret, URL or body.
    ///
    /// ```
    /// use pinning_keys_core::{Effect, Error, ErrorKind, Operation};
    ///
    /// let error = Error::new(ErrorKind::Unavailable, "the provider reported an internal error")
    ///     .with_operation(Operation::Revoke)
    ///     .with_provider("pinata")
    ///     .with_effect(Effect::Unknown);
    /// assert_eq!(
    ///     error.to_string(),
    ///     "cannot revoke the key at pinata: the provider reported an internal error; \
    ///      the key may still work",
    /// );
    /// ```
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

    /// The error for an unknown setting, which names the nearest known one.
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
    pub fn unknown_setting<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<_> = known.into_iter().collect();
        Self::new(ErrorKind::Configuration, unknown("setting", name, &known))
    }

    /// Sets what happened at the provider (default: [`Effect::NotSent`]).
    ///
    /// ```
    /// # use pinning_keys_core::{Effect, Error, ErrorKind};
    /// let error = Error::new(ErrorKind::Refused, "no").with_effect(Effect::Rejected);
    /// assert_eq!(error.effect(), Effect::Rejected);
    /// ```
    #[must_use]
    pub fn with_effect(mut self, effect: Effect) -> Self {
        self.0.effect = effect;
        self
    }

    /// Sets what to do about it: a [`NextStep`], or advice in words. It must contain no secret.
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

    /// Sets the provider, by its id.
    ///
    /// ```
    /// # use pinning_keys_core::{Error, ErrorKind};
    /// let error = Error::new(ErrorKind::Refused, "no").with_provider("pinata");
    /// assert_eq!(error.provider(), Some("pinata"));
    /// ```
    #[must_use]
    pub fn with_provider(mut self, provider: &'static str) -> Self {
        self.0.provider = Some(provider);
        self
    }

    /// Sets what the call was meant to do.
    ///
    /// ```
    /// # use pinning_keys_core::{Error, ErrorKind, Operation};
    /// let error = Error::new(ErrorKind::Refused, "no").with_operation(Operation::List);
    /// assert_eq!(error.to_string(), "cannot list the keys: no; nothing was sent");
    /// ```
    #[must_use]
    pub fn with_operation(mut self, operation: Operation) -> Self {
        self.0.operation = Some(operation);
        self
    }

    /// Sets the HTTP status of the answer.
    ///
    /// ```
    /// # use pinning_keys_core::{Error, ErrorKind, http::StatusCode};
    /// let error = Error::new(ErrorKind::Refused, "no").with_status(StatusCode::BAD_REQUEST);
    /// assert_eq!(error.to_string(), "no (HTTP 400)");
    /// ```
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self
    }

    /// Sets the provider's own code for the failure.
    ///
    /// ```
    /// # use pinning_keys_core::{Error, ErrorKind};
    /// let error = Error::new(ErrorKind::Refused, "no").with_provider_code("NO_SCOPES_FOUND");
    /// assert_eq!(error.to_string(), "no (NO_SCOPES_FOUND)");
    /// ```
    #[must_use]
    pub fn with_provider_code(mut self, code: impl Into<String>) -> Self {
        self.0.provider_code = Some(code.into());
        self
    }

    /// Sets how long the provider asks to wait before the next request.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use pinning_keys_core::{Error, ErrorKind};
    /// let error = Error::new(ErrorKind::RateLimited, "rate limit exceeded")
    ///     .with_retry_after(Duration::from_secs(30));
    /// assert_eq!(error.to_string(), "rate limit exceeded (retry after 30 s)");
    /// ```
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Sets the name of the key that the call was meant to issue.
    ///
    /// ```
    /// # use pinning_keys_core::{Effect, Error, ErrorKind, KeyName, Operation};
    /// let error = Error::new(ErrorKind::Timeout, "no answer")
    ///     .with_operation(Operation::Issue)
    ///     .with_effect(Effect::Unknown)
    ///     .with_key_name(KeyName::new("user-42")?);
    /// assert_eq!(error.to_string(), "key \"user-42\" may exist: no answer");
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub fn with_key_name(mut self, name: KeyName) -> Self {
        self.0.key_name = Some(name);
        self
    }

    /// Sets how often the call was tried.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use pinning_keys_core::{Attempts, Error, ErrorKind};
    /// let attempts = Attempts::new(4, Duration::from_millis(2_100), Some("attempt limit reached"));
    /// let error = Error::new(ErrorKind::Unavailable, "oops").with_attempts(attempts);
    /// assert_eq!(error.to_string(), "oops (4 attempts, 2.1 s, attempt limit reached)");
    /// ```
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

    /// Sets the error that caused this one; it must contain no secret, URL or body.
    ///
    /// ```
    /// # use pinning_keys_core::{Error, ErrorKind};
    /// use std::error::Error as _;
    ///
    /// let error = Error::new(ErrorKind::Connection, "no connection").with_source("unplugged");
    /// assert_eq!(error.source().unwrap().to_string(), "unplugged");
    /// ```
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Why the call failed.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What happened at the provider, as far as that is certain.
    pub fn effect(&self) -> Effect {
        self.0.effect
    }

    /// The provider's id, such as `pinata`.
    pub fn provider(&self) -> Option<&'static str> {
        self.0.provider
    }

    /// What the call was meant to do.
    pub fn operation(&self) -> Option<Operation> {
        self.0.operation
    }

    /// The HTTP status of the answer, if there was one.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The provider's own code for the failure, if it gave one.
    pub fn provider_code(&self) -> Option<&str> {
        self.0.provider_code.as_deref()
    }

    /// How long the provider asks to wait before the next request.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The name of the key that the call was meant to issue.
    ///
    /// With [`Effect::Unknown`], this is the name to settle:
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

    /// Why the scope cannot be granted, if that is the reason.
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

    /// Whether making the same call again later is harmless and may succeed.
    ///
    /// Never true for a create whose effect is unknown: a second one could issue a second key.
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
            ScopeError::Inexpressible(_) | ScopeError::ForeignGrant { .. } => {
                ErrorKind::Inexpressible
            }
            _ => ErrorKind::InvalidInput,
        };
        let mut error = Self::new(kind, "");
        error.0.scope = Some(scope);
        error
    }
}

/// Lets [`KeyRequest::new`](crate::KeyRequest::new) take a name that was already checked.
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

/// `{:?}` is the text of `{:#}` and the innermost cause, because `fn main() -> Result<…>` and
/// `unwrap` show it to people; `{:#?}` lists the fields.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, effect, provider, operation, status, source, .. } = &*self.0;
        if !f.alternate() {
            write!(f, "{self:#}")?;
            // The sources in between repeat what the line already says.
            let innermost = successors(self.source(), |&error| error.source()).last();
            return innermost.map_or(Ok(()), |cause| write!(f, "\n  caused by: {cause}"));
        }
        f.debug_struct("Error")
            .field("kind", kind)
            .field("effect", effect)
            .field("provider", provider)
            .field("operation", operation)
            .field("status", status)
            .field("text", &self.to_string())
            .field("source", source)
            .finish_non_exhaustive()
    }
}
