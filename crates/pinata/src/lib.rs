//! Pinata adapter of `pinning-keys`: issues, lists, verifies and revokes scoped Pinata API
//! keys through the v3 routes.
//!
//! Applications reach it through the facade `pinning-keys` and its feature `pinata`.
//!
//! ```no_run
//! use pinning_keys_core::{KeyIssuer, KeyRequest, ScopeRequest};
//! use pinning_keys_pinata::PinataConfig;
//!
//! # async fn example() -> Result<(), pinning_keys_core::Error> {
//! let issuer = PinataConfig::new().with_jwt_variable("PINATA_JWT").build()?;
//! let request = KeyRequest::new("dashboard", ScopeRequest::reader())?;
//! let key = issuer.issue(&request).await?;
//! println!("{} may {}", key.name(), key.granted());
//! # Ok(())
//! # }
//! ```
//!
//! # What to know about Pinata
//!
//! * It has two vocabularies, [`RESOURCES`] for its v3 routes and [`ENDPOINTS`] for the legacy
//!   ones; a key of one is refused on the other's routes (seen by third parties).
//! * Where a v3 route refuses a key for its scope, it answers 401, as it does to a wrong
//!   credential (seen).
//! * The JWT of a key carries the owner's e-mail address and the key's secret, readable by
//!   anyone who holds it (seen by third parties).
//! * A key has no expiry: it ends with its uses or its revocation.

mod config;
mod error;
mod issuer;
mod name_filter;
mod permissions;
mod wire;

pub use config::{DEFAULT_BASE_URL, PinataConfig, Vocabulary};
pub use issuer::PinataIssuer;
pub use permissions::{ENDPOINTS, RESOURCES};
pub use wire::PAIR_HEADERS;
