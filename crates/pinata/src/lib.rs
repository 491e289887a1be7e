//! Pinata adapter of `pinning-keys`: issues, lists, verifies and revokes scoped Pinata API
//! keys.
//!
//! Applications reach it through the facade `pinning-keys` and its feature `pinata`.
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
//! Keys are managed through a [`Route`], made in a [`Table`], and the account has a
//! credential for it. What a key opens is the vocabulary's matter, and never the route's.
//! [`PinataConfig::build`] refuses what does not go together:
//!
//! | route | tables | credential of the account | of a key that is | filters |
//! |---|---|---|---|---|
//! | [`V3`](Route::V3) | `resources` (default), `endpoints` | JWT | admin, or has `org:write` | all |
//! | [`Sdk`](Route::Sdk) | `resources` (default), `endpoints` | JWT | admin, or has `org:write` | all |
//! | [`Legacy`](Route::Legacy) | `endpoints` | JWT or key pair | admin | none |
//!
//! Where there are no filters, a key is found by its name all the same: the whole list is read.
//! Admin keys are made on every route, and every issued key comes with a JWT and a key pair. What
//! was made through one route is, it seems, listed and revoked through the others (inferred).
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
mod route;
mod wire;

pub use config::{DEFAULT_BASE_URL, PinataConfig, Table};
pub use issuer::PinataIssuer;
pub use permissions::{ENDPOINTS, RESOURCES};
pub use pinning_keys_http::credentials::SecretFrom;
pub use route::Route;
pub use wire::PAIR_HEADERS;

/// Compiles the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
