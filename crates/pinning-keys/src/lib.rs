//! Scoped API keys at IPFS pinning providers: one model, one trait, one adapter a provider.
//!
//! Apps that pin content on IPFS give out API keys: an upload key for one user, a read-only
//! key for a CI job. Each provider has words of its own for what such a key may do. Here an
//! app asks in words that belong to no provider, and configuration decides who answers.
//!
//! ```no_run
//! use pinning_keys::{IssuerConfig, KeyIssuer, KeyRequest, ScopeRequest};
//!
//! # async fn example() -> Result<(), pinning_keys::Error> {
//! let issuer = IssuerConfig::from_env()?.build()?;
//! let request = KeyRequest::new("dashboard", ScopeRequest::reader())?;
//! let key = issuer.issue(&request).await?;
//! println!("{} may {}", key.name(), key.granted()); // never prints the secret
//! # Ok(())
//! # }
//! ```
//!
//! # Where to go from here
//!
//! * [`ScopeRequest`]: say what a key must, may and must not be able to do.
//! * [`IssuerConfig`]: choose the provider in a file or in the environment.
//! * [`KeyIssuer`] and [`KeyIssuerExt`]: issue, list, find, revoke, verify, reconcile.
//! * [`Error`] and [`Effect`]: what a failed call did or did not do.
//! * `bulk`, a feature: issue and revoke many keys at once.
//! * [`credentials`]: the credential of your own account, and sources that renew it.
//! * [`transport`]: bring an HTTP client of your own.
//! * [`adapter`]: write an adapter for another provider.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `pinata` | yes | the Pinata adapter |
//! | `w3ipfs` | yes | the W3IPFS (AIOZ Pin) adapter |
//! | `bulk` | no | many keys at once, at the pace that the provider allows |
//! | `reqwest` | yes | the ready-made transport |
//! | `tls-ring` | yes | TLS with ring |
//! | `tls-aws-lc` | no | TLS with aws-lc; ring is used where both are on |
//!
//! Of the providers a build can have either alone.

#[cfg(any(feature = "pinata", feature = "w3ipfs"))]
mod config;
#[cfg(any(feature = "pinata", feature = "w3ipfs"))]
mod environment;

pub mod adapter;
pub mod transport;

pub use pinning_keys_core::{
    Attempts, Credential, Cursor, Discrepancies, Effect, Error, ErrorKind, ExposedCredential,
    Inexpressible, IssuedKey, KeyIssuer, KeyIssuerExt, KeyListing, KeyName, KeyPage, KeyQuery,
    KeyRecord, KeyRef, KeyRequest, KeyScope, KeyStream, NextStep, Operation, Permission,
    PermissionSet, Permissions, Plan, Reconciliation, Revocation, ScopeChange, ScopeError,
    ScopeRequest, Tolerance, UnknownPermission, Verification, serde_exposed,
};

#[cfg(any(feature = "pinata", feature = "w3ipfs"))]
pub use config::IssuerConfig;

#[cfg(feature = "pinata")]
pub use pinning_keys_pinata as pinata;

#[cfg(feature = "w3ipfs")]
pub use pinning_keys_w3ipfs as w3ipfs;

pub use pinning_keys_http::credentials::SecretFrom;

/// Many keys at once: batches, progress, and rate limits that are kept to.
#[cfg(feature = "bulk")]
pub use pinning_keys_bulk as bulk;

pub use pinning_keys_http::credentials;

/// Runs the Rust blocks of the README and of the pages as tests.
#[cfg(all(doctest, feature = "pinata", feature = "w3ipfs"))]
mod pages {
    #[doc = include_str!("../../../README.md")]
    mod readme {}
    #[doc = include_str!("../../../docs/w3ipfs.md")]
    mod w3ipfs {}
}
