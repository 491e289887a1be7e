use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};
use pinning_keys_core::{
    CredentialForm, Error, ErrorKind, PairHeaders, check_basic_user, credential_header,
};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::session::Session;
use crate::clean_text::{TextFault, header_value_fault, secret_fault};

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
    form: CredentialForm,
    /// Two for a key pair, and one for every other form.
    headers: Vec<(HeaderName, HeaderValue)>,
    /// The user and the password of Basic with the colon between them.
    basic: Option<SecretString>,
    expires: Option<Instant>,
    /// What a login reported; boxed, because few credentials come from one.
    session: Option<Box<Session>>,
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
        Ok(Self::new(CredentialForm::Bearer, vec![(AUTHORIZATION, value)]))
    }

    /// A user and a password, which are sent with Basic authentication (RFC 7617).
    ///
    /// ```
    /// use pinning_keys_core::CredentialForm;
    /// use pinning_keys_http::credentials::AccountCredential;
    ///
    /// let credential = AccountCredential::basic("sample-user", "sample-password")?;
    /// assert_eq!(credential.form(), CredentialForm::Basic);
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for the parts that [`key_pair`](Self::key_pair) refuses, and for
    /// a user that has a colon or contains a JWT.
    pub fn basic(
        user: impl Into<SecretString>,
        password: impl Into<SecretString>,
    ) -> Result<Self, Error> {
        let (user, password) = (user.into(), password.into());
        let (user, password) = (user.expose_secret(), password.expose_secret());
        check("the user", user)?;
        check_basic_user(user)?;
        check("the password", password)?;
        let text = SecretString::from(format!("{user}:{password}"));
        let encoded = Zeroizing::new(STANDARD.encode(text.expose_secret()));
        let value = sensitive(&format!("Basic {}", *encoded))?;
        let mut credential = Self::new(CredentialForm::Basic, vec![(AUTHORIZATION, value)]);
        Arc::make_mut(&mut credential.parts).basic = Some(text);
        Ok(credential)
    }

    /// The whole value of the `Authorization` header. It is sent unchanged, so include the scheme
    /// if the provider expects one.
    ///
    /// ```
    /// use pinning_keys_http::credentials::AccountCredential;
    ///
    /// assert!(AccountCredential::authorization("Token sample-token").is_ok());
    /// assert!(AccountCredential::authorization("Authorization: sample-token").is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if the value is empty, begins or ends with a blank or with what
    /// is part of no value, such as a quotation mark or the name of the header, or has a line
    /// break, a control character or a character outside ASCII.
    pub fn authorization(value: impl Into<SecretString>) -> Result<Self, Error> {
        let value = value.into();
        check_value("the Authorization value", value.expose_secret())?;
        let headers = vec![(AUTHORIZATION, sensitive(value.expose_secret())?)];
        Ok(Self::new(CredentialForm::Authorization, headers))
    }

    /// The value of a header other than `Authorization`.
    ///
    /// ```
    /// use pinning_keys_http::credentials::AccountCredential;
    ///
    /// assert!(AccountCredential::header("x-api-token", "sample-token").is_ok());
    /// assert!(AccountCredential::header("host", "sample-token").is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for the values that [`authorization`](Self::authorization)
    /// refuses, and for the names that [`Credential::header`] refuses.
    ///
    /// [`Credential::header`]: pinning_keys_core::Credential::header
    pub fn header(
        name: impl TryInto<HeaderName>,
        value: impl Into<SecretString>,
    ) -> Result<Self, Error> {
        let (name, value) = (credential_header(name)?, value.into());
        check_value("the header value", value.expose_secret())?;
        let headers = vec![(name, sensitive(value.expose_secret())?)];
        Ok(Self::new(CredentialForm::Header, headers))
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
        let headers = vec![
            (headers.key().clone(), sensitive(key.expose_secret())?),
            (headers.secret().clone(), sensitive(secret.expose_secret())?),
        ];
        Ok(Self::new(CredentialForm::KeyPair, headers))
    }

    fn new(form: CredentialForm, headers: Vec<(HeaderName, HeaderValue)>) -> Self {
        Self { parts: Arc::new(Parts { form, headers, basic: None, expires: None, session: None }) }
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
    /// let end = SystemTime::now() + Duration::from_secs(2 * 60 * 60);
    /// let credential = AccountCredential::bearer("eyJhbGciOi")?.with_expires_at(end);
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// [`Cached`]: crate::credentials::Cached
    #[must_use]
    pub fn with_expires_at(mut self, time: SystemTime) -> Self {
        let left = time.duration_since(SystemTime::now()).unwrap_or_default();
        Arc::make_mut(&mut self.parts).expires = Instant::now().checked_add(left);
        self
    }

    /// The form in which it is sent.
    ///
    /// ```
    /// use pinning_keys_core::CredentialForm;
    /// use pinning_keys_http::credentials::AccountCredential;
    ///
    /// let credential = AccountCredential::header("x-api-token", "sample-token")?;
    /// assert_eq!(credential.form(), CredentialForm::Header);
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    pub fn form(&self) -> CredentialForm {
        self.parts.form
    }

    /// Whether this is a bearer token.
    pub fn is_bearer(&self) -> bool {
        self.parts.form == CredentialForm::Bearer
    }

    /// The API key that the credential belongs to: the public part of a key pair, the user of
    /// Basic, or what `in_token` reads in a bearer token or in the value of a header, such as a
    /// claim of a JWT.
    ///
    /// Compare the user of Basic with the keys of the account, and do not show it: at some
    /// providers it is the secret.
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
        match self.token() {
            Some(token) => in_token(token),
            None => self.sent().next().map(str::to_owned),
        }
    }

    /// The bearer token or the value of a header.
    pub(crate) fn token(&self) -> Option<&str> {
        match self.parts.form {
            CredentialForm::KeyPair | CredentialForm::Basic => None,
            _ => self.sent().next(),
        }
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

    /// What a login said besides the credential.
    pub(crate) fn session(&self) -> Option<&Session> {
        self.parts.session.as_deref()
    }

    pub(super) fn session_mut(&mut self) -> &mut Session {
        Arc::make_mut(&mut self.parts).session.get_or_insert_default()
    }

    pub(super) fn expires(&self) -> Option<Instant> {
        self.parts.expires
    }

    /// The parts that it was made of: a token or a value, a key and its secret, or a user and a
    /// password.
    pub(crate) fn sent(&self) -> impl Iterator<Item = &str> {
        let basic = self.basic_text().and_then(|text| text.split_once(':'));
        let values = if basic.is_some() { &[] } else { self.parts.headers.as_slice() };
        let values = values.iter().filter_map(|(_, value)| value.to_str().ok());
        let values = values.map(|value| match self.parts.form {
            CredentialForm::Bearer => value.strip_prefix(BEARER).unwrap_or(value),
            _ => value,
        });
        basic.into_iter().flat_map(|(user, password)| [user, password]).chain(values)
    }

    /// The values that no output may contain: the parts, the user and the password of Basic
    /// together, and what follows the scheme in the value of a header.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        let after_scheme = self.sent().filter_map(|part| Some(part.rsplit_once(' ')?.1));
        self.sent().chain(self.basic_text()).chain(after_scheme)
    }

    fn basic_text(&self) -> Option<&str> {
        self.parts.basic.as_ref().map(ExposeSecret::expose_secret)
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
    refuse(what, secret_fault(text))
}

fn check_value(what: &str, text: &str) -> Result<(), Error> {
    refuse(what, header_value_fault(text))
}

fn refuse(what: &str, fault: Option<TextFault>) -> Result<(), Error> {
    match fault {
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
