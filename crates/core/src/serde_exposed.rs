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
/// ```
/// use pinning_keys_core::{Credential, serde_exposed};
///
/// let credential = Credential::bearer("pinata", "eyJhbGciOi")?;
/// let mut stored = Vec::new();
/// serde_exposed::serialize(&credential, &mut serde_json::Serializer::new(&mut stored))?;
/// assert_eq!(stored, br#"{"provider":"pinata","bearer":"eyJhbGciOi"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// The serializer's.
pub fn serialize<S: Serializer>(credential: &Credential, serializer: S) -> Result<S::Ok, S::Error> {
    credential.expose().serialize(serializer)
}

/// Reads what [`serialize`] wrote.
///
/// ```
/// use pinning_keys_core::serde_exposed;
///
/// let stored = r#"{"provider":"pinata","bearer":"eyJhbGciOi"}"#;
/// let credential = serde_exposed::deserialize(&mut serde_json::Deserializer::from_str(stored))?;
/// assert_eq!(credential.expose().bearer(), Some("eyJhbGciOi"));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
///
/// The deserializer's. Those of this module quote nothing of the input.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Credential, D::Error> {
    Credential::deserialize(deserializer)
}
