use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};
use pinning_keys_core::{Error, ErrorKind, PairHeaders, header_fault};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

const BEARER: &str = "Bearer ";

/// The account's own credential, which makes and revokes keys.
///
/// It is another type than an issued [`Credential`](pinning_keys_core::Credential) on purpose:
/// neither can be taken for the other. It prints as nothing of itself, and copies share what
/// is in them. As a [`CredentialSource`](crate::credentials::CredentialSource) it gives itself, always.
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
    /// One for a bearer token, two for a key pair. Shared, since every call gets a copy.
    headers: Arc<[(HeaderName, HeaderValue)]>,
    expires: Option<Instant>,
}

impl AccountCredential {
    /// A bearer token, such as a JWT; without the word `Bearer`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] where the token is empty or holds a blank, a line break or
    /// a character outside ASCII.
    pub fn bearer(token: impl Into<SecretString>) -> Result<Self, Error> {
        let token = token.into();
        let token = token.expose_secret();
        check("the bearer token", token)?;
        let value = sensitive(&format!("{BEARER}{token}"))?;
        Ok(Self { headers: Arc::new([(AUTHORIZATION, value)]), expires: None })
    }

    /// A key and its secret, to be sent in these headers.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] where a part is empty or holds a blank, a line break or a
    /// character outside ASCII.
    pub fn key_pair(
        headers: &PairHeaders,
        key: impl Into<SecretString>,
        secret: impl Into<SecretString>,
    ) -> Result<Self, Error> {
        let (key, secret) = (key.into(), secret.into());
        check("the API key", key.expose_secret())?;
        check("the API secret", secret.expose_secret())?;
        Ok(Self {
            headers: Arc::new([
                (headers.key().clone(), sensitive(key.expose_secret())?),
                (headers.secret().clone(), sensitive(secret.expose_secret())?),
            ]),
            expires: None,
        })
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
        self.expires = Instant::now().checked_add(left);
        self
    }

    /// Whether this is a bearer token rather than a key pair.
    pub fn is_bearer(&self) -> bool {
        self.headers.len() == 1
    }

    /// Puts the credential where the provider looks for it.
    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        for (name, value) in self.headers.iter() {
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
        self.headers == other.headers
    }

    pub(super) fn expires(&self) -> Option<Instant> {
        self.expires
    }

    /// The values that must not be seen anywhere.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.headers
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
    match header_fault(text) {
        None => Ok(()),
        Some(fault) => Err(Error::new(ErrorKind::InvalidInput, format!("{what} {fault}"))
            .with_next_step("copy it again, without what stands around it")),
    }
}

fn sensitive(text: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| Error::new(ErrorKind::InvalidInput, "the credential cannot be sent"))?;
    value.set_sensitive(true);
    Ok(value)
}
