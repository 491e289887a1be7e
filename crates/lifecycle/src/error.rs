use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::iter::successors;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use pinning_keys_core::Effect;
use pinning_keys_sinks::SinkError;

use crate::{KeyId, StoreError, Timestamp};

/// The kind of an [`Error`].
///
/// ```
/// use pinning_keys_lifecycle::{Error, ErrorKind};
///
/// fn is_busy(error: &Error) -> bool {
///     matches!(error.kind(), ErrorKind::RateLimited | ErrorKind::AccountClosed)
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A name, a lease or another value given to the library is invalid.
    InvalidInput,
    /// The store has no such key or account.
    NotFound,
    /// The state of the key does not allow it.
    WrongState,
    /// The holder already has an open key, or the key already has an open successor.
    AlreadyOpen,
    /// The account has as many keys as its quota allows.
    QuotaReached,
    /// The account's rate limit is used up for now; see [`Error::retry_at`].
    RateLimited,
    /// The provider refused or blocked the account, so nothing is sent; see [`Error::retry_at`].
    AccountClosed,
    /// The credential belongs to another account than the one in the store, or no longer shows its
    /// account.
    WrongAccount,
    /// The provider or the network refused or failed; see [`Error::provider_error`].
    Provider,
    /// This node was too slow to send the create in time, or the caller stopped waiting. No key was
    /// created.
    NotSent,
    /// It is not known whether the key was created, or the key was created but its secret was not
    /// returned. The store settles the create and revokes any key that it made.
    InDoubt,
    /// The sink failed; see [`Error::sink_error`].
    Sink,
    /// The store failed; see [`Error::store_error`].
    Store,
    /// The time of the store cannot be confirmed: its clock does not show it.
    ClockUnconfirmed,
    /// An error in the system or in this library.
    Internal,
}

/// Why an operation on a key failed: what failed, which key it concerns, and what to do.
///
/// The alternate form (`{:#}`) adds the next step.
///
/// ```
/// use pinning_keys_lifecycle::{ErrorKind, KeyId};
///
/// let error = "?".parse::<KeyId>().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidInput);
/// assert_eq!(error.to_string(), "not the id of a key");
/// assert!(format!("{error:#}").contains("13 characters"));
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    key: Option<KeyId>,
    next_step: Option<Cow<'static, str>>,
    retry_at: Option<SystemTime>,
    /// How long until then by the store's clock, from which that of the node may differ.
    wait: Option<Duration>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            key: None,
            next_step: None,
            retry_at: None,
            wait: None,
            source: None,
        }))
    }

    pub(crate) fn with_key(mut self, key: &KeyId) -> Self {
        self.0.key = Some(key.clone());
        self
    }

    pub(crate) fn with_next_step(mut self, step: impl Into<Cow<'static, str>>) -> Self {
        self.0.next_step = Some(step.into());
        self
    }

    pub(crate) fn with_retry_at(mut self, time: impl Into<SystemTime>) -> Self {
        self.0.retry_at = Some(time.into());
        self
    }

    /// Trying again makes sense at this time, and not before a while has passed.
    pub(crate) fn with_wait(mut self, now: Timestamp, at: Timestamp) -> Self {
        const LEAST: Duration = Duration::from_millis(5);
        self.0.wait = Some(at.since(now).max(LEAST));
        self.with_retry_at(at)
    }

    /// How long to wait before trying again, if room comes with time.
    pub(crate) fn wait(&self) -> Option<Duration> {
        self.0.wait
    }

    pub(crate) fn with_source(
        mut self,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The key that the error concerns. If it is present, the store has a row for it.
    pub fn key(&self) -> Option<&KeyId> {
        self.0.key.as_ref()
    }

    /// What to do about the error.
    pub fn next_step(&self) -> Option<&str> {
        self.0.next_step.as_deref()
    }

    /// When to try again by the store's clock, if known.
    pub fn retry_at(&self) -> Option<SystemTime> {
        self.0.retry_at
    }

    /// The adapter's error, if the provider caused this one.
    pub fn provider_error(&self) -> Option<&pinning_keys_core::Error> {
        // The result of a revocation is shared.
        let shared = || self.source_as::<Arc<pinning_keys_core::Error>>();
        self.source_as().or_else(|| shared().map(|error| &**error))
    }

    /// The store's error, if the store caused this one.
    pub fn store_error(&self) -> Option<&StoreError> {
        self.source_as()
    }

    /// The sink's error, if a sink caused this one.
    pub fn sink_error(&self) -> Option<&SinkError> {
        self.source_as()
    }

    fn source_as<T: StdError + 'static>(&self) -> Option<&T> {
        self.0.source.as_deref().and_then(|source| source.downcast_ref())
    }

    /// Whether the call may have created a key although it failed. The store knows about the key,
    /// and settles or revokes it.
    pub fn may_have_created(&self) -> bool {
        matches!(self.kind(), ErrorKind::InDoubt | ErrorKind::Sink)
            || self.provider_error().is_some_and(|error| error.effect() == Effect::Unknown)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        let next_step = error.next_step().map(str::to_owned);
        let made = Self::new(ErrorKind::Store, "the store failed").with_source(error);
        match next_step {
            Some(step) => made.with_next_step(step),
            None => made,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        match &self.0.next_step {
            Some(step) if f.alternate() => write!(f, "\n  {step}"),
            _ => Ok(()),
        }
    }
}

/// What a `main` that returns the error prints: the text, the next step, and the causes. The
/// alternate form shows the fields.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            write!(f, "{self:#}")?;
            return successors(self.source(), |&error| error.source())
                .try_for_each(|cause| write!(f, "\n  caused by: {cause}"));
        }
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .field("key", &self.0.key)
            .field("retry_at", &self.0.retry_at)
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
