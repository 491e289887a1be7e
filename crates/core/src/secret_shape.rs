use std::fmt;

use crate::disguise::{any_decoding, even_wrapped};

/// The form of a provider's API secrets, which shows that a secret was passed instead of a public
/// value; for adapters.
///
/// No public value of the provider may have this form, or valid keys would be refused.
///
/// ```
/// use pinning_keys_core::SecretShape;
///
/// const SECRET: SecretShape = SecretShape::hex(8);
/// assert!(SECRET.is_in("0d2a0D2A") && SECRET.is_in("secret=0d2a0d2a"));
/// assert!(!SECRET.is_in("0d2a"));
/// assert_eq!(SECRET.to_string(), "8 hex digits");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretShape {
    coding: Coding,
    size: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Hex,
    Base64,
}

impl SecretShape {
    /// This many hex digits, in either case.
    ///
    /// ```
    /// use pinning_keys_core::SecretShape;
    ///
    /// assert!(SecretShape::hex(4).is_in("0d2a"));
    /// ```
    #[must_use]
    pub const fn hex(digits: usize) -> Self {
        Self { coding: Coding::Hex, size: digits }
    }

    /// This many bytes in base 64, with or without its padding, in either alphabet.
    ///
    /// ```
    /// use pinning_keys_core::SecretShape;
    ///
    /// assert!(SecretShape::base64(4).is_in("c2FtcA=="));
    /// assert!(!SecretShape::base64(4).is_in("c2Ft"));
    /// ```
    #[must_use]
    pub const fn base64(bytes: usize) -> Self {
        Self { coding: Coding::Base64, size: bytes }
    }

    /// Whether a text is such a secret or contains one as a word, even percent-encoded.
    ///
    /// ```
    /// use pinning_keys_core::SecretShape;
    ///
    /// let shape = SecretShape::base64(4);
    /// assert!(shape.is_in("\"c2FtcA==\"\n") && shape.is_in("c2FtcA%3D%3D"));
    /// ```
    #[must_use]
    pub fn is_in(self, text: &str) -> bool {
        // Nothing makes a text longer, and public values are usually shorter than secrets.
        if text.len() < self.word_length() {
            return false;
        }
        // A text that is one word decodes and unwraps to itself.
        if text.bytes().fold(true, |is_word, byte| is_word & self.is_word_byte(byte)) {
            return self.fits(text.as_bytes());
        }
        let has_word =
            |form: &[u8]| form.split(|byte| !self.is_word_byte(*byte)).any(|word| self.fits(word));
        any_decoding(text, |form| even_wrapped(form, has_word))
    }

    /// Whether a byte can be part of a word; all others separate words. An equals sign does,
    /// because it can follow a name as well as pad a value.
    fn is_word_byte(self, byte: u8) -> bool {
        let is_mark = matches!(byte, b'+' | b'/' | b'-' | b'_');
        byte.is_ascii_alphanumeric() || self.coding == Coding::Base64 && is_mark
    }

    fn fits(self, word: &[u8]) -> bool {
        word.len() == self.word_length()
            && (self.coding == Coding::Base64 || word.iter().all(u8::is_ascii_hexdigit))
    }

    /// The length of a secret in characters, without padding.
    fn word_length(self) -> usize {
        match self.coding {
            Coding::Hex => self.size,
            Coding::Base64 => (self.size * 8).div_ceil(6),
        }
    }
}

/// Such as `64 hex digits`.
impl fmt::Display for SecretShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.size;
        match self.coding {
            Coding::Hex => f.pad(&format!("{size} hex digits")),
            Coding::Base64 => f.pad(&format!("{size} bytes in base 64")),
        }
    }
}
