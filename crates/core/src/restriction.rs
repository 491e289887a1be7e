use std::fmt;

use crate::escaping::escaped;
use crate::text::{padded, shortened};

/// What a key is confined to, such as one bucket, a prefix of names, a group or an origin.
///
/// A provider that can confine keys may have some that were issued elsewhere. They can do what their
/// permissions name only within the restriction. No request can ask for one.
///
/// ```
/// use pinning_keys_core::Restriction;
///
/// assert_eq!(Restriction::new("in bucket", "b1").to_string(), "in bucket b1");
/// let unknown = Restriction::unknown("shard=7");
/// assert_eq!(unknown.to_string(), "restricted by \"shard=7\"");
/// assert!(!unknown.is_known());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Restriction {
    /// What kind of restriction it is; `None` if the adapter does not know.
    kind: Option<&'static str>,
    value: String,
}

impl Restriction {
    /// A restriction. `kind` continues the sentence "may list pins …", such as `in bucket`, and
    /// `value` is what the key is confined to.
    ///
    /// ```
    /// # use pinning_keys_core::Restriction;
    /// let restriction = Restriction::new("to names that begin with", "photos/");
    /// assert_eq!(restriction.to_string(), "to names that begin with photos/");
    /// ```
    #[must_use]
    pub fn new(kind: &'static str, value: impl Into<String>) -> Self {
        Self { kind: Some(kind), value: value.into() }
    }

    /// A restriction of a form that the adapter does not know, as the provider wrote it.
    ///
    /// Keep it, instead of showing the key as if it were confined to nothing.
    ///
    /// ```
    /// # use pinning_keys_core::Restriction;
    /// assert!(!Restriction::unknown("shard=7").is_known());
    /// ```
    #[must_use]
    pub fn unknown(text: impl Into<String>) -> Self {
        Self { kind: None, value: text.into() }
    }

    /// Whether the adapter knows what kind of restriction it is.
    pub fn is_known(&self) -> bool {
        self.kind.is_some()
    }

    /// To what the key is confined, such as the name of a bucket, or the whole text of a restriction
    /// that is not known. It comes from the provider.
    pub fn value(&self) -> &str {
        &self.value
    }
}

/// The value is shortened. It is quoted if it could be mistaken for more than a value, and characters
/// that cannot be seen are escaped.
impl fmt::Display for Restriction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = shortened(&self.value);
        padded(f, |f| match self.kind {
            Some(kind) if is_plain(&value) => write!(f, "{kind} {value}"),
            Some(kind) => write!(f, "{kind} {}", Quoted(&value)),
            None => write!(f, "restricted by {}", Quoted(&value)),
        })
    }
}

/// Whether a value shows where it ends.
fn is_plain(value: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@*+=".contains(c);
    !value.is_empty() && value.chars().all(is_plain)
}

struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut inner = String::with_capacity(self.0.len());
        for c in self.0.chars() {
            if matches!(c, '\u{22}' | '\\') {
                inner.push('\\');
            }
            inner.push(c);
        }
        write!(f, "\u{22}{}\u{22}", escaped(&inner))
    }
}

/// Serializes the text that `Display` shows.
impl serde::Serialize for Restriction {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
