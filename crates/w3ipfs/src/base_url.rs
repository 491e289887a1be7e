//! The addresses of the provider's API over time. The paths were the same at all of them
//! (documented); it is not known which of the older addresses still answer.
//!
//! ```
//! use pinning_keys_w3ipfs::{W3ipfsConfig, base_url};
//!
//! let config = W3ipfsConfig::new().with_base_url(base_url::W3IPFS_STORAGE);
//! assert_eq!(config.base_url(), "https://api.w3ipfs.storage/api");
//! ```

use pinning_keys_core::Error;
use pinning_keys_http::BaseUrl;

use crate::error::misconfigured;

/// AIOZ Pin, the provider's name today (documented).
pub const AIOZ_PIN: &str = "https://api.aiozpin.network/api";

/// W3IPFS in 2024 (documented).
pub const W3IPFS_STORAGE: &str = "https://api.w3ipfs.storage/api";

/// W3IPFS in early 2024 (documented, and seen in the provider's command-line client).
pub const W3IPFS_AIOZ: &str = "https://api.w3ipfs.aioz.network/api";

/// The address in the first documents, from 2023 (documented).
pub const ATTOAIOZ: &str = "https://api-ipfs.attoaioz.cyou/api";

/// The domains of the provider. Besides the API, they have gateways (`public` and `premium`, seen
/// in the code of third parties) and pages for people.
const DOMAINS: [&str; 4] =
    ["aiozpin.network", "w3ipfs.storage", "w3ipfs.aioz.network", "attoaioz.cyou"];

/// Refuses an address that cannot be the one of the API. Requests to it would fail with errors that
/// do not mention the address.
pub(crate) fn check(base_url: &BaseUrl) -> Result<(), Error> {
    let (host, path) = (base_url.host(), base_url.path());
    let is_api = |url: &str| url.split('/').nth(2) == Some(host);
    let is_api = [AIOZ_PIN, W3IPFS_STORAGE, W3IPFS_AIOZ, ATTOAIOZ].into_iter().any(is_api);
    let (message, step) = if !is_api && DOMAINS.iter().any(|domain| base_url.is_below(domain)) {
        ("base_url has a host of the provider that does not serve the API", "correct")
    } else if path.is_empty() {
        ("base_url has no path, but the provider's API is at /api", "add /api to")
    } else if path.split('/').any(|segment| segment == "apiKeys") {
        ("base_url contains a route", "remove /apiKeys and everything after it from")
    } else if is_api && path != "/api" {
        ("base_url has a path other than /api, where the provider's API is", "correct")
    } else {
        return Ok(());
    };
    let step = format!("{step} base_url (PINNING_KEYS_BASE_URL), as in {AIOZ_PIN}");
    Err(misconfigured(message).with_next_step(step))
}
