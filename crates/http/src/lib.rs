//! The HTTP plumbing that adapters of `pinning-keys` share, for authors of further ones.
//!
//! An adapter describes each request as a [`Call`] and hands it to an [`ApiClient`], which
//! does what all providers need alike: the deadline, repeats where they are harmless, the one
//! redirect that is safe, the account's credential, and errors that hold no secret.
//!
//! An example stands at [`ApiClient`].
//!
//! # What is repeated
//!
//! A request that never left this machine may be sent again for any operation. Otherwise only
//! operations that do the same when done twice ([`Operation::is_repeatable`]) are repeated,
//! after 5xx, 429, timeouts and broken connections. **A create is carried out once at most**: it
//! goes out again only where it certainly was not carried out, which is where it never left, where
//! the account's credential was refused and another one is there, and after the one redirect that
//! is followed.
//!
//! # Features
//!
//! * `reqwest` (default): `ReqwestTransport`, by itself for plain http on loopback.
//! * `tls-ring` (default), `tls-aws-lc`: https for it. With both on, ring is used.
//! * `tracing`: events for what is called, see below.
//!
//! With TLS on, the program's `reqwest` is built without a cryptography of its own choosing. An app
//! that also makes `reqwest` clients itself, and turns on none of `reqwest`'s TLS features, must
//! then install one for the process (`rustls::crypto::CryptoProvider::install_default`), or its
//! own `reqwest::Client::new()` panics.
//!
//! # Events
//!
//! With the feature `tracing` there is an event of the target `pinning_keys::attempt` for each
//! request that is sent, and one of the target `pinning_keys::call` when a call is over. Both are
//! of the level `DEBUG`; the one for a call is a `WARN` where it is unknown what was done at the
//! provider, which includes a create whose future was dropped. They have these fields, and nothing
//! else of a request, an answer or a key:
//!
//! | field | what it tells |
//! |---|---|
//! | `provider` | the provider's id |
//! | `operation` | `issue`, `list`, `revoke` or `verify` |
//! | `attempt` | which attempt it is; for a call, how many there were |
//! | `status` | the answer's HTTP status; for a call, that of the last answer. None where none came |
//! | `effect` | `done`, or as [`Effect`](pinning_keys_core::Effect): `not sent`, `rejected`, `unknown` |
//! | `duration` | how long it took, in milliseconds |
//!
//! What other crates log is theirs. The credential's headers are marked sensitive, and `reqwest`'s
//! logging of connections byte for byte is off, whatever its settings say.
//!
//! [`Operation::is_repeatable`]: pinning_keys_core::Operation::is_repeatable

mod answer;
mod api_settings;
mod base_url;
mod builder;
mod call;
mod cleaning;
mod client;
pub mod credentials;
mod exchange;
mod failure;
pub mod flags;
pub mod lenient;
mod listing;
mod offset_paging;
#[cfg(feature = "reqwest")]
mod origin;
mod outcome;
mod redirect;
#[cfg(feature = "reqwest")]
mod reqwest_transport;
mod setting;
#[cfg(feature = "_tls")]
mod tls;
#[cfg_attr(not(feature = "tracing"), path = "no_trace.rs")]
mod trace;
mod transport;
mod waiting;

pub use answer::Answer;
pub use api_settings::ApiSettings;
pub use base_url::BaseUrl;
pub use builder::ApiClientBuilder;
pub use call::{Call, LIST_BODY_BYTES};
pub use client::{ApiClient, Deadline};
pub use failure::Failure;
pub use listing::ListedKey;
pub use offset_paging::{OffsetCursor, OffsetPage, Total};
#[cfg(feature = "reqwest")]
pub use reqwest_transport::{ReqwestTransport, ReqwestTransportBuilder};
pub use setting::Setting;
pub use transport::{Limits, Reach, Transport, TransportError, TransportErrorKind};

/// Compiles the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
