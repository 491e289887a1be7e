//! The service: an upload key for each user who is logged in, revoked when they log out, or an
//! upload link without a key.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router, middleware};
use http::header::CACHE_CONTROL;
use http::{HeaderValue, StatusCode};
use pinning_keys::HolderRoute;
use pinning_keys::pinata::PinataIssuer;
use pinning_keys_lifecycle::Delivery;
use serde_json::json;

use crate::keys::UploadKeys;
use crate::links;
use crate::refusal::Refusal;
use crate::session::User;

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) keys: Arc<UploadKeys>,
    /// The provider's upload route, which the holder of a key calls.
    pub(crate) upload: Arc<HolderRoute>,
    /// Signs upload links, which only Pinata has.
    pub(crate) signer: Option<Arc<PinataIssuer>>,
}

impl Service {
    pub(crate) fn router(self) -> Router {
        Router::new()
            .route("/upload-key", post(upload_key))
            .route("/upload-link", post(upload_link))
            .route("/log-out", post(log_out))
            .layer(middleware::map_response(no_store))
            .with_state(self)
    }
}

async fn upload_key(
    State(Service { keys, upload, .. }): State<Service>,
    User(user): User,
) -> Result<Response, Refusal> {
    let (key, max_uses) = keys.renew(user).await?;
    let answer = json!({
        "name": key.name(),
        "max_uses": max_uses,
        "upload": {
            "method": upload.method().as_str(),
            "url": upload.url(),
            "headers": pair(&key),
            "body": upload.body().to_string(),
        },
    });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// The key pair as the headers of a request.
///
/// Not the token: a Pinata JWT contains the e-mail address of the account's owner.
fn pair(key: &Delivery) -> BTreeMap<&str, &str> {
    let shown = key.credential().expose(); // the only place that shows a secret
    let headers = [
        (shown.api_key_header(), shown.api_key()),
        (shown.api_secret_header(), shown.api_secret()),
    ];
    headers.into_iter().filter_map(|(name, value)| name.zip(value)).collect()
}

async fn upload_link(
    State(Service { signer, .. }): State<Service>,
    User(user): User,
) -> Result<Response, Refusal> {
    let no_links = Refusal::new(StatusCode::NOT_FOUND, "the storage provider has no upload links");
    let link = links::sign(&*signer.ok_or(no_links)?, user).await?;
    let answer = json!({
        "upload": { "method": "POST", "url": link.expose_url(), "headers": {} },
    });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

async fn log_out(
    State(Service { keys, .. }): State<Service>,
    User(user): User,
) -> Result<StatusCode, Refusal> {
    keys.close_for(user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Keeps secrets out of caches.
async fn no_store(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
