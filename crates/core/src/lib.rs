//! The provider-neutral model of `pinning-keys`: what a key may do, how a provider expresses it,
//! the trait that adapters implement, and the errors.
//!
//! This crate does no I/O and needs no async runtime. Applications use it through the facade
//! `pinning-keys`; authors of adapters depend on it directly.
//!
//! # The model in short
//!
//! * A [`Permission`] is one thing that a key's holder may do, such as `pins:add-file`.
//! * A [`ScopeRequest`] is what a key must be able to do (`needs`), and what it may be able to do
//!   besides (`prefers`, `tolerates`).
//! * A [`PermissionTable`] lists the grants of a provider. It translates a request into grants
//!   that open everything needed and nothing that was not named, or says why there are none.
//! * A [`KeyIssuer`] issues, lists, revokes and verifies keys.
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
//! // … until the caller accepts what comes with it.
//! let translation = TABLE.translate(&upload.tolerates(Permission::PinsList))?;
//! assert_eq!(translation.extra().to_string(), "pins:list");
//! # Ok::<(), pinning_keys_core::ScopeError>(())
//! ```

mod account;
mod attempts;
mod credential;
mod credential_facts;
mod data_route;
mod difference;
mod discrepancies;
mod disguise;
mod effect;
mod error;
mod error_kind;
mod error_serde;
mod error_text;
mod escaping;
mod expiry;
mod expiry_check;
mod exposed_credential;
mod filters;
mod grant;
mod granted;
mod header_text;
mod holder_route;
mod inexpressible;
mod inexpressible_text;
mod issued_key;
mod issuer;
mod issuer_ext;
mod jwt;
mod key_listing;
mod key_name;
mod key_page;
mod key_pair;
mod key_query;
mod key_record;
mod key_ref;
mod key_request;
mod key_scope;
mod key_stream;
mod lifetime;
mod name_chars;
mod native_name;
mod next_step;
mod one_header;
mod outcome;
mod patient;
mod permission;
mod permission_set;
mod permission_table;
mod placeholders;
mod plan;
mod probe_plan;
mod probe_report;
mod profile;
mod profile_checks;
mod provenance;
mod reading;
mod recorded;
mod request_serde;
mod restriction;
mod route_form;
mod scope_error;
mod scope_request;
mod search;
mod secret_shape;
mod stored_credential;
mod table_fault;
mod table_rules;
mod text;
mod tolerance;
mod traced_key;
mod translation;
mod unseen;
mod waited;
mod waiting;

pub mod serde_exposed;

#[doc(no_inline)]
pub use async_trait::async_trait;
#[doc(no_inline)]
pub use http;

pub use account::Account;
pub use attempts::Attempts;
pub use credential::Credential;
pub use credential_facts::CredentialFacts;
pub use data_route::DataRoute;
pub use difference::Difference;
pub use discrepancies::Discrepancies;
pub use effect::{Effect, Operation};
pub use error::Error;
pub use error_kind::ErrorKind;
#[doc(hidden)]
pub use escaping::{begins_bracket_command, escaped, escaped_os};
pub use expiry::Expiry;
pub use exposed_credential::ExposedCredential;
pub use filters::Filters;
pub use grant::Grant;
pub use granted::Granted;
#[doc(hidden)]
pub use header_text::{check_header_text, header_fault, header_value_fault};
pub use holder_route::HolderRoute;
pub use inexpressible::Inexpressible;
pub use issued_key::IssuedKey;
pub use issuer::KeyIssuer;
pub use issuer_ext::{KeyIssuerExt, Reconciliation};
#[doc(hidden)]
pub use jwt::{contains_jwt, is_jwt_shaped};
pub use key_listing::KeyListing;
pub use key_name::KeyName;
pub use key_page::KeyPage;
pub use key_pair::PairHeaders;
pub use key_query::{Cursor, KeyQuery};
pub use key_record::KeyRecord;
pub use key_ref::KeyRef;
pub use key_request::KeyRequest;
pub use key_scope::KeyScope;
pub use key_stream::KeyStream;
pub use name_chars::NameChars;
pub use next_step::{NextStep, ScopeChange};
#[doc(hidden)]
pub use one_header::{check_basic_user, credential_header};
pub use outcome::{Revocation, Verification};
pub use patient::Patient;
pub use permission::{Permission, UnknownPermission};
pub use permission_set::{PermissionSet, Permissions};
pub use permission_table::PermissionTable;
#[doc(hidden)]
pub use placeholders::with_members_in_front;
pub use plan::Plan;
pub use probe_plan::{ProbeConsent, ProbePlan, ProbeRequest};
pub use probe_report::{ProbeAnswer, ProbeReport, ProbeVerdict};
pub use profile::IssuerProfile;
pub use provenance::Provenance;
pub use reading::Reading;
pub use recorded::Recorded;
pub use restriction::Restriction;
pub use route_form::{BodyForm, CredentialForm, RouteHost};
pub use scope_error::ScopeError;
pub use scope_request::ScopeRequest;
pub use secret_shape::SecretShape;
pub use table_fault::TableFault;
#[doc(hidden)]
pub use table_rules::is_id;
pub use tolerance::Tolerance;
pub use traced_key::{CredentialState, TracedKey};
pub use translation::Translation;
#[doc(hidden)]
pub use unseen::unseen_in;
pub use waited::{Uses, Waited};

/// Compiles the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
