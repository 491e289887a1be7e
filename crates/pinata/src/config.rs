use std::collections::BTreeMap;

use pinning_keys_core::{Error, ErrorKind, PermissionTable};
use pinning_keys_http::{ApiSettings, Setting, api_setters};
use serde::Deserialize;

use crate::error::read_failure;
use crate::route::Route;
use crate::wire::{PAIR_HEADERS, PROVIDER};
use crate::{ENDPOINTS, PinataIssuer, RESOURCES};

/// The base URL of Pinata's API (documented), below which all its route families lie.
pub const DEFAULT_BASE_URL: &str = "https://api.pinata.cloud";

/// How a [`PinataIssuer`] is made: with setters, from a configuration file, or from texts such
/// as environment variables hold.
///
/// ```no_run
/// use pinning_keys_pinata::{PinataConfig, SecretFrom, Table};
///
/// let issuer = PinataConfig::new()
///     .with_jwt(SecretFrom::variable("PINATA_JWT"))
///     .with_table(Table::Endpoints)
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
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "BTreeMap<String, Setting>")]
pub struct PinataConfig {
    api: ApiSettings,
    route: Route,
    table: Option<Table>,
}

/// Which of Pinata's two vocabularies keys are issued in.
///
/// The choice is the app's, since it depends on which API the holders of the keys call: a key of
/// one is refused on the other's routes (seen by third parties).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Table {
    /// [`RESOURCES`], for key holders that call `/v3/*`.
    Resources,
    /// [`ENDPOINTS`], for key holders that call `/pinning/*` and `/data/*`.
    Endpoints,
}

impl Table {
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
            _ => Err(misconfigured("table must be \"resources\" or \"endpoints\"")),
        }
    }
}

impl PinataConfig {
    /// The names of the settings that [`with_setting`](Self::with_setting) takes.
    pub const SETTINGS: &'static [&'static str] = &[
        "route",
        "table",
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

    /// The configuration for Pinata itself, through the v3 routes, and no credential yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    api_setters!();

    /// The base URL that the issuer will talk to.
    pub fn base_url(&self) -> &str {
        self.api.base_url.as_deref().unwrap_or(DEFAULT_BASE_URL)
    }

    /// Manages keys through these routes; [`Route::V3`] unless set.
    #[must_use]
    pub fn with_route(mut self, route: Route) -> Self {
        self.route = route;
        self
    }

    /// Issues keys in this vocabulary. Unless set, it is [`Table::Resources`], and on
    /// [`Route::Legacy`] the only one that there is, [`Table::Endpoints`].
    #[must_use]
    pub fn with_table(mut self, table: Table) -> Self {
        self.table = Some(table);
        self
    }

    /// Takes a setting by its name, as files and environment variables hold it.
    ///
    /// The names are those of [`SETTINGS`](Self::SETTINGS). `route` is `v3`, `sdk` or `legacy`,
    /// and `table` is `resources` or `endpoints`. `jwt_file`, `api_key_file` and
    /// `api_secret_file` are paths of files that hold the secret, `allow_plain_http` takes hosts
    /// separated by commas.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] for a setting that there is not, with the nearest one that
    /// there is, for a value that the setting does not take, and for a secret that is set twice.
    pub fn with_setting(mut self, name: &str, value: impl Into<Setting>) -> Result<Self, Error> {
        let value = value.into();
        match name {
            "route" => self.route = Route::parse(&value.text(name)?)?,
            "table" => self.table = Some(Table::parse(&value.text(name)?)?),
            _ if self.api.set(name, value)? => {}
            _ => return Err(Error::unknown_setting(name, Self::SETTINGS.iter().copied())),
        }
        Ok(self)
    }

    /// Makes the issuer. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where no credential is set, more than one, half of one or
    /// one that the route does not take; where the route does not take the table, the base URL
    /// cannot be used, the deadline is zero or no transport is there.
    /// [`ErrorKind::InvalidInput`] where the JWT or the key pair cannot be one.
    pub fn build(self) -> Result<PinataIssuer, Error> {
        self.into_issuer().map_err(|error| error.with_provider(PROVIDER))
    }

    fn into_issuer(self) -> Result<PinataIssuer, Error> {
        let Self { api, route, table } = self;
        let table = route.table(table)?;
        // What is set of a pair is too much here, be it half of one or beside a JWT: to ask for
        // the other half first would lead nowhere.
        if api.is_key_pair() && !route.takes_key_pair() {
            let way_out = match api.jwt {
                Some(_) => "remove the pair: jwt is set too",
                None => "set jwt instead, or route = \"legacy\", which takes pairs",
            };
            return Err(misconfigured("a key pair is set, and this route takes a JWT alone")
                .with_next_step(way_out));
        }
        let mut client =
            api.client(PROVIDER, DEFAULT_BASE_URL, PAIR_HEADERS)?.failure_reader(read_failure);
        if client.base_url().as_str().ends_with("/v3") {
            return Err(misconfigured("the base URL ends in /v3, which is a part of the routes")
                .with_next_step("leave /v3 out, as in https://api.pinata.cloud"));
        }
        if !route.takes_key_pair() {
            client = client.bearer_only();
        }
        Ok(PinataIssuer::new(client.build()?, route, table))
    }
}

impl TryFrom<BTreeMap<String, Setting>> for PinataConfig {
    type Error = Error;

    fn try_from(settings: BTreeMap<String, Setting>) -> Result<Self, Error> {
        let mut settings = settings.into_iter();
        settings.try_fold(Self::new(), |config, (name, value)| config.with_setting(&name, value))
    }
}

pub(crate) fn misconfigured(message: &'static str) -> Error {
    Error::new(ErrorKind::Configuration, message)
}
