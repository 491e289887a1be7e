use http::{HeaderMap, HeaderName};
use secrecy::{ExposeSecret, SecretString};

use crate::header_text::{check_header_text, sensitive};
use crate::jwt::contains_jwt;
use crate::one_header::is_of_the_message;
use crate::text::is_same;
use crate::{Error, ErrorKind};

/// A public key and a secret, which are sent in two headers.
#[derive(Clone)]
pub(crate) struct KeyPair {
    headers: PairHeaders,
    key: String,
    secret: SecretString,
}

impl KeyPair {
    pub(crate) fn new(
        headers: PairHeaders,
        key: String,
        secret: SecretString,
    ) -> Result<Self, Error> {
        check_header_text("the API key", &key)?;
        if contains_jwt(&key) {
            // It would be shown, as an API key is.
            return Err(Error::new(ErrorKind::InvalidInput, "a JWT was passed as the API key")
                .with_next_step("make a bearer credential of a JWT: Credential::bearer"));
        }
        check_header_text("the API secret", secret.expose_secret())?;
        Ok(Self { headers, key, secret })
    }

    pub(crate) fn names(&self) -> &PairHeaders {
        &self.headers
    }

    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    pub(crate) fn secret(&self) -> &str {
        self.secret.expose_secret()
    }

    pub(crate) fn headers(&self) -> HeaderMap {
        HeaderMap::from_iter([
            (self.headers.key.clone(), sensitive(&self.key)),
            (self.headers.secret.clone(), sensitive(self.secret())),
        ])
    }
}

/// The names of the two headers that carry a key pair.
///
/// ```
/// use pinning_keys_core::PairHeaders;
///
/// const HEADERS: PairHeaders = PairHeaders::new("x-api-key", "x-api-secret");
/// assert_eq!(HEADERS.key(), "x-api-key");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairHeaders {
    key: HeaderName,
    secret: HeaderName,
}

impl PairHeaders {
    /// The header of the public part and the header of the secret.
    ///
    /// ```
    /// use pinning_keys_core::PairHeaders;
    ///
    /// const HEADERS: PairHeaders = PairHeaders::new("x-api-key", "x-api-secret");
    /// assert_eq!(HEADERS.secret(), "x-api-secret");
    /// ```
    ///
    /// # Panics
    ///
    /// If a name is not a lower-case header name, is that of both parts, or belongs to the message
    /// itself, such as `host`. In a `const`, where provider facts belong, that
    /// is a compile error.
    #[must_use]
    pub const fn new(key: &'static str, secret: &'static str) -> Self {
        assert!(!is_same(key, secret), "both parts of a key pair would be in the same header");
        assert!(
            !is_of_the_message(key) && !is_of_the_message(secret),
            "a header of a key pair belongs to the message itself, such as host"
        );
        Self { key: HeaderName::from_static(key), secret: HeaderName::from_static(secret) }
    }

    /// Names that were read, which must differ.
    pub(crate) fn read(key: HeaderName, secret: HeaderName) -> Option<Self> {
        let is_free = |name: &HeaderName| !is_of_the_message(name.as_str());
        (key != secret && is_free(&key) && is_free(&secret)).then_some(Self { key, secret })
    }

    /// The header of the public part.
    pub fn key(&self) -> &HeaderName {
        &self.key
    }

    /// The header of the secret.
    pub fn secret(&self) -> &HeaderName {
        &self.secret
    }
}
