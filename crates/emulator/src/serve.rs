use std::sync::Arc;

use axum::body::HttpBody as _;
use axum::extract::{Request, State};
use axum::response::Response;
use http::request::Parts;

use crate::answer::Answer;
use crate::body::{self, TooLarge};
use crate::payload::Payload;

/// How a provider answers a request, in three steps that never wait.
pub(crate) trait Provider: Send + Sync + 'static {
    /// A route of its table.
    type Found: Send;

    /// Finds the route of a request, or the answer if there is none.
    fn find(&self, parts: &Parts) -> Result<Self::Found, Answer>;

    /// Refuses a request before its body is read, if the headers suffice for that.
    fn admit_early(&self, parts: &Parts, found: &Self::Found) -> Result<(), Answer>;

    /// Answers a request. The credential is checked again, since the key may have been revoked or
    /// used up while the body was read.
    fn answer(
        &self,
        parts: &Parts,
        found: Self::Found,
        payload: Result<Payload, TooLarge>,
    ) -> Answer;
}

/// Answers one request: finds its route and lets it through if its key may use it.
///
/// A refusal comes before the body is read if possible, so that the body need not be sent.
pub(crate) async fn serve<P: Provider>(
    State(provider): State<Arc<P>>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let found = provider.find(&parts).and_then(|found| {
        if !body.is_end_stream() {
            provider.admit_early(&parts, &found)?;
        }
        Ok(found)
    });
    let found = match found {
        Ok(found) => found,
        Err(refusal) => {
            body::discard(body);
            return refusal.into_response();
        }
    };
    let payload = Payload::read(&parts, body).await;
    provider.answer(&parts, found, payload).into_response()
}
