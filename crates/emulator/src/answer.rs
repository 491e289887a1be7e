use axum::body::Body;
use axum::response::Response;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// What a route answers: status, headers and body. Each provider's own file of this name defines
/// the bodies.
pub(crate) struct Answer {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: String,
}

impl Answer {
    pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Self {
        // All bodies are plain structures and values, which serialize without errors.
        let body = serde_json::to_string(body).unwrap_or_default();
        Self { status, headers: vec![(CONTENT_TYPE, JSON)], body }
    }

    /// A body with this content type, which is not JSON.
    pub(crate) fn text(status: StatusCode, content_type: &'static str, body: &str) -> Self {
        let content_type = HeaderValue::from_static(content_type);
        Self { status, headers: vec![(CONTENT_TYPE, content_type)], body: body.to_owned() }
    }

    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, headers: Vec::new(), body: String::new() }
    }

    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(crate) fn into_body(self) -> String {
        self.body
    }

    pub(crate) fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers);
        response
    }
}
