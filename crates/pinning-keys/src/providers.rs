use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;

use pinning_keys_core::{Error, ErrorKind};
use pinning_keys_http::Setting;

use crate::any_config::AnyConfig;
use crate::environment::{self, Environment};
use crate::provider::Provider;
use crate::variable_names::misspelt;
use crate::{entries, entry_rules};

/// The providers that a program's configuration can choose from, including your own.
///
/// [`IssuerConfig`](crate::IssuerConfig) reads the same files and variables for the built-in
/// providers alone. With an adapter for another provider, list the providers here instead:
///
#[cfg_attr(all(feature = "pinata", feature = "w3ipfs"), doc = "```no_run")]
#[cfg_attr(not(all(feature = "pinata", feature = "w3ipfs")), doc = "```ignore")]
/// use pinning_keys::adapter::ProviderConfig;
/// use pinning_keys::{Error, KeyIssuer, Provider, Providers, pinata, w3ipfs};
///
/// fn issuer<MyConfig: ProviderConfig>() -> Result<impl KeyIssuer, Error> {
///     let my_provider = Provider::of::<MyConfig>();
///     Providers::new().with(pinata()).with(w3ipfs()).with(my_provider).from_env()?.build()
/// }
/// ```
///
/// # A third provider
///
/// The configuration of an adapter has three things: an [`ApiSettings`] in the field `api`, the
/// setters of [`api_setters!`], and the methods `with_setting` and `build`. [`provider_config!`]
/// registers it. This one is for an invented provider, whose accounts have a key id and an
/// application key:
///
/// ```
/// use pinning_keys::adapter::{
///     ApiClient, ApiSettings, ForeignVariable, NamedCredential, Setting, api_setters,
///     provider_config,
/// };
/// use pinning_keys::credentials::SecretFrom;
/// use pinning_keys::{Error, KeyIssuer, Provider, Providers};
/// # use pinning_keys::adapter::{IssuerProfile, PermissionTable, async_trait};
/// # use pinning_keys::{
/// #     Credential, IssuedKey, KeyPage, KeyQuery, KeyRef, KeyRequest, Plan, Revocation,
/// #     Verification,
/// # };
/// # static TABLE: PermissionTable = PermissionTable::new("example-pins", "rights", &[]);
/// # struct ExamplePins(IssuerProfile);
/// # impl ExamplePins {
/// #     fn new(_: ApiClient, _: Option<String>) -> Self {
/// #         Self(IssuerProfile::new(&TABLE))
/// #     }
/// # }
/// # #[async_trait]
/// # impl KeyIssuer for ExamplePins {
/// #     fn profile(&self) -> &IssuerProfile {
/// #         &self.0
/// #     }
/// #     fn plan(&self, _: &KeyRequest) -> Result<Plan, Error> {
/// #         unimplemented!()
/// #     }
/// #     async fn issue(&self, _: &KeyRequest) -> Result<IssuedKey, Error> {
/// #         unimplemented!()
/// #     }
/// #     async fn list(&self, _: &KeyQuery) -> Result<KeyPage, Error> {
/// #         unimplemented!()
/// #     }
/// #     async fn revoke(&self, _: &KeyRef) -> Result<Revocation, Error> {
/// #         unimplemented!()
/// #     }
/// #     async fn verify(&self, _: &Credential) -> Result<Verification, Error> {
/// #         unimplemented!()
/// #     }
/// # }
///
/// #[derive(Clone, Debug, Default)]
/// struct ExampleConfig {
///     api: ApiSettings,
///     key_id: Option<SecretFrom>,
///     application_key: Option<SecretFrom>,
///     region: Option<String>,
/// }
///
/// provider_config!(ExampleConfig, "example-pins", {
///     // The provider's own client reads these. They select the provider if nothing else does.
///     const VARIABLES: &'static [ForeignVariable] = &[
///         ForeignVariable::read("EXAMPLE_KEY_ID", "key_id"),
///         ForeignVariable::read("EXAMPLE_APPLICATION_KEY", "application_key"),
///     ];
/// });
///
/// impl ExampleConfig {
///     api_setters!("region"; "key_id", "application_key");
///
///     fn with_setting(mut self, name: &str, value: impl Into<Setting>) -> Result<Self, Error> {
///         let value = value.into();
///         match name {
///             "region" if value.is_blank() => {} // keeps its default
///             "region" => self.region = Some(value.text(name)?),
///             "key_id" | "key_id_file" => value.secret_into(name, &mut self.key_id)?,
///             "application_key" | "application_key_file" => {
///                 value.secret_into(name, &mut self.application_key)?;
///             }
///             _ if self.api.set_connection(name, value)? => {}
///             _ => return Err(Error::unknown_setting(name, Self::SETTINGS.iter().copied())),
///         }
///         Ok(self)
///     }
///
///     fn build(self) -> Result<ExamplePins, Error> {
///         let credential = NamedCredential::basic(
///             ("key_id", self.key_id),
///             ("application_key", self.application_key),
///         );
///         let client = self.api.client("example-pins", "https://api.example.com", credential)?;
///         Ok(ExamplePins::new(client.build()?, self.region))
///     }
/// }
///
/// let providers = Providers::new().with(Provider::of::<ExampleConfig>());
///
/// // A file, read with any serde format: the member `provider` selects the provider.
/// let file = r#"
///     provider = "example-pins"
///     region = "eu"
///     key_id = "0012ab"
///     application_key = { file = "/run/secrets/application-key" }
/// "#;
/// let config = providers.from_settings(toml::from_str(file)?)?;
/// # #[cfg(any(feature = "tls-ring", feature = "tls-aws-lc"))]
/// assert_eq!(config.build()?.profile().table().provider(), "example-pins");
///
/// // Environment variables.
/// let variables = [("EXAMPLE_KEY_ID", "0012ab"), ("EXAMPLE_APPLICATION_KEY", "K001")];
/// assert_eq!(providers.from_vars(variables)?.provider(), "example-pins");
///
/// // Setters by name. A mistake is explained as for the built-in providers.
/// let error = providers.config("example-pins")?.with_setting("regoin", "eu").unwrap_err();
/// assert_eq!(error.to_string(), r#"unknown setting "regoin"; did you mean "region"?"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Rules
///
/// Every method that reads a configuration first checks the providers. It is an error if
///
/// * two providers have one id, or the id of a built-in provider is given to another one,
/// * an id is empty, longer than 32, or has characters other than `a-z`, `0-9` and `-`,
/// * a setting's name is not of `a-z`, `0-9` and `_`, or is declared twice,
/// * a setting is named `provider`, or like a variable that only the command line reads: `config`,
///   `profile`, `requests_per_minute` or `store`,
/// * a name ends in `_file` without being that of a credential, or a credential has no such
///   setting,
/// * a variable of another program is not for a credential or belongs to two providers, or those
///   that are read do not hold one whole credential.
///
/// [`AnyConfig::build`] also refuses an issuer whose provider has another id than its configuration.
///
/// [`ApiSettings`]: crate::adapter::ApiSettings
/// [`api_setters!`]: crate::adapter::api_setters
/// [`provider_config!`]: crate::adapter::provider_config
#[derive(Clone, Debug, Default)]
pub struct Providers(Vec<Provider>);

impl Providers {
    /// Creates a registry without a provider.
    ///
    /// ```
    /// use pinning_keys::Providers;
    ///
    /// assert!(Providers::new().config("pinata").is_err());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a provider. The methods that read a configuration check it.
    ///
    #[cfg_attr(feature = "pinata", doc = "```")]
    #[cfg_attr(not(feature = "pinata"), doc = "```ignore")]
    /// use pinning_keys::{Providers, pinata};
    ///
    /// let providers = Providers::new().with(pinata());
    /// assert_eq!(providers.config("pinata")?.provider(), "pinata");
    /// # Ok::<(), pinning_keys::Error>(())
    /// ```
    #[must_use]
    pub fn with(mut self, provider: Provider) -> Self {
        self.0.push(provider);
        self
    }

    /// Creates a configuration for the provider with this id. It has no credential yet.
    ///
    #[cfg_attr(feature = "pinata", doc = "```")]
    #[cfg_attr(not(feature = "pinata"), doc = "```ignore")]
    /// use pinning_keys::{Providers, pinata};
    ///
    /// let config = Providers::new().with(pinata()).config("pinata")?;
    /// let config = config.with_setting("table", "endpoints")?;
    /// # Ok::<(), pinning_keys::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if no provider has the id, or if
    /// the providers break a [rule](Self#rules).
    pub fn config(&self, id: &str) -> Result<AnyConfig, Error> {
        let providers = self.checked()?;
        Ok(AnyConfig::new(entries::find(providers, id)?, providers.to_vec()))
    }

    /// Reads the members of a configuration file: `provider`, and the settings of that provider.
    ///
    /// In a larger file, put them under one member of this type:
    ///
    #[cfg_attr(feature = "w3ipfs", doc = "```")]
    #[cfg_attr(not(feature = "w3ipfs"), doc = "```ignore")]
    /// use std::collections::BTreeMap;
    ///
    /// use pinning_keys::adapter::Setting;
    /// use pinning_keys::{Providers, w3ipfs};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Config {
    ///     keys: BTreeMap<String, Setting>,
    /// }
    ///
    /// let config: Config = toml::from_str(
    ///     r#"
    ///         [keys]
    ///         provider = "w3ipfs"
    ///         jwt = { variable = "W3IPFS_JWT" }
    ///     "#,
    /// )?;
    /// let config = Providers::new().with(w3ipfs()).from_settings(config.keys)?;
    /// assert_eq!(config.provider(), "w3ipfs");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if no provider is named, a
    /// setting is unknown, belongs to another provider or has an invalid value, a secret is set
    /// twice, or the providers break a [rule](Self#rules). No value is quoted.
    pub fn from_settings(
        &self,
        mut settings: BTreeMap<String, Setting>,
    ) -> Result<AnyConfig, Error> {
        let config = self.config(&self.take_provider(&mut settings)?)?;
        let mut settings = settings.into_iter();
        settings.try_fold(config, |config, (name, value)| config.with_setting(&name, value))
    }

    /// Reads the configuration from the environment variables named `PINNING_KEYS_*`, by the rules
    /// of `IssuerConfig::from_env`.
    ///
    /// `PINNING_KEYS_PROVIDER` selects the provider, and each of its settings has a variable, such
    /// as `PINNING_KEYS_KEY_ID` for `key_id`. Only the credential of that provider is read: those
    /// of others may be set too, even with a file that cannot be read, so that
    /// `PINNING_KEYS_PROVIDER` alone switches between accounts.
    ///
    /// ```
    /// use pinning_keys::{AnyConfig, Error, Providers};
    ///
    /// fn configured(providers: &Providers) -> Result<AnyConfig, Error> {
    ///     providers.from_env()
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if a variable with this prefix
    /// is unknown, holds an invalid value or contradicts another one, if no provider or no
    /// credential is set, or if the providers break a [rule](Self#rules). [`Error::origin`] is the
    /// variable that holds an invalid value.
    pub fn from_env(&self) -> Result<AnyConfig, Error> {
        self.from_vars(environment::variables())
    }

    /// Reads the configuration from these names and values, as [`from_env`](Self::from_env) does
    /// from the environment.
    ///
    #[cfg_attr(feature = "pinata", doc = "```")]
    #[cfg_attr(not(feature = "pinata"), doc = "```ignore")]
    /// use pinning_keys::{Providers, pinata};
    ///
    /// let variables = [("PINNING_KEYS_PROVIDER", "pinatta")];
    /// let error = Providers::new().with(pinata()).from_vars(variables).unwrap_err();
    /// assert!(error.to_string().contains("did you mean \"pinata\"?"));
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`from_env`](Self::from_env).
    pub fn from_vars<N, V>(
        &self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Result<AnyConfig, Error>
    where
        N: Into<OsString>,
        V: Into<OsString>,
    {
        let environment = self.environment(variables)?;
        let config = AnyConfig::new(&environment.provider, self.0.clone());
        environment.apply(config, AnyConfig::with_setting)
    }

    /// The error for an id that none of them has.
    #[cfg(any(feature = "pinata", feature = "w3ipfs"))]
    pub(crate) fn unknown_provider(&self, id: &str) -> Error {
        entries::unknown_provider(&self.0, id)
    }

    /// Refuses a setting that the provider with this id does not have.
    #[cfg(any(feature = "pinata", feature = "w3ipfs"))]
    pub(crate) fn check_setting(&self, id: &str, setting: &str) -> Result<(), Error> {
        entries::check_setting(&self.0, entries::find(&self.0, id)?, setting)
    }

    /// What these variables configure.
    pub(crate) fn environment<N, V>(
        &self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Environment, Error>
    where
        N: Into<OsString>,
        V: Into<OsString>,
    {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        environment::read(self.checked()?, variables)
    }

    /// Takes the id of the provider out of the members of a file.
    pub(crate) fn take_provider(
        &self,
        settings: &mut BTreeMap<String, Setting>,
    ) -> Result<String, Error> {
        match settings.remove("provider") {
            Some(provider) => provider.text("provider"),
            None => Err(self.no_provider(settings.keys())),
        }
    }

    /// The error for a file that names no provider.
    fn no_provider<'a>(&self, mut names: impl Iterator<Item = &'a String>) -> Error {
        let known = entries::all_settings(&self.0).chain(["provider"]);
        let known: BTreeSet<_> = known.map(str::to_owned).collect();
        // A misspelt `provider` is a likelier mistake than none at all.
        match names.find(|name| !known.contains(*name)) {
            Some(name) => misspelt(name, &known),
            None => Error::new(ErrorKind::Configuration, entries::no_provider(&self.0, "provider")),
        }
    }

    /// The providers, none of which breaks a rule.
    fn checked(&self) -> Result<&[Provider], Error> {
        entry_rules::check(&self.0)?;
        Ok(&self.0)
    }
}
