//! Everything that an adapter for another provider is written with.
//!
//! An adapter implements [`KeyIssuer`](crate::KeyIssuer). It describes its provider with an
//! [`IssuerProfile`] and a [`PermissionTable`], and sends each request as a [`Call`] through an
//! [`ApiClient`], which handles deadlines, retries, redirects, the account's credential, and
//! errors without secrets. Its configuration has an [`ApiSettings`] and the setters of
//! [`api_setters!`].
//!
//! In the repository, the guide `docs/http-adapter.md` leads from an empty crate to an adapter that
//! passes the conformance suite. Its example, `http_adapter`, is a complete one.
//!
//! # Your own provider in the configuration
//!
//! [`provider_config!`] makes such a configuration one that [`Providers`](crate::Providers) can
//! read, from the same files and `PINNING_KEYS_*` variables as those of the built-in providers. An
//! app then adds one line, `.with(Provider::of::<MyConfig>())`. Secrets under an adapter's own
//! setting names, such as a key id and an application key, are declared in [`api_setters!`], set
//! with [`Setting::secret_into`], which also reads their `_FILE` variables, and passed to the
//! client as a [`NamedCredential`]. [`Providers`](crate::Providers#a-third-provider) has an
//! example.
//!
//! # Which types are here
//!
//! Applications rarely name these types. A type is listed here if only adapters construct it,
//! even if a method of an issuer returns it: [`KeyRecord::table`](crate::KeyRecord::table)
//! returns a [`PermissionTable`] and [`KeyIssuer::profile`](crate::KeyIssuer::profile) an
//! [`IssuerProfile`], and both can be read without an import. [`async_trait`] and `http` also
//! serve those who implement a [`Transport`](crate::transport::Transport) or a
//! [`CredentialSource`](crate::credentials::CredentialSource).
//!
//! ```
//! use pinning_keys::adapter::{Grant, IssuerProfile, PermissionTable};
//! use pinning_keys::{Permission, ScopeRequest};
//!
//! static GRANTS: [Grant; 2] = [
//!     Grant::new("read", &[Permission::PinsList]),
//!     Grant::new("write", &[Permission::PinsList, Permission::PinsAddFile]),
//! ];
//! static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);
//!
//! let profile = IssuerProfile::new(&TABLE).with_max_uses_supported(true);
//! let upload = ScopeRequest::uploader().tolerates(Permission::PinsList);
//! assert_eq!(profile.table().translate(&upload)?.extra().to_string(), "pins:list");
//! # Ok::<(), pinning_keys::ScopeError>(())
//! ```

#[doc(no_inline)]
pub use pinning_keys_core::http;
pub use pinning_keys_core::{
    DataRoute, Filters, Grant, IssuerProfile, NameChars, PairHeaders, PermissionTable,
    ProbeRequest, Reading, RouteHost, SecretShape, TableFault, Translation, async_trait,
};
pub use pinning_keys_http::{
    Answer, ApiClient, ApiClientBuilder, ApiSettings, BaseUrl, Call, Deadline, Failure,
    ForeignVariable, LIST_BODY_BYTES, ListedKey, NamedCredential, OffsetCursor, OffsetPage,
    ProviderConfig, SentAs, SentSecret, Setting, TokenCursor, Total, api_setters, flags,
    jwt_claims, lenient, provider_config, words,
};
