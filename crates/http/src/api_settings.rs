use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use pinning_keys_core::Error;

use crate::base_url::check_plain_http_host;
use crate::builder::check_deadline;
use crate::credentials::{CredentialSource, SecretFrom};
use crate::secret_setting::{secret_name, set_secret};
use crate::sent_as::{SentAs, StoredSecrets};
use crate::{ApiClient, ApiClientBuilder, BaseUrl, Setting, Transport};

/// The settings that the configurations of all adapters share: where the provider is, how the
/// account authenticates, and how requests are sent.
///
/// An adapter's configuration contains one, and passes settings that it does not know to
/// [`set`](Self::set). See [`api_setters!`](crate::api_setters).
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
/// assert_eq!(error.to_string(), "api_key is set, but api_secret is not");
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct ApiSettings {
    /// The base URL, if it is not the adapter's default.
    pub base_url: Option<String>,
    /// A JWT of the account.
    pub jwt: Option<SecretFrom>,
    /// A key of the account, which goes with `api_secret`.
    pub api_key: Option<SecretFrom>,
    /// The secret of the key.
    pub api_secret: Option<SecretFrom>,
    /// A source of the account's credential. It takes precedence over the settings above.
    pub credentials: Option<Arc<dyn CredentialSource>>,
    /// The hosts besides this machine that may be called by plain http.
    pub plain_http_hosts: Vec<String>,
    /// The time limit of each call.
    pub deadline: Option<Duration>,
    /// The transport, if it is not the default one.
    pub transport: Option<Arc<dyn Transport>>,
}

impl ApiSettings {
    /// The names that [`set`](Self::set) accepts.
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

    /// The names that [`set_connection`](Self::set_connection) accepts.
    pub const CONNECTION: &'static [&'static str] =
        &["base_url", "allow_plain_http", "deadline_seconds"];

    /// The settings that hold the account's credential: a JWT, or the two that are a key pair.
    pub const CREDENTIALS: &'static [&'static [&'static str]] =
        &[&["jwt"], &["api_key", "api_secret"]];

    /// The names in `own` and then those in `shared`, for [`api_setters!`].
    ///
    /// [`api_setters!`]: crate::api_setters
    #[doc(hidden)]
    pub const fn names_after<const ALL: usize>(
        own: &[&'static str],
        shared: &[&'static str],
    ) -> [&'static str; ALL] {
        let mut all = [""; ALL];
        let mut at = 0;
        while at < ALL {
            all[at] = if at < own.len() { own[at] } else { shared[at - own.len()] };
            at += 1;
        }
        all
    }

    /// Whether the setting of this name is the account's credential or a part of it.
    ///
    /// ```
    /// use pinning_keys_http::ApiSettings;
    ///
    /// assert!(ApiSettings::is_credential("api_key_file"));
    /// assert!(!ApiSettings::is_credential("base_url"));
    /// ```
    pub fn is_credential(name: &str) -> bool {
        Self::default().place_of(secret_name(name)).is_some()
    }

    /// Sets a setting by its name; `false` if the name is none of [`NAMES`](Self::NAMES).
    ///
    /// An empty value leaves a setting that has a default as it is. The base URL and credentials
    /// must not be empty, because the default address or another credential may not be what was
    /// meant, and a key could be issued in another account.
    ///
    /// ```
    /// use pinning_keys_http::ApiSettings;
    ///
    /// let mut settings = ApiSettings::default();
    /// assert!(settings.set("deadline_seconds", "10".into())?);
    /// assert!(settings.set("deadline_seconds", "soon".into()).is_err());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for a value that the setting does not accept, and for a secret
    /// that is already set, under its name or under the name of its file.
    ///
    /// [`ErrorKind::Configuration`]: pinning_keys_core::ErrorKind::Configuration
    pub fn set(&mut self, name: &str, value: Setting) -> Result<bool, Error> {
        if Self::CONNECTION.contains(&name) {
            return self.set_connection(name, value);
        }
        let Some(place) = self.place_of(secret_name(name)) else { return Ok(false) };
        set_secret(place, name, value, "jwt").map(|()| true)
    }

    /// Sets a setting by its name, as [`set`](Self::set) does, except for the account's credential;
    /// `false` if the name is none of [`CONNECTION`](Self::CONNECTION).
    ///
    /// This is for adapters with their own setting names for the credential; see
    /// [`api_setters!`](crate::api_setters).
    ///
    /// ```
    /// use pinning_keys_http::ApiSettings;
    ///
    /// let mut settings = ApiSettings::default();
    /// assert!(settings.set_connection("deadline_seconds", "10".into())?);
    /// assert!(!settings.set_connection("jwt", "eyJhbGciOi".into())?);
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for a value that the setting does not accept.
    ///
    /// [`ErrorKind::Configuration`]: pinning_keys_core::ErrorKind::Configuration
    pub fn set_connection(&mut self, name: &str, value: Setting) -> Result<bool, Error> {
        // Values are checked here although `client` checks them too, because only here the caller
        // knows where a value came from.
        match name {
            "allow_plain_http" | "deadline_seconds" if value.is_blank() => {}
            "base_url" => self.base_url = Some(value.url(name)?),
            "allow_plain_http" => {
                let hosts = value.texts(name)?;
                hosts.iter().try_for_each(|host| check_plain_http_host(host))?;
                self.plain_http_hosts.extend(hosts);
            }
            "deadline_seconds" => {
                let deadline = value.seconds(name)?;
                check_deadline(deadline)?;
                self.deadline = Some(deadline);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Where the secret of this name is kept.
    fn place_of(&mut self, secret_name: &str) -> Option<&mut Option<SecretFrom>> {
        match secret_name {
            "jwt" => Some(&mut self.jwt),
            "api_key" => Some(&mut self.api_key),
            "api_secret" => Some(&mut self.api_secret),
            _ => None,
        }
    }

    /// Whether a key pair or half of one is set, and no source that takes precedence.
    pub fn is_key_pair(&self) -> bool {
        let is_pair = self.api_key.is_some() || self.api_secret.is_some();
        self.credentials.is_none() && is_pair
    }

    /// Creates a builder for a client of the provider with this id. The provider is at this base
    /// URL, unless another one is set, and accepts the account's credential in this form: usually
    /// a bearer token or a key pair in two headers, for which the headers are enough. An adapter
    /// with its own names for the secrets passes a [`NamedCredential`](crate::NamedCredential).
    ///
    /// ```
    /// use pinning_keys_core::PairHeaders;
    /// use pinning_keys_http::ApiSettings;
    ///
    /// const HEADERS: PairHeaders = PairHeaders::new("x-api-key", "x-api-secret");
    /// let mut settings = ApiSettings::default();
    /// settings.jwt = Some("eyJhbGciOi".into());
    /// let client = settings.client("example", "https://api.example.com", HEADERS)?;
    /// assert_eq!(client.base_url().as_str(), "https://api.example.com");
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if no credential is set, half a key pair, a JWT and a key pair,
    /// or one that the form does not use, or if the base URL is invalid.
    /// [`ErrorKind::InvalidInput`] if a secret cannot be sent.
    ///
    /// [`ErrorKind::Configuration`]: pinning_keys_core::ErrorKind::Configuration
    /// [`ErrorKind::InvalidInput`]: pinning_keys_core::ErrorKind::InvalidInput
    pub fn client(
        self,
        provider: &'static str,
        default_base_url: &str,
        sent_as: impl Into<SentAs>,
    ) -> Result<ApiClientBuilder, Error> {
        let base_url = self.base_url.as_deref().unwrap_or(default_base_url);
        let base_url = BaseUrl::parse(base_url, &self.plain_http_hosts)?;
        let (jwt, api_key, api_secret) = (self.jwt, self.api_key, self.api_secret);
        let stored = StoredSecrets { jwt, api_key, api_secret };
        let credentials = match self.credentials {
            Some(source) => source,
            None => stored.into_source(sent_as.into())?,
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

/// Shows the places of the secrets, but neither the secrets nor the base URL.
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
