//! The Pinata adapter of `pinning-keys`: issues, lists, verifies and revokes scoped Pinata API
//! keys.
//!
//! Applications use it through the crate `pinning-keys` and its feature `pinata`.
//!
//! ```no_run
//! use pinning_keys_core::{KeyIssuer, KeyRequest, ScopeRequest};
//! use pinning_keys_pinata::{PinataConfig, SecretFrom};
//!
//! # async fn example() -> Result<(), pinning_keys_core::Error> {
//! let issuer = PinataConfig::new().with_jwt(SecretFrom::variable("PINATA_JWT")).build()?;
//! let request = KeyRequest::new("dashboard", ScopeRequest::reader())?;
//! let key = issuer.issue(&request).await?;
//! println!("{} may {}", key.name(), key.granted());
//! # Ok(())
//! # }
//! ```
//!
//! # Routes, tables and credentials
//!
//! Keys are managed through a [`Route`] with a credential of the account, and issued in a
//! [`Table`]. The table decides what a key opens; the route never does. [`PinataConfig::build`]
//! rejects invalid combinations:
//!
//! | route | tables | credential of the account | its key | filters |
//! |---|---|---|---|---|
//! | [`V3`](Route::V3) | `resources` (default), `endpoints` | JWT | admin, or with `org:write` | all |
//! | [`Sdk`](Route::Sdk) | `resources` (default), `endpoints` | JWT | admin, or with `org:write` | all |
//! | [`Legacy`](Route::Legacy) | `endpoints` | JWT or key pair | admin | none |
//!
//! Without filters, finding a key by its name reads the whole list. Every route can issue admin
//! keys, and an issued key comes with a JWT and a key pair. If an answer lacks the JWT, a key of
//! the `endpoints` table is issued with the pair alone, which its routes accept. A key issued
//! through one route appears to be listed and revoked through the others (inferred).
//!
//! # What to know about Pinata
//!
//! * It has two permission tables, [`RESOURCES`] for its v3 routes and [`ENDPOINTS`] for the legacy
//!   ones; a key of one table is refused on the other's routes (seen by third parties).
//! * A v3 route that refuses a key for its scope answers 401, as it does for a wrong credential
//!   (seen).
//! * The JWT of a key contains the owner's e-mail address and the key's secret, readable by anyone
//!   who holds it (seen by third parties).
//! * The JWT names its key too, so [`trace`] finds the key of a leaked one.
//! * API secrets are 64 hex digits (seen by third parties). A [`KeyRef`] with such a text instead
//!   of an API key is refused before any request.
//! * The legacy routes confirm the revocation of every API key, even of one that never existed
//!   (seen by third parties).
//! * The create takes no expiry date (documented), so a request with one is refused before anything
//!   is sent. A key ends when its uses are exhausted or when it is revoked. Its JWT has an `exp`,
//!   after which the bearer is refused while the key is still listed as live (seen by third
//!   parties; how long a JWT lives is not documented). The key pair is not known to expire.
//! * Others can upload without a key, to a URL that [`PinataIssuer::sign_upload`] signs
//!   (documented). In the table `resources`, every key that can upload can also delete.
//! * A limit on uses does not tame an admin key, or one with `org:write`: one use can create
//!   another key without a limit.
//!
//! [`KeyRef`]: pinning_keys_core::KeyRef
//! [`trace`]: pinning_keys_core::KeyIssuerExt::trace

mod base_url;
mod claims;
mod config;
mod error;
mod error_body;
mod holder_routes;
mod issuer;
mod name_filter;
mod network;
mod permissions;
mod probe;
mod route;
mod signed_upload;
mod signing;
mod table;
mod upload_request;
mod wire;

pub use config::{DEFAULT_BASE_URL, DEFAULT_UPLOAD_URL, PinataConfig};
pub use issuer::PinataIssuer;
pub use network::Network;
pub use permissions::{ENDPOINTS, RESOURCES};
pub use pinning_keys_http::credentials::SecretFrom;
pub use route::Route;
pub use signed_upload::SignedUpload;
pub use table::Table;
pub use upload_request::UploadRequest;
pub use wire::PAIR_HEADERS;

/// Compiles the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
