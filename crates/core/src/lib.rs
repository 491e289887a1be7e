//! The provider-neutral model of `pinning-keys`: what a key may do, how a provider's
//! vocabulary expresses it, the trait that adapters implement, and the errors.
//!
//! This crate does no I/O and needs no async runtime. Applications use it through the facade
//! `pinning-keys`; authors of adapters depend on it directly.
//!
//! # The model in short
//!
//! * A [`Permission`] is one thing that a key's holder may do, such as `pins:add-file`.
//! * A [`ScopeRequest`] is what is asked: a floor (`needs`) and a ceiling (`prefers`,
//!   `tolerates`).
//! * A [`PermissionTable`] is a provider's vocabulary. It translates a request into the native
//!   grants that lie between floor and ceiling, or says why there are none.
//! * A [`KeyIssuer`] makes, lists, revokes and verifies keys.
//!
//! ```
//! use pinning_keys_core::{Grant, Permission, PermissionTable, ScopeRequest};
//!
//! static GRANTS: [Grant; 2] = [
//!     Grant::new("read", &[Permission::PinsList]),
//!     Grant::new("write", &[Permission::PinsList, Permission::PinsAddFile]),
//! ];
//! static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);
//!
//! // The provider cannot separate uploading from listing, so an exact request is refused …
//! let upload = ScopeRequest::uploader();
//! assert!(TABLE.translate(&upload).is_err());
//! // … until the caller accepts what comes along.
//! let translation = TABLE.translate(&upload.tolerates(Permission::PinsList))?;
//! assert_eq!(translation.extra().to_string(), "pins:list");
//! # Ok::<(), pinning_keys_core::ScopeError>(())
//! ```

mod attempts;
mod credential;
mod discrepancies;
mod effect;
mod error;
mod error_kind;
mod error_serde;
mod error_text;
mod inexpressible;
mod inexpressible_text;
mod issued_key;
mod issuer;
mod issuer_ext;
mod key_listing;
mod key_name;
mod key_page;
mod key_query;
mod key_record;
mod key_ref;
mod key_request;
mod key_scope;
mod key_stream;
mod next_step;
mod outcome;
mod permission;
mod permission_set;
mod permission_table;
mod plan;
mod profile;
mod request_serde;
mod scope_error;
mod scope_request;
mod search;

pub mod serde_exposed;
mod text;
mod translation;

pub use async_trait::async_trait;
pub use attempts::Attempts;
#[doc(no_inline)]
pub use http;

pub use credential::{Credential, ExposedCredential, PairHeaders, header_fault};
pub use discrepancies::Discrepancies;
pub use effect::{Effect, Operation};
pub use error::Error;
pub use error_kind::ErrorKind;
pub use inexpressible::Inexpressible;
pub use issued_key::IssuedKey;
pub use issuer::KeyIssuer;
pub use issuer_ext::{KeyIssuerExt, Reconciliation};
pub use key_listing::KeyListing;
pub use key_name::KeyName;
pub use key_page::KeyPage;
pub use key_query::{Cursor, KeyQuery};
pub use key_record::KeyRecord;
pub use key_ref::KeyRef;
pub use key_request::KeyRequest;
pub use key_scope::KeyScope;
pub use key_stream::KeyStream;
pub use next_step::{NextStep, ScopeChange};
pub use outcome::{Revocation, Verification};
pub use permission::{Permission, UnknownPermission};
pub use permission_set::{PermissionSet, Permissions};
pub use permission_table::{Grant, PermissionTable, Reading};
pub use plan::Plan;
pub use profile::{Filters, IssuerProfile};
pub use scope_error::ScopeError;
pub use scope_request::{ScopeRequest, Tolerance};
pub use translation::Translation;
