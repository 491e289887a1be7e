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

mod account_credential;
mod cached;
mod credential_source;
mod secret_from;
mod stored_credential;

pub use account_credential::AccountCredential;
pub use cached::Cached;
pub use credential_source::{Ask, CredentialSource, FromFn, from_fn};
pub use secret_from::SecretFrom;
pub use stored_credential::StoredCredential;
