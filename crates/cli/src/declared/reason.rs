//! Why a key is issued or replaced.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::limit::Limit;
use crate::durations::{DAY, HOUR, MINUTE};
use crate::keys::age::Age;
use crate::output::escape::escaped;

/// Why a key is issued or replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// No managed key has the name.
    Missing,
    /// The last key's lease is over.
    Over,
    /// It may do more than declared. The text says what its successor loses.
    Wider(String),
    /// It may do less than declared. The text says what its successor gains.
    Narrower(String),
    Uses {
        has: Limit,
        declared: Limit,
    },
    Lease {
        has: Option<Duration>,
        declared: Option<Duration>,
    },
    /// The lease can be renewed until another time than declared.
    MaxLease,
    /// It has reached the age at which it is replaced.
    Due {
        age: Duration,
        rotate: Duration,
    },
    /// The provider no longer lists it.
    Gone,
    /// Somebody revoked it at the provider.
    Revoked,
    UsedUp,
    /// A rotation that was not confirmed may have delivered another key.
    Unclear,
    /// It is in another account.
    Moved {
        from: String,
    },
}

impl Reason {
    /// A stable word for programs.
    fn word(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Over => "lease_over",
            Self::Wider(_) => "wider",
            Self::Narrower(_) => "narrower",
            Self::Uses { .. } => "max_uses",
            Self::Lease { .. } => "lease",
            Self::MaxLease => "max_lease",
            Self::Due { .. } => "due",
            Self::Gone => "gone",
            Self::Revoked => "revoked",
            Self::UsedUp => "used_up",
            Self::Unclear => "unclear",
            Self::Moved { .. } => "moved",
        }
    }
}

/// For people: what a rotation changes, or why there is one.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("missing"),
            Self::Over => f.write_str("its lease is over"),
            Self::Wider(change) | Self::Narrower(change) => f.write_str(&escaped(change)),
            Self::Uses { has, declared } => write!(f, "{declared} instead of {has}"),
            Self::Lease { has, declared } => {
                write!(f, "{} instead of {}", Lease(*declared), Lease(*has))
            }
            Self::MaxLease => f.write_str("renewable until another time than declared"),
            Self::Due { age, rotate } => {
                write!(f, "due: {} old, rotated at {}", Age::of(*age), Length(*rotate))
            }
            Self::Gone => f.write_str("gone: the provider no longer lists it"),
            Self::Revoked => f.write_str("gone: revoked at the provider"),
            Self::UsedUp => f.write_str("used up"),
            Self::Unclear => f.write_str("a rotation may have delivered another key"),
            Self::Moved { from } => write!(f, "moves from account {}", escaped(from)),
        }
    }
}

/// A reason for programs.
impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut fields = serializer.serialize_struct("Reason", 2)?;
        fields.serialize_field("kind", self.word())?;
        fields.serialize_field("message", &self.to_string())?;
        fields.end()
    }
}

struct Lease(Option<Duration>);

impl fmt::Display for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(length) => write!(f, "a lease of {}", Length(length)),
            None => f.write_str("no lease"),
        }
    }
}

/// A length of time in the largest unit that shows it exactly, such as `36h`.
struct Length(Duration);

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let units = [(DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (1, "s")];
        let exact = units.into_iter().find(|(unit, _)| seconds % unit == 0);
        let (unit, name) = exact.unwrap_or((1, "s"));
        write!(f, "{}{name}", seconds / unit)
    }
}
