use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;

use crate::counters::Counters;
use crate::pinata::{self, Pinata};

/// Everything that the emulator answers, on one port.
///
/// Pinata's routes begin at the root and are found in its own table, which is also what
/// enforces scopes; a further provider is nested under a prefix of its own.
pub(crate) fn router(counters: Arc<Counters>, pinata: &Pinata) -> Router {
    Router::new()
        .fallback(pinata::serve)
        .with_state(pinata.account())
        .layer(from_fn_with_state(counters, count))
}

/// Counts a request when it arrives, before anything can go wrong with it.
async fn count(State(counters): State<Arc<Counters>>, request: Request, next: Next) -> Response {
    counters.count(request.method(), request.uri().path());
    next.run(request).await
}
