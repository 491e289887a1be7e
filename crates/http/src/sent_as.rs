use std::borrow::Cow;
use std::sync::Arc;

use http::HeaderName;
use pinning_keys_core::{Error, ErrorKind, PairHeaders};

use crate::credentials::{CredentialSource, SecretFrom, StoredCredential};

/// How a provider expects the account's credential that is in [`ApiSettings`](crate::ApiSettings).
///
/// An adapter passes it to [`ApiSettings::client`](crate::ApiSettings::client). For a bearer token
/// or a key pair in two headers, it passes the [`PairHeaders`] alone.
///
/// ```
/// use pinning_keys_http::{ApiSettings, SentAs};
///
/// let mut settings = ApiSettings::default();
/// settings.set("api_key", "sample-key".into())?;
/// settings.set("api_secret", "sample-secret".into())?;
/// let client = settings.client("example", "https://api.example.com", SentAs::Basic)?;
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SentAs {
    /// `jwt` as a bearer token, or `api_key` and `api_secret` in these two headers.
    BearerOrPair(PairHeaders),
    /// `jwt` as a bearer token.
    Bearer,
    /// `api_key` and `api_secret` as the user and the password of Basic authentication.
    Basic,
    /// `api_key` as the whole value of the `Authorization` header.
    Authorization,
    /// `api_key` as the value of this header.
    Header(HeaderName),
}

impl From<PairHeaders> for SentAs {
    fn from(headers: PairHeaders) -> Self {
        Self::BearerOrPair(headers)
    }
}

impl SentAs {
    /// The settings that hold the credential.
    fn names(&self) -> &'static [&'static str] {
        match self {
            Self::BearerOrPair(_) => &["jwt", "api_key", "api_secret"],
            Self::Bearer => &["jwt"],
            Self::Basic => &["api_key", "api_secret"],
            Self::Authorization | Self::Header(_) => &["api_key"],
        }
    }

    /// The settings to set.
    fn wanted(&self) -> &'static str {
        match self {
            Self::BearerOrPair(_) => "jwt, or api_key and api_secret,",
            Self::Bearer => "jwt",
            Self::Basic => "api_key and api_secret",
            Self::Authorization | Self::Header(_) => "api_key",
        }
    }
}

/// The secrets that are set.
pub(crate) struct StoredSecrets {
    pub(crate) jwt: Option<SecretFrom>,
    pub(crate) api_key: Option<SecretFrom>,
    pub(crate) api_secret: Option<SecretFrom>,
}

impl StoredSecrets {
    /// The source of the one credential that is set.
    pub(crate) fn into_source(self, sent_as: SentAs) -> Result<Arc<dyn CredentialSource>, Error> {
        self.check_used(&sent_as)?;
        let Self { jwt, api_key, api_secret } = self;
        let stored = match (sent_as, jwt, api_key, api_secret) {
            (sent_as, None, None, None) => {
                let wanted = sent_as.wanted();
                return Err(misconfigured("no credential of the account is set").with_next_step(
                    format!(
                        "set {wanted} to the secret or to the variable or file that contains it"
                    ),
                ));
            }
            (SentAs::BearerOrPair(_), Some(_), Some(_), _)
            | (SentAs::BearerOrPair(_), Some(_), _, Some(_)) => {
                let [jwt, key, secret] = ["jwt", "api_key", "api_secret"].map(with_variable);
                return Err(misconfigured("both a JWT and a key pair are set")
                    .with_next_step(format!("remove {jwt}, or remove {key} and {secret}")));
            }
            (_, Some(jwt), ..) => StoredCredential::bearer(checked("jwt", jwt)?),
            (SentAs::BearerOrPair(headers), _, Some(key), Some(secret)) => {
                let (key, secret) = checked_pair(key, secret)?;
                StoredCredential::key_pair(headers, key, secret)
            }
            (SentAs::Basic, _, Some(key), Some(secret)) => {
                let (key, secret) = checked_pair(key, secret)?;
                StoredCredential::basic(key, secret)
            }
            (SentAs::Authorization, _, Some(key), _) => {
                StoredCredential::authorization(checked("api_key", key)?)
            }
            (SentAs::Header(name), _, Some(key), _) => {
                StoredCredential::header(name, checked("api_key", key)?)?
            }
            (sent_as, _, Some(_), None) => return Err(half("api_key", "api_secret", &sent_as)),
            (sent_as, ..) => return Err(half("api_secret", "api_key", &sent_as)),
        };
        stored.into_source()
    }

    /// Refuses a secret that would not be sent: somebody expects it to be.
    fn check_used(&self, sent_as: &SentAs) -> Result<(), Error> {
        let set =
            [("jwt", &self.jwt), ("api_key", &self.api_key), ("api_secret", &self.api_secret)];
        for (name, secret) in set {
            if secret.is_some() && !sent_as.names().contains(&name) {
                let step = format!("remove {}, and set {}", with_variable(name), sent_as.wanted());
                return Err(misconfigured(format!("{name} is set, but the provider accepts none"))
                    .with_next_step(step));
            }
        }
        Ok(())
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

fn checked_pair(key: SecretFrom, secret: SecretFrom) -> Result<(SecretFrom, SecretFrom), Error> {
    Ok((checked("api_key", key)?, checked("api_secret", secret)?))
}

fn half(set: &str, missing: &str, sent_as: &SentAs) -> Error {
    let [jwt, missing_variable] = ["jwt", missing].map(with_variable);
    let step = if sent_as.names().contains(&"jwt") {
        format!("set {missing_variable} too, or {jwt} instead of both")
    } else {
        format!("set {missing_variable} too")
    };
    misconfigured(format!("{set} is set, but {missing} is not")).with_next_step(step)
}

/// A setting and the environment variable that sets it.
pub(crate) fn with_variable(name: &str) -> String {
    format!("{name} (PINNING_KEYS_{})", name.to_uppercase())
}

pub(crate) fn misconfigured(message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Configuration, message)
}
