use std::fmt;

/// How a fact about a provider is known.
///
/// ```
/// use pinning_keys_core::Provenance;
///
/// assert_eq!(Provenance::Seen.to_string(), "seen");
/// assert!(Provenance::Documented < Provenance::Inferred, "the most certain comes first");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Provenance {
    /// The provider's documents say so.
    Documented,
    /// The provider's own clients, or answers that others recorded, show it.
    Seen,
    /// It follows from names or from other facts.
    Inferred,
    /// No source says so.
    Assumed,
}

impl Provenance {
    /// The mark on the pages about the providers, such as `documented`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Seen => "seen",
            Self::Inferred => "inferred",
            Self::Assumed => "assumed",
        }
    }
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
