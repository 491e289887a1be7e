//! W3IPFS adapter of `pinning-keys`: issues, lists, verifies and revokes scoped API keys of
//! W3IPFS, which is called AIOZ Pin today.
//!
//! Applications reach it through the facade `pinning-keys` and its feature `w3ipfs`.
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
//! There is no default, since the provider's documents contradict each other: the first one
//! names a key pair for the key routes, every later one and every client of the provider's uses
//! the JWT of a login. Whether the routes still take an admin key pair is not known. Name one of
//! the two: [`with_jwt`](W3ipfsConfig::with_jwt) or
//! [`with_key_pair`](W3ipfsConfig::with_key_pair).
//!
//! A JWT expires, after two hours in the document's sample; whether all do is not known. A program
//! that runs longer sets a credential source. [`Cached`] logs in once for many calls, before the
//! JWT expires, and once after a refusal:
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
//!     Ok(AccountCredential::bearer(log_in().await?)?.with_expiry(expiry))
//! }));
//! let config = W3ipfsConfig::new().with_credentials(Arc::new(source));
//! ```
//!
//! [`Cached`]: pinning_keys_http::credentials::Cached
//!
//! # What to know about W3IPFS
//!
//! * The headers of its key pair have underscores in their names ([`PAIR_HEADERS`]), which some
//!   proxies drop without a word (nginx, unless told otherwise). The provider then says that
//!   nobody is logged in.
//! * A key is deleted by an id that its creation does not show (documented). Revoking a key by
//!   the reference that [`issue`](pinning_keys_core::KeyIssuer::issue) gave therefore reads the
//!   list of keys first; a reference from a list has the id already.
//! * Names are unique, and `Default` is the account's own (seen in the provider's dashboard). So
//!   where the answer to a create is lost, and its name was taken before, [`reconcile`] finds and
//!   revokes the older key of that name: reconcile only names that [`KeyName::unique`] made.
//! * Keys have neither an expiry nor a limit on their uses.
//!
//! [`reconcile`]: pinning_keys_core::KeyIssuerExt::reconcile
//! [`KeyName::unique`]: pinning_keys_core::KeyName::unique

pub mod base_url;
mod config;
mod error;
mod issuer;
mod permissions;
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
