use std::fmt;

use serde::{Serialize, Serializer};

/// What a failed call did at the provider, as far as that is certain.
///
/// ```
/// use pinning_keys_core::{Effect, Error};
///
/// fn must_be_settled(error: &Error) -> bool {
///     error.effect() == Effect::Unknown && error.key_name().is_some()
/// }
/// ```
///
/// Effects are ordered by doubt, from [`NotSent`](Self::NotSent) to [`Unknown`](Self::Unknown).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// The request did not leave this machine, so nothing happened.
    NotSent,
    /// The provider answered, and did not do what was asked. Any answer to a call that changes
    /// nothing, such as a list, counts as this, even if it cannot be read.
    Rejected,
    /// The request may have been carried out; no readable answer says so.
    Unknown,
}

impl Effect {
    /// The stable text form, such as `not_sent`, which serde writes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
        }
    }
}

/// `not sent`, `rejected` or `unknown`.
impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NotSent => "not sent",
            Self::Rejected | Self::Unknown => self.as_str(),
        })
    }
}

/// What a call was meant to do.
///
/// ```
/// use pinning_keys_core::Operation;
///
/// assert_eq!(Operation::Issue.to_string(), "issue");
/// assert!(!Operation::Issue.is_repeatable());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// [`KeyIssuer::issue`](crate::KeyIssuer::issue).
    Issue,
    /// [`KeyIssuer::list`](crate::KeyIssuer::list).
    List,
    /// [`KeyIssuer::revoke`](crate::KeyIssuer::revoke).
    Revoke,
    /// [`KeyIssuer::verify`](crate::KeyIssuer::verify).
    Verify,
    /// [`KeyIssuer::probe`](crate::KeyIssuer::probe), after the verification.
    Probe,
    /// Signing a URL to which others can upload without a key, which creates nothing at the
    /// provider. Only some adapters offer it, in a method of their own.
    SignUpload,
    /// Logging in, which exchanges the account's credential for a session. Only some providers
    /// need it.
    Login,
}

impl Operation {
    /// Whether doing it twice has the same result as doing it once.
    ///
    /// Only [`Issue`](Self::Issue) is not repeatable: a second create issues a second key.
    pub const fn is_repeatable(self) -> bool {
        !matches!(self, Self::Issue)
    }

    /// The stable text form, such as `issue`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::List => "list",
            Self::Revoke => "revoke",
            Self::Verify => "verify",
            Self::Probe => "probe",
            Self::SignUpload => "sign_upload",
            Self::Login => "login",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Writes the stable text form.
impl Serialize for Effect {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Writes the stable text form.
impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
