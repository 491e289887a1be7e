#![cfg_attr(docsrs, feature(doc_cfg))]
//! The HTTP plumbing that adapters of `pinning-keys` share, for authors of further adapters.
//!
//! An adapter describes each request as a [`Call`] and hands it to an [`ApiClient`]. The client
//! does what every provider needs:
//!
//! * it enforces the deadline,
//! * it retries if that is harmless,
//! * it follows the one redirect that is safe,
//! * it adds the account's credential from a [credential source](credentials), and
//! * it reports errors that contain no secret.
//!
//! [`ApiClient`] has an example.
//!
//! # What is retried
//!
//! A request that never left this machine may be sent again for any operation. Otherwise only
//! operations that are safe to do twice ([`Operation::is_repeatable`]) are retried, after 5xx, 429,
//! timeouts and broken connections. **A create takes effect once at most.** It is sent again only
//! if the previous attempt definitely did not take effect, which is so in three cases:
//!
//! * the request never left this machine,
//! * the provider refused the account's credential, and the source has another one,
//! * the provider answered with the one redirect that is followed.
//!
//! # Features
//!
//! * `reqwest` (default): `ReqwestTransport`, which on its own speaks plain http only.
//! * `tls-ring` (default), `tls-aws-lc`: https for it. If both are on, ring is used.
//!
//! With TLS on, the program's `reqwest` is built without a cryptography provider of its own. An app
//! that also makes `reqwest` clients itself, and turns on none of `reqwest`'s TLS features, must
//! install one for the process (`rustls::crypto::CryptoProvider::install_default`). Otherwise its
//! own `reqwest::Client::new()` panics.
//!
//! # Runtime
//!
//! Calls need a tokio runtime with time enabled and, for `ReqwestTransport`, with I/O enabled.
//! Without a runtime, they fail with [`ErrorKind::Configuration`]. Tokio itself panics if time or
//! I/O is not enabled, which nothing can find out beforehand.
//!
//! # Events
//!
//! Each request emits a [`tracing`] event with the target `pinning_keys::attempt`, and each call
//! emits one with the target `pinning_keys::call` when it is over. Their level is `DEBUG`. A call
//! whose effect at the provider is unknown emits a `WARN` instead; that includes a create whose
//! future was dropped. The events have these fields, and contain nothing else of a request, an
//! answer or a key:
//!
//! | field | value |
//! |---|---|
//! | `provider` | the provider's id |
//! | `operation` | `issue`, `list`, `revoke`, `verify`, `probe`, `sign_upload` or `login` |
//! | `attempt` | the number of the attempt; for a call, the number of attempts |
//! | `status` | the HTTP status of the answer; for a call, of the last answer. Absent without an answer |
//! | `effect` | `done`, or as [`Effect`](pinning_keys_core::Effect): `not sent`, `rejected`, `unknown` |
//! | `duration` | the duration in milliseconds |
//!
//! What other crates log is their own affair. The headers of the credential are marked sensitive,
//! and `reqwest`'s byte-for-byte logging of connections is off, whatever its settings say.
//!
//! [`ErrorKind::Configuration`]: pinning_keys_core::ErrorKind::Configuration
//! [`Operation::is_repeatable`]: pinning_keys_core::Operation::is_repeatable

mod address_setting;
mod answer;
mod api_setters;
mod api_settings;
mod base_url;
mod builder;
mod call;
mod call_address;
mod clean_text;
mod cleaning;
mod client;
mod context;
pub mod credentials;
mod deadline;
mod ending;
mod exchange;
mod exchange_account;
mod failure;
pub mod flags;
pub mod jwt_claims;
pub mod lenient;
mod listing;
mod misconfigured;
mod named_credential;
mod needed_facts;
mod offset_paging;
mod offset_position;
mod offset_rows;
mod offset_verdict;
#[cfg(feature = "reqwest")]
mod origin;
mod outcome;
mod provider_config;
mod redirect;
#[cfg(feature = "reqwest")]
mod reqwest_transport;
mod runtime;
mod secret_setting;
mod sent_as;
mod sent_secret;
mod session_rules;
mod setting;
mod settings;
#[cfg(feature = "_tls")]
mod tls;
#[cfg(feature = "reqwest")]
mod tls_failure;
mod tls_fault;
mod token_paging;
mod token_position;
mod trace;
mod transport;
#[cfg(feature = "_tls")]
mod trust;
mod waiting;
pub mod words;

pub use answer::Answer;
pub use api_settings::ApiSettings;
pub use base_url::BaseUrl;
pub use builder::ApiClientBuilder;
pub use call::{Call, LIST_BODY_BYTES};
pub use client::ApiClient;
pub use deadline::Deadline;
pub use failure::Failure;
pub use listing::ListedKey;
pub use named_credential::NamedCredential;
pub use offset_paging::{OffsetCursor, OffsetPage, Total};
pub use provider_config::{ForeignVariable, ProviderConfig};
#[cfg(feature = "reqwest")]
pub use reqwest_transport::{ReqwestTransport, ReqwestTransportBuilder};
pub use sent_as::SentAs;
pub use sent_secret::SentSecret;
pub use setting::Setting;
pub use tls_fault::TlsFault;
pub use token_paging::TokenCursor;
pub use transport::{Limits, Reach, Transport, TransportError, TransportErrorKind};

/// What the code of macros names.
#[doc(hidden)]
pub mod for_macros {
    pub use pinning_keys_core::{Error, KeyIssuer};
}

/// Compiles the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
