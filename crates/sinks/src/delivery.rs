use std::fmt;
use std::time::SystemTime;

use pinning_keys_core::{Credential, IssuedKey, KeyName, KeyRef};

/// A new key whose secret is delivered.
///
/// It borrows the key and holds no copy of the secret.
///
/// ```
/// # use pinning_keys_core::{KeyIssuer, KeyRequest, ScopeRequest};
/// use pinning_keys_sinks::Delivery;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), pinning_keys_core::Error> {
/// # let emulator = pinning_keys_emulator::Emulator::in_memory();
/// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
/// #     .with_transport(emulator.transport())
/// #     .build()?;
/// let key = issuer.issue(&KeyRequest::new("dashboard", ScopeRequest::reader())?).await?;
/// assert_eq!(Delivery::new(&key).name().as_str(), "dashboard");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct Delivery<'a> {
    key: &'a IssuedKey,
    expiry: Option<SystemTime>,
}

impl<'a> Delivery<'a> {
    /// The delivery of this key.
    ///
    /// ```
    /// # use pinning_keys_core::IssuedKey;
    /// use pinning_keys_sinks::Delivery;
    ///
    /// fn deliver(key: &IssuedKey) {
    ///     assert_eq!(Delivery::new(key).key_ref(), key.key_ref());
    /// }
    /// ```
    #[must_use]
    pub fn new(key: &'a IssuedKey) -> Self {
        Self { key, expiry: None }
    }

    /// Sets when the key's lease ends (default: never).
    ///
    /// ```
    /// # use pinning_keys_core::IssuedKey;
    /// use std::time::SystemTime;
    ///
    /// use pinning_keys_sinks::Delivery;
    ///
    /// fn deliver(key: &IssuedKey) {
    ///     let end = SystemTime::UNIX_EPOCH;
    ///     assert_eq!(Delivery::new(key).with_expiry(end).expiry(), Some(end));
    /// }
    /// ```
    #[must_use]
    pub fn with_expiry(mut self, expiry: SystemTime) -> Self {
        self.expiry = Some(expiry);
        self
    }

    /// The key, with everything that was granted.
    ///
    /// ```
    /// use pinning_keys_sinks::Delivery;
    ///
    /// fn can_be_used_once(delivery: &Delivery<'_>) -> bool {
    ///     delivery.key().max_uses().is_some_and(|uses| uses.get() == 1)
    /// }
    /// ```
    pub fn key(&self) -> &'a IssuedKey {
        self.key
    }

    /// The reference with which the key is revoked.
    pub fn key_ref(&self) -> &'a KeyRef {
        self.key.key_ref()
    }

    /// The key's name.
    pub fn name(&self) -> &'a KeyName {
        self.key.name()
    }

    /// The secret part.
    pub fn credential(&self) -> &'a Credential {
        self.key.credential()
    }

    /// When the key's lease ends.
    pub fn expiry(&self) -> Option<SystemTime> {
        self.expiry
    }
}

impl fmt::Debug for Delivery<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("key_ref", self.key_ref())
            .field("name", self.name())
            .field("expiry", &self.expiry)
            .finish_non_exhaustive()
    }
}
