use std::fmt;

use http::{HeaderMap, HeaderName};
use secrecy::SecretString;
use serde::Deserialize;

use crate::exposed_credential::ExposedCredential;
use crate::key_pair::{KeyPair, PairHeaders};
use crate::one_header::OneHeader;
use crate::stored_credential::{StoredForm, StoredParts};
use crate::table_rules::is_id;
use crate::{CredentialForm, Error, ErrorKind};

/// The secret part of an issued key: what is sent in one header, a key pair, or both.
///
/// It knows the provider that it belongs to. Its holder sends it to that provider's data API as
/// the [`headers`](Self::headers), whatever its [form](Self::form):
///
/// | form | made by | is sent as |
/// |---|---|---|
/// | a bearer token | [`bearer`](Self::bearer) | `Authorization: Bearer …` |
/// | a user and a password | [`basic`](Self::basic) | `Authorization: Basic …` |
/// | a raw value | [`authorization`](Self::authorization) | `Authorization: …` |
/// | a value in another header | [`header`](Self::header) | that header |
/// | a key pair | [`key_pair`](Self::key_pair) | two headers |
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
    /// One of the two is there, or both are.
    one: Option<OneHeader>,
    pair: Option<KeyPair>,
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
        Self::in_one_header(provider, OneHeader::bearer(token.into())?)
    }

    /// A user and a password of the provider with this id, to be sent with Basic authentication
    /// (RFC 7617).
    ///
    /// Pass the id of the key as the user if the provider says so. `Debug` does not show the user,
    /// because some providers expect the secret there, and nothing treats it as the public
    /// [`api_key`](Self::api_key): an adapter whose users are ids names the key itself, in
    /// [`KeyIssuer::credential_facts`](crate::KeyIssuer::credential_facts).
    ///
    /// ```
    /// use pinning_keys_core::Credential;
    ///
    /// let credential = Credential::basic("example", "0d2a", "s3cret")?;
    /// assert_eq!(credential.headers()["authorization"], "Basic MGQyYTpzM2NyZXQ=");
    /// assert_eq!(credential.expose().user(), Some("0d2a"));
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if a part is empty or has a blank, a line break or a character
    /// outside ASCII, or if the user has a colon or contains a JWT. An empty password is refused,
    /// because it is probably an unset variable; use [`authorization`](Self::authorization) for a
    /// provider that expects none.
    pub fn basic(
        provider: impl Into<String>,
        user: impl Into<SecretString>,
        password: impl Into<SecretString>,
    ) -> Result<Self, Error> {
        Self::in_one_header(provider, OneHeader::basic(&user.into(), &password.into())?)
    }

    /// The whole value of the `Authorization` header, for the provider with this id.
    ///
    /// It is sent unchanged, so include the scheme if the provider expects one.
    ///
    /// ```
    /// use pinning_keys_core::Credential;
    ///
    /// let credential = Credential::authorization("example", "Token s3cret")?;
    /// assert_eq!(credential.headers()["authorization"], "Token s3cret");
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if the value is empty, begins or ends with a blank, has a line
    /// break, a control character or a character outside ASCII, or is only the word `Basic` or
    /// `Bearer`.
    pub fn authorization(
        provider: impl Into<String>,
        value: impl Into<SecretString>,
    ) -> Result<Self, Error> {
        Self::in_one_header(provider, OneHeader::authorization(value.into())?)
    }

    /// The value of a header other than `Authorization`, for the provider with this id.
    ///
    /// ```
    /// use pinning_keys_core::Credential;
    ///
    /// let credential = Credential::header("example", "x-api-token", "s3cret")?;
    /// assert_eq!(credential.headers()["x-api-token"], "s3cret");
    /// assert!(Credential::header("example", "host", "s3cret").is_err());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if the value is not a valid one, as for
    /// [`authorization`](Self::authorization), or if no credential can be sent in the header:
    ///
    /// * The name is not a valid name of a header.
    /// * A connection consumes the header on the way, such as `Connection` or
    ///   `Proxy-Authorization`.
    /// * The HTTP client sets it, such as `Host`, `Content-Length`, `Content-Type` or `Accept`.
    /// * It is `Cookie`, which clients merge with their own cookies, or `Set-Cookie`.
    /// * It is `Authorization`, which has its own constructors.
    pub fn header(
        provider: impl Into<String>,
        name: impl TryInto<HeaderName>,
        value: impl Into<SecretString>,
    ) -> Result<Self, Error> {
        Self::in_one_header(provider, OneHeader::other(name, value.into())?)
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
        let pair = KeyPair::new(headers, api_key.into(), secret.into())?;
        Ok(Self { provider: provider_id(provider)?, one: None, pair: Some(pair) })
    }

    fn in_one_header(provider: impl Into<String>, one: OneHeader) -> Result<Self, Error> {
        Ok(Self { provider: provider_id(provider)?, one: Some(one), pair: None })
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
        self.pair = Some(KeyPair::new(headers, api_key.into(), secret.into())?);
        Ok(self)
    }

    /// The id of the provider that the credential belongs to.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// The form in which [`headers`](Self::headers) authenticate.
    ///
    /// ```
    /// use pinning_keys_core::{Credential, CredentialForm};
    ///
    /// let credential = Credential::basic("example", "0d2a", "s3cret")?;
    /// assert_eq!(credential.form(), CredentialForm::Basic);
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    #[must_use]
    pub fn form(&self) -> CredentialForm {
        self.one.as_ref().map_or(CredentialForm::KeyPair, OneHeader::form)
    }

    /// The headers that authenticate at the provider's data API: the one header if there is one,
    /// such as that of a bearer token, otherwise the key pair's. All are marked sensitive.
    #[must_use]
    pub fn headers(&self) -> HeaderMap {
        let one = self.one.as_ref().map(OneHeader::headers);
        one.or_else(|| self.pair_headers()).unwrap_or_default()
    }

    /// The headers that authenticate in a form, such as that of a
    /// [`HolderRoute`](crate::HolderRoute); `None` if the credential does not have it.
    ///
    /// ```
    /// use pinning_keys_core::{Credential, CredentialForm};
    ///
    /// let credential = Credential::bearer("example", "eyJhbGciOi")?;
    /// let headers = credential.headers_for(CredentialForm::BearerOrKeyPair).unwrap();
    /// assert_eq!(headers["authorization"], "Bearer eyJhbGciOi");
    /// assert!(credential.headers_for(CredentialForm::Basic).is_none());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    #[must_use]
    pub fn headers_for(&self, form: CredentialForm) -> Option<HeaderMap> {
        match form {
            CredentialForm::KeyPair => self.pair_headers(),
            CredentialForm::BearerOrKeyPair => {
                self.bearer_headers().or_else(|| self.pair_headers())
            }
            _ => self.one.as_ref().filter(|one| one.form() == form).map(OneHeader::headers),
        }
    }

    /// The header of the bearer token, if there is one.
    #[must_use]
    pub fn bearer_headers(&self) -> Option<HeaderMap> {
        self.headers_for(CredentialForm::Bearer)
    }

    /// The headers of the key pair, if there is one.
    #[must_use]
    pub fn pair_headers(&self) -> Option<HeaderMap> {
        self.pair.as_ref().map(KeyPair::headers)
    }

    /// The public part of the key pair, which is not a secret.
    pub fn api_key(&self) -> Option<&str> {
        self.pair.as_ref().map(KeyPair::key)
    }

    /// The key pair alone if there is one, which outlives the token; otherwise the token.
    pub(crate) fn lasting_part(&self) -> Self {
        let one = self.one.clone().filter(|_| self.pair.is_none());
        Self { one, ..self.clone() }
    }

    /// Exposes the secrets, to store them or to hand them out.
    ///
    /// No other method does, so a search for `expose` finds every use of a secret.
    #[must_use]
    pub fn expose(&self) -> ExposedCredential<'_> {
        ExposedCredential {
            provider: &self.provider,
            one: self.one.as_ref(),
            pair: self.pair.as_ref(),
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = match self.form() {
            CredentialForm::Basic => "basic",
            CredentialForm::Authorization => "authorization",
            CredentialForm::Header => "header",
            _ => "bearer",
        };
        f.debug_struct("Credential")
            .field("provider", &self.provider)
            .field(form, &self.one.is_some())
            .field("api_key", &self.api_key())
            .finish_non_exhaustive()
    }
}

impl TryFrom<StoredForm> for Credential {
    type Error = Error;

    fn try_from(stored: StoredForm) -> Result<Self, Error> {
        let StoredParts { provider, one, pair } = stored.parts()?;
        Ok(Self { provider: provider_id(provider)?, one, pair })
    }
}

fn provider_id(provider: impl Into<String>) -> Result<String, Error> {
    let provider = provider.into();
    if !is_id(&provider) {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            "the provider of the credential is not an id such as \"pinata\"",
        ));
    }
    Ok(provider)
}
