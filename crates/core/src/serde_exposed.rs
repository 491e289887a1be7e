//! Stores a [`Credential`] with its secrets, for `#[serde(with = "…")]`.
//!
//! A `Credential` alone does not serialize, so that no secret ends up in a log or a response by
//! accident. This module is the deliberate way; a search for `expose` finds it.
//!
//! ```
//! use pinning_keys_core::{Credential, KeyRef};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct StoredKey {
//!     key_ref: KeyRef,
//!     #[serde(with = "pinning_keys_core::serde_exposed")]
//!     credential: Credential,
//! }
//!
//! let key = StoredKey {
//!     key_ref: KeyRef::new("pinata", "0d2a")?,
//!     credential: Credential::bearer("pinata", "eyJhbGciOi")?,
//! };
//! let stored: StoredKey = serde_json::from_str(&serde_json::to_string(&key)?)?;
//! assert_eq!(stored.credential.expose().bearer(), Some("eyJhbGciOi"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Credential;

/// Writes the secrets of the credential.
///
/// # Errors
///
/// The serializer's.
pub fn serialize<S: Serializer>(credential: &Credential, serializer: S) -> Result<S::Ok, S::Error> {
    credential.expose().serialize(serializer)
}

/// Reads what [`serialize`] wrote.
///
/// # Errors
///
/// The deserializer's, and one that quotes nothing if the input is not a stored credential.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Credential, D::Error> {
    Credential::deserialize(deserializer)
}
