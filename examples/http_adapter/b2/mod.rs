//! An adapter for the application keys of Backblaze B2, as a separate crate would have it: this
//! file is its `lib.rs`.
//!
//! B2 stores files and does not pin them to IPFS. It serves as an example of a provider that differs from
//! Pinata and W3IPFS in most respects, and all of its key calls are documented:
//!
//! * A login with the account's key gives a session: a token, the address of the API, and the
//!   account's id, which the bodies of other calls need (`session.rs`).
//! * Keys have 26 capabilities. Some permissions need several, and most capabilities open nothing
//!   that is modelled (`permissions.rs`).
//! * Keys can expire, and can be confined to a bucket and to a prefix of file names.
//! * There are no admin keys: even a key with all capabilities is not the master key.
//! * Holders send their key as `Basic`, to the same login.
//!
//! # Sources
//!
//! Facts are from the documents of B2's native API, version 3, unless they are marked as inferred:
//! `www.backblaze.com/apidocs/` + `b2-authorize-account`, `b2-create-key`, `b2-list-keys`,
//! `b2-delete-key`, and `www.backblaze.com/docs/` + `cloud-storage-application-key-capabilities`,
//! `cloud-storage-s3-compatible-app-keys`,
//! `cloud-storage-native-api-error-handling-and-status-codes`. Version 4 adds keys for several
//! buckets. Version 3 does not list those, so this adapter does not either.

mod config;
mod error;
mod issuer;
mod permissions;
mod session;
mod wire;

pub(crate) use config::B2Config;
