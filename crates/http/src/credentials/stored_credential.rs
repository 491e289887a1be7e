use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use http::HeaderName;
use pinning_keys_core::{Error, PairHeaders, credential_header};

use super::account_credential::AccountCredential;
use super::credential_source::{Ask, CredentialSource};
use super::secret_from::SecretFrom;

/// A [`CredentialSource`] that reads the account's credential for each call.
///
/// Files are read on the calling thread: they are short, and handing them to another thread would
/// cost more. Do not store a secret on a slow network share.
///
/// ```
/// use pinning_keys_http::credentials::{SecretFrom, StoredCredential};
///
/// let source = StoredCredential::bearer(SecretFrom::Variable("EXAMPLE_JWT".to_owned()));
/// ```
#[derive(Clone)]
pub struct StoredCredential {
    form: Form,
}

#[derive(Clone)]
enum Form {
    Bearer(SecretFrom),
    KeyPair { headers: PairHeaders, key: SecretFrom, secret: SecretFrom },
    Basic { user: SecretFrom, password: SecretFrom },
    Authorization(SecretFrom),
    Header { name: HeaderName, value: SecretFrom },
}

impl StoredCredential {
    /// A bearer token that is stored there.
    ///
    /// ```
    /// use pinning_keys_http::credentials::{SecretFrom, StoredCredential};
    ///
    /// let source = StoredCredential::bearer(SecretFrom::file("/run/secrets/jwt"));
    /// ```
    #[must_use]
    pub fn bearer(token: SecretFrom) -> Self {
        Self { form: Form::Bearer(token) }
    }

    /// A key pair that is stored there and sent in these headers.
    ///
    /// ```
    /// use pinning_keys_core::PairHeaders;
    /// use pinning_keys_http::credentials::{SecretFrom, StoredCredential};
    ///
    /// const HEADERS: PairHeaders = PairHeaders::new("x-api-key", "x-api-secret");
    /// let secret = SecretFrom::variable("EXAMPLE_SECRET");
    /// let source = StoredCredential::key_pair(HEADERS, "sample-key".into(), secret);
    /// ```
    #[must_use]
    pub fn key_pair(headers: PairHeaders, key: SecretFrom, secret: SecretFrom) -> Self {
        Self { form: Form::KeyPair { headers, key, secret } }
    }

    /// A user and a password that are stored there and sent with Basic authentication.
    ///
    /// ```
    /// use pinning_keys_http::credentials::{SecretFrom, StoredCredential};
    ///
    /// let password = SecretFrom::variable("EXAMPLE_PASSWORD");
    /// let source = StoredCredential::basic("sample-user".into(), password);
    /// ```
    #[must_use]
    pub fn basic(user: SecretFrom, password: SecretFrom) -> Self {
        Self { form: Form::Basic { user, password } }
    }

    /// The whole value of the `Authorization` header, which is stored there.
    ///
    /// ```
    /// use pinning_keys_http::credentials::{SecretFrom, StoredCredential};
    ///
    /// let source = StoredCredential::authorization(SecretFrom::file("/run/secrets/value"));
    /// ```
    #[must_use]
    pub fn authorization(value: SecretFrom) -> Self {
        Self { form: Form::Authorization(value) }
    }

    /// The value of a header other than `Authorization`, which is stored there.
    ///
    /// ```
    /// use pinning_keys_http::credentials::{SecretFrom, StoredCredential};
    ///
    /// let value = SecretFrom::variable("EXAMPLE_TOKEN");
    /// let source = StoredCredential::header("x-api-token", value)?;
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for the names that [`Credential::header`] refuses.
    ///
    /// [`Credential::header`]: pinning_keys_core::Credential::header
    /// [`ErrorKind::InvalidInput`]: pinning_keys_core::ErrorKind::InvalidInput
    pub fn header(name: impl TryInto<HeaderName>, value: SecretFrom) -> Result<Self, Error> {
        Ok(Self { form: Form::Header { name: credential_header(name)?, value } })
    }

    /// Converts into a source of this credential.
    ///
    /// A credential that is completely in this value is checked once, here. One that is stored
    /// elsewhere is read for each call, so that a rotated secret is picked up.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if it is completely in this value and cannot be sent.
    ///
    /// [`ErrorKind::InvalidInput`]: pinning_keys_core::ErrorKind::InvalidInput
    pub fn into_source(self) -> Result<Arc<dyn CredentialSource>, Error> {
        let here = match &self.form {
            Form::Bearer(token) => token.text().map(AccountCredential::bearer),
            Form::KeyPair { headers, key, secret } => key
                .text()
                .zip(secret.text())
                .map(|(key, secret)| AccountCredential::key_pair(headers, key, secret)),
            Form::Basic { user, password } => user
                .text()
                .zip(password.text())
                .map(|(user, password)| AccountCredential::basic(user, password)),
            Form::Authorization(value) => value.text().map(AccountCredential::authorization),
            Form::Header { name, value } => {
                value.text().map(|value| AccountCredential::header(name.clone(), value))
            }
        };
        match here {
            Some(credential) => Ok(Arc::new(credential?)),
            None => Ok(Arc::new(self)),
        }
    }

    /// Reads the credential now.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::CredentialUnavailable`] if a variable or a file does not exist, cannot be
    /// read, or contains what cannot be sent. The error names it and quotes nothing of it.
    /// [`ErrorKind::InvalidInput`] if the user of Basic has a colon or contains a JWT.
    ///
    /// [`ErrorKind::InvalidInput`]: pinning_keys_core::ErrorKind::InvalidInput
    /// [`ErrorKind::CredentialUnavailable`]: pinning_keys_core::ErrorKind::CredentialUnavailable
    pub fn read(&self) -> Result<AccountCredential, Error> {
        match &self.form {
            Form::Bearer(token) => AccountCredential::bearer(token.read()?),
            Form::KeyPair { headers, key, secret } => {
                AccountCredential::key_pair(headers, key.read()?, secret.read()?)
            }
            Form::Basic { user, password } => {
                AccountCredential::basic(user.read()?, password.read()?)
            }
            Form::Authorization(value) => AccountCredential::authorization(value.read_value()?),
            Form::Header { name, value } => {
                AccountCredential::header(name.clone(), value.read_value()?)
            }
        }
    }
}

#[async_trait]
impl CredentialSource for StoredCredential {
    async fn credential(&self, _ask: Ask) -> Result<AccountCredential, Error> {
        self.read()
    }
}

impl fmt::Debug for StoredCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("StoredCredential");
        match &self.form {
            Form::Bearer(token) => debug.field("bearer", token),
            Form::KeyPair { key, secret, .. } => debug.field("key", key).field("secret", secret),
            Form::Basic { user, password } => debug.field("user", user).field("password", password),
            Form::Authorization(value) => debug.field("authorization", value),
            Form::Header { name, value } => debug.field("header", name).field("value", value),
        };
        debug.finish_non_exhaustive()
    }
}
