use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::iter::successors;

/// The kind of a [`StoreError`].
///
/// ```
/// use pinning_keys_lifecycle::{StoreError, StoreErrorKind};
///
/// let error = StoreError::new(StoreErrorKind::Busy, "the database is locked");
/// assert!(error.is_retryable());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// Another transaction held a lock for too long. Trying again may succeed.
    Busy,
    /// The database cannot be reached or closed the connection. Trying again may succeed.
    Unavailable,
    /// The database or its file cannot be written: permissions, or a replica.
    ReadOnly,
    /// The disk is full.
    Full,
    /// The file or the schema belongs to another program.
    NotOurs,
    /// A newer version of this library has changed the schema.
    TooNew,
    /// With its settings, the database may lose what it has committed.
    NotDurable,
    /// The file was moved, copied or replaced; see its next step for what to do.
    Moved,
    /// A unique index refused the change, because another transaction came first.
    Conflict,
    /// The content of the database cannot be read.
    Corrupt,
    /// It is not known whether the transaction was committed.
    Unknown,
    /// Another failure.
    Other,
}

/// Why a store failed. It shows neither the database's address nor its password.
///
/// ```
/// use pinning_keys_lifecycle::{StoreError, StoreErrorKind};
///
/// let error = StoreError::new(StoreErrorKind::Corrupt, "a row cannot be read");
/// assert_eq!(error.to_string(), "a row cannot be read");
/// ```
pub struct StoreError {
    kind: StoreErrorKind,
    message: Cow<'static, str>,
    next_step: Option<Cow<'static, str>>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl StoreError {
    /// An error of this kind. The message is one line that says what failed and why.
    ///
    /// ```
    /// use pinning_keys_lifecycle::{StoreError, StoreErrorKind};
    ///
    /// let error = StoreError::new(StoreErrorKind::Full, "the disk of keys.db is full")
    ///     .with_next_step("free some space");
    /// assert_eq!(format!("{error:#}"), "the disk of keys.db is full\n  free some space");
    /// assert!(!error.is_retryable());
    /// ```
    #[must_use]
    pub fn new(kind: StoreErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into(), next_step: None, source: None }
    }

    /// Adds what to do about it.
    ///
    /// ```
    /// use pinning_keys_lifecycle::{StoreError, StoreErrorKind};
    ///
    /// let error = StoreError::new(StoreErrorKind::Full, "the disk is full");
    /// assert_eq!(error.with_next_step("free some space").next_step(), Some("free some space"));
    /// ```
    #[must_use]
    pub fn with_next_step(mut self, step: impl Into<Cow<'static, str>>) -> Self {
        self.next_step = Some(step.into());
        self
    }

    /// Adds the error that caused it, whose text must not contain a secret.
    ///
    /// ```
    /// use std::error::Error as _;
    /// use pinning_keys_lifecycle::{StoreError, StoreErrorKind};
    ///
    /// let error = StoreError::new(StoreErrorKind::Other, "the file cannot be read");
    /// assert!(error.with_source(std::io::Error::other("device")).source().is_some());
    /// ```
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The kind of failure.
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// What to do about it.
    pub fn next_step(&self) -> Option<&str> {
        self.next_step.as_deref()
    }

    /// Whether the same transaction may succeed when it is retried, because nothing was committed
    /// and the cause may be temporary.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self.kind,
            StoreErrorKind::Busy | StoreErrorKind::Unavailable | StoreErrorKind::Conflict
        )
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.next_step {
            Some(step) if f.alternate() => write!(f, "\n  {step}"),
            _ => Ok(()),
        }
    }
}

/// What a `main` that returns the error prints: the text, the next step, and the causes. The
/// alternate form shows the fields.
impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            write!(f, "{self:#}")?;
            return successors(self.source(), |&error| error.source())
                .try_for_each(|cause| write!(f, "\n  caused by: {cause}"));
        }
        f.debug_struct("StoreError")
            .field("kind", &self.kind)
            .field("message", &self.message)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl StdError for StoreError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
