#![cfg_attr(docsrs, feature(doc_cfg))]
//! `pinning-keys` issues, lists, verifies and revokes scoped API keys at IPFS pinning providers,
//! such as an upload key for one user or a read-only key for a CI job, from Rust or from a shell.
//! Every provider names these permissions differently; with [one API](KeyIssuer), an app switches
//! between Pinata and W3IPFS (AIOZ Pin) by configuration instead of code. A key never gets more
//! than was asked for or explicitly tolerated, a create is retried only if it
//! [definitely did not take effect](Effect), and no secret is ever printed.
//!
//! # Install
//!
//! Nothing is published yet. Clone this repository next to your project and depend on it by path,
//! together with tokio, whose runtime the library's calls need:
//!
//! ```toml
//! [dependencies]
//! pinning-keys = { path = "../pinning-keys/crates/pinning-keys" }
//! tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
//! ```
//!
//! Building needs Rust 1.85 or later and a C compiler.
//!
//! # Quick start
//!
//! ```rust,no_run
//! use pinning_keys::{Error, IssuerConfig, KeyIssuer, KeyRequest, ScopeRequest};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Error> {
//!     let issuer = IssuerConfig::from_env()?.build()?; // the environment selects the provider
//!     let key = issuer.issue(&KeyRequest::new("dashboard", ScopeRequest::reader())?).await?;
//!     println!("{} may {}", key.name(), key.granted()); // never prints the secret
//!     // An app hands out key.credential().expose() and stores key.key_ref().to_string().
//!     println!("{}", issuer.revoke(key.key_ref()).await?);
//!     Ok(())
//! }
//! ```
//!
//! Set the account's credential, here the JWT of a Pinata admin key, and run it:
//!
//! ```sh
//! export PINATA_JWT='<your JWT>'
//! cargo run
//! ```
//!
//! ```text
//! dashboard may pins:list pins:list-jobs
//! revoked
//! ```
//!
//! For W3IPFS, set `PINNING_KEYS_PROVIDER=w3ipfs` and `PINNING_KEYS_JWT` instead. Without an
//! account, run `cargo run -p pinning-keys-emulator` in this repository, in a second terminal: it
//! serves both providers on loopback and prints the variables to export for each.
//!
//! # How it works
//!
//! ```text
//! ┌────────────┐     ┌─────────────────────────┐     ┌─────────────────────────┐     ┌──────────┐
//! │ KeyRequest │     │ Plan                    │     │ adapter                 │     │ provider │
//! │            │ ──▶ │                         │ ──▶ │                         │ ──▶ │          │
//! │ name       │     │ granted, missing, extra │     │ one HTTP call:          │     │ Pinata   │
//! │ scope      │     │ or a refusal, unsent    │     │ deadline, safe retries  │     │ W3IPFS   │
//! └────────────┘     └─────────────────────────┘     └─────────────────────────┘     └──────────┘
//! ```
//!
//! The [request](KeyRequest) names [permissions](Permission) that belong to no provider. The
//! provider's [table](adapter::PermissionTable) translates them into its own grants before anything
//! is sent. The [adapter] makes the call and reports [what happened](Effect).
//!
//! The holder of a key calls the provider directly. To switch that by configuration, too, pass on
//! [`issuer.holder_route(permission)`](KeyIssuerExt::holder_route): the method and URL, and the
//! forms of the credential and the body. The form of the answer still differs between providers.
//!
//! # Where to go from here
//!
//! * [`ScopeRequest`]: what a key must be able to do, and what it may be able to do besides.
//! * [`IssuerConfig`]: select the provider with environment variables, a file or setters.
//! * [`Providers`]: the same with a provider of your own.
//! * [`KeyIssuer`] and [`KeyIssuerExt`]: issue, list, find, revoke, verify, probe and reconcile
//!   keys, and trace a leaked credential to its key.
//! * [`KeyIssuerExt::check`]: compare what the provider recorded with what was issued.
//! * [`Error`], [`Effect`] and [`NextStep`]: what a failed call did, and what to do about it.
//! * [`bulk`]: issue and revoke many keys at once.
//! * [`Patient`]: wait when a rate limit is exceeded, such as in a listing of many keys, or until a
//!   key works or is dead.
//! * [`credentials`]: the credential of your own account, and sources that renew it.
//! * [`transport`]: your own HTTP client.
//! * [`adapter`]: an adapter for another provider.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `pinata` | yes | the Pinata adapter |
//! | `w3ipfs` | yes | the W3IPFS (AIOZ Pin) adapter |
//! | `bulk` | no | many keys at once: `bulk::issue_many`, `bulk::revoke_many`, `bulk::revoke_listed`, and `bulk::Throttled`, which stays within rate limits ([how]) |
//! | `reqwest` | yes | the built-in HTTP transport; without it, supply your own `Transport` |
//! | `tls-ring` | yes | TLS with ring, which builds in half the time of aws-lc |
//! | `tls-aws-lc` | no | TLS with aws-lc; if both are enabled, ring is used |
//!
#![cfg_attr(feature = "bulk", doc = "[`bulk`]: mod@bulk")]
#![cfg_attr(feature = "bulk", doc = "[how]: mod@bulk")]
#![cfg_attr(not(feature = "bulk"), doc = "[`bulk`]: #features")]
#![cfg_attr(not(feature = "bulk"), doc = "[how]: #features")]

mod any_config;
mod built_in;
#[cfg(any(feature = "pinata", feature = "w3ipfs"))]
mod config;
mod entries;
mod entry_rules;
mod environment;
mod foreign_variables;
mod found_variables;
mod misconfigured;
mod missing;
mod our_variables;
mod provider;
mod providers;
mod similar_names;
mod variable_names;

pub mod adapter;
pub mod transport;

pub use pinning_keys_core::{
    Account, Attempts, BodyForm, Credential, CredentialFacts, CredentialForm, CredentialState,
    Cursor, Difference, Discrepancies, Effect, Error, ErrorKind, Expiry, ExposedCredential,
    Granted, HolderRoute, Inexpressible, IssuedKey, KeyIssuer, KeyIssuerExt, KeyListing, KeyName,
    KeyPage, KeyQuery, KeyRecord, KeyRef, KeyRequest, KeyScope, KeyStream, NextStep, Operation,
    Patient, Permission, PermissionSet, Permissions, Plan, ProbeAnswer, ProbeConsent, ProbePlan,
    ProbeReport, ProbeVerdict, Provenance, Reconciliation, Recorded, Restriction, Revocation,
    ScopeChange, ScopeError, ScopeRequest, Tolerance, TracedKey, UnknownPermission, Uses,
    Verification, Waited, serde_exposed,
};

pub use any_config::AnyConfig;
#[cfg(feature = "pinata")]
pub use built_in::pinata;
#[cfg(feature = "w3ipfs")]
pub use built_in::w3ipfs;
#[cfg(any(feature = "pinata", feature = "w3ipfs"))]
pub use config::IssuerConfig;
pub use provider::Provider;
pub use providers::Providers;

#[cfg(feature = "pinata")]
#[doc(inline)]
pub use pinning_keys_pinata as pinata;

#[cfg(feature = "w3ipfs")]
#[doc(inline)]
pub use pinning_keys_w3ipfs as w3ipfs;

pub use pinning_keys_http::credentials;

/// Many keys at once: batches, progress and rate limits.
#[cfg(feature = "bulk")]
#[doc(inline)]
pub use pinning_keys_bulk as bulk;

/// Runs the Rust blocks of the README and of the pages as tests.
#[cfg(all(doctest, feature = "pinata", feature = "w3ipfs"))]
mod pages {
    #[doc = include_str!("../../../README.md")]
    mod readme {}
    #[doc = include_str!("../../../docs/features.md")]
    mod features {}
    #[doc = include_str!("../../../docs/w3ipfs.md")]
    mod w3ipfs {}
}
