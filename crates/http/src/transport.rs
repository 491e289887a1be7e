use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};

use crate::TlsFault;

/// Sends one HTTP request to a server and returns the whole answer.
///
/// Adapters reach the network only through this trait. `ReqwestTransport` implements it, and so
/// does the emulator, in memory. An implementation can wrap any HTTP client.
///
/// # What an implementation owes
///
/// 1. It sends the request **at most once**: no retry, and no redirect followed.
/// 2. It gives up after [`Limits::timeout`].
/// 3. It stops reading an answer whose body is longer than [`Limits::max_body_bytes`].
/// 4. It reports [`Reach::NotSent`] only if no byte of the request can have reached the server. If
///    in doubt, it reports [`Reach::MaybeSent`]: a create that was wrongly reported as not sent
///    would be sent again and create a second key.
/// 5. Its errors contain no URLs, header values or bodies.
/// 6. It uses no proxy for plain http and for requests to this machine, because the proxy could
///    read the credential.
///
/// ```
/// use async_trait::async_trait;
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use pinning_keys_http::{Limits, Transport, TransportError};
///
/// /// Logs the method of each request.
/// struct Logged<T>(T);
///
/// #[async_trait]
/// impl<T: Transport> Transport for Logged<T> {
///     async fn send(
///         &self,
///         request: Request<Bytes>,
///         limits: Limits,
///     ) -> Result<Response<Bytes>, TransportError> {
///         println!("{}", request.method());
///         self.0.send(request, limits).await
///     }
/// }
/// ```
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends `request` and returns the answer, whatever its status.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use bytes::Bytes;
    /// use http::Request;
    /// use pinning_keys_http::{Limits, Transport, TransportError};
    ///
    /// async fn ping(transport: &dyn Transport) -> Result<bool, TransportError> {
    ///     let mut request = Request::new(Bytes::new());
    ///     *request.uri_mut() = http::Uri::from_static("https://api.example.com/");
    ///     let limits = Limits::new(Duration::from_secs(5), 1024);
    ///     Ok(transport.send(request, limits).await?.status().is_success())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// A [`TransportError`] if no complete answer came back. It reports whether the server may
    /// have seen the request.
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

/// The time and size limits of one exchange.
///
/// ```
/// use std::time::Duration;
/// use pinning_keys_http::Limits;
///
/// let limits = Limits::new(Duration::from_secs(30), 1024 * 1024);
/// assert_eq!((limits.timeout.as_secs(), limits.max_body_bytes), (30, 1_048_576));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The time limit of the exchange, from connecting to the last byte of the answer.
    pub timeout: Duration,
    /// The size limit of the answer's body, in bytes.
    pub max_body_bytes: usize,
}

impl Limits {
    /// Creates limits for one exchange.
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

/// How far a request without a complete answer got.
///
/// ```
/// use pinning_keys_http::{Reach, TransportError, TransportErrorKind};
///
/// let error = TransportError::new(TransportErrorKind::Closed, Reach::MaybeSent);
/// assert_ne!(error.reach(), Reach::NotSent);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    /// No byte of the request reached the server: sending it again is harmless.
    NotSent,
    /// The server may have received the request, and may have acted on it.
    MaybeSent,
    /// The server answered with this status, but the body could not be read to its end.
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
///
/// ```
/// use pinning_keys_http::{Reach, TransportError, TransportErrorKind};
///
/// let error = TransportError::new(TransportErrorKind::Timeout, Reach::MaybeSent);
/// assert_eq!(error.kind(), TransportErrorKind::Timeout);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection could be made: DNS, TCP or the proxy failed, or TLS in a way that may pass.
    Connect,
    /// No secure connection could be made, and the next attempt would meet the same fault.
    Tls(TlsFault),
    /// [`Limits::timeout`] passed.
    Timeout,
    /// The connection broke before the answer was complete.
    Closed,
    /// The answer exceeds [`Limits::max_body_bytes`].
    BodyTooLarge,
    /// Anything else; see the source.
    Other,
}

/// Why an exchange failed to bring a complete answer.
///
/// ```
/// use pinning_keys_http::{Reach, TransportError, TransportErrorKind};
///
/// let error = TransportError::new(TransportErrorKind::Timeout, Reach::NotSent);
/// assert_eq!(error.to_string(), "connecting timed out");
/// ```
pub struct TransportError {
    reach: Reach,
    kind: TransportErrorKind,
    next_step: Option<Cow<'static, str>>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// Creates an error of this kind, for a request that got as far as `reach`.
    ///
    /// ```
    /// use pinning_keys_http::{Reach, TransportError, TransportErrorKind};
    ///
    /// let error = TransportError::new(TransportErrorKind::Connect, Reach::NotSent);
    /// assert_eq!(error.to_string(), "cannot connect");
    /// ```
    #[must_use]
    pub fn new(kind: TransportErrorKind, reach: Reach) -> Self {
        Self { reach, kind, next_step: None, source: None }
    }

    /// Sets what to do about it, in the transport's own words.
    ///
    /// ```
    /// use pinning_keys_http::{Reach, TransportError, TransportErrorKind};
    ///
    /// let error = TransportError::new(TransportErrorKind::Connect, Reach::NotSent)
    ///     .with_next_step("start the VPN");
    /// assert_eq!(error.next_step(), Some("start the VPN"));
    /// ```
    #[must_use]
    pub fn with_next_step(mut self, step: impl Into<Cow<'static, str>>) -> Self {
        self.next_step = Some(step.into());
        self
    }

    /// Sets the error that caused this one.
    ///
    /// The source must contain no URLs, header values or bodies: errors are logged, and any of
    /// these can contain a key.
    ///
    /// ```
    /// use pinning_keys_http::{Reach, TransportError, TransportErrorKind};
    ///
    /// fn convert(error: std::io::Error) -> TransportError {
    ///     TransportError::new(TransportErrorKind::Connect, Reach::NotSent).with_source(error)
    /// }
    /// ```
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

    /// What to do about it, if that was set.
    pub fn next_step(&self) -> Option<&str> {
        self.next_step.as_deref()
    }

    pub(crate) fn take_next_step(&mut self) -> Option<Cow<'static, str>> {
        self.next_step.take()
    }
}

impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportError")
            .field("kind", &self.kind)
            .field("reach", &self.reach)
            .field("next_step", &self.next_step)
            .field("source", &self.source)
            .finish()
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.kind, self.reach) {
            (TransportErrorKind::Connect, _) => "cannot connect",
            (TransportErrorKind::Tls(fault), _) => return fault.fmt(f),
            (TransportErrorKind::Timeout, Reach::NotSent) => "connecting timed out",
            (TransportErrorKind::Timeout, _) => "the request timed out",
            (TransportErrorKind::Closed, Reach::NotSent) => {
                "the connection closed before the request was sent"
            }
            (TransportErrorKind::Closed, Reach::MaybeSent) => {
                "the connection closed after the request was sent"
            }
            (TransportErrorKind::Closed, Reach::Answered(_)) => {
                "the connection closed while the answer was read"
            }
            (TransportErrorKind::BodyTooLarge, _) => "the answer exceeds the size limit",
            (TransportErrorKind::Other, Reach::NotSent) => "the request could not be sent",
            (TransportErrorKind::Other, _) => "the request failed",
        })
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
