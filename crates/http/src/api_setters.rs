//! The setters that configurations share.

/// Adds the setters that the configurations of all adapters share, and the list of setting names.
///
/// Use it in an `impl` of a type with a field `api` of the type [`ApiSettings`], with the names of
/// the adapter's own settings. It defines:
///
/// * `SETTINGS`, a constant with these names and [`ApiSettings::NAMES`],
/// * `with_base_url`, `with_jwt`, `with_key_pair`, `with_credentials`, `with_plain_http_host`,
///   `with_deadline` and `with_transport`,
/// * `CREDENTIALS`, a constant with [`ApiSettings::CREDENTIALS`].
///
/// If the account's credential consists of other secrets than a JWT or a key pair, name them after
/// a semicolon: `api_setters!("region"; "key_id", "application_key")`. `SETTINGS` then has these,
/// each with its `_file`, instead of those of a JWT and a key pair, `CREDENTIALS` has them as one
/// credential, and there is neither `with_jwt` nor `with_key_pair`. `with_setting` sets them with
/// [`Setting::secret_into`], and passes the rest to [`ApiSettings::set_connection`]. `build` passes
/// them to [`ApiSettings::client`] as a [`NamedCredential`]. [`provider_config!`] has an example.
///
/// A later version may define more setters.
///
/// [`ApiSettings`]: crate::ApiSettings
/// [`ApiSettings::CREDENTIALS`]: crate::ApiSettings::CREDENTIALS
/// [`ApiSettings::NAMES`]: crate::ApiSettings::NAMES
/// [`ApiSettings::client`]: crate::ApiSettings::client
/// [`ApiSettings::set_connection`]: crate::ApiSettings::set_connection
/// [`NamedCredential`]: crate::NamedCredential
/// [`Setting::secret_into`]: crate::Setting::secret_into
/// [`provider_config!`]: crate::provider_config
///
/// ```
/// use pinning_keys_core::Error;
/// use pinning_keys_http::{ApiSettings, Setting, api_setters};
///
/// #[derive(Default)]
/// struct ExampleConfig {
///     api: ApiSettings,
///     region: Option<String>,
/// }
///
/// impl ExampleConfig {
///     api_setters!("region");
///
///     fn with_setting(mut self, name: &str, value: impl Into<Setting>) -> Result<Self, Error> {
///         let value = value.into();
///         match name {
///             "region" if value.is_blank() => {} // keeps its default
///             "region" => self.region = Some(value.text(name)?),
///             _ if self.api.set(name, value)? => {}
///             _ => return Err(Error::unknown_setting(name, Self::SETTINGS.iter().copied())),
///         }
///         Ok(self)
///     }
/// }
///
/// let config = ExampleConfig::default().with_jwt("eyJhbGciOi").with_setting("region", "eu")?;
/// let error = config.with_setting("regoin", "eu").err().unwrap();
/// assert_eq!(error.to_string(), r#"unknown setting "regoin"; did you mean "region"?"#);
/// # Ok::<(), Error>(())
/// ```
#[macro_export]
macro_rules! api_setters {
    ($($own:literal),* $(,)?) => {
        $crate::api_setters!(@settings [$($own),*] $crate::ApiSettings::NAMES);

        /// The settings that hold the account's credential; those in one list go together.
        pub const CREDENTIALS: &'static [&'static [&'static str]] =
            $crate::ApiSettings::CREDENTIALS;

        /// Sets the JWT of the account, or the variable or file that it is read from at each call
        /// (`SecretFrom::variable`, `SecretFrom::file`).
        #[must_use]
        pub fn with_jwt(
            mut self,
            jwt: impl Into<$crate::credentials::SecretFrom>,
        ) -> Self {
            self.api.jwt = Some(jwt.into());
            self
        }

        /// Sets the key pair of the account, or the variables or files that it is read from at each
        /// call (`SecretFrom::variable`, `SecretFrom::file`).
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

        $crate::api_setters!(@shared);
    };
    ($($own:literal),* ; $($secret:literal),+ $(,)?) => {
        $crate::api_setters!(
            @settings [$($own,)* $($secret, concat!($secret, "_file")),+]
            $crate::ApiSettings::CONNECTION
        );

        /// The settings that hold the account's credential; those in one list go together.
        pub const CREDENTIALS: &'static [&'static [&'static str]] = &[&[$($secret),+]];

        $crate::api_setters!(@shared);
    };
    (@settings [$($own:expr),*] $shared:expr) => {
        /// The names of all settings.
        pub const SETTINGS: &'static [&'static str] = {
            const OWN: &[&str] = &[$($own),*];
            const ALL: [&str; OWN.len() + $shared.len()] =
                $crate::ApiSettings::names_after(OWN, $shared);
            &ALL
        };
    };
    (@shared) => {
        /// Sets the base URL (default: the provider's own).
        #[must_use]
        pub fn with_base_url(mut self, url: impl Into<String>) -> Self {
            self.api.base_url = Some(url.into());
            self
        }

        /// Sets the source of the account's credential. It takes precedence over the settings that
        /// hold a credential.
        #[must_use]
        pub fn with_credentials(
            mut self,
            source: ::std::sync::Arc<dyn $crate::credentials::CredentialSource>,
        ) -> Self {
            self.api.credentials = Some(source);
            self
        }

        /// Allows plain http to this host. It is always allowed to this machine. Such requests use
        /// no proxy.
        #[must_use]
        pub fn with_plain_http_host(mut self, host: impl Into<String>) -> Self {
            self.api.plain_http_hosts.push(host.into());
            self
        }

        /// Sets the time limit of each call with all its attempts (default: 30 s).
        #[must_use]
        pub fn with_deadline(mut self, deadline: ::std::time::Duration) -> Self {
            self.api.deadline = Some(deadline);
            self
        }

        /// Sets the transport that sends requests (default: a `ReqwestTransport`).
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
