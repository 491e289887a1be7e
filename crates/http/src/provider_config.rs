use std::fmt;
use std::sync::Arc;

use pinning_keys_core::{Error, KeyIssuer};

use crate::{ApiSettings, Setting};

/// The configuration of an adapter, selected by its provider's id and set by name from files and
/// variables.
///
/// [`provider_config!`](crate::provider_config) implements it. The crate `pinning-keys` reads such
/// a configuration with its registry of providers.
///
/// ```
/// use pinning_keys_core::Error;
/// use pinning_keys_http::{ProviderConfig, Setting};
///
/// fn from_settings<C: ProviderConfig>(settings: &[(&str, &str)]) -> Result<C, Error> {
///     let mut settings = settings.iter();
///     settings.try_fold(C::default(), |config, (name, value)| {
///         config.set(name, Setting::from(*value))
///     })
/// }
///
/// fn takes_a_jwt<C: ProviderConfig>() -> bool {
///     C::CREDENTIALS.contains(&["jwt"].as_slice())
/// }
/// ```
pub trait ProviderConfig: Clone + fmt::Debug + Default + Send + Sync + 'static {
    /// The provider's id, the same as in its permission tables: at most 32 of `a-z`, `0-9` and `-`.
    const ID: &'static str;

    /// The names of all settings, of `a-z`, `0-9` and `_`.
    const SETTINGS: &'static [&'static str];

    /// The settings that hold the account's credential. Each list is one credential, whose settings
    /// go together. All have a setting with `_file` appended. Empty if the provider needs no
    /// credential.
    const CREDENTIALS: &'static [&'static [&'static str]];

    /// Other names of the provider, best known first (default: none); a user who sets one is
    /// pointed to the id.
    const ALIASES: &'static [&'static str] = &[];

    /// The variables in which users already have the account's credential, for other programs
    /// (default: none).
    const VARIABLES: &'static [ForeignVariable] = &[];

    /// Returns the settings that all configurations share, for the registry's own setters.
    fn api(&mut self) -> &mut ApiSettings;

    /// Sets a setting by its name. The registry calls this; apps call the configuration's own
    /// `with_setting`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](pinning_keys_core::ErrorKind::Configuration) for an unknown
    /// setting, for a value that the setting does not accept, and for a secret that is set twice.
    fn set(self, name: &str, value: Setting) -> Result<Self, Error>;

    /// Creates the issuer. This sends nothing. The registry calls this; apps call the
    /// configuration's own `build`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](pinning_keys_core::ErrorKind::Configuration) and
    /// [`ErrorKind::InvalidInput`](pinning_keys_core::ErrorKind::InvalidInput), as the
    /// configuration documents.
    fn issuer(self) -> Result<Arc<dyn KeyIssuer>, Error>;
}

/// An environment variable of another program that holds a credential, or a part of one.
///
/// ```
/// use pinning_keys_http::ForeignVariable;
///
/// // The provider's own client reads the first pair. Some programs use the other name.
/// const VARIABLES: [ForeignVariable; 3] = [
///     ForeignVariable::read("EXAMPLE_KEY_ID", "key_id"),
///     ForeignVariable::read("EXAMPLE_APPLICATION_KEY", "application_key"),
///     ForeignVariable::known("EXAMPLE_KEY", "application_key"),
/// ];
/// assert!(VARIABLES[0].is_read() && !VARIABLES[2].is_read());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForeignVariable {
    name: &'static str,
    setting: &'static str,
    is_read: bool,
}

impl ForeignVariable {
    /// A variable that is read if no `PINNING_KEYS_*` variable holds a credential. It selects its
    /// provider if no other one is named. The variables that are read for a provider hold one whole
    /// credential, and are read only if all of them are set.
    ///
    /// ```
    /// use pinning_keys_http::ForeignVariable;
    ///
    /// let variable = ForeignVariable::read("PINATA_JWT", "jwt");
    /// assert_eq!((variable.name(), variable.setting()), ("PINATA_JWT", "jwt"));
    /// ```
    #[must_use]
    pub const fn read(name: &'static str, setting: &'static str) -> Self {
        Self { name, setting, is_read: true }
    }

    /// A variable that is never read. If no credential is set, an error names the `PINNING_KEYS_*`
    /// variable for the same value.
    ///
    /// ```
    /// use pinning_keys_http::ForeignVariable;
    ///
    /// assert!(!ForeignVariable::known("PINATA_API_KEY", "api_key").is_read());
    /// ```
    #[must_use]
    pub const fn known(name: &'static str, setting: &'static str) -> Self {
        Self { name, setting, is_read: false }
    }

    /// The name of the variable.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The setting that takes its value.
    pub const fn setting(&self) -> &'static str {
        self.setting
    }

    /// Whether it is read, rather than only known.
    pub const fn is_read(&self) -> bool {
        self.is_read
    }
}

/// Implements [`ProviderConfig`] for a configuration with this provider id, and the conversion from
/// a map of settings that serde's `try_from` uses.
///
/// The configuration has a field `api` and the constants of [`api_setters!`](crate::api_setters), a
/// method `with_setting`, and a method `build` that returns an issuer. Other names of the provider
/// and variables of other programs follow in braces:
///
/// ```
/// use std::sync::Arc;
///
/// use pinning_keys_core::{Error, KeyIssuer};
/// use pinning_keys_http::credentials::SecretFrom;
/// use pinning_keys_http::{
///     ApiSettings, ForeignVariable, NamedCredential, ProviderConfig, Setting, api_setters,
///     provider_config,
/// };
/// # fn issuer_with(_: pinning_keys_http::ApiClient) -> Arc<dyn KeyIssuer> {
/// #     unimplemented!()
/// # }
///
/// #[derive(Clone, Debug, Default)]
/// pub struct ExampleConfig {
///     api: ApiSettings,
///     key_id: Option<SecretFrom>,
///     application_key: Option<SecretFrom>,
/// }
///
/// provider_config!(ExampleConfig, "example", {
///     const VARIABLES: &'static [ForeignVariable] =
///         &[ForeignVariable::known("EXAMPLE_KEY", "application_key")];
/// });
///
/// impl ExampleConfig {
///     api_setters!(; "key_id", "application_key");
///
///     pub fn with_setting(mut self, name: &str, value: impl Into<Setting>) -> Result<Self, Error> {
///         let value = value.into();
///         match name {
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
///     pub fn build(self) -> Result<Arc<dyn KeyIssuer>, Error> {
///         let credential = NamedCredential::basic(
///             ("key_id", self.key_id),
///             ("application_key", self.application_key),
///         );
///         let client = self.api.client(Self::ID, "https://api.example.com", credential)?;
///         Ok(issuer_with(client.build()?))
///     }
/// }
///
/// assert_eq!(ExampleConfig::ID, "example");
/// assert!(ExampleConfig::SETTINGS.contains(&"application_key_file"));
/// assert!(!ExampleConfig::SETTINGS.contains(&"jwt"));
/// assert_eq!(ExampleConfig::CREDENTIALS, [["key_id", "application_key"]]);
/// let error = ExampleConfig::default().with_setting("key_id", "0012ab")?.build().err().unwrap();
/// assert_eq!(error.to_string(), "key_id is set, but application_key is not");
/// # Ok::<(), Error>(())
/// ```
#[macro_export]
macro_rules! provider_config {
    ($config:ty, $id:expr $(, { $($more:tt)* })? $(,)?) => {
        impl $crate::ProviderConfig for $config {
            const ID: &'static str = $id;
            const SETTINGS: &'static [&'static str] = <$config>::SETTINGS;
            const CREDENTIALS: &'static [&'static [&'static str]] = <$config>::CREDENTIALS;
            $($($more)*)?

            fn api(&mut self) -> &mut $crate::ApiSettings {
                &mut self.api
            }

            fn set(
                self,
                name: &str,
                value: $crate::Setting,
            ) -> ::std::result::Result<Self, $crate::for_macros::Error> {
                <$config>::with_setting(self, name, value)
            }

            fn issuer(
                self,
            ) -> ::std::result::Result<
                ::std::sync::Arc<dyn $crate::for_macros::KeyIssuer>,
                $crate::for_macros::Error,
            > {
                Ok(::std::sync::Arc::new(<$config>::build(self)?))
            }
        }

        impl TryFrom<::std::collections::BTreeMap<String, $crate::Setting>> for $config {
            type Error = $crate::for_macros::Error;

            fn try_from(
                settings: ::std::collections::BTreeMap<String, $crate::Setting>,
            ) -> ::std::result::Result<Self, Self::Error> {
                settings.into_iter().try_fold(Self::default(), |config, (name, value)| {
                    <$config>::with_setting(config, &name, value)
                })
            }
        }
    };
}
