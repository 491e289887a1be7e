use std::fmt;

/// How certain it is what a failed call did at the provider.
///
/// ```
/// use pinning_keys_core::{Effect, Error};
///
/// fn must_be_settled(error: &Error) -> bool {
///     error.effect() == Effect::Unknown && error.key_name().is_some()
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// The request did not leave this machine: nothing can have happened.
    NotSent,
    /// The provider answered, and did not do what was asked. An answer to a call that changes
    /// nothing, such as a list, counts as this even where it cannot be read.
    Rejected,
    /// The request may have been carried out: no readable answer tells.
    Unknown,
}

/// What was being done when an error came up.
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
}

impl Operation {
    /// Whether doing it twice leaves the provider as doing it once does.
    ///
    /// Only [`Issue`](Self::Issue) is not repeatable: a second create makes a second key.
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
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
