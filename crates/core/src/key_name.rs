use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Error, ErrorKind};

/// The name of a key, by which people and [`reconcile`] find it again.
///
/// A name is one line of 1 to 256 visible characters, without blanks at its ends. Providers can
/// have narrower rules; see [`IssuerProfile`](crate::IssuerProfile).
///
/// Not every provider requires names to be unique. Give each key its own name anyway
/// ([`unique`](Self::unique) creates one), so that a create whose answer is lost can be settled.
///
/// ```
/// use pinning_keys_core::KeyName;
///
/// let name: KeyName = "user 42".parse()?;
/// assert_eq!(name.to_string(), "user 42");
/// assert!("".parse::<KeyName>().is_err());
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
///
/// [`reconcile`]: crate::KeyIssuerExt::reconcile
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyName(String);

impl KeyName {
    /// The longest name, in characters. It is a limit of this library; Pinata documents none.
    pub const MAX_CHARS: usize = 256;

    /// The number of characters that [`unique`](Self::unique) adds after the prefix.
    const SUFFIX_CHARS: usize = 13;

    /// Checks a name.
    ///
    /// ```
    /// use pinning_keys_core::KeyName;
    ///
    /// assert_eq!(KeyName::new("user 1")?.as_str(), "user 1");
    /// assert!(KeyName::new("two\nlines").is_err());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if the name is empty, too long, begins or ends with a blank, or
    /// has a control character: one that breaks or reverses the line or has no width.
    pub fn new(name: impl Into<String>) -> Result<Self, Error> {
        let name = name.into();
        match fault(&name) {
            Some(fault) => Err(Error::new(ErrorKind::InvalidInput, fault)
                .with_next_step("use one line of plain text by which you will find the key")),
            None => Ok(Self(name)),
        }
    }

    /// A name that no other key has: the prefix, a dash, and 13 random letters and digits.
    ///
    /// The random part has no character that a provider's search treats specially.
    ///
    /// ```
    /// use pinning_keys_core::KeyName;
    ///
    /// let name = KeyName::unique("user-42")?;
    /// assert!(name.as_str().starts_with("user-42-"));
    /// assert_ne!(name, KeyName::unique("user-42")?);
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if the prefix cannot begin a name.
    pub fn unique(prefix: &str) -> Result<Self, Error> {
        let mut name = String::with_capacity(prefix.len() + 1 + Self::SUFFIX_CHARS);
        name.push_str(prefix);
        name.push('-');
        push_random(&mut name, Self::SUFFIX_CHARS);
        Self::new(name)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is wrong with a name, if anything is.
fn fault(name: &str) -> Option<String> {
    let trimmed = name.trim();
    if trimmed.is_empty() {
        return Some("the name is empty".to_owned());
    }
    if trimmed.len() < name.len() {
        return Some("the name begins or ends with a blank".to_owned());
    }
    if let Some(at) = name.chars().position(is_unseen) {
        return Some(format!("the name has a control character at position {}", at + 1));
    }
    if name.len() <= KeyName::MAX_CHARS {
        // A text has at most as many characters as bytes.
        return None;
    }
    let chars = name.chars().count();
    (chars > KeyName::MAX_CHARS).then(|| {
        format!("the name has {chars} characters, and the limit is {}", KeyName::MAX_CHARS)
    })
}

/// Whether a character breaks the line, reverses it, or is invisible.
fn is_unseen(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    let format = matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}');
    c.is_control() || format
}

/// Adds random characters of Crockford's base 32, five bits each.
fn push_random(text: &mut String, chars: usize) {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    // The standard library seeds the first `RandomState` of a thread from the system, and counts
    // up from there under a keyed hash. That is enough for a name that must be unique but not
    // secret, and needs no dependency.
    let mut bits = RandomState::new().build_hasher().finish();
    for _ in 0..chars {
        text.push(char::from(ALPHABET[(bits & 31) as usize]));
        bits >>= 5;
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for KeyName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(text)
    }
}

impl TryFrom<String> for KeyName {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::new(text)
    }
}

impl TryFrom<&str> for KeyName {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self, Error> {
        Self::new(text)
    }
}

impl Serialize for KeyName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for KeyName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
