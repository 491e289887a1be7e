//! The account's own credential, with which keys are issued and revoked.
//!
//! A configuration takes a JWT or a key pair as text, or as [`SecretFrom`] a variable or a file,
//! which is read again for each call. A credential that has to be renewed comes from a
//! [`CredentialSource`], which [`from_fn`] makes from a function.
//!
//! Keys that are issued have a [`Credential`](crate::Credential) instead.

pub use pinning_keys_http::{
    AccountCredential, Ask, CredentialSource, FromFn, SecretFrom, StoredCredential, from_fn,
};
