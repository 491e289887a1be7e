use std::sync::Arc;

use axum::body::HttpBody as _;
use axum::extract::{Request, State};
use axum::response::Response;
use http::request::Parts;

use crate::answer::Answer;
use crate::body::{self, TooLarge};
use crate::payload::Payload;

/// How a provider answers a request, in three steps, none of which waits.
pub(crate) trait Provider: Send + Sync + 'static {
    /// A route of its table.
    type Found: Send;

    /// The route of a request, or the answer where there is none.
    fn find(&self, parts: &Parts) -> Result<Self::Found, Answer>;

    /// Looks at a request of which the body is not read yet, and refuses it if that can be
    /// said already.
    fn admit_early(&self, parts: &Parts, found: &Self::Found) -> Result<(), Answer>;

    /// Answers. Who was admitted before the body was read is asked again, since the key may
    /// have been revoked or used up meanwhile.
    fn answer(
        &self,
        parts: &Parts,
        found: Self::Found,
        payload: Result<Payload, TooLarge>,
    ) -> Answer;
}

/// Answers one request: finds its route, and lets it through if its key may.
///
/// Where nothing speaks against it, that is found out before the body is read, so that what
/// is refused need not be sent.
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
