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
//!
//! With TLS on, the program's `reqwest` is built without a cryptography of its own choosing. An app
//! that also makes `reqwest` clients itself, and turns on none of `reqwest`'s TLS features, must
//! then install one for the process (`rustls::crypto::CryptoProvider::install_default`), or its
//! own `reqwest::Client::new()` panics.
//!
//! [`Operation::is_repeatable`]: pinning_keys_core::Operation::is_repeatable

mod account_credential;
mod answer;
mod api_settings;
mod base_url;
mod builder;
mod call;
mod cleaning;
mod client;
mod credential_source;
mod exchange;
mod failure;
pub mod flags;
pub mod lenient;
mod listing;
mod offset_paging;
mod outcome;
mod redirect;
#[cfg(feature = "reqwest")]
mod reqwest_transport;
mod setting;
mod stored_credential;
#[cfg(feature = "_tls")]
mod tls;
mod transport;
mod waiting;

pub use account_credential::AccountCredential;
pub use answer::Answer;
pub use api_settings::ApiSettings;
pub use base_url::BaseUrl;
pub use builder::ApiClientBuilder;
pub use call::{Call, LIST_BODY_BYTES};
pub use client::{ApiClient, Deadline};
pub use credential_source::{Ask, CredentialSource, FromFn, from_fn};
pub use failure::Failure;
pub use listing::ListedKey;
pub use offset_paging::{OffsetCursor, OffsetPage, Total};
#[cfg(feature = "reqwest")]
pub use reqwest_transport::{ReqwestTransport, ReqwestTransportBuilder};
pub use setting::Setting;
pub use stored_credential::{SecretFrom, StoredCredential};
pub use transport::{Limits, Reach, Transport, TransportError, TransportErrorKind};
