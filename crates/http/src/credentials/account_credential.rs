use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};
use pinning_keys_core::{Error, ErrorKind, PairHeaders};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use crate::clean_text::secret_fault;

const BEARER: &str = "Bearer ";

/// The account's own credential, which issues and revokes keys.
///
/// It is a different type from an issued [`Credential`](pinning_keys_core::Credential) on purpose:
/// neither can be used as the other. `Debug` shows no secret, and copies share their content. As a
/// [`CredentialSource`](crate::credentials::CredentialSource), it always returns itself.
///
/// ```
/// use pinning_keys_http::credentials::AccountCredential;
///
/// let credential = AccountCredential::bearer("eyJhbGciOi")?;
/// assert_eq!(format!("{credential:?}"), "AccountCredential { bearer: true, .. }");
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
#[derive(Clone)]
pub struct AccountCredential {
    /// Shared, because every call gets a copy.
    parts: Arc<Parts>,
}

#[derive(Clone)]
struct Parts {
    /// One for a bearer token, two for a key pair.
    headers: Vec<(HeaderName, HeaderValue)>,
    expires: Option<Instant>,
}

impl AccountCredential {
    /// A bearer token, such as a JWT, without the word `Bearer`.
    ///
    /// ```
    /// use pinning_keys_http::credentials::AccountCredential;
    ///
    /// assert!(AccountCredential::bearer("eyJhbGciOi")?.is_bearer());
    /// assert!(AccountCredential::bearer("Bearer eyJhbGciOi").is_err());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if the token is empty, contains a blank, a line break or a
    /// character outside ASCII, or begins or ends with what is part of no token: a quotation mark,
    /// the word `Bearer`, or a name and an equals sign, for example.
    pub fn bearer(token: impl Into<SecretString>) -> Result<Self, Error> {
        let token = token.into();
        let token = token.expose_secret();
        check("the bearer token", token)?;
        let value = sensitive(&format!("{BEARER}{token}"))?;
        Ok(Self::new(vec![(AUTHORIZATION, value)]))
    }

    /// A key pair that is sent in these headers.
    ///
    /// ```
    /// use pinning_keys_core::PairHeaders;
    /// use pinning_keys_http::credentials::AccountCredential;
    ///
    /// const HEADERS: PairHeaders = PairHeaders::new("x-api-key", "x-api-secret");
    /// let credential = AccountCredential::key_pair(&HEADERS, "sample-key", "sample-secret")?;
    /// assert!(!credential.is_bearer());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if a part is empty, contains a blank, a line break or a
    /// character outside ASCII, or begins or ends with what is part of no credential, as for
    /// [`bearer`](Self::bearer).
    pub fn key_pair(
        headers: &PairHeaders,
        key: impl Into<SecretString>,
        secret: impl Into<SecretString>,
    ) -> Result<Self, Error> {
        let (key, secret) = (key.into(), secret.into());
        check("the API key", key.expose_secret())?;
        check("the API secret", secret.expose_secret())?;
        Ok(Self::new(vec![
            (headers.key().clone(), sensitive(key.expose_secret())?),
            (headers.secret().clone(), sensitive(secret.expose_secret())?),
        ]))
    }

    fn new(headers: Vec<(HeaderName, HeaderValue)>) -> Self {
        Self { parts: Arc::new(Parts { headers, expires: None }) }
    }

    /// Sets the time at which the credential expires, so that [`Cached`] can renew it before.
    ///
    /// The system's clock is read once, here. If the system is suspended meanwhile, the renewal may
    /// be late; the refusal of the expired credential then leads to a new one.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use pinning_keys_http::credentials::AccountCredential;
    ///
    /// let expiry = SystemTime::now() + Duration::from_secs(2 * 60 * 60);
    /// let credential = AccountCredential::bearer("eyJhbGciOi")?.with_expiry(expiry);
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// [`Cached`]: crate::credentials::Cached
    #[must_use]
    pub fn with_expiry(mut self, expiry: SystemTime) -> Self {
        let left = expiry.duration_since(SystemTime::now()).unwrap_or_default();
        Arc::make_mut(&mut self.parts).expires = Instant::now().checked_add(left);
        self
    }

    /// Whether this is a bearer token instead of a key pair.
    pub fn is_bearer(&self) -> bool {
        self.parts.headers.len() == 1
    }

    /// The API key that the credential belongs to: the public part of a key pair, or what
    /// `in_token` reads in a bearer token, such as a claim of a JWT.
    ///
    /// ```
    /// use pinning_keys_http::credentials::AccountCredential;
    /// use pinning_keys_http::jwt_claims;
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// struct Subject {
    ///     sub: String,
    /// }
    ///
    /// // The payload is {"sub":"user-1"}.
    /// let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyLTEifQ.c2ln";
    /// let credential = AccountCredential::bearer(jwt)?;
    /// let api_key = credential.api_key(|token| Some(jwt_claims::read::<Subject>(token)?.sub));
    /// assert_eq!(api_key.as_deref(), Some("user-1"));
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    pub fn api_key(&self, in_token: impl FnOnce(&str) -> Option<String>) -> Option<String> {
        let first = self.secrets().next()?;
        if self.is_bearer() { in_token(first) } else { Some(first.to_owned()) }
    }

    /// Adds the headers of the credential.
    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.parts.headers {
            headers.insert(name.clone(), value.clone());
        }
    }

    /// Whether both are sent as the same headers, whatever their expiry.
    ///
    /// ```
    /// use pinning_keys_http::credentials::AccountCredential;
    ///
    /// let old = AccountCredential::bearer("eyJhbGciOi")?;
    /// let new = AccountCredential::bearer("eyJ0eXAiOi")?;
    /// assert!(old.is_same_as(&old.clone()) && !old.is_same_as(&new));
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.parts.headers == other.parts.headers
    }

    pub(super) fn expires(&self) -> Option<Instant> {
        self.parts.expires
    }

    /// The values that no output may contain.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.parts
            .headers
            .iter()
            .filter_map(|(_, value)| value.to_str().ok())
            .map(|value| value.strip_prefix(BEARER).unwrap_or(value))
    }
}

impl fmt::Debug for AccountCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountCredential")
            .field("bearer", &self.is_bearer())
            .finish_non_exhaustive()
    }
}

fn check(what: &str, text: &str) -> Result<(), Error> {
    match secret_fault(text) {
        None => Ok(()),
        Some(fault) => Err(fault.error(ErrorKind::InvalidInput, what)),
    }
}

fn sensitive(text: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| Error::new(ErrorKind::InvalidInput, "the credential cannot be sent"))?;
    value.set_sensitive(true);
    Ok(value)
}
