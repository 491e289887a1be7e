use std::cmp::Ordering;
use std::fmt::{self, Write as _};
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::disguise::{any_decoding, contains_any};
use crate::jwt::contains_jwt;
use crate::table_rules::is_id;
use crate::text::padded;
use crate::{Error, ErrorKind};

const VERSION: &str = "v1";

/// A reference to a key, with which to revoke it. It is not a secret: store it with the secret,
/// or without.
///
/// References appear in URLs and logs, so one is never made of a text that contains a JWT. An
/// issuer refuses one that contains what its profile knows as a
/// [secret](crate::IssuerProfile::secret_shape).
///
/// The text form is versioned, because it outlives this program: `v1:`, the provider's id, the
/// API key, and the provider's own id for the key if it has one. A character that could be
/// mistaken for a separator is percent-encoded.
///
/// ```
/// use pinning_keys_core::KeyRef;
///
/// let key_ref = KeyRef::new("w3ipfs", "c2FtcGxlLWtleQ==")?;
/// assert_eq!(key_ref.to_string(), "v1:w3ipfs:c2FtcGxlLWtleQ==");
/// assert_eq!("v1:w3ipfs:c2FtcGxlLWtleQ==".parse::<KeyRef>()?, key_ref);
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
///
/// Two references are equal if provider and API key are: the id is a hint that saves a listing,
/// and one of two references to the same key may lack it.
///
/// ```
/// use pinning_keys_core::KeyRef;
///
/// let key_ref = KeyRef::new("w3ipfs", "c2FtcGxlLWtleQ==")?;
/// assert_eq!(key_ref, key_ref.clone().with_id("5e0f")?);
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct KeyRef {
    provider: String,
    api_key: String,
    id: Option<String>,
}

impl KeyRef {
    /// A reference to a provider's key by its API key, which is the public part of a key pair.
    ///
    /// ```
    /// use pinning_keys_core::KeyRef;
    ///
    /// assert_eq!(KeyRef::new("pinata", "0d2a")?.api_key(), "0d2a");
    /// assert!(KeyRef::new("Pinata!", "0d2a").is_err());
    /// assert!(KeyRef::new("pinata", "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl").is_err());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if the provider is not an id (at most 32 of `a-z`, `0-9` and
    /// `-`), or if the API key is empty, contains a JWT or is a stored reference. The error shows
    /// neither text.
    pub fn new(provider: impl Into<String>, api_key: impl Into<String>) -> Result<Self, Error> {
        let (provider, api_key) = (provider.into(), api_key.into());
        if !is_id(&provider) || api_key.is_empty() {
            return Err(malformed());
        }
        check_public("API key", &api_key)?;
        Ok(Self { provider, api_key, id: None })
    }

    /// Sets the provider's own id for the key, if it has one besides the API key.
    ///
    /// ```
    /// use pinning_keys_core::KeyRef;
    ///
    /// let key_ref = KeyRef::new("w3ipfs", "c2Ft")?.with_id("5e0f")?;
    /// assert_eq!(key_ref.to_string(), "v1:w3ipfs:c2Ft:5e0f");
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if the id contains a JWT or is a stored reference.
    pub fn with_id(mut self, id: impl Into<String>) -> Result<Self, Error> {
        let id = id.into();
        check_public("id", &id)?;
        self.id = Some(id).filter(|id| !id.is_empty());
        Ok(self)
    }

    /// The provider's id, such as `pinata`.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// The API key, which is the public part of a key pair.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// The provider's own id for the key, if it is known.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}

impl KeyRef {
    fn identity(&self) -> (&str, &str) {
        (&self.provider, &self.api_key)
    }
}

impl PartialEq for KeyRef {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for KeyRef {}

impl Hash for KeyRef {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

impl Ord for KeyRef {
    fn cmp(&self, other: &Self) -> Ordering {
        self.identity().cmp(&other.identity())
    }
}

impl PartialOrd for KeyRef {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn malformed() -> Error {
    Error::new(ErrorKind::InvalidInput, "not a key reference").with_next_step(
        "a key reference looks like \"v1:pinata:0d2a…\", with the provider's id and the API key",
    )
}

/// Refuses what is certainly not a public part of a key. The form of public parts differs between
/// providers and may change, so every other text is accepted.
fn check_public(what: &str, text: &str) -> Result<(), Error> {
    // A JWT has dots, a reference has colons, and the encoded forms of both have percent signs.
    if !contains_any(text, b".:%") {
        return Ok(());
    }
    check_no_jwt(what, text)?;
    if any_decoding(text, is_stored) {
        return Err(instead("a stored key reference", what)
            .with_next_step("parse a stored reference: text.parse::<KeyRef>()"));
    }
    Ok(())
}

fn check_no_jwt(what: &str, text: &str) -> Result<(), Error> {
    if contains_jwt(text) {
        return Err(instead("a JWT", what).with_next_step(
            "pass the API key, which is the public part of a key pair; a JWT is a secret",
        ));
    }
    Ok(())
}

/// The error does not show what was passed.
fn instead(given: &str, what: &str) -> Error {
    let message = format!("{given} was passed as the {what} of a key reference");
    Error::new(ErrorKind::InvalidInput, message)
}

/// Whether a text has the form of a stored reference, of this or another version.
fn is_stored(text: &[u8]) -> bool {
    let surrounds = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'');
    let start = text.iter().position(|byte| !surrounds(byte)).unwrap_or_default();
    let mut parts = text[start..].split(|byte| *byte == b':');
    let is_version = |part: &[u8]| {
        part.strip_prefix(b"v")
            .is_some_and(|number| !number.is_empty() && number.iter().all(u8::is_ascii_digit))
    };
    let is_provider = |part: &[u8]| std::str::from_utf8(part).is_ok_and(is_id);
    parts.next().is_some_and(is_version)
        && parts.next().is_some_and(is_provider)
        && parts.next().is_some()
}

impl fmt::Display for KeyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        padded(f, |f| {
            write!(f, "{VERSION}:{}:{}", self.provider, Escaped(&self.api_key))?;
            match &self.id {
                Some(id) => write!(f, ":{}", Escaped(id)),
                None => Ok(()),
            }
        })
    }
}

impl FromStr for KeyRef {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        // Unescaping what was never escaped could spoil a JWT beyond recognition.
        check_no_jwt("text", text)?;
        let mut parts = text.split(':');
        match parts.next() {
            Some(VERSION) => {}
            Some(other) if other.starts_with('v') && other[1..].parse::<u32>().is_ok() => {
                return Err(Error::new(
                    ErrorKind::InvalidInput,
                    "the key reference has a newer form than this version reads",
                )
                .with_next_step(
                    "update this program to the version of the one that wrote the reference",
                ));
            }
            _ => return Err(malformed()),
        }
        let (provider, key, id) = (parts.next(), parts.next(), parts.next());
        let (Some(provider), Some(key), None) = (provider, key, parts.next()) else {
            return Err(malformed());
        };
        let key_ref = Self::new(provider, unescape(key).ok_or_else(malformed)?)?;
        match id {
            Some("") => Err(malformed()),
            Some(id) => key_ref.with_id(unescape(id).ok_or_else(malformed)?),
            None => Ok(key_ref),
        }
    }
}

/// Writes a text, percent-encoding all but a few harmless characters.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            if is_plain(byte) {
                f.write_char(char::from(byte))?;
            } else {
                write!(f, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

/// Whether a character needs no encoding. Base 64 stays readable; separators and characters that
/// do not print are encoded.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)
}

/// The text that was escaped, or `None` if an escape is broken or a character should be escaped.
/// Otherwise a blank or a line break around a stored reference would make it another key's.
fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            plain if is_plain(plain) => plain,
            _ => return None,
        });
    }
    String::from_utf8(bytes).ok()
}

impl Serialize for KeyRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for KeyRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
