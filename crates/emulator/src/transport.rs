use std::fmt;
use std::future::pending;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response, Uri};
use pinning_keys_http::{Limits, Reach, Transport, TransportError, TransportErrorKind};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tower::ServiceExt as _;

use crate::body::{self, Unread};
use crate::faults::{Faults, NoAnswer};

/// A [`Transport`] that passes requests to an emulator in memory; from
/// [`Emulator::transport`](crate::Emulator::transport).
///
/// It reaches this emulator only: a request for another host fails to connect, so that a wrong
/// base URL is noticed.
///
/// Faults happen here as they do over TCP: a connection that is cut is reported as closed, with as
/// much as a client can know of how far its request got.
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
/// let emulator = Emulator::in_memory();
/// let pinata = emulator.pinata();
/// let request = Request::get(format!("{}/data/testAuthentication", pinata.base_url()))
///     .header("authorization", format!("Bearer {}", pinata.jwt()))
///     .body(Bytes::new())?;
///
/// let limits = Limits::new(Duration::from_secs(5), 1024 * 1024);
/// let response = emulator.transport().send(request, limits).await?;
/// assert_eq!(response.status(), 200);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct InMemoryTransport {
    router: Router,
    faults: Faults,
    authority: Option<String>,
}

impl InMemoryTransport {
    pub(crate) fn new(router: Router, faults: Faults, base_url: &str) -> Self {
        let authority = base_url
            .parse::<Uri>()
            .ok()
            .and_then(|uri| uri.authority().map(|authority| authority.as_str().to_owned()));
        Self { router, faults, authority }
    }

    /// A request without an authority is in origin form and can only be meant for this emulator.
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
        mut end: End,
    ) -> Result<Response<Bytes>, TransportError> {
        let answer = self.router.clone().oneshot(request.map(Body::from));
        // The router is infallible, so the inner result is always `Ok`.
        let Ok(response) = end.or(answer, Reach::MaybeSent).await?;
        match response.extensions().get() {
            Some(NoAnswer::Refused) => return Err(refused()),
            Some(NoAnswer::Cut) => {
                return Err(TransportError::new(TransportErrorKind::Closed, Reach::MaybeSent));
            }
            None => {}
        }
        let (parts, mut body) = response.into_parts();
        let reach = Reach::Answered(parts.status);
        let body = end.or(body::collect(&mut body, max_body_bytes), reach).await?;
        let body = body.map_err(|unread| {
            let kind = match unread {
                Unread::TooLarge => TransportErrorKind::BodyTooLarge,
                Unread::Broken => TransportErrorKind::Closed,
            };
            TransportError::new(kind, reach)
        })?;
        Ok(Response::from_parts(parts, body))
    }
}

fn refused() -> TransportError {
    TransportError::new(TransportErrorKind::Connect, Reach::NotSent)
}

/// What can end an exchange before it is complete.
struct End {
    /// `None` if it is too far away for an [`Instant`].
    deadline: Option<Instant>,
    outage: watch::Receiver<()>,
}

impl End {
    /// Waits for a part of the exchange; `reach` is how far the request got before it.
    async fn or<F: IntoFuture>(
        &mut self,
        part: F,
        reach: Reach,
    ) -> Result<F::Output, TransportError> {
        let Self { deadline, outage } = self;
        let too_late = async {
            match *deadline {
                Some(deadline) => sleep_until(deadline).await,
                None => pending().await,
            }
        };
        let kind = tokio::select! {
            // A part that takes no time succeeds however short the deadline is.
            biased;
            output = part.into_future() => return Ok(output),
            _ = outage.changed() => TransportErrorKind::Closed,
            () = too_late => TransportErrorKind::Timeout,
        };
        Err(TransportError::new(kind, reach))
    }
}

#[async_trait]
impl Transport for InMemoryTransport {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        // Subscribe before the check, so that no outage is missed.
        let outage = self.faults.outage();
        if !self.reaches(request.uri()) || self.faults.are_refusing() {
            return Err(refused());
        }
        // Without any time nothing may be sent, but the first poll below would already act.
        if limits.timeout.is_zero() {
            return Err(TransportError::new(TransportErrorKind::Timeout, Reach::NotSent));
        }
        let end = End { deadline: Instant::now().checked_add(limits.timeout), outage };
        self.exchange(request, limits.max_body_bytes, end).await
    }
}

impl fmt::Debug for InMemoryTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InMemoryTransport")
            .field("authority", &self.authority)
            .finish_non_exhaustive()
    }
}
