use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use pinning_keys_core::{Error, ErrorKind, PermissionTable};
use pinning_keys_http::{
    ApiClient, ApiClientBuilder, BaseUrl, CredentialSource, SecretFrom, Transport,
};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

use crate::error::read_failure;
use crate::wire::PROVIDER;
use crate::{ENDPOINTS, PinataIssuer, RESOURCES};

/// The base URL of Pinata's API (documented), below which all its route families lie.
pub const DEFAULT_BASE_URL: &str = "https://api.pinata.cloud";

/// How a [`PinataIssuer`] is made: with setters, from a configuration file, or from texts such
/// as environment variables hold.
///
/// ```no_run
/// use pinning_keys_pinata::{PinataConfig, Vocabulary};
///
/// let issuer = PinataConfig::new()
///     .with_jwt_variable("PINATA_JWT")
///     .with_table(Vocabulary::Endpoints)
///     .build()?;
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
///
/// In a file, the same:
///
/// ```
/// use pinning_keys_pinata::PinataConfig;
///
/// let config: PinataConfig = toml::from_str(
///     r#"
///         table = "endpoints"
///         jwt = { variable = "PINATA_JWT" }
///     "#,
/// )?;
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PinataConfig {
    base_url: Option<String>,
    table: Vocabulary,
    jwt: Option<SecretFrom>,
    allow_plain_http: Vec<String>,
    #[serde(rename = "deadline_seconds", deserialize_with = "seconds")]
    deadline: Option<Duration>,
    #[serde(skip)]
    credentials: Option<Arc<dyn CredentialSource>>,
    #[serde(skip)]
    transport: Option<Arc<dyn Transport>>,
}

/// Which of Pinata's two vocabularies keys are issued in.
///
/// The choice is the app's, since it depends on which API the holders of the keys call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Vocabulary {
    /// [`RESOURCES`], for key holders that call `/v3/*`.
    #[default]
    Resources,
    /// [`ENDPOINTS`], for key holders that call `/pinning/*` and `/data/*`.
    Endpoints,
}

impl Vocabulary {
    /// The table of this vocabulary.
    pub fn table(self) -> &'static PermissionTable {
        match self {
            Self::Resources => &RESOURCES,
            Self::Endpoints => &ENDPOINTS,
        }
    }

    fn parse(text: &str) -> Result<Self, Error> {
        match text {
            "resources" => Ok(Self::Resources),
            "endpoints" => Ok(Self::Endpoints),
            _ => Err(misconfigured("table is either \"resources\" or \"endpoints\"")),
        }
    }
}

impl PinataConfig {
    /// The names of the settings that [`with_setting`](Self::with_setting) takes.
    pub const SETTINGS: &'static [&'static str] =
        &["base_url", "table", "jwt", "jwt_file", "allow_plain_http", "deadline_seconds"];

    /// The configuration for Pinata itself, keys in the v3 vocabulary, and no credential yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Talks to this base URL in place of [`DEFAULT_BASE_URL`].
    #[must_use]
    pub fn with_base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// The base URL that the issuer will talk to.
    pub fn base_url(&self) -> &str {
        self.base_url.as_deref().unwrap_or(DEFAULT_BASE_URL)
    }

    /// Issues keys in this vocabulary.
    #[must_use]
    pub fn with_table(mut self, table: Vocabulary) -> Self {
        self.table = table;
        self
    }

    /// Works with this JWT: an admin key's, or one with `org:write`.
    #[must_use]
    pub fn with_jwt(mut self, jwt: impl Into<SecretString>) -> Self {
        self.jwt = Some(SecretFrom::Text(jwt.into()));
        self
    }

    /// Works with the JWT that this environment variable holds at each call.
    #[must_use]
    pub fn with_jwt_variable(mut self, name: impl Into<String>) -> Self {
        self.jwt = Some(SecretFrom::Variable(name.into()));
        self
    }

    /// Works with the JWT that this file holds at each call.
    #[must_use]
    pub fn with_jwt_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.jwt = Some(SecretFrom::File(path.into()));
        self
    }

    /// Works with whatever credential this source gives at each call. It goes before a JWT.
    #[must_use]
    pub fn with_credentials(mut self, source: Arc<dyn CredentialSource>) -> Self {
        self.credentials = Some(source);
        self
    }

    /// Allows `http` to this host. To this machine it is always allowed.
    #[must_use]
    pub fn with_plain_http_host(mut self, host: impl Into<String>) -> Self {
        self.allow_plain_http.push(host.into());
        self
    }

    /// Gives each call this long, all attempts together. 30 seconds unless set.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Reaches the network through this transport.
    #[must_use]
    pub fn with_transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Takes a setting as a text, such as an environment variable holds.
    ///
    /// The names are those of [`SETTINGS`](Self::SETTINGS); `jwt_file` is the path of a file
    /// that holds the JWT, and `allow_plain_http` takes hosts separated by commas. Of `jwt` and
    /// `jwt_file` the last one counts.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for a setting that there is not, with the nearest one that
    /// there is, and for a value that the setting does not take.
    pub fn with_setting(self, name: &str, value: &str) -> Result<Self, Error> {
        Ok(match name {
            "base_url" => self.with_base_url(value),
            "table" => {
                let table = Vocabulary::parse(value)?;
                self.with_table(table)
            }
            "jwt" => self.with_jwt(value),
            "jwt_file" => self.with_jwt_file(value),
            "allow_plain_http" => {
                let hosts = value.split(',').map(str::trim).filter(|host| !host.is_empty());
                hosts.fold(self, Self::with_plain_http_host)
            }
            "deadline_seconds" => {
                let seconds = parse_seconds(value)?;
                self.with_deadline(seconds)
            }
            _ => return Err(Error::unknown_setting(name, Self::SETTINGS.iter().copied())),
        })
    }

    /// Makes the issuer. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where no credential is set, the base URL cannot be used,
    /// the deadline is zero or no transport is there; [`ErrorKind::InvalidInput`] where the JWT
    /// cannot be one.
    pub fn build(self) -> Result<PinataIssuer, Error> {
        let table = self.table.table();
        let client = self.client().map_err(|error| error.with_provider(PROVIDER))?;
        Ok(PinataIssuer::new(client, table))
    }

    fn client(self) -> Result<ApiClient, Error> {
        let base_url = BaseUrl::parse(self.base_url(), &self.allow_plain_http)?;
        if base_url.as_str().ends_with("/v3") {
            return Err(misconfigured("the base URL ends in /v3, which the routes begin with")
                .with_hint("leave /v3 out, as in https://api.pinata.cloud"));
        }
        let credentials = match (self.credentials, self.jwt) {
            (Some(source), _) => source,
            (None, Some(jwt)) => jwt.into_bearer_source()?,
            (None, None) => {
                return Err(misconfigured("no credential of the Pinata account is set").with_hint(
                    "set jwt to the JWT of an admin key, or to where it is kept: a variable or a file",
                ));
            }
        };
        let mut client =
            ApiClient::builder(PROVIDER, base_url, credentials).failure_reader(read_failure);
        if let Some(deadline) = self.deadline {
            client = client.deadline(deadline);
        }
        match self.transport {
            Some(transport) => client.build_with(transport),
            None => build_with_own_transport(client),
        }
    }
}

#[cfg(feature = "reqwest")]
fn build_with_own_transport(client: ApiClientBuilder) -> Result<ApiClient, Error> {
    client.build()
}

#[cfg(not(feature = "reqwest"))]
fn build_with_own_transport(_client: ApiClientBuilder) -> Result<ApiClient, Error> {
    Err(misconfigured("no transport is set, and this build has none of its own")
        .with_hint("call with_transport, or turn on the feature reqwest"))
}

impl fmt::Debug for PinataConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PinataConfig")
            .field("table", &self.table)
            .field("jwt", &self.jwt)
            .field("allow_plain_http", &self.allow_plain_http)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

fn misconfigured(message: &'static str) -> Error {
    Error::new(ErrorKind::Configuration, message)
}

fn parse_seconds(text: &str) -> Result<Duration, Error> {
    let seconds = text
        .trim()
        .parse()
        .map_err(|_| misconfigured("deadline_seconds is a whole number of seconds, such as 30"))?;
    Ok(Duration::from_secs(seconds))
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    Ok(Option::<u64>::deserialize(deserializer)?.map(Duration::from_secs))
}
