use std::fmt;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::jwt::contains_jwt;
use crate::table_rules::is_id;
use crate::{Error, ErrorKind};

/// The secret part of an issued key: a bearer token, a key pair, or both.
///
/// It knows the provider that it belongs to. Its holder sends it to that provider's data API as
/// the [`headers`](Self::headers).
///
/// `Debug` shows nothing secret; only [`expose`](Self::expose) does. Providers show a secret once,
/// so store it before you hand the key out. The value that `expose` returns serializes, and reads
/// back as a `Credential`:
///
/// ```
/// use pinning_keys_core::Credential;
///
/// let stored = serde_json::to_string(&Credential::bearer("pinata", "eyJhbGciOi")?.expose())?;
/// let credential: Credential = serde_json::from_str(&stored)?;
/// assert_eq!(credential.expose().bearer(), Some("eyJhbGciOi"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// **A bearer token can reveal more than it seems to.** A Pinata JWT carries the account owner's
/// e-mail address and the key's secret in plain base 64, readable by anyone who holds it (seen by
/// third parties, not documented). If a holder should not learn the address, hand out the key pair
/// ([`pair_headers`](Self::pair_headers)) instead of the token; Pinata's legacy routes accept it.
/// Its v3 routes accept only the token (inferred), so their holders see the address.
///
/// ```
/// use pinning_keys_core::Credential;
///
/// let credential = Credential::bearer("pinata", "eyJhbGciOi")?;
/// assert!(credential.headers()["authorization"].is_sensitive());
/// assert_eq!(
///     format!("{credential:?}"),
///     r#"Credential { provider: "pinata", bearer: true, api_key: None, .. }"#,
/// );
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
#[derive(Clone, Deserialize)]
#[serde(try_from = "StoredForm")]
pub struct Credential {
    provider: String,
    bearer: Option<SecretString>,
    pair: Option<KeyPair>,
}

#[derive(Clone)]
struct KeyPair {
    headers: PairHeaders,
    key: String,
    secret: SecretString,
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
    /// If a name is not a lower-case header name. In a `const`, where provider facts belong, that
    /// is a compile error.
    #[must_use]
    pub const fn new(key: &'static str, secret: &'static str) -> Self {
        Self { key: HeaderName::from_static(key), secret: HeaderName::from_static(secret) }
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

impl Credential {
    /// A bearer token of the provider with this id.
    ///
    /// ```
    /// use pinning_keys_core::Credential;
    ///
    /// assert!(Credential::bearer("pinata", "eyJhbGciOi").is_ok());
    /// assert!(Credential::bearer("pinata", "eyJhbGciOi\n").is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if the token is empty or has a blank, a line break or a
    /// character outside ASCII.
    pub fn bearer(
        provider: impl Into<String>,
        token: impl Into<SecretString>,
    ) -> Result<Self, Error> {
        let token = token.into();
        check_header_text("the bearer token", token.expose_secret())?;
        Ok(Self { bearer: Some(token), ..Self::of(provider)? })
    }

    /// A key pair of the provider with this id, to be sent in these headers.
    ///
    /// ```
    /// use pinning_keys_core::{Credential, PairHeaders};
    ///
    /// let headers = PairHeaders::new("x-api-key", "x-api-secret");
    /// let credential = Credential::key_pair("example", headers, "0d2a", "s3cret")?;
    /// assert_eq!(credential.api_key(), Some("0d2a"));
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if a part is empty or has a blank, a line break or a character
    /// outside ASCII, or if the API key contains a JWT.
    pub fn key_pair(
        provider: impl Into<String>,
        headers: PairHeaders,
        api_key: impl Into<String>,
        secret: impl Into<SecretString>,
    ) -> Result<Self, Error> {
        Self::of(provider)?.with_key_pair(headers, api_key, secret)
    }

    /// A credential without content, which no caller ever sees.
    fn of(provider: impl Into<String>) -> Result<Self, Error> {
        let provider = provider.into();
        if !is_id(&provider) {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                "the provider of the credential is not an id such as \"pinata\"",
            ));
        }
        Ok(Self { provider, bearer: None, pair: None })
    }

    /// Adds a key pair to this credential.
    ///
    /// ```
    /// use pinning_keys_core::{Credential, PairHeaders};
    ///
    /// let headers = PairHeaders::new("x-api-key", "x-api-secret");
    /// let both = Credential::bearer("example", "eyJhbGciOi")?
    ///     .with_key_pair(headers, "0d2a", "s3cret")?;
    /// assert!(both.bearer_headers().is_some() && both.pair_headers().is_some());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`key_pair`](Self::key_pair).
    pub fn with_key_pair(
        mut self,
        headers: PairHeaders,
        api_key: impl Into<String>,
        secret: impl Into<SecretString>,
    ) -> Result<Self, Error> {
        let (key, secret) = (api_key.into(), secret.into());
        check_header_text("the API key", &key)?;
        if contains_jwt(&key) {
            // It would be shown, as an API key is.
            return Err(Error::new(ErrorKind::InvalidInput, "a JWT was passed as the API key")
                .with_next_step("make a bearer credential of a JWT: Credential::bearer"));
        }
        check_header_text("the API secret", secret.expose_secret())?;
        self.pair = Some(KeyPair { headers, key, secret });
        Ok(self)
    }

    /// The id of the provider that the credential belongs to.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// The headers that authenticate at the provider's data API: the bearer token's if there is
    /// one, otherwise the key pair's. All are marked sensitive.
    #[must_use]
    pub fn headers(&self) -> HeaderMap {
        self.bearer_headers().or_else(|| self.pair_headers()).unwrap_or_default()
    }

    /// The header of the bearer token, if there is one.
    #[must_use]
    pub fn bearer_headers(&self) -> Option<HeaderMap> {
        let token = self.bearer.as_ref()?.expose_secret();
        Some(HeaderMap::from_iter([(AUTHORIZATION, sensitive(&format!("Bearer {token}")))]))
    }

    /// The headers of the key pair, if there is one.
    #[must_use]
    pub fn pair_headers(&self) -> Option<HeaderMap> {
        let KeyPair { headers, key, secret } = self.pair.as_ref()?;
        Some(HeaderMap::from_iter([
            (headers.key.clone(), sensitive(key)),
            (headers.secret.clone(), sensitive(secret.expose_secret())),
        ]))
    }

    /// The public part of the key pair, which is not a secret.
    pub fn api_key(&self) -> Option<&str> {
        self.pair.as_ref().map(|pair| pair.key.as_str())
    }

    /// The key pair alone if there is one, which outlives the token; otherwise the token.
    pub(crate) fn lasting_part(&self) -> Self {
        let bearer = self.bearer.clone().filter(|_| self.pair.is_none());
        Self { bearer, ..self.clone() }
    }

    /// Exposes the secrets, to store them or to hand them out.
    ///
    /// No other method does, so a search for `expose` finds every use of a secret.
    #[must_use]
    pub fn expose(&self) -> ExposedCredential<'_> {
        let header = |name: fn(&PairHeaders) -> &HeaderName| {
            self.pair.as_ref().map(|pair| name(&pair.headers).as_str())
        };
        ExposedCredential {
            provider: &self.provider,
            api_key_header: header(PairHeaders::key),
            api_secret_header: header(PairHeaders::secret),
            bearer: self.bearer.as_ref().map(ExposeSecret::expose_secret),
            api_key: self.api_key(),
            api_secret: self.pair.as_ref().map(|pair| pair.secret.expose_secret()),
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("provider", &self.provider)
            .field("bearer", &self.bearer.is_some())
            .field("api_key", &self.api_key())
            .finish_non_exhaustive()
    }
}

/// The secrets of a [`Credential`], exposed.
///
/// It serializes, so that it can be stored and read back as a [`Credential`]. It has no `Debug`
/// and no `Display`.
///
/// ```
/// use pinning_keys_core::Credential;
///
/// let credential = Credential::bearer("pinata", "eyJhbGciOi")?;
/// let exposed = credential.expose();
/// assert_eq!((exposed.bearer(), exposed.api_secret()), (Some("eyJhbGciOi"), None));
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
#[derive(Clone, Copy, Serialize)]
pub struct ExposedCredential<'a> {
    provider: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    bearer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_secret: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key_header: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_secret_header: Option<&'a str>,
}

impl<'a> ExposedCredential<'a> {
    /// The id of the provider.
    pub fn provider(self) -> &'a str {
        self.provider
    }

    /// The bearer token, such as a JWT.
    pub fn bearer(self) -> Option<&'a str> {
        self.bearer
    }

    /// The public part of the key pair.
    pub fn api_key(self) -> Option<&'a str> {
        self.api_key
    }

    /// The secret part of the key pair.
    pub fn api_secret(self) -> Option<&'a str> {
        self.api_secret
    }

    /// The name of the header that takes the public part.
    pub fn api_key_header(self) -> Option<&'a str> {
        self.api_key_header
    }

    /// The name of the header that takes the secret part.
    pub fn api_secret_header(self) -> Option<&'a str> {
        self.api_secret_header
    }
}

/// The form that an [`ExposedCredential`] is read from. It is an enum with one variant, because the
/// error for a struct would quote a secret that appears instead of the struct.
#[derive(Deserialize)]
#[serde(untagged, expecting = "not a stored credential")]
enum StoredForm {
    Members(StoredMembers),
}

#[derive(Deserialize)]
struct StoredMembers {
    provider: String,
    bearer: Option<SecretString>,
    api_key: Option<String>,
    api_secret: Option<SecretString>,
    api_key_header: Option<String>,
    api_secret_header: Option<String>,
}

/// The error for a stored credential that has this.
fn incomplete(what: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, format!("the stored credential has {what}"))
}

impl TryFrom<StoredForm> for Credential {
    type Error = Error;

    fn try_from(StoredForm::Members(stored): StoredForm) -> Result<Self, Error> {
        let pair = match (stored.api_key, stored.api_secret) {
            (Some(key), Some(secret)) => Some((key, secret)),
            (Some(_), None) => return Err(incomplete("an api_key, but no api_secret")),
            (None, Some(_)) => return Err(incomplete("an api_secret, but no api_key")),
            (None, None) if stored.bearer.is_some() => None,
            (None, None) => return Err(incomplete("neither a token nor a key pair")),
        };
        let credential = match stored.bearer {
            Some(token) => Self::bearer(stored.provider, token)?,
            None => Self::of(stored.provider)?,
        };
        let Some((key, secret)) = pair else { return Ok(credential) };
        let name = |text: Option<String>| {
            text.and_then(|name| name.parse::<HeaderName>().ok())
                .ok_or_else(|| incomplete("a key pair without the names of its headers"))
        };
        let headers = PairHeaders {
            key: name(stored.api_key_header)?,
            secret: name(stored.api_secret_header)?,
        };
        if headers.key == headers.secret {
            return Err(incomplete("a key pair with the same header for both parts"));
        }
        credential.with_key_pair(headers, key, secret)
    }
}

/// Returns why a secret cannot be a header value, if it cannot, without repeating it; for adapters
/// and credential sources.
///
/// ```
/// use pinning_keys_core::header_fault;
///
/// assert_eq!(header_fault("eyJhbGciOi"), None);
/// assert_eq!(header_fault("").as_deref(), Some("is empty"));
/// ```
#[doc(hidden)]
#[must_use]
pub fn header_fault(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some("is empty".to_owned());
    }
    // Nearly every text is valid, and a token has hundreds of characters: a loop without an early
    // exit is many times faster.
    if text.bytes().fold(true, |clean, byte| clean & byte.is_ascii_graphic()) {
        return None;
    }
    let at = text.bytes().position(|byte| !byte.is_ascii_graphic())?;
    Some(format!(
        "has a blank, a line break or a character outside ASCII at position {} of {}",
        at + 1,
        text.len()
    ))
}

/// Refuses a secret that cannot be a header value.
#[doc(hidden)]
pub fn check_header_text(what: &str, text: &str) -> Result<(), Error> {
    match header_fault(text) {
        None => Ok(()),
        Some(fault) => Err(Error::new(ErrorKind::InvalidInput, format!("{what} {fault}"))
            .with_next_step("copy it again, without the text around it")),
    }
}

fn sensitive(text: &str) -> HeaderValue {
    // `check_header_text` admits only graphic ASCII, which is valid in every header.
    let mut value = HeaderValue::from_str(text).expect("graphic ASCII is a header value");
    value.set_sensitive(true);
    value
}
