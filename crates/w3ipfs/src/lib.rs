//! The W3IPFS adapter of `pinning-keys`: issues, lists, verifies and revokes scoped API keys of
//! W3IPFS, now called AIOZ Pin.
//!
//! Applications use it through the crate `pinning-keys` and its feature `w3ipfs`.
//!
//! ```no_run
//! use pinning_keys_core::{KeyIssuer, KeyRequest, ScopeRequest};
//! use pinning_keys_w3ipfs::{SecretFrom, W3ipfsConfig};
//!
//! # async fn example() -> Result<(), pinning_keys_core::Error> {
//! let issuer = W3ipfsConfig::new()
//!     .with_jwt(SecretFrom::file("/run/secrets/w3ipfs-jwt"))
//!     .build()?;
//! let request = KeyRequest::new("upload for user 42", ScopeRequest::uploader())?;
//! let key = issuer.issue(&request).await?;
//! println!("{} may {}", key.name(), key.granted());
//! # Ok(())
//! # }
//! ```
//!
//! # Which credential manages keys
//!
//! There is no default, because the provider's documents contradict each other: the first document
//! shows a key pair for the key routes; every later document and every official client uses the
//! JWT of a login. It is not known whether the routes still accept an admin key pair. Set one of
//! the two: [`with_jwt`](W3ipfsConfig::with_jwt) or
//! [`with_key_pair`](W3ipfsConfig::with_key_pair).
//!
//! A JWT expires after two hours in the documented sample; it is not known whether all do. A
//! program that runs longer uses a credential source. [`Cached`] logs in once for many calls,
//! before the JWT expires, and once after a refusal:
//!
//! ```
//! use std::sync::Arc;
//! use std::time::{Duration, SystemTime};
//!
//! use pinning_keys_http::credentials::{AccountCredential, Cached, from_fn};
//! use pinning_keys_w3ipfs::W3ipfsConfig;
//!
//! # async fn log_in() -> Result<String, pinning_keys_core::Error> {
//! #     Ok("eyJhbGciOi".to_owned())
//! # }
//! let source = Cached::new(from_fn(|_| async {
//!     let expiry = SystemTime::now() + Duration::from_secs(2 * 60 * 60);
//!     Ok(AccountCredential::bearer(log_in().await?)?.with_expires_at(expiry))
//! }));
//! let config = W3ipfsConfig::new().with_credentials(Arc::new(source));
//! ```
//!
//! [`Cached`]: pinning_keys_http::credentials::Cached
//!
//! # What to know about W3IPFS
//!
//! * The headers of its key pair have underscores in their names ([`PAIR_HEADERS`]), and some
//!   proxies silently drop such headers (nginx by default). The provider then reports that nobody
//!   is logged in.
//! * A key is deleted by an id that its creation does not show (documented). Revoking a key by the
//!   reference from [`issue`](pinning_keys_core::KeyIssuer::issue) therefore reads the list of keys
//!   first; a reference from a list already contains the id.
//! * Names are unique, and `Default` is the account's own key (seen in the provider's dashboard).
//!   If the answer to a create is lost and its name was already taken, [`reconcile`] finds and
//!   revokes the older key of that name, so reconcile only names from [`KeyName::unique`].
//! * API secrets are 32 bytes in base 64, API keys 16 (documented in samples). A [`KeyRef`] with
//!   a secret instead of an API key or an id is refused before any request.
//! * The create takes neither an expiry date nor a limit on uses (documented), so a request with one
//!   is refused before anything is sent. A key ends when it is revoked.
//!
//! [`KeyRef`]: pinning_keys_core::KeyRef
//! [`reconcile`]: pinning_keys_core::KeyIssuerExt::reconcile
//! [`KeyName::unique`]: pinning_keys_core::KeyName::unique

mod advice;
pub mod base_url;
mod claims;
mod config;
mod error;
mod error_body;
mod holder_routes;
mod issuer;
mod permissions;
mod probe;
mod wire;

pub use config::{DEFAULT_BASE_URL, W3ipfsConfig};
pub use issuer::W3ipfsIssuer;
pub use permissions::SCOPES;
pub use pinning_keys_http::credentials::SecretFrom;
pub use wire::PAIR_HEADERS;

/// Compiles the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
