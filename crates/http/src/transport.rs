use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};

/// Carries one HTTP request to a server and brings the whole answer back.
///
/// This is the only door through which the adapters reach a network. The ready-made
/// implementation is `ReqwestTransport`; an in-memory one comes with the emulator; yours
/// can wrap any client.
///
/// # What an implementation owes
///
/// 1. It sends the request **at most once**: no retry, and no redirect followed.
/// 2. It gives up after [`Limits::timeout`].
/// 3. It stops reading an answer whose body is longer than [`Limits::max_body_bytes`].
/// 4. It calls a failure [`Reach::NotSent`] only where no byte of the request can have
///    reached the server. In doubt it is [`Reach::MaybeSent`]: a create that was wrongly
///    called unsent would be sent again, and make a second key.
/// 5. Its errors contain neither URLs, nor header values, nor bodies.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends `request` and returns the answer, whatever its status.
    ///
    /// # Errors
    ///
    /// A [`TransportError`] where no complete answer came back, which tells whether the
    /// server may have seen the request.
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError>;
}

#[async_trait]
impl<T: Transport + ?Sized> Transport for Arc<T> {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        (**self).send(request, limits).await
    }
}

/// How long one exchange may take and how much of an answer is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest that the exchange may take, from the first attempt to connect to the
    /// last byte of the answer.
    pub timeout: Duration,
    /// The longest answer body that is read, in bytes.
    pub max_body_bytes: usize,
}

impl Limits {
    /// Limits for one exchange.
    ///
    /// ```
    /// use std::time::Duration;
    /// use pinning_keys_http::Limits;
    ///
    /// let limits = Limits::new(Duration::from_secs(30), 1024 * 1024);
    /// assert_eq!(limits.timeout.as_secs(), 30);
    /// ```
    #[must_use]
    pub fn new(timeout: Duration, max_body_bytes: usize) -> Self {
        Self { timeout, max_body_bytes }
    }
}

/// Whether a request that got no complete answer may have reached the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    /// No byte of the request reached the server: sending it again is harmless.
    NotSent,
    /// The server may have received the request, and may have acted on it.
    MaybeSent,
    /// The server answered with this status, but its body could not be read to the end.
    Answered(StatusCode),
}

impl Reach {
    /// The status of an answer that began.
    pub(crate) fn status(self) -> Option<StatusCode> {
        match self {
            Self::Answered(status) => Some(status),
            Self::NotSent | Self::MaybeSent => None,
        }
    }
}

/// What went wrong during an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection could be made: name look-up, TCP or TLS.
    Connect,
    /// [`Limits::timeout`] passed.
    Timeout,
    /// The connection broke before the answer was complete.
    Closed,
    /// The answer is longer than [`Limits::max_body_bytes`].
    BodyTooLarge,
    /// Anything else; the source tells more.
    Other,
}

/// Why an exchange brought no complete answer back.
pub struct TransportError {
    reach: Reach,
    kind: TransportErrorKind,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// An error of this kind, for a request that got as far as `reach`.
    ///
    /// ```
    /// use pinning_keys_http::{Reach, TransportError, TransportErrorKind};
    ///
    /// let error = TransportError::new(TransportErrorKind::Connect, Reach::NotSent);
    /// assert_eq!(error.to_string(), "no connection could be made");
    /// ```
    #[must_use]
    pub fn new(kind: TransportErrorKind, reach: Reach) -> Self {
        Self { reach, kind, source: None }
    }

    /// Keeps the error that caused this one.
    ///
    /// The source must contain neither URLs, nor header values, nor bodies: errors are
    /// logged, and any of these can hold a key.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// How far the request got.
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// What went wrong.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }
}

impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportError")
            .field("kind", &self.kind)
            .field("reach", &self.reach)
            .field("source", &self.source)
            .finish()
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.kind, self.reach) {
            (TransportErrorKind::Connect, _) => "no connection could be made",
            (TransportErrorKind::Timeout, Reach::NotSent) => "connecting took too long",
            (TransportErrorKind::Timeout, _) => "the answer took too long",
            (TransportErrorKind::Closed, Reach::NotSent) => {
                "the connection closed before the request was sent"
            }
            (TransportErrorKind::Closed, Reach::MaybeSent) => {
                "the connection closed after the request was sent"
            }
            (TransportErrorKind::Closed, Reach::Answered(_)) => {
                "the connection closed in the middle of the answer"
            }
            (TransportErrorKind::BodyTooLarge, _) => "the answer is longer than the limit",
            (TransportErrorKind::Other, Reach::NotSent) => "the request could not be sent",
            (TransportErrorKind::Other, _) => "the exchange failed",
        })
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
