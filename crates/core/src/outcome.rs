use std::fmt;

use serde::Serialize;

/// What happened to a key that was to be revoked.
///
/// ```
/// use pinning_keys_core::Revocation;
///
/// assert_eq!(Revocation::AlreadyGone.to_string(), "already gone");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[must_use = "a key that was not found may still work"]
#[non_exhaustive]
pub enum Revocation {
    /// The provider says that it revoked the key.
    ///
    /// This does not prove that the key existed: Pinata's legacy routes report it for every API
    /// key, even for one that never existed (seen by third parties). If the reference may be wrong,
    /// [`verify`](crate::KeyIssuer::verify) a credential of the key, or look for the key in a list.
    Revoked,
    /// The provider says that there is no such key: it was revoked before, or never existed.
    AlreadyGone,
    /// The key was not found, in a list that may lag or by an answer that can also mean
    /// something else. It may still exist.
    NotFound,
}

impl fmt::Display for Revocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Revoked => "revoked",
            Self::AlreadyGone => "already gone",
            Self::NotFound => "not found",
        })
    }
}

/// What the provider says about a credential.
///
/// ```
/// use pinning_keys_core::Verification;
///
/// assert_eq!(Verification::Live.to_string(), "live");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[must_use]
#[non_exhaustive]
pub enum Verification {
    /// It authenticates.
    Live,
    /// The provider does not accept it: it is wrong, unknown or expired, or it was revoked and
    /// the provider makes no difference.
    Unrecognized,
    /// It was revoked.
    Revoked,
    /// It has no uses left.
    Exhausted,
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Live => "live",
            Self::Unrecognized => "unrecognized",
            Self::Revoked => "revoked",
            Self::Exhausted => "exhausted",
        })
    }
}
