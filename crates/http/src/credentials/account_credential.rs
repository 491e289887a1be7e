use std::fmt;
use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};
use pinning_keys_core::{Error, ErrorKind, PairHeaders, header_fault};
use secrecy::{ExposeSecret, SecretString};

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
        Ok(Self { headers: Arc::new([(AUTHORIZATION, value)]) })
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
        })
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

    /// Whether both would be sent as the same headers.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        self.headers == other.headers
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
