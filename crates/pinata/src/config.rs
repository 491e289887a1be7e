use std::collections::BTreeMap;
use std::fmt;

use pinning_keys_core::Error;
use pinning_keys_http::{ApiClient, ApiSettings, BaseUrl, Setting, api_setters, provider_config};
use serde::Deserialize;

use crate::base_url;
use crate::claims;
use crate::error::{misconfigured, read_failure};
use crate::issuer::PinataIssuer;
use crate::route::Route;
use crate::signing::Uploads;
use crate::table::Table;
use crate::wire::{PAIR_HEADERS, PROVIDER};

/// The base URL of Pinata's API (documented). All routes that manage keys are below this address.
pub const DEFAULT_BASE_URL: &str = "https://api.pinata.cloud";

/// The base URL of Pinata's host for uploads (documented), which also signs upload URLs.
pub const DEFAULT_UPLOAD_URL: &str = "https://uploads.pinata.cloud";

/// The configuration of a [`PinataIssuer`].
///
/// Settings come from setters, from a configuration file, or from text by name, as in environment
/// variables.
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
/// The same in a file:
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
#[serde(try_from = "BTreeMap<String, Setting>")]
pub struct PinataConfig {
    api: ApiSettings,
    upload_url: Option<String>,
    route: Route,
    table: Option<Table>,
}

impl PinataConfig {
    /// Creates a configuration for Pinata's own address and [`Route::V3`], without a credential.
    ///
    /// ```
    /// use pinning_keys_pinata::{DEFAULT_BASE_URL, PinataConfig};
    ///
    /// assert_eq!(PinataConfig::new().base_url(), DEFAULT_BASE_URL);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    api_setters!("route", "table", "upload_url");

    /// Returns the base URL that the issuer will call.
    pub fn base_url(&self) -> &str {
        self.api.base_url.as_deref().unwrap_or(DEFAULT_BASE_URL)
    }

    /// Sets the routes through which keys are managed (default: [`Route::V3`]).
    ///
    /// ```
    /// use pinning_keys_core::{Filters, KeyIssuer};
    /// use pinning_keys_pinata::{PinataConfig, Route};
    ///
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// let issuer = PinataConfig::new()
    ///     .with_route(Route::Legacy)
    ///     .with_key_pair("sample-key", "sample-secret")
    /// #   .with_transport(emulator.transport())
    ///     .build()?;
    /// assert_eq!(issuer.profile().table().name(), "endpoints");
    /// assert_eq!(issuer.profile().filters(), Filters::NONE);
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_route(mut self, route: Route) -> Self {
        self.route = route;
        self
    }

    /// Sets the permission table in which keys are issued (default: [`Table::Resources`], or
    /// [`Table::Endpoints`] on [`Route::Legacy`], which supports no other).
    ///
    /// ```
    /// use pinning_keys_core::{KeyIssuer, KeyRequest, ScopeRequest};
    /// use pinning_keys_pinata::{PinataConfig, Table};
    ///
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// let issuer = PinataConfig::new()
    ///     .with_table(Table::Endpoints)
    ///     .with_jwt("eyJhbGciOi")
    /// #   .with_transport(emulator.transport())
    ///     .build()?;
    /// let plan = issuer.plan(&KeyRequest::new("upload", ScopeRequest::uploader())?)?;
    /// assert!(plan.translation().extra().is_empty());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_table(mut self, table: Table) -> Self {
        self.table = Some(table);
        self
    }

    /// Sets the base URL for [signing uploads](PinataIssuer::sign_upload) (default:
    /// [`DEFAULT_UPLOAD_URL`]).
    ///
    /// There is no default if [`with_base_url`](Self::with_base_url) is set, to a test server or a
    /// proxy: the account's JWT must not go to Pinata's own host from there. Signing then fails
    /// before anything is sent.
    ///
    /// ```
    /// use pinning_keys_pinata::PinataConfig;
    ///
    /// let config = PinataConfig::new()
    ///     .with_base_url("http://127.0.0.1:8787")
    ///     .with_upload_url("http://127.0.0.1:8787");
    /// ```
    #[must_use]
    pub fn with_upload_url(mut self, url: impl Into<String>) -> Self {
        self.upload_url = Some(url.into());
        self
    }

    /// Sets one of the [`SETTINGS`](Self::SETTINGS) by its name, as in files and environment
    /// variables.
    ///
    /// * `route` is `v3`, `sdk` or `legacy`.
    /// * `table` is `resources` or `endpoints`.
    /// * `upload_url` is the base URL for signing uploads.
    /// * `jwt_file`, `api_key_file` and `api_secret_file` are paths of files that hold the secret.
    /// * `allow_plain_http` is a list of hosts, separated by commas.
    ///
    /// An empty value leaves the setting as it is; the URLs and credentials must not be empty.
    ///
    /// ```
    /// use pinning_keys_pinata::PinataConfig;
    ///
    /// let config = PinataConfig::new().with_setting("table", "endpoints")?;
    /// let error = config.with_setting("tabel", "endpoints").unwrap_err();
    /// assert!(error.to_string().contains("\"table\""), "the nearest setting is named");
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](pinning_keys_core::ErrorKind::Configuration) for an unknown
    /// setting (the error names the nearest one), for a value that the setting does not accept,
    /// and for a secret that is set twice.
    pub fn with_setting(mut self, name: &str, value: impl Into<Setting>) -> Result<Self, Error> {
        let value = value.into();
        match name {
            "route" | "table" if value.is_blank() => {}
            "route" => self.route = Route::parse(&value.text(name)?)?,
            "table" => self.table = Some(Table::parse(&value.text(name)?)?),
            "upload_url" => self.upload_url = Some(value.url(name)?),
            _ if self.api.set(name, value)? => {}
            _ => return Err(Error::unknown_setting(name, Self::SETTINGS.iter().copied())),
        }
        Ok(self)
    }

    /// Builds the issuer. Nothing is sent yet.
    ///
    /// ```
    /// use pinning_keys_core::ErrorKind;
    /// use pinning_keys_pinata::{PinataConfig, Route, Table};
    ///
    /// let config = PinataConfig::new().with_jwt("eyJhbGciOi").with_table(Table::Resources);
    /// let error = config.with_route(Route::Legacy).build().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Configuration);
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](pinning_keys_core::ErrorKind::Configuration) if
    ///
    /// * no credential is set, more than one, half of one, or one that the route does not accept,
    /// * the route does not support the table,
    /// * the base URL is invalid, ends in a route or is not the API's, or the deadline is zero,
    /// * the upload URL is invalid, ends in a route or is not that of uploads,
    /// * no transport is set and none is built in.
    ///
    /// [`ErrorKind::InvalidInput`](pinning_keys_core::ErrorKind::InvalidInput) if the JWT or the
    /// key pair is empty, contains a character that no header can carry, or begins or ends with
    /// what is part of no credential, such as a quotation mark.
    pub fn build(self) -> Result<PinataIssuer, Error> {
        self.into_issuer().map_err(|error| error.with_provider(PROVIDER))
    }

    fn into_issuer(self) -> Result<PinataIssuer, Error> {
        let Self { api, upload_url, route, table } = self;
        let table = route.table(table)?;
        let upload_url = match api.base_url {
            None => Some(upload_url.unwrap_or_else(|| DEFAULT_UPLOAD_URL.to_owned())),
            // The default could take the JWT from a test server's configuration to the live host.
            Some(_) => upload_url,
        };
        let (plain_http_hosts, is_key_pair) = (api.plain_http_hosts.clone(), api.is_key_pair());
        // Checked before the pair is complete: asking for its other half would be wrong advice.
        if is_key_pair && !route.takes_key_pair() {
            let step = match api.jwt {
                Some(_) => {
                    "remove api_key (PINNING_KEYS_API_KEY) and api_secret \
                     (PINNING_KEYS_API_SECRET): jwt is set too"
                }
                None => {
                    "set jwt (PINNING_KEYS_JWT) instead, or route = \"legacy\" \
                     (PINNING_KEYS_ROUTE), which accepts key pairs"
                }
            };
            return Err(misconfigured("a key pair is set, but this route accepts only a JWT")
                .with_next_step(step));
        }
        let mut client = api
            .client(PROVIDER, DEFAULT_BASE_URL, PAIR_HEADERS)?
            .failure_reader(read_failure)
            .account_reader(claims::account);
        base_url::check(client.base_url())?;
        if !route.takes_key_pair() {
            client = client.bearer_only();
        }
        let client = client.build()?;
        let holders_uploads = upload_url.clone();
        let holders_uploads =
            holders_uploads.unwrap_or_else(|| base_url::uploads_url(client.base_url()));
        let uploads = match upload_url {
            None => Uploads::NoUrl,
            Some(url) => uploads_at(&url, &plain_http_hosts, is_key_pair, &client)?,
        };
        Ok(PinataIssuer::new(client, uploads, &holders_uploads, route, table))
    }
}

/// Uploads are signed with the settings of the other calls, but only with a JWT: no source uses a
/// key pair on v3 routes.
fn uploads_at(
    url: &str,
    plain_http_hosts: &[String],
    is_key_pair: bool,
    client: &ApiClient,
) -> Result<Uploads, Error> {
    let url = BaseUrl::parse_setting("upload_url", url, plain_http_hosts)?;
    base_url::check_uploads(&url)?;
    if is_key_pair {
        return Ok(Uploads::KeyPair);
    }
    client.builder_at(url).bearer_only().build().map(Uploads::At)
}

/// Shows neither secrets nor addresses, which may contain one.
impl fmt::Debug for PinataConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PinataConfig")
            .field("api", &self.api)
            .field("route", &self.route)
            .field("table", &self.table)
            .finish_non_exhaustive()
    }
}

provider_config!(PinataConfig, PROVIDER);
