//! The permissions of W3IPFS (today called AIOZ Pin), as a table of `pinning-keys`.
//!
//! The table is what a scope request is checked against and translated with. An issuer that
//! talks to the provider is not part of this version yet.

mod permissions;

pub use permissions::SCOPES;
