//! The addresses that people mistake for the address of Pinata's API.

use pinning_keys_core::Error;
use pinning_keys_http::BaseUrl;

use crate::error::misconfigured;

/// The host of the API (documented).
const API_HOST: &str = "api.pinata.cloud";

/// The domains whose other hosts serve files and pages: `gateway.pinata.cloud`,
/// `uploads.pinata.cloud` and the gateways of accounts, such as `example.mypinata.cloud`
/// (documented).
const DOMAINS: [&str; 2] = ["pinata.cloud", "mypinata.cloud"];

/// The routes that people copy along with the host (documented). The second is what the routes of
/// the official client begin with.
const ROUTES: [&str; 9] = [
    "/v3",
    "/v3/pinata",
    "/v3/pinata/keys",
    "/v3/api_keys",
    "/v3/files",
    "/users/generateApiKey",
    "/users/apiKeys",
    "/users/revokeApiKey",
    "/data/testAuthentication",
];

/// Refuses an address that cannot be the one of the API. Requests to it would fail with errors that
/// do not mention the address.
pub(crate) fn check(base_url: &BaseUrl) -> Result<(), Error> {
    let (is_api, path) = (base_url.host() == API_HOST, base_url.path());
    if !is_api && DOMAINS.iter().any(|domain| base_url.is_below(domain)) {
        return Err(misconfigured("base_url has a host of Pinata that does not serve the API")
            .with_next_step(
                "set base_url (PINNING_KEYS_BASE_URL) to https://api.pinata.cloud, or remove it",
            ));
    }
    if let Some(route) = ROUTES.iter().find(|route| path.ends_with(*route)) {
        return Err(misconfigured("base_url ends in a route").with_next_step(format!(
            "remove {route} from base_url (PINNING_KEYS_BASE_URL), as in https://api.pinata.cloud"
        )));
    }
    if is_api && !path.is_empty() {
        return Err(misconfigured("base_url has a path, and Pinata's API has none").with_next_step(
            "remove the path from base_url (PINNING_KEYS_BASE_URL), as in https://api.pinata.cloud",
        ));
    }
    Ok(())
}
