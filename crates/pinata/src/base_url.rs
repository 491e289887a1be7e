//! The addresses that people mistake for those of Pinata's API and of its host for uploads.

use pinning_keys_core::Error;
use pinning_keys_http::BaseUrl;

use crate::error::misconfigured;

/// The domains whose other hosts serve files and pages: `gateway.pinata.cloud` and the gateways of
/// accounts, such as `example.mypinata.cloud` (documented).
const DOMAINS: [&str; 2] = ["pinata.cloud", "mypinata.cloud"];

/// The routes that people copy along with the host (documented). The second is what the routes of
/// the official client begin with.
const ROUTES: [&str; 10] = [
    "/v3",
    "/v3/pinata",
    "/v3/pinata/keys",
    "/v3/api_keys",
    "/v3/files",
    "/v3/files/sign",
    "/users/generateApiKey",
    "/users/apiKeys",
    "/users/revokeApiKey",
    "/data/testAuthentication",
];

/// One of Pinata's two hosts, and the setting that replaces it.
struct Place {
    setting: &'static str,
    variable: &'static str,
    host: &'static str,
    /// What only this host does, as in "a host of Pinata that does not …".
    does: &'static str,
}

/// The host of the API (documented).
const API: Place = Place {
    setting: "base_url",
    variable: "PINNING_KEYS_BASE_URL",
    host: "api.pinata.cloud",
    does: "serve the API",
};

/// The host for uploads (documented).
const UPLOADS: Place = Place {
    setting: "upload_url",
    variable: "PINNING_KEYS_UPLOAD_URL",
    host: "uploads.pinata.cloud",
    does: "sign uploads",
};

/// Refuses an address that cannot be the one of the API. Requests to it would fail with errors that
/// do not mention the address.
pub(crate) fn check(base_url: &BaseUrl) -> Result<(), Error> {
    API.check(base_url)
}

/// Refuses an address that cannot be the one for uploads.
pub(crate) fn check_uploads(upload_url: &BaseUrl) -> Result<(), Error> {
    UPLOADS.check(upload_url)
}

impl Place {
    fn check(&self, url: &BaseUrl) -> Result<(), Error> {
        let Self { setting, variable, host, does } = self;
        let (is_this, path) = (url.host() == *host, url.path());
        let refused = |what: String, step: String| Err(misconfigured(what).with_next_step(step));
        if !is_this && DOMAINS.iter().any(|domain| url.is_below(domain)) {
            return refused(
                format!("{setting} has a host of Pinata that does not {does}"),
                format!("set {setting} ({variable}) to https://{host}, or remove it"),
            );
        }
        if let Some(route) = ROUTES.iter().find(|route| path.ends_with(*route)) {
            return refused(
                format!("{setting} ends in a route"),
                format!("remove {route} from {setting} ({variable}), as in https://{host}"),
            );
        }
        if is_this && !path.is_empty() {
            return refused(
                format!("{setting} has a path, and the address at Pinata has none"),
                format!("remove the path from {setting} ({variable}), as in https://{host}"),
            );
        }
        Ok(())
    }
}

/// The address that accepts uploads if none is set, for an API at this one. Only Pinata's own API has
/// another address for uploads: a test server has one for all routes, and the credential of such a
/// server must not reach the live one.
pub(crate) fn uploads_url(base_url: &BaseUrl) -> String {
    if base_url.host() == API.host {
        return format!("https://{}", UPLOADS.host);
    }
    base_url.as_str().to_owned()
}
