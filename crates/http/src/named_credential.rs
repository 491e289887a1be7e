use std::fmt;

use http::HeaderName;
use pinning_keys_core::{Error, ErrorKind, PairHeaders};

use crate::credentials::{SecretFrom, StoredCredential};
use crate::misconfigured::misconfigured;
use crate::secret_setting::with_variable;

/// The account's credential under an adapter's own setting names. Each setting may or may not be
/// set.
///
/// An adapter passes it to [`ApiSettings::client`](crate::ApiSettings::client). Errors name the
/// settings and their variables. If the user sets a credential source with `with_credentials`, the
/// settings are not needed.
///
/// ```
/// use pinning_keys_http::{ApiSettings, NamedCredential};
///
/// # let (key_id, application_key) = (Some("0012ab".into()), None);
/// let credential =
///     NamedCredential::basic(("key_id", key_id), ("application_key", application_key));
/// let client = ApiSettings::default().client("example", "https://api.example.com", credential);
/// assert_eq!(
///     format!("{:#}", client.unwrap_err()),
///     "key_id is set, but application_key is not\n  \
///      set application_key (PINNING_KEYS_APPLICATION_KEY) too",
/// );
/// ```
#[derive(Clone)]
pub struct NamedCredential(Form);

#[derive(Clone)]
enum Form {
    Bearer(Named),
    KeyPair(PairHeaders, Named, Named),
    Basic(Named, Named),
    Authorization(Named),
    Header(HeaderName, Named),
}

/// The name of a setting, and the secret if it is set.
type Named = (&'static str, Option<SecretFrom>);

impl NamedCredential {
    /// A bearer token.
    ///
    /// ```
    /// use pinning_keys_http::NamedCredential;
    ///
    /// let credential = NamedCredential::bearer("api_token", Some("sample-token".into()));
    /// ```
    #[must_use]
    pub fn bearer(name: &'static str, token: Option<SecretFrom>) -> Self {
        Self(Form::Bearer((name, token)))
    }

    /// A key and its secret, which are sent in these headers.
    ///
    /// ```
    /// use pinning_keys_core::PairHeaders;
    /// use pinning_keys_http::NamedCredential;
    ///
    /// const HEADERS: PairHeaders = PairHeaders::new("x-client-id", "x-client-secret");
    /// # let (id, secret) = (None, None);
    /// let credential =
    ///     NamedCredential::key_pair(HEADERS, ("client_id", id), ("client_secret", secret));
    /// ```
    #[must_use]
    pub fn key_pair(
        headers: PairHeaders,
        key: (&'static str, Option<SecretFrom>),
        secret: (&'static str, Option<SecretFrom>),
    ) -> Self {
        Self(Form::KeyPair(headers, key, secret))
    }

    /// A user and a password, which are sent with Basic authentication.
    ///
    /// [`NamedCredential`] has an example.
    #[must_use]
    pub fn basic(
        user: (&'static str, Option<SecretFrom>),
        password: (&'static str, Option<SecretFrom>),
    ) -> Self {
        Self(Form::Basic(user, password))
    }

    /// The whole value of the `Authorization` header.
    ///
    /// ```
    /// use pinning_keys_http::NamedCredential;
    ///
    /// let credential = NamedCredential::authorization("access_key", Some("sample-key".into()));
    /// ```
    #[must_use]
    pub fn authorization(name: &'static str, value: Option<SecretFrom>) -> Self {
        Self(Form::Authorization((name, value)))
    }

    /// The value of a header other than `Authorization`.
    ///
    /// ```
    /// use http::HeaderName;
    /// use pinning_keys_http::NamedCredential;
    ///
    /// const TOKEN: HeaderName = HeaderName::from_static("x-token");
    /// let credential = NamedCredential::header(TOKEN, "access_key", Some("sample-key".into()));
    /// ```
    #[must_use]
    pub fn header(header: HeaderName, name: &'static str, value: Option<SecretFrom>) -> Self {
        Self(Form::Header(header, (name, value)))
    }

    /// The settings to set.
    pub(crate) fn wanted(&self) -> String {
        match &self.0 {
            Form::Bearer((name, _))
            | Form::Authorization((name, _))
            | Form::Header(_, (name, _)) => (*name).to_owned(),
            Form::KeyPair(_, (first, _), (second, _)) | Form::Basic((first, _), (second, _)) => {
                format!("{first} and {second}")
            }
        }
    }

    /// The credential, if all of its settings are set. `instead` is the setting that could be set
    /// instead of two.
    pub(crate) fn stored(self, instead: Option<&str>) -> Result<StoredCredential, Error> {
        Ok(match self.0 {
            Form::Bearer(token) => StoredCredential::bearer(one(token)?),
            Form::KeyPair(headers, key, secret) => {
                let (key, secret) = both(key, secret, instead)?;
                StoredCredential::key_pair(headers, key, secret)
            }
            Form::Basic(user, password) => {
                let (user, password) = both(user, password, instead)?;
                StoredCredential::basic(user, password)
            }
            Form::Authorization(value) => StoredCredential::authorization(one(value)?),
            Form::Header(name, value) => StoredCredential::header(name, one(value)?)?,
        })
    }
}

/// Shows the names of the settings.
impl fmt::Debug for NamedCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamedCredential").field("settings", &self.wanted()).finish_non_exhaustive()
    }
}

/// The error for a credential of which nothing is set.
pub(crate) fn not_set(wanted: &str) -> Error {
    misconfigured("no credential of the account is set").with_next_step(format!(
        "set {wanted} to the secret or to the variable or file that contains it"
    ))
}

fn one((name, secret): Named) -> Result<SecretFrom, Error> {
    secret.ok_or_else(|| not_set(name)).and_then(|secret| checked(name, secret))
}

fn both(
    (first_name, first): Named,
    (second_name, second): Named,
    instead: Option<&str>,
) -> Result<(SecretFrom, SecretFrom), Error> {
    match (first, second) {
        (Some(first), Some(second)) => {
            Ok((checked(first_name, first)?, checked(second_name, second)?))
        }
        (Some(_), None) => Err(half(first_name, second_name, instead)),
        (None, Some(_)) => Err(half(second_name, first_name, instead)),
        (None, None) => Err(not_set(&format!("{first_name} and {second_name}"))),
    }
}

/// Refuses what cannot be the place of a secret.
fn checked(name: &str, secret: SecretFrom) -> Result<SecretFrom, Error> {
    match secret.fault() {
        None => Ok(secret),
        // Not quoted, because the secret may have been pasted there.
        Some(fault) => Err(fault.error(ErrorKind::Configuration, name)),
    }
}

fn half(set: &str, missing: &str, instead: Option<&str>) -> Error {
    let or = instead.map_or_else(String::new, |instead| {
        format!(", or {} instead of both", with_variable(instead))
    });
    misconfigured(format!("{set} is set, but {missing} is not"))
        .with_next_step(format!("set {} too{or}", with_variable(missing)))
}
