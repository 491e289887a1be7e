use std::fmt;
use std::num::NonZeroU64;
use std::time::SystemTime;

use crate::text::{join, padded, rfc3339, shortened};
use crate::{PermissionSet, Restriction};

/// A difference between what a provider recorded about a key and what was issued.
///
/// ```
/// use pinning_keys_core::{Difference, Permission};
///
/// let wider = Difference::Wider {
///     permissions: Permission::PinsRemove.into(),
///     grants: vec!["pinning.unpin".to_owned()],
/// };
/// assert_eq!(wider.to_string(), "wider: also pins:remove (pinning.unpin)");
/// assert!(wider.is_wider());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// The key is recorded as an admin key, and was not issued as one.
    Admin,
    /// The key is recorded with more than was issued.
    Wider {
        /// What it can do besides.
        permissions: PermissionSet,
        /// The wire names of what it was not issued with, if the record shows them. Those of another
        /// table open other routes, even if they open no other permission.
        grants: Vec<String>,
    },
    /// The key is recorded with less than was issued.
    Narrower {
        /// What it cannot do.
        permissions: PermissionSet,
        /// The grants that it lacks and that the scope does not show.
        grants: Vec<String>,
    },
    /// The key is recorded with other restrictions than it was issued with.
    Restricted {
        /// What the key was confined to.
        issued: Vec<Restriction>,
        /// What the record confines it to.
        recorded: Vec<Restriction>,
    },
    /// The key was issued as an admin key, and is not recorded as one.
    NotAdmin,
    /// The record does not show all that the key can do, which may be more or less than was issued.
    Unknown {
        /// The native grants that could not be read, or `scopes` if the record shows none.
        grants: Vec<String>,
    },
    /// The limit on uses differs.
    MaxUses {
        /// The limit that was requested.
        issued: Option<NonZeroU64>,
        /// The limit that the record shows; `None` if it shows that the uses are unlimited.
        recorded: Option<NonZeroU64>,
    },
    /// A limit on uses was requested, and the record shows neither a limit nor that the uses are
    /// unlimited.
    UnknownMaxUses,
    /// The key expires at another time.
    Expiry {
        /// When it was to expire, as requested, or as the provider reported when it issued the key
        /// if no expiry was requested; `None` if it was not to expire.
        issued: Option<SystemTime>,
        /// When the record says that it expires.
        recorded: SystemTime,
    },
    /// The key was to expire, and the record does not say that it does.
    UnknownExpiry,
    /// The key is recorded as revoked.
    Revoked,
    /// The key has another name.
    Name {
        /// The name that the record shows.
        recorded: String,
    },
}

impl Difference {
    /// Whether it allows the key's holder more than was issued: an admin key, more permissions,
    /// routes of another table, fewer restrictions, more uses or no limit on them, or a later expiry.
    pub fn is_wider(&self) -> bool {
        match self {
            Self::Admin | Self::Wider { .. } => true,
            Self::MaxUses { issued, recorded } => is_more(*recorded, *issued),
            Self::Restricted { issued, recorded } => is_looser(recorded, issued),
            Self::Expiry { issued, recorded } => is_later(*recorded, *issued),
            _ => false,
        }
    }
}

/// Whether a limit allows more uses than another.
fn is_more(limit: Option<NonZeroU64>, than: Option<NonZeroU64>) -> bool {
    than.is_some_and(|than| limit.is_none_or(|limit| limit > than))
}

/// Whether something that confined a key does not confine it any more.
fn is_looser(restrictions: &[Restriction], than: &[Restriction]) -> bool {
    than.iter().any(|restriction| !restrictions.contains(restriction))
}

/// Whether a key expires later than at a given time.
fn is_later(expiry: SystemTime, than: Option<SystemTime>) -> bool {
    than.is_some_and(|than| expiry > than)
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        padded(f, |f| match self {
            Self::Admin => f.write_str("wider: an admin key"),
            Self::Wider { permissions, grants } if permissions.is_empty() => {
                write!(f, "wider: also {}", Names(grants))
            }
            Self::Wider { permissions, grants } => {
                write!(f, "wider: also {}", permissions.comma_separated())?;
                if grants.is_empty() { Ok(()) } else { write!(f, " ({})", Names(grants)) }
            }
            Self::Narrower { permissions, grants } if permissions.is_empty() => {
                write!(f, "narrower: not {}", Names(grants))
            }
            Self::Narrower { permissions, grants } => {
                write!(f, "narrower: not {}", permissions.comma_separated())?;
                if grants.is_empty() { Ok(()) } else { write!(f, ", {}", Names(grants)) }
            }
            Self::Restricted { issued, recorded } if is_looser(recorded, issued) => {
                write!(f, "wider: {} instead of {}", Confined(recorded), Confined(issued))
            }
            Self::Restricted { recorded, .. } => write!(f, "narrower: {}", Confined(recorded)),
            Self::NotAdmin => f.write_str("narrower: not an admin key"),
            Self::Unknown { grants } => {
                f.write_str("unknown: ")?;
                join(f, grants.iter().map(|grant| format!("{:?}", shortened(grant))), ", ")?;
                f.write_str(" could not be read")
            }
            Self::MaxUses { issued, recorded } => {
                let word = if is_more(*recorded, *issued) { "wider" } else { "narrower" };
                write!(f, "{word}: {} instead of {}", Limit(*recorded), Limit(*issued))
            }
            Self::UnknownMaxUses => f.write_str("unknown: the limit on uses is not shown"),
            Self::Expiry { issued, recorded } => {
                let word = if is_later(*recorded, *issued) { "wider" } else { "narrower" };
                write!(f, "{word}: {} instead of {}", End(Some(*recorded)), End(*issued))
            }
            Self::UnknownExpiry => f.write_str("unknown: the expiry is not shown"),
            Self::Revoked => f.write_str("revoked"),
            Self::Name { recorded } => write!(f, "named {:?}", shortened(recorded)),
        })
    }
}

/// The names of grants, which come from outside.
struct Names<'a>(&'a [String]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        join(f, self.0.iter().map(|name| shortened(name).escape_debug().to_string()), ", ")
    }
}

/// What a key is confined to, in words.
struct Confined<'a>(&'a [Restriction]);

impl fmt::Display for Confined<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("not confined");
        }
        f.write_str("only ")?;
        join(f, self.0, ", ")
    }
}

/// A limit on uses, in words.
struct Limit(Option<NonZeroU64>);

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.map(NonZeroU64::get) {
            None => f.write_str("no limit on uses"),
            Some(1) => f.write_str("1 use"),
            Some(uses) => write!(f, "{uses} uses"),
        }
    }
}

/// An expiry, in words.
struct End(Option<SystemTime>);

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("no expiry"),
            Some(time) => match rfc3339(time) {
                Some(time) => write!(f, "an expiry at {time}"),
                None => f.write_str("an expiry before 1970 or after 9999"),
            },
        }
    }
}
