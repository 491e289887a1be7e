//! How often a key may be used.

use std::fmt;
use std::num::NonZeroU64;

/// How often a key may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    Unknown,
    None,
    At(NonZeroU64),
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("an unknown number of uses"),
            Self::None => f.write_str("no limit on uses"),
            Self::At(uses) if uses.get() == 1 => f.write_str("1 use"),
            Self::At(uses) => write!(f, "{uses} uses"),
        }
    }
}
