use std::borrow::Cow;
use std::fmt;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Request, Response, Uri};
use pinning_keys_core::{Error, ErrorKind};
use reqwest::{Client, ClientBuilder};

use crate::origin::Origin;
use crate::tls_failure::fault_of;
use crate::{Limits, Reach, TlsFault, Transport, TransportError, TransportErrorKind};

/// The largest buffer that is allocated because of an answer's `content-length` alone.
const TRUSTED_LENGTH: usize = 64 * 1024;

/// A connection that was idle for longer is not used again: a server may be closing it at this
/// moment, and the effect of a create that runs into that is unknown.
const IDLE: Duration = Duration::from_secs(15);

/// The default [`Transport`], based on `reqwest`.
///
/// It follows no redirects, retries nothing and stores no cookies.
///
/// * **Proxies.** https goes through the proxy of the system's settings (`HTTPS_PROXY`, `ALL_PROXY`
///   and others), encrypted from end to end. Plain http and requests to this machine go through no
///   proxy, whatever the settings say, because the proxy would read the account's credential.
/// * **Certificates.** It trusts the CAs that the system trusts, or bundled ones if the system has
///   none. `SSL_CERT_FILE` and `SSL_CERT_DIR` name others to trust instead, such as a company's.
///
/// ```
/// use pinning_keys_http::ReqwestTransport;
///
/// let transport = ReqwestTransport::new()?;
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
#[derive(Clone)]
pub struct ReqwestTransport {
    /// For plain http and this machine.
    direct: Client,
    /// For all others; it may go through a proxy.
    outward: Client,
    /// What to do about a certificate of an unknown issuer, unless the app chose the trusted CAs.
    issuer_step: Option<Cow<'static, str>>,
    /// The origin of the first request, and usually of all.
    usual: Arc<OnceLock<Origin>>,
}

impl ReqwestTransport {
    /// The default time limit for connecting.
    pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

    /// Creates a transport with the default settings.
    ///
    /// ```
    /// use pinning_keys_http::ReqwestTransport;
    ///
    /// let transport = ReqwestTransport::new()?;
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if TLS cannot be set up.
    pub fn new() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// Creates a builder for a transport with other settings.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use pinning_keys_http::ReqwestTransport;
    ///
    /// let builder = ReqwestTransport::builder().connect_timeout(Duration::from_secs(3));
    /// let transport = builder.build()?;
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    pub fn builder() -> ReqwestTransportBuilder {
        ReqwestTransportBuilder {
            connect_timeout: Self::CONNECT_TIMEOUT,
            client: Box::new(Client::builder),
            keep_tls: false,
        }
    }

    /// Creates a transport with your own `reqwest` settings.
    ///
    /// `client` is called twice, because plain http and requests to this machine use a second
    /// client without proxies. What a transport owes is set last, because a built client does not
    /// reveal its settings: no redirects, no retries, the connect timeout, the idle timeout, no
    /// logging of the bytes of connections, and TLS.
    ///
    /// The call limits the time of a request, whatever `timeout` says. Do not set `read_timeout`:
    /// it can cut off a create, whose effect is then unknown.
    ///
    /// ```
    /// use pinning_keys_http::ReqwestTransport;
    ///
    /// let transport = ReqwestTransport::from_builder(|| {
    ///     reqwest::Client::builder().tcp_keepalive(std::time::Duration::from_secs(60))
    /// })?;
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if the settings do not work together.
    pub fn from_builder(
        client: impl Fn() -> ClientBuilder + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        Self::builder().client(client).build()
    }

    /// Hands the request to `reqwest`.
    fn start(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> Result<impl Future<Output = reqwest::Result<reqwest::Response>> + use<>, TransportError>
    {
        let (parts, body) = request.into_parts();
        let origin = self.origin(&parts.uri)?;
        let client = if origin.may_use_proxy() { &self.outward } else { &self.direct };
        let mut request = reqwest::Request::new(parts.method, origin.url(&parts.uri));
        *request.headers_mut() = parts.headers;
        *request.body_mut() = Some(body.into());
        *request.timeout_mut() = Some(timeout);
        Ok(client.execute(request))
    }

    /// The error for an exchange without the head of an answer.
    fn unanswered(&self, error: reqwest::Error) -> TransportError {
        let error = error.without_url();
        // A closed connection does not mean that nothing was sent: the server may have closed it
        // after reading the request. Only a failure before the connection or the request existed
        // means that.
        let not_sent = error.is_connect() || error.is_builder();
        let reach = if not_sent { Reach::NotSent } else { Reach::MaybeSent };
        let kind = kind_of(&error);
        let failed = TransportError::new(kind, reach).with_source(error);
        match (kind, &self.issuer_step) {
            (TransportErrorKind::Tls(TlsFault::UnknownIssuer), Some(step)) => {
                failed.with_next_step(step.clone())
            }
            _ => failed,
        }
    }

    fn origin(&self, address: &Uri) -> Result<Cow<'_, Origin>, TransportError> {
        if let Some(usual) = self.usual.get().filter(|usual| usual.is_of(address)) {
            return Ok(Cow::Borrowed(usual));
        }
        let origin = Origin::of(address)?;
        // The first one stays.
        let _ = self.usual.set(origin.clone());
        Ok(Cow::Owned(origin))
    }
}

/// Builds a [`ReqwestTransport`]; created by [`ReqwestTransport::builder`].
///
/// ```
/// use pinning_keys_http::ReqwestTransport;
///
/// let proxied = || {
///     let proxy = reqwest::Proxy::all("http://proxy.example:3128").unwrap();
///     reqwest::Client::builder().proxy(proxy)
/// };
/// let transport = ReqwestTransport::builder().client(proxied).build()?;
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
#[must_use]
pub struct ReqwestTransportBuilder {
    connect_timeout: Duration,
    client: Box<dyn Fn() -> ClientBuilder + Send + Sync>,
    keep_tls: bool,
}

impl ReqwestTransportBuilder {
    /// Sets the time limit for connecting (default: 10 s).
    ///
    /// Set it well below the deadline of the calls: a create that could not connect was definitely
    /// not sent, while one that the deadline cut off may have been.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets your own `reqwest` settings; see [`ReqwestTransport::from_builder`].
    pub fn client(mut self, client: impl Fn() -> ClientBuilder + Send + Sync + 'static) -> Self {
        self.client = Box::new(client);
        self
    }

    /// Keeps the TLS settings of [`client`](Self::client), such as a client certificate, instead of
    /// replacing them with the default ones.
    ///
    /// They must be complete. Without a cryptography provider of its own, `reqwest` panics unless
    /// the program has installed one for the process.
    pub fn keep_tls(mut self) -> Self {
        self.keep_tls = true;
        self
    }

    /// Builds the transport.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if the settings do not work together.
    pub fn build(self) -> Result<ReqwestTransport, Error> {
        let clients = [(self.client)().no_proxy(), (self.client)()];
        let clients = clients.map(|client| self.bind(client));
        #[cfg(not(feature = "_tls"))]
        let issuer_step = None;
        #[cfg(feature = "_tls")]
        let (clients, issuer_step) = if self.keep_tls {
            (clients, None)
        } else {
            let (tls, trust) = crate::tls::config()?;
            let clients = clients.map(|client| client.tls_backend_preconfigured(tls.clone()));
            (clients, Some(trust.advice()))
        };
        let [direct, outward] = clients;
        Ok(ReqwestTransport {
            direct: finish(direct)?,
            outward: finish(outward)?,
            issuer_step,
            usual: Arc::default(),
        })
    }

    /// Sets what a transport owes.
    fn bind(&self, client: ClientBuilder) -> ClientBuilder {
        client
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            // It logs all bytes of a connection, including credentials.
            .connection_verbose(false)
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(IDLE)
    }
}

impl fmt::Debug for ReqwestTransportBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransportBuilder")
            .field("connect_timeout", &self.connect_timeout)
            .field("keep_tls", &self.keep_tls)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransport").finish_non_exhaustive()
    }
}

impl Transport for ReqwestTransport {
    /// Written without `async`, because an async function would keep the request in its future
    /// beside what it was converted to.
    fn send<'s, 'f>(
        &'s self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, TransportError>> + Send + 'f>>
    where
        's: 'f,
        Self: 'f,
    {
        let answer = self.start(request, limits.timeout);
        Box::pin(async move {
            let answer = answer?.await.map_err(|error| self.unanswered(error))?;
            read(answer, limits.max_body_bytes).await
        })
    }
}

/// Reads an answer to its end or up to the limit.
async fn read(
    mut answer: reqwest::Response,
    limit: usize,
) -> Result<Response<Bytes>, TransportError> {
    let status = answer.status();
    let too_large =
        || TransportError::new(TransportErrorKind::BodyTooLarge, Reach::Answered(status));
    let claimed = answer.content_length().unwrap_or(0);
    let claimed = usize::try_from(claimed).ok().filter(|length| *length <= limit);
    let room = claimed.ok_or_else(too_large)?.min(TRUSTED_LENGTH);
    let broken =
        |error| TransportError::new(kind_of(&error), Reach::Answered(status)).with_source(error);

    // A short answer comes in one piece, which becomes the body without a copy.
    let mut body = answer.chunk().await.map_err(|e| broken(e.without_url()))?.unwrap_or_default();
    let mut pieces = BytesMut::new();
    while let Some(piece) = answer.chunk().await.map_err(|e| broken(e.without_url()))? {
        if pieces.is_empty() {
            pieces.reserve(room.max(body.len() + piece.len()));
            pieces.extend_from_slice(&body);
        }
        if pieces.len() + piece.len() > limit {
            return Err(too_large());
        }
        pieces.extend_from_slice(&piece);
    }
    if !pieces.is_empty() {
        body = pieces.freeze();
    }
    if body.len() > limit {
        return Err(too_large());
    }
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = mem::take(answer.headers_mut());
    Ok(response)
}

fn kind_of(error: &reqwest::Error) -> TransportErrorKind {
    if error.is_timeout() {
        TransportErrorKind::Timeout
    } else if error.is_connect() {
        fault_of(error).map_or(TransportErrorKind::Connect, TransportErrorKind::Tls)
    } else if is_closed(error) {
        TransportErrorKind::Closed
    } else {
        TransportErrorKind::Other
    }
}

/// Whether the causes of an error say that the connection broke.
fn is_closed(error: &(dyn std::error::Error + 'static)) -> bool {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.into_iter().any(|cause| {
        let hyper = cause.downcast_ref::<hyper::Error>();
        hyper.is_some_and(|cause| {
            cause.is_incomplete_message() || cause.is_closed() || cause.is_canceled()
        }) || cause.is::<std::io::Error>()
    })
}

fn finish(client: ClientBuilder) -> Result<Client, Error> {
    client.build().map_err(|error| {
        Error::new(ErrorKind::Configuration, "the HTTP client cannot be set up")
            .with_source(error.without_url())
    })
}
