//! One provider of a registry.

use std::fmt;
use std::sync::Arc;

use pinning_keys_core::{Error, KeyIssuer};
use pinning_keys_http::{ApiSettings, ForeignVariable, ProviderConfig, Setting};

/// A provider that a configuration can choose, for [`Providers`](crate::Providers).
///
/// ```
/// use pinning_keys::Provider;
/// use pinning_keys::adapter::ProviderConfig;
///
/// /// The one line that an adapter for another provider adds.
/// fn provider<C: ProviderConfig>() -> Provider {
///     Provider::of::<C>()
/// }
/// ```
#[derive(Clone, Copy)]
pub struct Provider {
    id: &'static str,
    settings: &'static [&'static str],
    credentials: &'static [&'static [&'static str]],
    aliases: &'static [&'static str],
    variables: &'static [ForeignVariable],
    new: fn() -> Box<dyn Config>,
    /// The built-in provider that it is, if any.
    built_in: Option<&'static BuiltIn>,
}

/// What this crate knows about a provider, even in a build without its adapter.
#[derive(Debug)]
pub(crate) struct BuiltIn {
    pub(crate) id: &'static str,
    pub(crate) aliases: &'static [&'static str],
    pub(crate) variables: &'static [ForeignVariable],
    /// The variable that has to be set besides a key pair, with its value.
    pub(crate) pair_needs: Option<&'static str>,
    /// Whether this build has the adapter.
    pub(crate) is_enabled: bool,
}

impl Provider {
    /// The provider of this configuration.
    ///
    /// [`provider_config!`](crate::adapter::provider_config) implements the trait. The whole of a
    /// third provider is in the documentation of [`Providers`](crate::Providers).
    ///
    /// ```
    /// use pinning_keys::Provider;
    /// use pinning_keys::adapter::ProviderConfig;
    ///
    /// fn id_of<C: ProviderConfig>() -> &'static str {
    ///     Provider::of::<C>().id()
    /// }
    /// ```
    pub fn of<C: ProviderConfig>() -> Self {
        Self {
            id: C::ID,
            settings: C::SETTINGS,
            credentials: C::CREDENTIALS,
            aliases: C::ALIASES,
            variables: C::VARIABLES,
            new: || Box::new(C::default()),
            built_in: None,
        }
    }

    /// Adds what this crate knows about a built-in provider.
    #[cfg(any(feature = "pinata", feature = "w3ipfs"))]
    pub(crate) fn built_in(mut self, built_in: &'static BuiltIn) -> Self {
        (self.aliases, self.variables) = (built_in.aliases, built_in.variables);
        self.built_in = Some(built_in);
        self
    }

    /// The provider's id.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// The names of the settings of its configuration.
    pub fn settings(&self) -> &'static [&'static str] {
        self.settings
    }

    /// The settings that hold the account's credential. Those in one list go together.
    pub(crate) fn credentials(&self) -> &'static [&'static [&'static str]] {
        self.credentials
    }

    pub(crate) fn aliases(&self) -> &'static [&'static str] {
        self.aliases
    }

    pub(crate) fn variables(&self) -> &'static [ForeignVariable] {
        self.variables
    }

    /// The variables of other programs that are read if none of ours holds a credential.
    pub(crate) fn read_variables(&self) -> impl Iterator<Item = &'static ForeignVariable> {
        self.variables.iter().filter(|variable| variable.is_read())
    }

    /// The names of these variables.
    pub(crate) fn read_names(&self) -> impl Iterator<Item = &'static str> {
        self.read_variables().map(ForeignVariable::name)
    }

    /// Whether variables of other programs can select it.
    pub(crate) fn is_selectable(&self) -> bool {
        self.read_variables().next().is_some()
    }

    pub(crate) fn is_built_in(&self) -> bool {
        self.built_in.is_some()
    }

    /// The variable that has to be set besides a key pair, with its value.
    pub(crate) fn pair_needs(&self) -> Option<&'static str> {
        self.built_in.and_then(|built_in| built_in.pair_needs)
    }

    pub(crate) fn has(&self, setting: &str) -> bool {
        self.settings.contains(&setting)
    }

    /// Whether the setting is the account's credential, a part of it, or the file of one.
    pub(crate) fn is_credential(&self, setting: &str) -> bool {
        let secret = setting.strip_suffix("_file").unwrap_or(setting);
        self.credentials.iter().any(|together| together.contains(&secret))
    }

    pub(crate) fn new_config(&self) -> Box<dyn Config> {
        (self.new)()
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("id", &self.id)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// The configuration of any provider.
pub(crate) trait Config: fmt::Debug + Send + Sync {
    fn boxed_clone(&self) -> Box<dyn Config>;

    fn api(&mut self) -> &mut ApiSettings;

    fn set(self: Box<Self>, name: &str, value: Setting) -> Result<Box<dyn Config>, Error>;

    fn issuer(self: Box<Self>) -> Result<Arc<dyn KeyIssuer>, Error>;
}

impl<C: ProviderConfig> Config for C {
    fn boxed_clone(&self) -> Box<dyn Config> {
        Box::new(self.clone())
    }

    fn api(&mut self) -> &mut ApiSettings {
        ProviderConfig::api(self)
    }

    fn set(self: Box<Self>, name: &str, value: Setting) -> Result<Box<dyn Config>, Error> {
        Ok(Box::new(ProviderConfig::set(*self, name, value)?))
    }

    fn issuer(self: Box<Self>) -> Result<Arc<dyn KeyIssuer>, Error> {
        ProviderConfig::issuer(*self)
    }
}

impl Clone for Box<dyn Config> {
    fn clone(&self) -> Self {
        (**self).boxed_clone()
    }
}
