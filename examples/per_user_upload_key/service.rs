//! The service: an upload key for each user who is logged in, revoked when they log out, or an
//! upload link without a key.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router, middleware};
use http::header::{CACHE_CONTROL, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use pinning_keys::pinata::PinataIssuer;
use pinning_keys::{HolderRoute, IssuedKey};
use serde_json::json;

use crate::keys::{Trouble, UploadKeys};
use crate::links;
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
    let (key, max_uses) = keys.renew(user).await.map_err(|trouble| {
        eprintln!("no upload key for {user}: {trouble}");
        Refusal::from(&trouble)
    })?;
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
fn pair(key: &IssuedKey) -> BTreeMap<&str, &str> {
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
    let link = links::sign(&*signer.ok_or(no_links)?, user).await.map_err(|error| {
        eprintln!("no upload link for {user}: {error}");
        Refusal::from(&Trouble::Failed(error))
    })?;
    let answer = json!({
        "upload": { "method": "POST", "url": link.expose_url(), "headers": {} },
    });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

async fn log_out(
    State(Service { keys, .. }): State<Service>,
    User(user): User,
) -> Result<StatusCode, Refusal> {
    keys.close_for(user).await.map_err(|trouble| {
        eprintln!("the key of {user} may still work: {trouble}");
        Refusal::from(&trouble)
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Keeps secrets out of caches.
async fn no_store(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A refusal in the service's own words.
pub(crate) struct Refusal {
    status: StatusCode,
    text: &'static str,
    retry_after: Option<HeaderValue>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, text: &'static str) -> Self {
        Self { status, text, retry_after: None }
    }
}

impl From<&Trouble> for Refusal {
    fn from(trouble: &Trouble) -> Self {
        if !trouble.is_passing() {
            return Self::new(StatusCode::BAD_GATEWAY, "the storage provider cannot be used");
        }
        let text = "the storage provider cannot be used right now; try again later";
        let retry_after = trouble.retry_after().map(|wait| wait.as_secs().max(1).into());
        Self { retry_after, ..Self::new(StatusCode::SERVICE_UNAVAILABLE, text) }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(json!({ "error": self.text }))).into_response();
        if let Some(wait) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, wait);
        }
        response
    }
}
