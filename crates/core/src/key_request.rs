use std::num::NonZeroU64;

use crate::{Error, Expiry, KeyName, ScopeRequest};

/// A request for a key: its name, its scope, how often it may be used, and when it expires.
///
/// By default, a key works until it is revoked. A provider may let the credential of a live key
/// expire all the same, as Pinata does with a key's JWT.
///
/// ```
/// use std::num::NonZeroU64;
///
/// use pinning_keys_core::{KeyRequest, ScopeRequest};
///
/// let once = KeyRequest::new("one upload", ScopeRequest::uploader())?
///     .with_max_uses(NonZeroU64::MIN);
/// assert_eq!(once.max_uses(), NonZeroU64::new(1));
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRequest {
    name: KeyName,
    scope: ScopeRequest,
    max_uses: Option<NonZeroU64>,
    expiry: Option<Expiry>,
}

impl KeyRequest {
    /// Requests a key of this name and scope, without a limit on its uses and without an expiry.
    ///
    /// The name is a text, or a [`KeyName`] such as [`KeyName::unique`] returns.
    ///
    /// ```
    /// use pinning_keys_core::{KeyName, KeyRequest, ScopeRequest};
    ///
    /// let named = KeyRequest::new("dashboard", ScopeRequest::reader())?;
    /// let unique = KeyRequest::new(KeyName::unique("dashboard")?, ScopeRequest::reader())?;
    /// assert_ne!(named.name(), unique.name());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the name is not allowed
    /// ([`KeyName::new`]) or the scope is wrong at every provider ([`ScopeRequest::check`]).
    pub fn new<N>(name: N, scope: ScopeRequest) -> Result<Self, Error>
    where
        N: TryInto<KeyName>,
        Error: From<N::Error>,
    {
        let name = name.try_into()?;
        scope.check()?;
        Ok(Self { name, scope, max_uses: None, expiry: None })
    }

    /// Sets how many times the key may be used (default: without limit). Providers count each
    /// HTTP request as a use, which may include [`verify`](crate::KeyIssuer::verify): do not verify
    /// a key for a single use.
    ///
    /// A limit does not tame a key that can issue keys, such as an
    /// [admin key](ScopeRequest::admin): one use can issue another key without a limit.
    ///
    /// ```
    /// use std::num::NonZeroU64;
    ///
    /// use pinning_keys_core::{KeyRequest, ScopeRequest};
    ///
    /// let request = KeyRequest::new("uploads", ScopeRequest::uploader())?;
    /// let uses = NonZeroU64::new(100).expect("100 is not zero");
    /// assert_eq!(request.with_max_uses(uses).max_uses(), Some(uses));
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_max_uses(mut self, uses: NonZeroU64) -> Self {
        self.max_uses = Some(uses);
        self
    }

    /// Sets when the key expires by itself (default: never). It is a [`Duration`] after the key is
    /// issued, a [`SystemTime`], or an [`Expiry`].
    ///
    /// A provider that cannot let a key expire refuses the request before anything is sent, with a
    /// next step that says what to do instead. Neither Pinata nor W3IPFS can
    /// ([`supports_expiry`](crate::IssuerProfile::supports_expiry)). A provider may shorten an
    /// expiry: [`IssuedKey::is_expiry_shortened`](crate::IssuedKey::is_expiry_shortened) says so.
    ///
    /// [`Duration`]: std::time::Duration
    /// [`SystemTime`]: std::time::SystemTime
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use pinning_keys_core::{Expiry, KeyRequest, ScopeRequest};
    ///
    /// let request = KeyRequest::new("uploads", ScopeRequest::uploader())?;
    /// let hour = Duration::from_secs(60 * 60);
    /// assert_eq!(request.with_expiry(hour).expiry(), Some(Expiry::after(hour)));
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_expiry(mut self, expiry: impl Into<Expiry>) -> Self {
        self.expiry = Some(expiry.into());
        self
    }

    /// The name of the key.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// What the key must, should and may be able to do.
    pub fn scope(&self) -> &ScopeRequest {
        &self.scope
    }

    /// How often the key may be used; `None` if there is no limit.
    pub fn max_uses(&self) -> Option<NonZeroU64> {
        self.max_uses
    }

    /// When the key expires by itself; `None` if it does not.
    pub fn expiry(&self) -> Option<Expiry> {
        self.expiry
    }
}
