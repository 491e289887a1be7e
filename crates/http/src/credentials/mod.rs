//! The account's own credential and where it comes from.
//!
//! An [`AccountCredential`] authenticates the calls that issue, list and revoke keys. It is not an
//! issued [`Credential`](pinning_keys_core::Credential), and neither can be used as the other. A
//! client asks its [`CredentialSource`] for one at the start of each call. These sources exist:
//!
//! * [`AccountCredential`] itself, for a credential that does not change,
//! * [`StoredCredential`], which reads environment variables or files for each call,
//! * [`from_fn`], which calls an async function, such as a login or a vault client,
//! * [`Cached`], which wraps another source and asks it once for many calls.
//!
//! If the provider has a login, a client also needs a [`Login`], and caches its sessions itself.
//!
//! # Sessions
//!
//! Some providers exchange the configured credential for a token in a login. The login may also
//! name the base URL of all further calls, the account, and facts that requests need, such as the
//! id of the account. A [`Login`] puts them into the [`AccountCredential`] that it returns:
//!
//! ```
//! use std::sync::Arc;
//!
//! use async_trait::async_trait;
//! use http::Method;
//! use pinning_keys_core::{Error, Operation};
//! use pinning_keys_http::credentials::{AccountCredential, Login};
//! use pinning_keys_http::{ApiClient, BaseUrl, Call};
//!
//! struct ExampleLogin;
//!
//! #[async_trait]
//! impl Login for ExampleLogin {
//!     async fn log_in(&self, client: &ApiClient) -> Result<AccountCredential, Error> {
//!         let answer = client.call(Call::new(Operation::Login, Method::POST, "/login")).await?;
//!         let token = "eyJhbGciOi"; // … read it and the rest from the answer …
//!         Ok(AccountCredential::bearer(token)?
//!             .with_base_url("https://api005.example.com")
//!             .with_fact("accountId", "a1b2c3")
//!             .with_account_id("a1b2c3"))
//!     }
//! }
//!
//! let credential = AccountCredential::basic("sample-key-id", "sample-key")?;
//! let base_url = BaseUrl::parse("https://api.example.com", &[])?;
//! # #[cfg(feature = "_tls")]
//! let client = ApiClient::builder("example", base_url, Arc::new(credential))
//!     .login(ExampleLogin)
//!     .session_domains(&["example.com"])
//!     .build()?;
//!
//! // The body becomes {"accountId":"a1b2c3"}.
//! let list = Call::new(Operation::List, Method::POST, "/list_keys").with_fact("accountId");
//! # Ok::<(), pinning_keys_core::Error>(())
//! ```
//!
//! The client checks a session before it sends the credential anywhere:
//!
//! * The base URL must be within the [session domains], and https without user information, port,
//!   query or fragment. If the configured base URL is outside of them or plain http, because tests
//!   call a fake server, the session must stay at its scheme, host and port.
//! * The account must be the [configured one], or else that of the first credential.
//!
//! [session domains]: crate::ApiClientBuilder::session_domains
//! [configured one]: crate::ApiClientBuilder::account

mod account_credential;
mod cached;
mod credential_source;
mod login;
mod secret_from;
mod session;
mod session_credential;
mod stored_credential;

pub use account_credential::AccountCredential;
pub use cached::Cached;
pub use credential_source::{Ask, CredentialSource, FromFn, from_fn};
pub use login::Login;
pub(crate) use login::SessionSource;
pub use secret_from::SecretFrom;
pub(crate) use session::Session;
pub use stored_credential::StoredCredential;
