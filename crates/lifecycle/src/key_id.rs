use std::fmt;
use std::str::FromStr;

use crate::{Error, ErrorKind};

/// Crockford's base 32, in lower case. It has no `_`, `%` or `\`, so that a provider's name filter
/// matches it literally.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The id of a key in the store: 13 random characters, which are part of the key's name at the
/// provider. It is not a secret and grants no authority: an app with several tenants must check the
/// owner first.
///
/// ```
/// use pinning_keys_lifecycle::KeyId;
///
/// let id: KeyId = "7f3k9q2m0hj4x".parse()?;
/// assert_eq!(id.to_string(), "7f3k9q2m0hj4x");
/// assert!("no id".parse::<KeyId>().is_err());
/// # Ok::<(), pinning_keys_lifecycle::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(String);

impl KeyId {
    pub(crate) const CHARS: usize = 13;

    /// A new id.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Internal`] if the system provides no random numbers.
    pub(crate) fn random() -> Result<Self, Error> {
        random_text::<{ Self::CHARS }>().map(Self)
    }

    /// The text of the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for KeyId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if is_text_of::<{ Self::CHARS }>(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::new(ErrorKind::InvalidInput, "not the id of a key")
                .with_next_step("an id has 13 characters, such as 7f3k9q2m0hj4x"))
        }
    }
}

/// The label of a store: 8 random characters, which are part of the name of each of its keys, so
/// that a store recognizes its own keys in a listing.
///
/// ```
/// use pinning_keys_lifecycle::Label;
///
/// let label: Label = "7f3k9q2m".parse()?;
/// assert_eq!(label.as_str(), "7f3k9q2m");
/// # Ok::<(), pinning_keys_lifecycle::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(String);

impl Label {
    pub(crate) const CHARS: usize = 8;

    /// A new label.
    ///
    /// ```
    /// use pinning_keys_lifecycle::Label;
    ///
    /// assert_ne!(Label::random()?, Label::random()?);
    /// # Ok::<(), pinning_keys_lifecycle::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Internal`] if the system provides no random numbers.
    pub fn random() -> Result<Self, Error> {
        random_text::<{ Self::CHARS }>().map(Self)
    }

    /// The text of the label.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for Label {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if is_text_of::<{ Self::CHARS }>(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::new(ErrorKind::InvalidInput, "not the label of a store"))
        }
    }
}

fn is_text_of<const CHARS: usize>(text: &str) -> bool {
    text.len() == CHARS && text.bytes().all(|byte| ALPHABET.contains(&byte))
}

fn random_text<const CHARS: usize>() -> Result<String, Error> {
    let mut bytes = [0; CHARS];
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::new(ErrorKind::Internal, "the system provides no random numbers").with_source(error)
    })?;
    // 256 is a multiple of 32, so each character is equally likely.
    Ok(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
}
