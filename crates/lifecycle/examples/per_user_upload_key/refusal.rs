//! What a user is told about a request that failed, and what the operator of the service is.

use std::time::{Duration, SystemTime};

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use pinning_keys::{Effect, Error};
use pinning_keys_lifecycle as lifecycle;
use serde_json::json;

/// A refusal in the service's own words.
pub(crate) struct Refusal {
    status: StatusCode,
    text: &'static str,
    /// For the log. Contains no secret.
    pub(crate) why: String,
    retry_after: Option<Duration>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, text: &'static str) -> Self {
        Self { status, text, why: text.to_owned(), retry_after: None }
    }

    /// The same request would fail again.
    pub(crate) fn lasting(why: impl Into<String>) -> Self {
        let text = "the storage provider cannot be used";
        Self { why: why.into(), ..Self::new(StatusCode::BAD_GATEWAY, text) }
    }

    /// The same request may succeed later.
    pub(crate) fn passing(why: impl Into<String>, retry_after: Option<Duration>) -> Self {
        let text = "the storage provider cannot be used right now; try again later";
        let refusal = Self::new(StatusCode::SERVICE_UNAVAILABLE, text);
        Self { why: why.into(), retry_after, ..refusal }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        if error.is_retryable() || error.effect() == Effect::Unknown {
            return Self::passing(error.to_string(), error.retry_after());
        }
        Self::lasting(error.to_string())
    }
}

impl From<lifecycle::Error> for Refusal {
    fn from(error: lifecycle::Error) -> Self {
        use lifecycle::ErrorKind::{Internal, InvalidInput, Provider, WrongAccount};
        let is_passing = match error.kind() {
            Provider => error.provider_error().is_some_and(Error::is_retryable),
            kind => !matches!(kind, InvalidInput | WrongAccount | Internal),
        };
        if is_passing {
            return Self::passing(error.to_string(), error.retry_at().and_then(until));
        }
        Self::lasting(error.to_string())
    }
}

pub(crate) fn until(time: SystemTime) -> Option<Duration> {
    time.duration_since(SystemTime::now()).ok()
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        if self.status.is_server_error() {
            eprintln!("refused: {}", self.why);
        }
        let mut response = (self.status, Json(json!({ "error": self.text }))).into_response();
        if let Some(wait) = self.retry_after {
            let wait = HeaderValue::from(wait.as_secs().max(1));
            response.headers_mut().insert(RETRY_AFTER, wait);
        }
        response
    }
}
