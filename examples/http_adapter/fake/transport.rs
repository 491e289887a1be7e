//! How clients reach the server: in memory, or over TCP.

use std::io;

use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::{Request, Response, Uri};
use pinning_keys::adapter::async_trait;
use pinning_keys::transport::{Limits, Reach, Transport, TransportError, TransportErrorKind};
use tokio::net::TcpListener;

use super::Fake;
use super::account::{API_URL, LOGIN_URL};

const LONGEST_BODY: usize = 64 * 1024;

/// In memory. A request to another host fails to connect.
#[async_trait]
impl Transport for Fake {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        if !is_provider(request.uri()) {
            return Err(TransportError::new(TransportErrorKind::Connect, Reach::NotSent));
        }
        let response = self.answer(&request);
        if response.body().len() > limits.max_body_bytes {
            let reach = Reach::Answered(response.status());
            return Err(TransportError::new(TransportErrorKind::BodyTooLarge, reach));
        }
        Ok(response)
    }
}

impl Fake {
    /// Serves the account over TCP until the runtime ends, and returns the base URL. From now on, a
    /// login gives the same address for all other calls.
    pub(crate) async fn serve(&self) -> io::Result<String> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        self.account().api_url.clone_from(&url);
        let fake = self.clone();
        let server = Router::new().fallback(move |request: Request<Body>| async move {
            let (parts, body) = request.into_parts();
            let body = to_bytes(body, LONGEST_BODY).await.unwrap_or_default();
            fake.answer(&Request::from_parts(parts, body)).map(Body::from)
        });
        tokio::spawn(async move { axum::serve(listener, server).await });
        Ok(url)
    }
}

fn is_provider(uri: &Uri) -> bool {
    let text = uri.to_string();
    [LOGIN_URL, API_URL].iter().any(|base| {
        text.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}
