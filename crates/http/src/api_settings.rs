use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use pinning_keys_core::{Error, ErrorKind, PairHeaders};

use crate::credentials::{CredentialSource, SecretFrom, StoredCredential};
use crate::{ApiClient, ApiClientBuilder, BaseUrl, Setting, Transport};

/// What the configurations of all adapters have in common: where the provider is, with which
/// credential of the account it is talked to, and how it is reached.
///
/// An adapter's configuration holds one, and passes settings that it does not know itself on to
/// [`set`](Self::set).
///
/// ```
/// use pinning_keys_core::PairHeaders;
/// use pinning_keys_http::ApiSettings;
///
/// let mut settings = ApiSettings::default();
/// assert!(settings.set("api_key", "sample-key".into())?);
/// assert!(!settings.set("colour", "blue".into())?);
///
/// let headers = PairHeaders::new("x-api-key", "x-api-secret");
/// let error = settings.client("example", "https://api.example.com", headers).unwrap_err();
/// assert!(error.to_string().starts_with("api_key is set, and api_secret is not"));
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct ApiSettings {
    /// The base URL, where it is not the adapter's default.
    pub base_url: Option<String>,
    /// A JWT of the account's.
    pub jwt: Option<SecretFrom>,
    /// A key of the account's; it goes with `api_secret`.
    pub api_key: Option<SecretFrom>,
    /// The key's secret.
    pub api_secret: Option<SecretFrom>,
    /// A source that gives the account's credential. It goes before what is set above.
    pub credentials: Option<Arc<dyn CredentialSource>>,
    /// The hosts to which plain http is allowed, beside this machine.
    pub plain_http_hosts: Vec<String>,
    /// How long each call may take.
    pub deadline: Option<Duration>,
    /// The transport, where it is not to be the ready-made one.
    pub transport: Option<Arc<dyn Transport>>,
}

impl ApiSettings {
    /// The names that [`set`](Self::set) takes.
    pub const NAMES: &'static [&'static str] = &[
        "base_url",
        "jwt",
        "jwt_file",
        "api_key",
        "api_key_file",
        "api_secret",
        "api_secret_file",
        "allow_plain_http",
        "deadline_seconds",
    ];

    /// Takes a setting by its name; `false` where the name is none of these.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for a value that the setting does not take, and for a secret
    /// that is set already, under its name or under that of its file.
    pub fn set(&mut self, name: &str, value: Setting) -> Result<bool, Error> {
        match name {
            "base_url" => self.base_url = Some(value.text(name)?),
            "allow_plain_http" => self.plain_http_hosts.extend(value.texts(name)?),
            "deadline_seconds" => self.deadline = Some(value.seconds(name)?),
            _ => return self.set_secret(name, value),
        }
        Ok(true)
    }

    fn set_secret(&mut self, name: &str, value: Setting) -> Result<bool, Error> {
        let (secret_name, in_file) = match name.strip_suffix("_file") {
            Some(secret_name) => (secret_name, true),
            None => (name, false),
        };
        let place = match secret_name {
            "jwt" => &mut self.jwt,
            "api_key" => &mut self.api_key,
            "api_secret" => &mut self.api_secret,
            _ => return Ok(false),
        };
        if place.is_some() {
            let message = format!("{secret_name} is set twice, perhaps as {secret_name}_file too");
            return Err(misconfigured(message).with_next_step("remove one of them"));
        }
        *place = Some(if in_file { value.secret_file(name)? } else { value.secret(name)? });
        Ok(true)
    }

    /// Whether the account's credential is a key pair, or half of one, as far as that is known before it is
    /// asked for.
    pub fn is_key_pair(&self) -> bool {
        let is_pair = self.api_key.is_some() || self.api_secret.is_some();
        self.credentials.is_none() && is_pair
    }

    /// Begins a client for the provider of this id, which is at this base URL unless another one
    /// is set, and takes key pairs in these headers.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where no credential is set, half a key pair, or a JWT beside
    /// a pair, and where the base URL cannot be used; [`ErrorKind::InvalidInput`] where a text
    /// cannot be a credential.
    pub fn client(
        self,
        provider: &'static str,
        default_base_url: &str,
        pair_headers: PairHeaders,
    ) -> Result<ApiClientBuilder, Error> {
        let base_url = self.base_url.as_deref().unwrap_or(default_base_url);
        let base_url = BaseUrl::parse(base_url, &self.plain_http_hosts)?;
        let credentials = match self.credentials {
            Some(source) => source,
            None => stored_source(self.jwt, self.api_key, self.api_secret, pair_headers)?,
        };
        let mut client = ApiClient::builder(provider, base_url, credentials);
        if let Some(deadline) = self.deadline {
            client = client.deadline(deadline);
        }
        if let Some(transport) = self.transport {
            client = client.transport(transport);
        }
        Ok(client)
    }
}

/// Names the places of the secrets, and shows neither them nor the address.
impl fmt::Debug for ApiSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiSettings")
            .field("jwt", &self.jwt)
            .field("api_key", &self.api_key)
            .field("api_secret", &self.api_secret)
            .field("plain_http_hosts", &self.plain_http_hosts.len())
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

/// The source of the one credential that is set.
fn stored_source(
    jwt: Option<SecretFrom>,
    api_key: Option<SecretFrom>,
    api_secret: Option<SecretFrom>,
    headers: PairHeaders,
) -> Result<Arc<dyn CredentialSource>, Error> {
    let stored = match (jwt, api_key, api_secret) {
        (Some(jwt), None, None) => StoredCredential::bearer(checked("jwt", jwt)?),
        (None, Some(key), Some(secret)) => StoredCredential::key_pair(
            headers,
            checked("api_key", key)?,
            checked("api_secret", secret)?,
        ),
        (None, None, None) => {
            return Err(misconfigured("no credential of the account is set").with_next_step(
                "set jwt, or api_key and api_secret: to the text itself, or to the variable or \
                 the file that holds it",
            ));
        }
        (None, Some(_), None) => return Err(half("api_key", "api_secret")),
        (None, None, Some(_)) => return Err(half("api_secret", "api_key")),
        (Some(_), ..) => {
            return Err(misconfigured("a JWT and a key pair are both set")
                .with_next_step("the account is talked to with one of them: remove the other"));
        }
    };
    stored.into_source()
}

/// A secret's place that can be one.
fn checked(name: &str, secret: SecretFrom) -> Result<SecretFrom, Error> {
    match secret.fault() {
        None => Ok(secret),
        // It is not quoted: the secret may have been pasted in its place.
        Some(fault) => Err(misconfigured(format!("{name}: {fault}"))
            .with_next_step("write the variable's name or the file's path there, not the secret")),
    }
}

fn half(set: &str, missing: &str) -> Error {
    misconfigured(format!("{set} is set, and {missing} is not"))
        .with_next_step("a key and its secret go together: set both, or set jwt instead")
}

fn misconfigured(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Configuration, message)
}

/// The setters that the configurations of all adapters share, for a type with a field `api` that
/// holds [`ApiSettings`]. Hidden, and not for others: with a setter more, their types would have
/// it too.
///
/// ```
/// use pinning_keys_http::{ApiSettings, api_setters};
///
/// #[derive(Default)]
/// struct ExampleConfig {
///     api: ApiSettings,
/// }
///
/// impl ExampleConfig {
///     api_setters!();
/// }
///
/// let config = ExampleConfig::default().with_base_url("https://api.example.com");
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! api_setters {
    () => {
        /// Talks to this base URL in place of the provider's own.
        #[must_use]
        pub fn with_base_url(mut self, url: impl Into<String>) -> Self {
            self.api.base_url = Some(url.into());
            self
        }

        /// Works with this JWT of the account's, or with the one that is kept in a
        /// [variable](pinning_keys_http::credentials::SecretFrom::variable) or a
        /// [file](pinning_keys_http::credentials::SecretFrom::file) at each call.
        #[must_use]
        pub fn with_jwt(mut self, jwt: impl Into<$crate::credentials::SecretFrom>) -> Self {
            self.api.jwt = Some(jwt.into());
            self
        }

        /// Works with this key pair of the account's, or with the one that is kept in variables
        /// or files at each call.
        #[must_use]
        pub fn with_key_pair(
            mut self,
            key: impl Into<$crate::credentials::SecretFrom>,
            secret: impl Into<$crate::credentials::SecretFrom>,
        ) -> Self {
            self.api.api_key = Some(key.into());
            self.api.api_secret = Some(secret.into());
            self
        }

        /// Works with whatever credential this source gives at each call. It goes before a JWT
        /// and a key pair.
        #[must_use]
        pub fn with_credentials(
            mut self,
            source: ::std::sync::Arc<dyn $crate::credentials::CredentialSource>,
        ) -> Self {
            self.api.credentials = Some(source);
            self
        }

        /// Allows `http` to this host. To this machine it is always allowed.
        #[must_use]
        pub fn with_plain_http_host(mut self, host: impl Into<String>) -> Self {
            self.api.plain_http_hosts.push(host.into());
            self
        }

        /// Gives each call this long, all attempts together. 30 seconds unless set.
        #[must_use]
        pub fn with_deadline(mut self, deadline: ::std::time::Duration) -> Self {
            self.api.deadline = Some(deadline);
            self
        }

        /// Reaches the network through this transport.
        #[must_use]
        pub fn with_transport(
            mut self,
            transport: ::std::sync::Arc<dyn $crate::Transport>,
        ) -> Self {
            self.api.transport = Some(transport);
            self
        }
    };
}
