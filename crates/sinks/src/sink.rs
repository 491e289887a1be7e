use std::fmt;

use async_trait::async_trait;

use crate::{Delivery, Incoming, SinkError};

/// A place to which the secret of a new key is delivered.
///
/// `Display` names it for people, such as `key.json` or `gh secret set PINATA_JWT`, without
/// control characters.
///
/// ```
/// use async_trait::async_trait;
/// use pinning_keys_sinks::{Delivery, Field, Incoming, Sink, SinkError};
///
/// /// Keeps tokens in the program that issues them.
/// struct Memory(std::sync::Mutex<Option<secrecy::SecretString>>);
///
/// impl std::fmt::Display for Memory {
///     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
///         f.write_str("this program")
///     }
/// }
///
/// #[async_trait]
/// impl Sink for Memory {
///     async fn check(&self, key: &Incoming) -> Result<(), SinkError> {
///         Field::Jwt.check(key)
///     }
///
///     async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), SinkError> {
///         *self.0.lock().unwrap() = Some(Field::Jwt.of(delivery)?);
///         Ok(())
///     }
/// }
/// ```
#[async_trait]
pub trait Sink: fmt::Display + Send + Sync {
    /// Finds out, before the key is issued, whether its secret can be delivered.
    ///
    /// Nothing is left behind, no command is run, and nothing that already exists changes.
    ///
    /// ```
    /// # use pinning_keys_core::{IssuerProfile, KeyName};
    /// # use pinning_keys_pinata::RESOURCES;
    /// use pinning_keys_sinks::{Incoming, SinkSpec};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let key = Incoming::new(&KeyName::new("dashboard")?, &IssuerProfile::new(&RESOURCES));
    /// let sink = SinkSpec::parse("file:/no/such/folder/key.json")?.open()?;
    /// let error = sink.check(&key).await.unwrap_err();
    /// assert_eq!(error.to_string(), "the folder /no/such/folder does not exist");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A [`SinkError`] that says why the delivery would fail.
    async fn check(&self, key: &Incoming) -> Result<(), SinkError>;

    /// Delivers the secret. Everything that [`check`](Self::check) checks is checked again.
    ///
    /// ```
    /// # use pinning_keys_core::{KeyIssuer, KeyRequest, ScopeRequest};
    /// use pinning_keys_sinks::{Delivery, SinkSpec, StoredKey};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("key.json");
    /// # let spec = std::ffi::OsString::from_iter(["file:".as_ref(), path.as_os_str()]);
    /// let key = issuer.issue(&KeyRequest::new("dashboard", ScopeRequest::reader())?).await?;
    /// SinkSpec::parse(&spec)?.open()?.deliver(&Delivery::new(&key)).await?;
    /// assert_eq!(StoredKey::read(&path)?.key_ref(), Some(key.key_ref()));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A [`SinkError`] whose [`effect`](SinkError::effect) says whether the secret may have
    /// arrived.
    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), SinkError>;
}
