use std::borrow::Cow;
use std::sync::Arc;

use http::HeaderName;
use pinning_keys_core::{Error, PairHeaders};

use crate::NamedCredential;
use crate::credentials::{CredentialSource, SecretFrom};
use crate::misconfigured::misconfigured;
use crate::named_credential::not_set;
use crate::secret_setting::with_variable;

/// How a provider expects the account's credential that is in [`ApiSettings`](crate::ApiSettings).
///
/// An adapter passes it to [`ApiSettings::client`](crate::ApiSettings::client). For a bearer token
/// or a key pair in two headers, it passes the [`PairHeaders`] alone. For secrets under its own
/// setting names, it passes a [`NamedCredential`].
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
    /// These settings of the adapter, instead of `jwt`, `api_key` and `api_secret`.
    Named(NamedCredential),
}

/// The settings to set if a bearer token or a key pair is expected.
const JWT_OR_PAIR: &str = "jwt, or api_key and api_secret,";

impl From<PairHeaders> for SentAs {
    fn from(headers: PairHeaders) -> Self {
        Self::BearerOrPair(headers)
    }
}

impl From<NamedCredential> for SentAs {
    fn from(credential: NamedCredential) -> Self {
        Self::Named(credential)
    }
}

impl SentAs {
    /// Those of `jwt`, `api_key` and `api_secret` that hold the credential.
    fn names(&self) -> &'static [&'static str] {
        match self {
            Self::BearerOrPair(_) => &["jwt", "api_key", "api_secret"],
            Self::Bearer => &["jwt"],
            Self::Basic => &["api_key", "api_secret"],
            Self::Authorization | Self::Header(_) => &["api_key"],
            Self::Named(_) => &[],
        }
    }

    /// The settings to set.
    fn wanted(&self) -> Cow<'static, str> {
        match self {
            Self::BearerOrPair(_) => JWT_OR_PAIR.into(),
            Self::Bearer => "jwt".into(),
            Self::Basic => "api_key and api_secret".into(),
            Self::Authorization | Self::Header(_) => "api_key".into(),
            Self::Named(credential) => credential.wanted().into(),
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
        let (key, secret) = (("api_key", api_key), ("api_secret", api_secret));
        let (credential, instead) = match sent_as {
            SentAs::BearerOrPair(headers) => match (&jwt, &key.1, &secret.1) {
                (None, None, None) => return Err(not_set(JWT_OR_PAIR)),
                (Some(_), None, None) => (NamedCredential::bearer("jwt", jwt), None),
                (Some(_), ..) => return Err(jwt_and_pair()),
                (None, ..) => (NamedCredential::key_pair(headers, key, secret), Some("jwt")),
            },
            SentAs::Bearer => (NamedCredential::bearer("jwt", jwt), None),
            SentAs::Basic => (NamedCredential::basic(key, secret), None),
            SentAs::Authorization => (NamedCredential::authorization(key.0, key.1), None),
            SentAs::Header(name) => (NamedCredential::header(name, key.0, key.1), None),
            SentAs::Named(credential) => (credential, None),
        };
        credential.stored(instead)?.into_source()
    }

    /// Refuses a secret that would not be sent: somebody expects it to be.
    fn check_used(&self, sent_as: &SentAs) -> Result<(), Error> {
        let set =
            [("jwt", &self.jwt), ("api_key", &self.api_key), ("api_secret", &self.api_secret)];
        for (name, secret) in set {
            if secret.is_some() && !sent_as.names().contains(&name) {
                let step = format!("remove {}, and set {}", with_variable(name), sent_as.wanted());
                let message = format!("{name} is set, but this provider does not use it");
                return Err(misconfigured(message).with_next_step(step));
            }
        }
        Ok(())
    }
}

fn jwt_and_pair() -> Error {
    let [jwt, key, secret] = ["jwt", "api_key", "api_secret"].map(with_variable);
    misconfigured("both a JWT and a key pair are set")
        .with_next_step(format!("remove {jwt}, or remove {key} and {secret}"))
}
