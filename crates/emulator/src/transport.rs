use std::fmt;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::{Request, Response, Uri};
use pinning_keys_http::{Limits, Reach, Transport, TransportError, TransportErrorKind};
use tower::ServiceExt as _;

/// A [`Transport`] that hands requests to an emulator in memory.
///
/// It reaches this emulator and nothing else: a request for another host fails as one that
/// could not connect, so that a wrong base URL is noticed.
///
/// ```
/// use std::time::Duration;
///
/// use bytes::Bytes;
/// use http::Request;
/// use pinning_keys_emulator::Emulator;
/// use pinning_keys_http::{Limits, Transport as _};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let emulator = Emulator::builder().in_memory();
/// let pinata = emulator.pinata();
/// let request = Request::get(format!("{}/data/testAuthentication", pinata.base_url()))
///     .header("authorization", format!("Bearer {}", pinata.jwt()))
///     .body(Bytes::new())?;
///
/// let limits = Limits::new(Duration::from_secs(5), 1024 * 1024);
/// let answer = emulator.transport().send(request, limits).await?;
/// assert_eq!(answer.status(), 200);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct InMemoryTransport {
    router: Router,
    authority: Option<String>,
}

impl InMemoryTransport {
    pub(crate) fn new(router: Router, base_url: &str) -> Self {
        let authority = base_url
            .parse::<Uri>()
            .ok()
            .and_then(|uri| uri.authority().map(|authority| authority.as_str().to_owned()));
        Self { router, authority }
    }

    /// A request without an authority is in origin form, and can only be meant for us.
    fn reaches(&self, uri: &Uri) -> bool {
        match uri.authority() {
            Some(authority) => {
                uri.scheme_str() == Some("http")
                    && self.authority.as_deref() == Some(authority.as_str())
            }
            None => true,
        }
    }

    async fn exchange(
        &self,
        request: Request<Bytes>,
        max_body_bytes: usize,
    ) -> Result<Response<Bytes>, TransportError> {
        // The router is infallible: `oneshot` has no error that could be looked at.
        let Ok(response) = self.router.clone().oneshot(request.map(Body::from)).await;
        let (parts, body) = response.into_parts();
        // Answers of the emulator are whole in memory, so reading one fails only by length.
        let body = to_bytes(body, max_body_bytes).await.map_err(|_| {
            TransportError::new(TransportErrorKind::BodyTooLarge, Reach::Answered(parts.status))
        })?;
        Ok(Response::from_parts(parts, body))
    }
}

#[async_trait]
impl Transport for InMemoryTransport {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        if !self.reaches(request.uri()) {
            return Err(TransportError::new(TransportErrorKind::Connect, Reach::NotSent));
        }
        // With no time at all, nothing is sent; the first poll below would already act.
        if limits.timeout.is_zero() {
            return Err(TransportError::new(TransportErrorKind::Timeout, Reach::NotSent));
        }
        tokio::time::timeout(limits.timeout, self.exchange(request, limits.max_body_bytes))
            .await
            .unwrap_or_else(|_| {
                Err(TransportError::new(TransportErrorKind::Timeout, Reach::MaybeSent))
            })
    }
}

impl fmt::Debug for InMemoryTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InMemoryTransport")
            .field("authority", &self.authority)
            .finish_non_exhaustive()
    }
}
