//! A transport with a canned answer.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use pinning_keys::transport::{Limits, Transport, TransportError};

/// Answers every request with this body.
pub(crate) struct Canned(pub(crate) Bytes);

#[async_trait]
impl Transport for Canned {
    async fn send(
        &self,
        _request: Request<Bytes>,
        _limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        Ok(Response::new(self.0.clone()))
    }
}
