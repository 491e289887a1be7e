use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::jwt::contains_jwt;
use crate::unseen::{Unseen, first_unseen};
use crate::{Error, ErrorKind};

/// The name of a key, by which people and [`reconcile`] find it again.
///
/// A name is one line of 1 to 256 visible characters, without blanks at its ends. Characters that
/// are invisible but belong to the spelling of a word or to an emoji are allowed in their place:
/// joiners (U+200C, U+200D), selectors such as U+FE0F, and the tags of a flag. Providers can have
/// narrower rules; see [`IssuerProfile`](crate::IssuerProfile).
///
/// Keys issued elsewhere can have other names. [`find`] and [`reconcile`] take those as plain text.
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
/// [`find`]: crate::KeyIssuerExt::find
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
    /// let error = KeyName::new("user\u{200b}1").unwrap_err();
    /// assert_eq!(error.to_string(), "the name has an invisible character (U+200B) at position 5");
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if the name
    ///
    /// * is empty or too long,
    /// * begins or ends with a blank,
    /// * has a character that breaks the line, changes the text direction, or is invisible, or
    /// * contains a JWT, because names are shown and logged. The error does not show it.
    pub fn new(name: impl Into<String>) -> Result<Self, Error> {
        let name = name.into();
        if contains_jwt(&name) {
            return Err(Error::new(ErrorKind::InvalidInput, "the name contains a JWT")
                .with_next_step("a JWT is a secret, and names are shown: name the key otherwise"));
        }
        match fault(&name) {
            Some(fault) => Err(Error::new(ErrorKind::InvalidInput, fault)
                .with_next_step("use one line of plain text by which you will find the key")),
            None => Ok(Self(name)),
        }
    }

    /// A name that no other key has: the prefix, a dash, and 13 random letters and digits.
    ///
    /// The random part has no character that a provider's search treats specially. Besides the
    /// prefix, the name has only `-`, lower-case ASCII letters and digits. A provider whose
    /// [character set](crate::IssuerProfile::name_chars) lacks one of these needs names of another
    /// form.
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
    if let Some(Unseen { position, character, kind }) = first_unseen(name) {
        let code = u32::from(character);
        return Some(format!("the name has {kind} (U+{code:04X}) at position {position}"));
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
