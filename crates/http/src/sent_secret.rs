use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pinning_keys_core::is_jwt_shaped;

use crate::jwt_claims;

/// What an error can say about a refused secret without showing any of it.
///
/// ```
/// use pinning_keys_http::SentSecret;
///
/// let shape = SentSecret::of("0d2a0d2a0d2a0d2a0d2a");
/// assert_eq!(shape, SentSecret::Hex { digits: 20 });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SentSecret {
    /// Three parts of base64url with dots between them.
    Jwt {
        /// When the JWT expires or expired, if it has a claim that says so.
        expiry: Option<SystemTime>,
    },
    /// A JWT that was encoded in base64 as a whole.
    EncodedJwt,
    /// Hexadecimal digits.
    Hex {
        /// How many.
        digits: usize,
    },
    /// Base64 of the standard alphabet.
    Base64 {
        /// How many characters, without the padding.
        digits: usize,
        /// How many `=` at the end.
        padding: usize,
    },
    /// Any other text.
    Other,
}

impl SentSecret {
    /// The shape of this secret.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use pinning_keys_http::SentSecret;
    ///
    /// // The payload is {"exp":1700000000}.
    /// let shape = SentSecret::of("eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3MDAwMDAwMDB9.c2ln");
    /// let expiry = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    /// assert_eq!(shape, SentSecret::Jwt { expiry: Some(expiry) });
    /// ```
    #[must_use]
    pub fn of(secret: &str) -> Self {
        if is_jwt_shaped(secret) {
            Self::Jwt { expiry: jwt_claims::expiry(secret) }
        } else if is_encoded_jwt(secret) {
            Self::EncodedJwt
        } else if !secret.is_empty() && secret.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Self::Hex { digits: secret.len() }
        } else {
            base64_shape(secret).unwrap_or(Self::Other)
        }
    }

    /// Why this is not a JWT that is valid at this time, if that can be told from its shape.
    ///
    /// ```
    /// use std::time::SystemTime;
    ///
    /// use pinning_keys_http::SentSecret;
    ///
    /// let ended = SentSecret::of("eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3MDAwMDAwMDB9.c2ln");
    /// assert_eq!(
    ///     ended.jwt_fault(SystemTime::now()).as_deref(),
    ///     Some("the JWT expired at 2023-11-14T22:13:20Z (its exp claim)"),
    /// );
    /// ```
    pub fn jwt_fault(self, now: SystemTime) -> Option<String> {
        let no_jwt = "the value does not have the shape of a JWT (three parts separated by dots)";
        match self {
            Self::Jwt { expiry } => {
                let ended = expiry.filter(|expiry| *expiry <= now)?;
                let ended = humantime::format_rfc3339_seconds(ended);
                Some(format!("the JWT expired at {ended} (its exp claim)"))
            }
            Self::EncodedJwt => Some(format!("{no_jwt}; it looks like a base64-encoded JWT")),
            _ => Some(no_jwt.to_owned()),
        }
    }

    /// Whether this looks like base64 that lost a `=` at its end.
    ///
    /// ```
    /// use pinning_keys_http::SentSecret;
    ///
    /// assert!(!SentSecret::of("c2VjcmV0IQ==").lacks_padding());
    /// assert!(SentSecret::of("c2VjcmV0IQ").lacks_padding());
    /// ```
    pub fn lacks_padding(self) -> bool {
        let (digits, padding) = match self {
            Self::Hex { digits } => (digits, 0),
            Self::Base64 { digits, padding } => (digits, padding),
            _ => return false,
        };
        match digits % 4 {
            2 => padding < 2,
            3 => padding < 1,
            // A single digit is never left over: it has too few bits for a byte.
            _ => false,
        }
    }
}

fn is_encoded_jwt(secret: &str) -> bool {
    let url_safe = secret.trim_end_matches('=').replace('+', "-").replace('/', "_");
    URL_SAFE_NO_PAD
        .decode(url_safe)
        .ok()
        .and_then(|inner| String::from_utf8(inner).ok())
        .is_some_and(|inner| is_jwt_shaped(inner.trim()))
}

fn base64_shape(secret: &str) -> Option<SentSecret> {
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let digits = secret.trim_end_matches('=');
    let padding = secret.len() - digits.len();
    let is_base64 = !digits.is_empty() && digits.bytes().all(is_digit) && padding <= 2;
    is_base64.then_some(SentSecret::Base64 { digits: digits.len(), padding })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shape_is_recognized() {
        for (secret, shape) in [
            ("eyJhbGciOiJIUzI1NiJ9.e30.c2ln", SentSecret::Jwt { expiry: None }),
            ("ZXlKaGJHY2lPaUpJVXpJMU5pSjkuZTMwLnM=", SentSecret::EncodedJwt),
            ("ZXlKaGJHY2lPaUpJVXpJMU5pSjkuZTMwLnM", SentSecret::EncodedJwt),
            ("0D2a", SentSecret::Hex { digits: 4 }),
            ("c2VjcmV0IQ==", SentSecret::Base64 { digits: 10, padding: 2 }),
            ("c2Vj+mV0/Q", SentSecret::Base64 { digits: 10, padding: 0 }),
            ("c2VjcmV0===", SentSecret::Other),
            ("c2Vj=cmV0", SentSecret::Other),
            ("your_jwt_here", SentSecret::Other),
            ("===", SentSecret::Other),
            ("", SentSecret::Other),
        ] {
            assert_eq!(SentSecret::of(secret), shape, "{secret}");
        }
    }

    #[test]
    fn lost_padding_is_recognized() {
        for (secret, lacks_padding) in [
            ("c2VjcmV0IQ==", false),
            ("c2VjcmV0IQ=", true),
            ("c2VjcmV0IQ", true),
            ("c2VjcmV0ISE=", false),
            ("c2VjcmV0ISE", true),
            ("c2VjcmV0", false),
            ("c2VjcmV0==", false),
            ("c2VjcmV0ISE==", false),
            ("c2VjcmV0I", false),
            ("c0ffee", true),
            ("some-secret", false),
        ] {
            assert_eq!(SentSecret::of(secret).lacks_padding(), lacks_padding, "{secret}");
        }
    }

    #[test]
    fn jwt_is_at_fault_from_its_expiry_on() {
        let expiry = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
        let jwt = SentSecret::Jwt { expiry: Some(expiry) };
        let before = expiry - std::time::Duration::from_micros(1);
        assert_eq!(jwt.jwt_fault(before), None);
        assert!(jwt.jwt_fault(expiry).is_some());
        assert_eq!(SentSecret::Jwt { expiry: None }.jwt_fault(expiry), None);
    }
}
