use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use http::request::Parts;

use crate::body;

/// A request with its whole body, which can be carried out later, or more than once.
pub(super) struct WholeRequest {
    parts: Parts,
    body: Bytes,
}

impl WholeRequest {
    /// Reads the body of a request; `None` if it breaks off.
    pub(super) async fn read(request: Request) -> Option<Self> {
        let (parts, mut body) = request.into_parts();
        // The provider limits the length.
        let body = body::collect(&mut body, usize::MAX).await.ok()?;
        Some(Self { parts, body })
    }

    pub(super) fn to_request(&self) -> Request {
        Request::from_parts(self.parts.clone(), Body::from(self.body.clone()))
    }
}
